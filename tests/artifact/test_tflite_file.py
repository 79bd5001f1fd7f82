"""TensorFlow Lite: numbered operators compute; custom ones are foreign code or TensorFlow's own, which reach files."""

from __future__ import annotations

import random
import struct
import time

import pytest

from audit import artifact


def table(*fields: bytes | None) -> tuple[bytes, int]:
    """A FlatBuffers table of fields of four bytes each, with its vtable in front, and where the table begins in it."""
    vtable = struct.pack("<HH", 4 + 2 * len(fields), 4 + 4 * len(fields))
    vtable += b"".join(struct.pack("<H", 0 if field is None else 4 + 4 * at) for at, field in enumerate(fields))
    vtable += bytes(-len(vtable) % 4)
    return vtable + struct.pack("<i", len(vtable)) + b"".join(field or bytes(4) for field in fields), len(vtable)


def tflite(old: int = 0, new: int = 0, custom: str = "", *, graph: bool = True) -> bytes:
    """A model with one operator."""
    operator, operator_at = table(
        struct.pack("<i", old), struct.pack("<I", 16) if custom else None, None, struct.pack("<i", new)
    )
    name = struct.pack("<I", len(custom)) + custom.encode() + b"\0"
    # field 1 of the operator lies 8 bytes behind the table's begin, and the name follows the four fields
    operator = operator.replace(struct.pack("<I", 16), struct.pack("<I", 12)) + name
    vector = struct.pack("<II", 1, 4 + operator_at) + operator
    model, model_at = table(struct.pack("<I", 3), struct.pack("<I", 8), struct.pack("<I", 4) if graph else None)
    body = model + vector
    return struct.pack("<I", 8 + model_at) + b"TFL3" + body


@pytest.mark.parametrize(("old", "new"), [(0, 0), (9, 9), (127, 209), (3, 0)])
def test_numbered_operators_are_safe(old: int, new: int) -> None:
    report = artifact.scan_bytes(tflite(old, new), "m.tflite")
    assert (report.safe, report.format) == (True, "tflite"), report


@pytest.mark.parametrize("name", ["FlexWriteFile", "FlexReadFile", "MyOwn", "x" * 300])
def test_custom_operators_are_unknown(name: str) -> None:
    report = artifact.scan_bytes(tflite(32, 32, name), "m.tflite")
    assert report.unknown[0].startswith(f"tflite.custom.{name}"[:100])
    assert "ONNX" in report.sentence
    assert artifact.scan_bytes(tflite(32, 32, name), "m", trusted=(f"tflite.custom.{name}",)).safe
    assert artifact.scan_bytes(tflite(0, 0, name), "m").unknown, "a name makes an operator a custom one"


def test_operators_that_are_no_computation_are_unknown() -> None:
    assert artifact.scan_bytes(tflite(32, 32), "m").unknown == ("tflite.custom.",)
    assert artifact.scan_bytes(tflite(51, 51), "m").unknown == ("tflite.operator.51",)
    assert artifact.scan_bytes(tflite(127, 173), "m").unknown == ("tflite.operator.173",)


@pytest.mark.parametrize("content", [tflite(127, 210), tflite(0, -1), tflite(graph=False), b"\x10\0\0\0TFL3"])
def test_what_is_not_known_is_unreadable(content: bytes) -> None:
    assert artifact.scan_bytes(content, "m.tflite").unreadable


def test_any_mutation_gives_a_report_quickly() -> None:
    content = tflite(32, 32, "TFLite_Detection_PostProcess")
    assert artifact.scan_bytes(content, "m").safe
    draw, began = random.Random(0), time.perf_counter()
    for _ in range(800):
        changed = bytearray(content)
        for _ in range(draw.randint(1, 3)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        artifact.scan_bytes(bytes(changed[: draw.randint(1, len(changed))]), "m")
    assert time.perf_counter() - began < 10
