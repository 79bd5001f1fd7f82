"""Whatever the bytes are, a scan answers with a report, runs nothing, and what it calls safe is harmless to load."""

from __future__ import annotations

import contextlib
import io
import pickle
import random
import sys
import zipfile
from pathlib import Path

import joblib
import numpy as np
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from audit import artifact
from audit.artifact import allow_list

MAGIC = (b"\x80\x04", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"BZh9", b"\x78\x9c", b"\xfd7zXZ\0",
         b"{L", b'{"', b"tree\nversion=", b"\x08\x07\x3a", b"]\0\0", b"cos\n", bytes(257) + b"ustar")  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from((b"", *MAGIC)), st.binary(max_size=300))
def test_any_bytes_give_a_report(magic: bytes, rest: bytes) -> None:
    report = artifact.scan_bytes(magic + rest, "m")
    assert report.safe == (not report.unknown and not report.unreadable)
    assert set(report.unknown) <= set(report.globals)
    assert report.sentence


OPCODES = st.sampled_from(
    [bytes([code]) for code in b"(.012NRlstuabeod)]}\x81\x85\x86\x87\x88\x8f\x90\x91\x92\x93\x94"]
    + [b"K\x01", b"q\x00", b"h\x00", b"\x8c\x02os", b"\x8c\x06system", b"\x8c\x0bcollections", b"\x8c\x0bOrderedDict"]
    + [b"cos\nsystem\n", b"ccollections\nOrderedDict\n", b"\x8c\x08builtins", b"\x8c\x04eval", b"C\x01x", b"]", b"}"]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(OPCODES, max_size=30))
def test_a_pickle_that_is_called_safe_imports_only_known_names(steps: list[bytes]) -> None:
    """The real unpickler is asked which names it would import; it imports none."""
    content = b"\x80\x04" + b"".join(steps) + b"."
    report = artifact.scan_bytes(content, "m.pkl")
    asked: set[str] = set()

    class Asking(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> object:
            asked.add(f"{module}.{name}")
            return Harmless

    with contextlib.suppress(*DAMAGED):
        Asking(io.BytesIO(content)).load()
    assert report.unreadable or asked <= set(report.globals)
    if asked - allow_list.shipped().named:
        assert not report.safe


DAMAGED = (pickle.UnpicklingError, TypeError, ValueError, AttributeError, EOFError, LookupError)


class Harmless(dict):
    """Stands for any class; takes everything and does nothing."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__()

    def __setstate__(self, state: object) -> None:
        pass

    def append(self, item: object) -> None:
        pass

    def extend(self, items: object) -> None:
        pass


def acting(sentinel: Path) -> bytes:
    """A pickle that would write a file if it were loaded."""

    class Write:
        def __reduce__(self) -> tuple[object, ...]:
            return open, (str(sentinel), "w")

    return pickle.dumps({"model": LogisticRegression().fit([[0.0], [1.0]], [0, 1]), "x": Write()})


def test_mutations_of_real_files_never_act(tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    joblibbed, zipped = io.BytesIO(), io.BytesIO()
    joblib.dump({"x": np.arange(9.0), "y": np.array([None, 1], dtype=object)}, joblibbed)
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("m/data.pkl", acting(sentinel))
    files = [acting(sentinel), joblibbed.getvalue(), zipped.getvalue(), skops.io.dumps(LogisticRegression())]
    before = set(sys.modules)
    draw = random.Random(0)
    for content in files:
        for _ in range(250):
            mutated = bytearray(content)
            for _ in range(draw.randint(1, 4)):
                mutated[draw.randrange(len(mutated))] = draw.randrange(256)
            artifact.scan_bytes(bytes(mutated[: draw.randint(1, len(mutated))]), "m")
    assert not sentinel.exists()
    assert set(sys.modules) == before, "a scan imports nothing"


def test_the_acting_file_would_act(tmp_path: Path) -> None:
    """Without this the test above could pass on a file that does nothing."""
    sentinel = tmp_path / "sentinel"
    content = acting(sentinel)
    assert not artifact.scan_bytes(content, "m.pkl").safe
    assert not sentinel.exists()
    pickle.loads(content)
    assert sentinel.exists()
