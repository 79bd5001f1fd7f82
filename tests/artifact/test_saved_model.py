"""SavedModels: operators on tensors are safe; files, Python, custom operators and crafted paths are not."""

from __future__ import annotations

import io
import json
import os
import random
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from audit import artifact


def part(number: int, content: bytes | str) -> bytes:
    """A field of a message."""
    raw = content.encode() if isinstance(content, str) else content
    size, head = len(raw), b""
    while size > 127:
        head, size = head + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + head + bytes([size]) + raw


def node(name: str, operator: str, *inputs: str, value: bytes | None = None, calls: str = "", **texts: str) -> bytes:
    attributes = {key: part(2, text) for key, text in texts.items()}
    if value is not None:
        attributes["value"] = part(8, part(8, value))
    if calls:
        attributes["f"] = part(10, part(1, calls))
    found = part(1, name) + part(2, operator) + b"".join(part(3, item) for item in inputs)
    return found + b"".join(part(5, part(1, key) + part(2, content)) for key, content in attributes.items())


def function(name: str, argument: str, *nodes: bytes) -> bytes:
    return part(1, part(1, part(1, name) + part(2, part(1, argument))) + b"".join(part(3, item) for item in nodes))


def graph(*nodes: bytes, functions: bytes = b"", objects: bytes = b"") -> bytes:
    body = b"".join(part(1, item) for item in nodes) + part(2, functions)
    return b"\x08\x01" + part(2, part(1, b"") + part(2, body) + objects)


PREFIX = node("prefix", "Placeholder")
DENSE = (node("x", "Placeholder"), node("w", "VarHandleOp"), node("y", "MatMul", "x", "w"))
END = node("Select", "Select", "s3", "here", "there")
PARTS = (node("here", "Const", value=b".part"), node("there", "Const", value=b"_temp/part"))
SAVE = (
    *PARTS, END,
    node("path", "StringJoin", "file_prefix", "Select:output:0"),
    node("shard", "ShardedFilename", "path:output:0", "n", "n"),
    node("save", "SaveV2", "shard:filename:0", "names", "slices"),
    node("all", "Pack", "shard:filename:0", "^save"),
    node("merge", "MergeV2Checkpoints", "all:output:0", "file_prefix"),
)  # fmt: skip
CALL = node("saved", "StatefulPartitionedCall", "prefix", calls="traced_save")


def saving(*nodes: bytes, top: tuple[bytes, ...] = (PREFIX, CALL)) -> bytes:
    return graph(*DENSE, *top, functions=function("traced_save", "file_prefix", *(nodes or SAVE)))


def zipped(content: bytes, **files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("saved_model.pb", content)
        for name, more in files.items():
            archive.writestr(name.replace("__", "/"), more)
    return out.getvalue()


def tarred(content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("model/saved_model.pb")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("wrap", [bytes, zipped, tarred])
def test_operators_on_tensors_and_the_usual_saver_are_safe(wrap: Callable[[bytes], bytes]) -> None:
    report = artifact.scan_bytes(wrap(saving()), "m")
    assert (report.safe, report.format) == (True, "saved_model"), report


@pytest.mark.parametrize("operator", ["ReadFile", "WriteFile", "PyFunc", "EagerPyFunc", "PyFuncStateless",
                                      "ImmutableConst", "MyOperator", "_Send", "XlaCallModule"])  # fmt: skip
@pytest.mark.parametrize("inside", [False, True])
def test_other_operators_are_unknown(operator: str, inside: bool) -> None:
    evil = node("evil", operator, "x")
    content = graph(*DENSE, functions=function("f", "x", evil)) if inside else graph(*DENSE, evil)
    for wrapped in (content, zipped(content), tarred(content)):
        report = artifact.scan_bytes(wrapped, "m")
        assert report.unknown == (f"tensorflow.{operator}",)
        assert artifact.scan_bytes(wrapped, "m", trusted=report.unknown).safe


def test_an_operator_that_the_model_defines_is_safe_and_read() -> None:
    inner = function("mine", "x", node("y", "Relu", "x"))
    assert artifact.scan_bytes(graph(*DENSE, node("z", "mine", "x"), functions=inner), "m").safe


CONST = node("where", "Const", value=b"/etc/cron.d/x")


@pytest.mark.parametrize(
    "content",
    [
        graph(*DENSE, CONST, node("save", "SaveV2", "where", "n", "s")),
        graph(*DENSE, CONST, node("restore", "RestoreV2", "where", "n", "s")),
        saving(CONST, node("save", "SaveV2", "where", "n", "s")),
        saving(CONST, node("path", "StringJoin", "where:output:0", "file_prefix"), node("s", "SaveV2", "path:o:0")),
        saving(CONST, node("path", "StringJoin", "file_prefix", "where:o:0"), node("s", "SaveV2", "path:o:0")),
        saving(*PARTS, node("p", "StringJoin", "file_prefix", "here", separator="/../x"), node("s", "SaveV2", "p")),
        saving(node("here", "Const"), node("path", "StringJoin", "file_prefix", "here"), node("s", "SaveV2", "path")),
        saving(CONST, node("m", "MergeV2Checkpoints", "file_prefix", "where")),
        saving(node("s", "SaveV2", "file_prefix", "n"), node("m", "SaveV2")),
        saving(top=(CONST, node("saved", "StatefulPartitionedCall", "where", calls="traced_save"))),
        saving(top=(CONST, node("saved", "traced_save", "where"))),
        saving(top=(PREFIX, CONST, node("saved", "If", "prefix", "where", calls="traced_save"))),
    ],
)  # fmt: skip
def test_saving_elsewhere_is_unknown(content: bytes) -> None:
    report = artifact.scan_bytes(content, "m")
    assert report.unknown, report
    assert all(name.startswith("tensorflow.") for name in report.unknown)


def test_a_function_cannot_save_on_its_own() -> None:
    saver = function("traced_save", "file_prefix", *SAVE)
    other = function("f", "x", CONST, node("c", "StatefulPartitionedCall", "where", calls="traced_save"))
    assert artifact.scan_bytes(graph(*DENSE, functions=saver + other), "m").unknown


def test_layers_that_keras_notes_are_read() -> None:
    note = json.dumps({"class_name": "Lambda", "config": {}})
    metadata = part(1, part(4, "_tf_keras_layer") + part(5, note))
    objects = part(7, part(1, part(4, part(1, "_tf_keras_layer") + part(3, note))))
    for content in (zipped(saving(), **{"keras_metadata.pb": metadata}), graph(*DENSE, objects=objects)):
        assert artifact.scan_bytes(content, "m").unknown == ("keras.Lambda",)


def test_every_part_of_the_folder_is_read(tmp_path: Path) -> None:
    model = tmp_path / "model"
    (model / "variables").mkdir(parents=True)
    (model / "assets").mkdir()
    (model / "saved_model.pb").write_bytes(saving())
    (model / "variables" / "variables.data-00000-of-00001").write_bytes(bytes(64))
    (model / "assets" / "words.txt").write_text("a\nb\n")
    report = artifact.scan(model)
    assert (report.safe, report.format, report.name) == (True, "saved_model", "model"), report
    (model / "assets" / "more.pkl").write_bytes(b"\x80\x04\x8c\x05posix\x8c\x06system\x93.")
    assert artifact.scan(model).unknown == ("posix.system",)
    (model / "assets" / "more.pkl").unlink()
    (model / "assets" / "out").symlink_to("/etc")
    os.mkfifo(model / "assets" / "pipe")
    assert len(artifact.scan(model).unreadable) == 2


@pytest.mark.parametrize("files", [{}, {"a/saved_model.pb": saving(), "b/saved_model.pb": saving()}])
def test_a_folder_that_is_no_model_is_unreadable(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(content)
    assert artifact.scan(tmp_path).unreadable


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc")
    assert artifact.scan(tmp_path / "link").unreadable


@pytest.mark.parametrize("content", [b"\x08\x01\x12\x00", saving()[:-5], graph(*DENSE, *DENSE)])
def test_a_damaged_graph_is_unreadable(content: bytes) -> None:
    assert artifact.scan_bytes(zipped(content), "m").unreadable


def test_damage_gives_a_report_and_hides_nothing() -> None:
    content = graph(*DENSE, node("evil", "WriteFile", "x"), functions=function("traced_save", "file_prefix", *SAVE))
    for length in range(len(content)):
        assert not artifact.scan_bytes(content[:length], "m").safe
    draw = random.Random(0)
    started = time.monotonic()
    for _ in range(1000):
        mutated = bytearray(content)
        for _ in range(draw.randint(1, 3)):
            mutated[draw.randrange(len(mutated))] = draw.randrange(256)
        assert artifact.scan_bytes(zipped(bytes(mutated)), "m").sentence
    assert time.monotonic() - started < 20


def test_nesting_without_end_is_unreadable() -> None:
    value = part(10, part(1, "f"))
    for _ in range(200):
        value = part(10, part(1, "f") + part(2, part(1, "a") + part(2, value)))
    deep = part(1, "n") + part(2, "PartitionedCall") + part(5, part(1, "f") + part(2, value))
    assert artifact.scan_bytes(graph(deep), "m").unreadable
