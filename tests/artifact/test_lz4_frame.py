"""LZ4 frames: what is inside is scanned, whatever its blocks look like; damage is unreadable."""

from __future__ import annotations

import pickle
import random
import struct
import time

import pytest

from audit import artifact
from audit.artifact import compressed
from audit.artifact.report import Findings
from audit.artifact.view import View

EVIL = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x01x\x85R."


def frame(*blocks: bytes, flags: int = 0x60, size: int = 0x40, end: bytes = bytes(4)) -> bytes:
    return b"\x04\x22\x4d\x18" + bytes([flags, size, 0]) + b"".join(blocks) + end


def stored(content: bytes) -> bytes:
    return struct.pack("<I", len(content) | 1 << 31) + content


def packed(content: bytes) -> bytes:
    return struct.pack("<I", len(content)) + content


def literals(content: bytes) -> bytes:
    """A block without matches."""
    head = bytes([len(content) << 4]) if len(content) < 15 else bytes([0xF0, len(content) - 15])
    return packed(head + content)


def unpacked(content: bytes) -> bytes:
    return compressed.unpack(View(content), "lz4", Findings.empty(), "m")[:]


def test_names_in_stored_and_packed_blocks_are_found() -> None:
    for content in (frame(stored(EVIL)), frame(literals(EVIL)), frame(literals(EVIL[:9]), stored(EVIL[9:]))):
        assert artifact.scan_bytes(content, "m.lz4").unknown == ("posix.system",)
    assert artifact.scan_bytes(frame(stored(pickle.dumps([1, 2]))), "m.lz4").safe


def test_matches_are_copied() -> None:
    run = packed(b"\x1a" + b"a" + struct.pack("<H", 1))  # "a", then 14 bytes from one byte back
    assert unpacked(frame(run)) == b"a" * 15
    assert unpacked(frame(packed(b"\x30abc" + struct.pack("<H", 3) + b"\x10z"))) == b"abcabcaz"
    linked = frame(stored(b"abcdef"), packed(b"\x02" + struct.pack("<H", 6)), flags=0x40)
    assert unpacked(linked) == b"abcdefabcdef"
    long = packed(b"\x1f" + b"a" + struct.pack("<H", 1) + b"\xff\x05")
    assert unpacked(frame(long)) == b"a" * (1 + 15 + 255 + 5 + 4)


def test_several_frames_follow_each_other() -> None:
    assert unpacked(frame(stored(b"ab")) + frame(stored(b"cd"))) == b"abcd"


@pytest.mark.parametrize(
    "content",
    [
        frame(packed(b"\x10a" + struct.pack("<H", 2))),  # a match before the beginning
        frame(packed(b"\x10a" + struct.pack("<H", 0))),
        frame(packed(b"\x50a")),
        frame(packed(b"\x1fa" + struct.pack("<H", 1) + b"\xff" * 300)),  # more than a block may hold
        frame(stored(b"a" * 70_000)),
        frame(stored(b"ab")) + b"tail",
        frame(stored(b"ab"))[:-2],
        frame(stored(b"ab"), flags=0x61),  # needs a dictionary
        frame(stored(b"ab"), flags=0xA0),
        frame(stored(b"ab"), size=0x10),
        b"\x04\x22\x4d\x18",
    ],
)
def test_damaged_frames_are_unreadable(content: bytes) -> None:
    report = artifact.scan_bytes(content, "m.lz4")
    assert report.unreadable
    assert not report.safe


def test_bombs_are_refused_quickly() -> None:
    block = packed(b"\x1fa" + struct.pack("<H", 1) + b"\xff" * 16_000 + b"\x00")
    began = time.perf_counter()
    report = artifact.scan_bytes(frame(*[block] * 40, size=0x70), "m.lz4")
    assert report.unreadable
    assert time.perf_counter() - began < 10


def test_real_files_of_joblib_are_read() -> None:
    pytest.importorskip("lz4")
    import io

    import joblib
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(np.eye(4), [0, 1, 0, 1])
    for level in (0, 3, 9):
        target = io.BytesIO()
        joblib.dump(
            {"model": model, "x": np.random.default_rng(0).integers(0, 9, 50_000)}, target, compress=("lz4", level)
        )
        report = artifact.scan_bytes(target.getvalue(), "m.joblib")
        assert (report.safe, report.format) == (True, "joblib"), report


def test_any_mutation_gives_a_report_quickly() -> None:
    content = frame(literals(EVIL), packed(b"\x30abc" + struct.pack("<H", 3) + b"\x10z"))
    draw, began = random.Random(0), time.perf_counter()
    for _ in range(600):
        changed = bytearray(content)
        for _ in range(draw.randint(1, 3)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        artifact.scan_bytes(bytes(changed[: draw.randint(1, len(changed))]), "m")
    assert time.perf_counter() - began < 10


def test_catboost_is_told_by_name() -> None:
    report = artifact.scan_bytes(b"CBM1" + bytes(100), "m.cbm")
    assert not report.safe
    assert "CatBoost" in report.unreadable[0]
    assert "ONNX" in report.sentence
