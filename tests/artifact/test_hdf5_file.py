"""HDF5 and Keras: a model of known layers is safe; code, foreign classes and ways out of the file are not."""

from __future__ import annotations

import io
import json
import random
import struct
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from audit import artifact

DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1, "activation": "relu"}}
UNDEFINED = b"\xff" * 8


def model(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": [DENSE, *layers]}}


def layer(name: str, module: str | None = "keras.layers", **more: Any) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": {}, **more}


def message(kind: int, content: bytes) -> bytes:
    return struct.pack("<BHB", kind, len(content), 0) + content


def attribute(name: str, text: bytes) -> bytes:
    kind = b"\x13\0\0\0" + struct.pack("<L", len(text))
    head = struct.pack("<BBHHHB", 3, 0, len(name) + 1, len(kind), 4, 0)
    return message(0x0C, head + name.encode() + b"\0" + kind + b"\2\0\0\0" + text)


def link(name: str, kind: int, target: bytes) -> bytes:
    size = struct.pack("<H", len(target)) if kind else b""
    return message(0x06, struct.pack("<BBBB", 1, 8, kind, len(name)) + name.encode() + size + target)


def hdf5(*messages: bytes, more: bytes = b"") -> bytes:
    """A file of version 3 whose root group holds these messages; what follows it starts at a fixed place."""
    body = b"".join(messages)
    root = b"OHDR\2\2" + struct.pack("<L", len(body)) + body + bytes(4)
    size = 48 + len(root) + len(more)
    start = b"\x89HDF\r\n\x1a\n\3\x08\x08\0" + bytes(8) + UNDEFINED + struct.pack("<QQL", size, 48, 0)
    return start + root + more


def keras(config: Any, **parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.12.0"}')
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), part)
    return content.getvalue()


def as_attribute(config: Any) -> bytes:
    return hdf5(attribute("model_config", json.dumps(config).encode()))


WRAPS: list[Callable[[Any], bytes]] = [as_attribute, keras]


@pytest.mark.parametrize("wrap", WRAPS)
def test_a_model_of_known_layers_is_safe(wrap: Callable[[Any], bytes]) -> None:
    report = artifact.scan_bytes(wrap(model(layer("LSTM"), layer("Add", "keras.src.ops.numpy"))), "m")
    assert (report.safe, report.format) == (True, "keras"), report


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize(
    ("part", "unknown"),
    [
        (layer("Lambda"), "keras.layers.Lambda"),
        (layer("Lambda", None), "keras.Lambda"),
        ({"class_name": "__lambda__", "config": {"code": "4wE"}}, "keras.__lambda__"),
        (layer("TFSMLayer"), "keras.layers.TFSMLayer"),
        (layer("Dense", "os"), "os.Dense"),
        (layer("system", "os"), "os.system"),
        (layer("get_file", "keras.utils"), "keras.utils.get_file"),
        (layer("Dense", registered_name="mypackage>Gate"), "mypackage>Gate"),
        (layer("mypackage>Gate", None), "mypackage>Gate"),
        ({"class_name": "function", "module": "builtins", "config": "eval"}, "builtins.eval"),
        ({"class_name": "function", "module": "os", "config": "relu"}, "os.relu"),
        ({"class_name": "function", "module": "builtins", "config": "my>act"}, "my>act"),
        (layer("Dense", config={"activation": "my>act"}), "keras.activation.my>act"),
        (layer("StringLookup", config={"vocabulary": "/etc/passwd"}), "keras.vocabulary./etc/passwd"),
        (layer("TFOpLambda", config={"function": "io.write_file"}), "tensorflow.io.write_file"),
        ({"class_name": "__typespec__", "module": "os", "config": {}}, "os.__typespec__"),
    ],
)
def test_code_and_foreign_classes_are_unknown(wrap: Callable[[Any], bytes], part: dict[str, Any], unknown: str) -> None:
    hidden = layer("Bidirectional", config={"layer": part})
    report = artifact.scan_bytes(wrap(model(hidden)), "m")
    assert unknown in report.unknown, report
    assert artifact.scan_bytes(wrap(model(hidden)), "m", trusted=report.unknown).safe


@pytest.mark.parametrize("config", ["{", '{"a": 1, "a": 2}', '{"class_name": 3}', "[" * 100_000])
def test_a_description_with_two_meanings_is_unreadable(config: str) -> None:
    assert artifact.scan_bytes(keras(config), "m.keras").unreadable


def test_parts_of_an_archive_are_read() -> None:
    weights = hdf5(link("x", 64, b"\0other.h5\0/x\0"))
    assert artifact.scan_bytes(keras(model(), assets__words_txt=b"a\nb\n"), "m.keras").safe
    for parts in ({"model_weights_h5": weights}, {"assets__words_txt": b"\x80\x04N."}, {"more_bin": b"?"}):
        assert not artifact.scan_bytes(keras(model(), **parts), "m.keras").safe, parts


@pytest.mark.parametrize(
    ("messages", "unknown"),
    [
        ((link("x", 64, b"\0/etc/other.h5\0/x\0"),), "hdf5.external_link./etc/other.h5 /x"),
        ((link("x", 200, b"abc"),), "hdf5.user_link.200"),
        ((message(0x07, bytes(8)),), "hdf5.external_data"),
        ((message(0x0B, b"\2\1" + struct.pack("<HHHH", 32000, 0, 0, 0)),), "hdf5.filter.32000"),
        ((message(0x01, b"\2\0\0\0"), message(0x08, b"\4\3" + bytes(12))), "hdf5.virtual_dataset"),
    ],
)
def test_ways_out_of_the_file_are_unknown(messages: tuple[bytes, ...], unknown: str) -> None:
    assert artifact.scan_bytes(hdf5(*messages), "m.h5").unknown == (unknown,)


def test_ways_inside_the_file_are_safe() -> None:
    here = link("self", 0, struct.pack("<Q", 48))
    report = artifact.scan_bytes(hdf5(here, link("s", 1, b"/a"), attribute("a", b"text")), "m.h5")
    assert (report.safe, report.format) == (True, "hdf5"), report


@pytest.mark.parametrize(
    "content",
    [
        hdf5(message(0x99, b"")),
        hdf5(struct.pack("<BHB", 0x0C, 0, 2)),
        hdf5(link("x", 0, struct.pack("<Q", 1 << 40))),
        hdf5(attribute("PYTABLES_FORMAT_VERSION", b"2.1")),
        hdf5() + b"more",
        bytes(512) + hdf5(),
        hdf5()[:40],
    ],
)
def test_what_is_not_understood_is_unreadable(content: bytes) -> None:
    assert artifact.scan_bytes(content, "m.h5").unreadable


def test_texts_without_end_do_not_take_for_ever() -> None:
    kind = b"\x13\0\0\0" + bytes(4)
    space = b"\2\1\0\1" + struct.pack("<Q", 1 << 60)
    many = struct.pack("<BBHHHB", 3, 0, 2, len(kind), len(space), 0) + b"a\0" + kind + space
    started = time.monotonic()
    assert artifact.scan_bytes(hdf5(message(0x0C, many)), "m.h5").unreadable
    assert time.monotonic() - started < 2


LIBRARY_VERSIONS = ["earliest", ("v108", "v108"), "latest"]


@pytest.mark.parametrize("version", LIBRARY_VERSIONS)
def test_files_of_the_library_itself(version: Any) -> None:
    """Old and new groups, short and long texts, chunks and filters as HDF5 writes them."""
    h5py = pytest.importorskip("h5py")
    import numpy as np

    def written(fill: Callable[[Any], object]) -> artifact.ArtifactReport:
        content = io.BytesIO()
        with h5py.File(content, "w", libver=version) as file:
            for number in range(60):
                file.create_dataset(f"weights/{number}", data=np.arange(9.0))
                file["weights"].attrs[f"a{number}"] = "text"
            file.create_dataset("packed", data=np.zeros((99, 9)), compression="gzip", shuffle=True)
            file["soft"], file["hard"] = h5py.SoftLink("/packed"), file["packed"]
            fill(file)
        return artifact.scan_bytes(content.getvalue(), "m.h5")

    lambdas = json.dumps(model(layer("Lambda")))
    assert written(lambda file: file.attrs.update(model_config=json.dumps(model()))).safe
    for text in (lambdas, np.bytes_(lambdas), lambdas.encode()):
        assert written(lambda file, text=text: file.attrs.update(model_config=text)).unknown == ("keras.layers.Lambda",)
    outside = h5py.ExternalLink("other.h5", "/x")
    assert written(lambda file: file.update({"weights/out": outside})).unknown == ("hdf5.external_link.other.h5 /x",)
    raw = [("/etc/passwd", 0, 10)]
    found = written(lambda file: file.create_dataset("raw", shape=(10,), dtype="u1", external=raw))
    assert found.unknown == ("hdf5.external_data",)


@pytest.mark.parametrize("content", [as_attribute(model(layer("Lambda"))), keras(model(layer("Lambda")))])
def test_damage_gives_a_report_and_hides_nothing(content: bytes) -> None:
    draw = random.Random(0)
    for length in range(0, len(content), 7):
        assert not artifact.scan_bytes(content[:length], "m").safe
    started = time.monotonic()
    for _ in range(600):
        mutated = bytearray(content)
        for _ in range(draw.randint(1, 3)):
            mutated[draw.randrange(len(mutated))] = draw.randrange(256)
        assert artifact.scan_bytes(bytes(mutated), "m").sentence
    assert time.monotonic() - started < 20
