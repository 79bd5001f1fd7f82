"""Archives that are built to be misread, to explode or to lead out of their folder."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import tarfile
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from audit import artifact


def archive(*members: tuple[str, bytes], **options: int) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", **options) as opened:
        warnings.simplefilter("ignore")
        for name, content in members:
            opened.writestr(name, content)
    return target.getvalue()


def array() -> bytes:
    target = io.BytesIO()
    np.save(target, np.arange(3))
    return target.getvalue()


@pytest.mark.parametrize("name", ["../x.npy", "/x.npy", "a/../../x.npy", "C:/x.npy", "a\\..\\x.npy", "\\\\host\\x.npy"])
def test_names_that_leave_the_folder_are_refused(name: str) -> None:
    zipped = archive((name.replace("\\", "/"), array())).replace(name.replace("\\", "/").encode(), name.encode())
    report = artifact.scan_bytes(zipped, "m.zip")
    assert not report.safe
    assert "leaves the folder" in report.unreadable[0]
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as opened:
        opened.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    assert not artifact.scan_bytes(target.getvalue(), "m.tar").safe


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_a_tar_are_refused(kind: bytes) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as opened:
        entry = tarfile.TarInfo("model.pkl")
        entry.type, entry.linkname = kind, "/etc/passwd"
        opened.addfile(entry)
    assert "link or a device" in artifact.scan_bytes(target.getvalue(), "m.tar").unreadable[0]


def test_links_in_a_zip_are_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as opened:
        entry = zipfile.ZipInfo("x.npy")
        entry.external_attr = 0o120777 << 16
        opened.writestr(entry, b"/etc/passwd")
    assert "is a link" in artifact.scan_bytes(target.getvalue(), "m.zip").unreadable[0]


def test_encrypted_members_are_refused() -> None:
    content = bytearray(archive(("x.npy", array())))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    assert "encrypted" in artifact.scan_bytes(bytes(content), "m.zip").unreadable[0]


def test_repeated_members_are_refused() -> None:
    report = artifact.scan_bytes(archive(("x.npy", array()), ("x.npy", array())), "m.zip")
    assert "same name" in report.unreadable[0]


@pytest.mark.parametrize("place", ["front", "between", "end"])
def test_bytes_that_belong_to_no_member_are_refused(place: str) -> None:
    good = archive(("x.npy", array()), ("y.npy", array()))
    assert artifact.scan_bytes(good, "m.npz").safe
    hidden = b"cos\nsystem\n(S'x'\ntR."
    second = good.index(b"PK\x03\x04", 4)
    changed = {"front": hidden + good, "between": good[:second] + hidden + good[second:], "end": good + hidden}[place]
    assert not artifact.scan_bytes(changed, "m.npz").safe


def test_an_empty_archive_and_an_empty_file_are_no_models() -> None:
    assert not artifact.scan_bytes(archive(), "m.zip").safe
    assert not artifact.scan_bytes(b"", "m.pkl").safe
    assert not artifact.scan_bytes(bytes(100), "m.pkl").safe


@pytest.mark.parametrize("kind", ["zip", "gzip", "npy"])
def test_bombs_are_refused_quickly(kind: str) -> None:
    zeros = bytes(100_000_000)
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }\n"
    content = {
        "zip": lambda: archive(("x.npy", zeros), compression=zipfile.ZIP_DEFLATED),
        "gzip": lambda: gzip.compress(zeros),
        "npy": lambda: b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(100),
    }[kind]()
    assert len(content) < 200_000
    started = time.perf_counter()
    assert not artifact.scan_bytes(content, "m").safe
    assert time.perf_counter() - started < 5


def test_containers_inside_containers_end_somewhere() -> None:
    content = pickle.dumps(1)
    for _ in range(8):
        content = gzip.compress(content)
    assert "without end" in artifact.scan_bytes(content, "m").unreadable[0]


def test_a_pickle_that_doubles_its_tuples_takes_no_time() -> None:
    """Forty doublings stand for 2 ** 40 elements; whoever walks or hashes them never ends."""
    body = b"K\x01" + b"2\x86" * 40
    for content in (body + b".", b"}" + body + b"K\x01s.", b"(" + body + b"\x91."):
        started = time.perf_counter()
        artifact.scan_bytes(b"\x80\x04" + content, "m.pkl")
        assert time.perf_counter() - started < 1


def test_deep_nesting_is_read_or_refused_without_a_crash() -> None:
    for content in (
        b"\x80\x04N" + b"\x85" * 100_000 + b".",
        b"\x80\x04" + b"]" * 100_000 + b"a" * 99_999 + b".",
        b"\x80\x04" + b"(" * 100_000,
        b"[" * 200_000,
        b'{"a":' * 200_000,
        archive(("schema.json", b'{"a":' * 100_000)),
        b"{L" + bytes(7) + b"\x01a[" + b"[" * 100_000,
    ):
        artifact.scan_bytes(content, "m")


def test_a_long_pickle_is_read_quickly() -> None:
    content = pickle.dumps(list(range(200_000)))
    started = time.perf_counter()
    assert artifact.scan_bytes(content, "m.pkl").safe
    assert time.perf_counter() - started < 5


def test_lz4_and_unknown_formats_say_so() -> None:
    assert "lz4" in artifact.scan_bytes(b"\x04\x22\x4d\x18" + bytes(20), "m").unreadable[0]
    assert "not known" in artifact.scan_bytes(b"\x89HDF\r\n\x1a\n" + bytes(20), "m.h5").unreadable[0]


def test_names_from_the_file_are_safe_to_print() -> None:
    evil = "os\x1b[2J\u202e" + "x" * 5000
    body = b"X" + struct.pack("<I", len(evil.encode())) + evil.encode() + b"\x8c\x01y\x93."
    report = artifact.scan_bytes(b"\x80\x04" + body, "m.pkl")
    assert not report.safe
    shown = report.sentence + "".join(report.unknown) + "".join(place.where for place in report.places)
    assert shown.isprintable()
    assert len(report.sentence) < 1000


@pytest.mark.parametrize(
    ("node", "name"),
    [
        ({"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}, "os.system"),
        ({"__class__": "Run", "__module__": "planted", "__loader__": "ObjectNode"}, "planted.Run"),
        ({"__class__": "methodcaller", "__module__": "operator", "__loader__": "OperatorFuncNode"}, None),
        ({"__class__": "partial", "__module__": "functools", "__loader__": "PartialNode"}, "functools.partial"),
        ({"__class__": "Booster", "__module__": "xgboost.core", "__loader__": "ConstructorFromReduceNode"}, None),
        ({"__class__": "x", "__module__": "y", "__loader__": "NewNode"}, None),
        (
            {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "content": {}, "key_types":
             {"content": [{"__class__": "Booster", "__module__": "xgboost.core", "__loader__": "TypeNode"}]}},
            "xgboost.core.Booster",
        ),
        ({"module_path": "os", "function": "system"}, "os.system"),
    ],
)  # fmt: skip
def test_skops_nodes_that_import_or_call_are_found(node: dict[str, object], name: str | None) -> None:
    schema = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": [node], "protocol": 2}
    report = artifact.scan_bytes(archive(("schema.json", json.dumps(schema).encode())), "m.skops")
    assert not report.safe
    assert name is None or name in report.unknown


def test_skops_nodes_of_one_number_and_two_kinds_are_refused() -> None:
    nodes = [
        {"__class__": "dict", "__module__": "builtins", "__loader__": "TypeNode", "__id__": 7},
        {"__class__": "object", "__module__": "builtins", "__loader__": "TypeNode", "__id__": 7},
    ]
    schema = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": nodes}
    assert not artifact.scan_bytes(archive(("schema.json", json.dumps(schema).encode())), "m.skops").safe


NODE = {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "content": {}}
OBJECT = {"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode", "content": NODE}


def test_a_whole_skops_tree_is_safe() -> None:
    for protocol in (0, 1, 2):
        schema = json.dumps({**OBJECT, "protocol": protocol}).encode()
        assert artifact.scan_bytes(archive(("schema.json", schema)), "m.skops").safe


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ([1, 2], "no object"),
        ([{**OBJECT, "protocol": 2}], "no object"),
        ("model", "no object"),
        (None, "no object"),
        ({}, "no object"),
        ({"protocol": 2, "content": NODE}, "no object"),
        ({**OBJECT, "content": None, "protocol": 2}, "no content"),
        ({**OBJECT, "content": {**NODE, "content": None}, "protocol": 2}, "no content"),
        ({**OBJECT, "content": [], "protocol": 2}, "no content"),
        ({**OBJECT, "content": {"a": NODE}, "protocol": 2}, "no content"),
        ({key: OBJECT[key] for key in ("__class__", "__module__", "__loader__")} | {"protocol": 2}, "no content"),
        (OBJECT, "protocol"),
        *(({**OBJECT, "protocol": protocol}, "protocol") for protocol in (-1, 3, 999, True, "2", 2.0, None, [])),
    ],
)
def test_skops_trees_that_no_version_of_skops_writes_are_refused(schema: object, says: str) -> None:
    report = artifact.scan_bytes(archive(("schema.json", json.dumps(schema).encode())), "m.skops")
    assert not report.safe
    assert says in report.unreadable[0]


def test_names_in_a_skops_tree_that_is_refused_are_still_told() -> None:
    schema = {**OBJECT, "content": {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}}
    report = artifact.scan_bytes(archive(("schema.json", json.dumps(schema).encode())), "m.skops")
    assert report.unknown == ("os.system",)
    assert report.unreadable


def test_marks_without_end_are_refused_at_once() -> None:
    began = time.perf_counter()
    report = artifact.scan_bytes(b"(" * 3_000_000 + b".", "m.pkl")
    assert "marks" in report.unreadable[0]
    assert time.perf_counter() - began < 2
    nested: list[object] = []
    for _ in range(200):
        nested = [nested, nested.copy()]
    assert artifact.scan_bytes(pickle.dumps(nested, protocol=0), "m.pkl").safe


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    real = tmp_path / "model.pkl"
    real.write_bytes(pickle.dumps(1))
    link, pipe = tmp_path / "link.pkl", tmp_path / "pipe.pkl"
    link.symlink_to(real)
    os.mkfifo(pipe)
    assert artifact.scan(real).safe
    for path in (link, pipe, tmp_path, tmp_path / "absent.pkl", Path("/dev/zero")):
        report = artifact.scan(path)
        assert not report.safe
        assert report.unreadable
