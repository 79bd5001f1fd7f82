"""Feeds broken and hostile model files to the scan: `python -m tests.fuzz.artifact --minutes 10`.

Beside crashes, time and memory, each input is read as a pickle by Python's own unpicklers, with a `find_class` that
notes what is asked for and imports nothing. What they would import and the scan neither lists nor calls unreadable is a
finding: a miss.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import pickle
import random
import struct
import tarfile
import zipfile
import zlib
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

import joblib
import numpy as np

from tests.fuzz import Target, main

OPCODES = [getattr(pickle, name) for name in pickle.__all__ if isinstance(getattr(pickle, name), bytes)]
GLOBALS = (
    "os.system", "collections.OrderedDict", "numpy.dtype", "joblib.numpy_pickle.NumpyArrayWrapper", "builtins.getattr",
    "copyreg._reconstructor", "builtins.object", "scipy.stats._continuous_distns.norm_gen", "builtins.list",
    "torch.storage._load_from_bytes", "sklearn.utils._bunch.Bunch", "__builtin__.set",
)  # fmt: skip
WORDS = [
    *OPCODES, *("c{}\n{}\n".format(*name.rsplit(".", 1)).encode() for name in GLOBALS), b"\x8c\x02os\x8c\x06system\x93",
    b"q\x00", b"h\x00", b"\x8c\x08builtins", b"\x8c\x07getattr", b"\x8c\x04eval", b"\x95\x08\0\0\0\0\0\0\0", b"I1\n",
    b"S'os'\n", b"Vos\n", b"K\x01", b"\x80\x02", b"\x80\x04", b"C\x04noop", b"]", b"}", b"PK\x03\x04", b"PK\x01\x02",
    b"PK\x05\x06", b"\x93NUMPY", b"ustar", b"\x1f\x8b\x08", b"{", b"[", b"$d#L", b'"__loader__"', b'"content"',
]  # fmt: skip


class Inert(dict):
    """Stands for everything that a file may name."""

    def __init__(self, *args: object, **keywords: object) -> None:
        super().__init__()

    def __call__(self, *args: object, **keywords: object) -> Inert:
        return self

    def __setstate__(self, state: object) -> None:
        pass

    def append(self, item: object) -> None:
        pass

    extend = add = append

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __hash__(self) -> int:
        return 1


DAMAGED = (
    pickle.UnpicklingError, TypeError, ValueError, AttributeError, EOFError, LookupError, OverflowError, MemoryError,
    RecursionError, UnicodeError, AssertionError, struct.error,
)  # fmt: skip


def asked(content: bytes, kind: type) -> set[tuple[str, str]]:
    """Names that one of Python's unpicklers would import, up to where it stumbles."""
    found: set[tuple[str, str]] = set()

    class Asking(kind):
        def find_class(self, module: str, name: str) -> object:
            found.add((module, name))
            return Inert

        def persistent_load(self, identifier: object) -> object:
            return Inert()

    with contextlib.suppress(*DAMAGED):
        Asking(io.BytesIO(content)).load()
    return found


def spellings(module: str, name: str) -> set[str]:
    """A name as a report may print it: of Python 2 names, what Python 3 puts in their place after it was asked."""
    from audit.artifact.report import printable

    renamed = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
    return {printable(f"{module}.{name}"), printable(".".join(renamed))}


def read(content: bytes) -> str:
    """Scan the bytes as a file; the report's words stand for what was seen."""
    from audit import artifact  # here, so that atheris sees the import

    report = artifact.scan_bytes(content, "m")
    if report.safe != (not report.unknown and not report.unreadable) or not set(report.unknown) <= set(report.globals):
        raise AssertionError("a report that contradicts itself")
    if not report.sentence.isprintable():
        raise AssertionError("a sentence that is not safe to print")
    if not report.unreadable:
        # what is unreadable is unsafe already, and may ask an unpickler for all memory
        known = {*report.globals, *TETHERED}
        for kind in (pickle.Unpickler, pickle._Unpickler):
            missed = [name for name in asked(content, kind) if not spellings(*name) & known]
            if missed:
                raise AssertionError(f"missed: {sorted(missed)}")
    return f"{report.format} {len(report.unknown)} {len(report.unreadable)}"


TETHERED = {"builtins.getattr", "torch.storage._load_from_bytes", "torch._tensor._rebuild_from_type_v2"}
"""Names that the scan follows and lists only where they are used in another way."""


def invent(chance: random.Random) -> bytes:
    """A pickle of random steps, often one that Python can follow for a while."""
    body = b"".join(chance.choice(WORDS[: chance.choice((40, len(WORDS)))]) for _ in range(chance.randint(1, 40)))
    return chance.choice((b"", b"\x80\x02", b"\x80\x04", b"\x80\x05")) + body + b"."


def seeds() -> list[bytes]:
    """Small files of every kind."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    value = {"a": [1, 2.5, "x", None, True], "b": (1, frozenset([2])), "c": np.arange(3), "d": b"bytes", "model": model}
    found = [pickle.dumps(value, protocol) for protocol in range(6)]
    bodies = (
        b"cos\nsystem\nC\x01x\x85R",
        b"(C\x01xios\nsystem\n",
        b"ccollections\nOrderedDict\n)\x81}b",
        b"\x82\x07)R",
    )
    found += [b"\x80\x04" + body + b"." for body in bodies]
    found += [packed(found[4]) for packed in (gzip.compress, zlib.compress, bz2.compress, lzma.compress)]
    for options in ({}, {"compress": 3}):
        target = io.BytesIO()
        joblib.dump({"x": np.arange(9.0), "o": np.array([None, "a"], dtype=object)}, target, **options)
        found.append(target.getvalue())
    arrays, tarred, zipped = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.savez(arrays, x=np.arange(3), o=np.array([None], dtype=object))
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        entry = tarfile.TarInfo("m.pkl")
        entry.size = len(found[2])
        archive.addfile(entry, io.BytesIO(found[2]))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("m/data.pkl", found[2])
        archive.writestr("m/version", "3\n")
        archive.writestr("m/code/a.py", "def f(x):\n    return torch.add(x, 1)\n")
        archive.writestr("m/constants.pkl", found[2])
    node = {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "content": {}}
    schema = {"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode", "content": node}
    skops = io.BytesIO()
    with zipfile.ZipFile(skops, "w") as archive:
        archive.writestr("schema.json", json.dumps({**schema, "protocol": 2}))
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    found += [part.getvalue() for part in (arrays, tarred, zipped, skops)]
    found.append(struct.pack("<Q", len(header)) + header + bytes(8))
    found.append(b"tree\nversion=v4\nnum_class=1\n\nend of trees\n")
    found.append(b'{"learner":{"a":[1.5,-2e3,"x"],"b":{"c":null}},"version":[3,2,0]}')
    zeros = bytes(7)
    start = b"{L" + zeros + b"\x07learner[$d#L" + zeros + b"\x02" + bytes(8)
    found.append(start + b"L" + zeros + b"\x07version[i\x01]}")
    found.append(bytes.fromhex("08073a0b0a070a01781201792204526575") + b"\x42\x04\x0a\x00\x10\x12")
    return found


if __name__ == "__main__":
    main(Target(read, seeds(), WORDS, invent), "artifact")
