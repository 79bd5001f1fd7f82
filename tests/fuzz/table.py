"""Fuzzes the readers of CSV, TSV, JSONL, Parquet and NPZ, and of their headers: `python -m tests.fuzz.table`.

The first byte of an input chooses the format, the second what audit.yaml declares of it.
"""

from __future__ import annotations

import io
import json
import os
import random
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from audit.data import FORMATS, Layout, header, parse
from tests.fuzz import Target, main

LAYOUTS = (
    Layout(),
    Layout(strict=False),
    Layout(encoding="latin-1"),
    Layout(encoding="utf-16"),
    Layout(delimiter=";"),
    Layout(delimiter="\t", strict=False),
    Layout(types={"a": "integer", "b": "text", "c": "boolean", "d": "number"}),
    Layout(types={"a": "text", "b": "number", "c": "category", "e": "integer"}, max_cell=1000),
    Layout(encoding="utf-7"),
    Layout(encoding="shift_jis", strict=False),
)
CELLS = ("", "1", "-1", "0", "1.5", "1e5", "1e400", "nan", "NA", "true", "False", "x", "ä", "00123", "2026-01-01", " ")
CELLS += (str(2**53 + 1), str(2**63), "9" * 400, '"', '""', '"x', "\0", "\r", "\n", "\u2028", "=1+1", "\ufeff", "😀")
KEYS = ("a ", "\u200ba", "", "\ud800", "a\0", "é", "e\u0301", "__index_level_0__")

WORDS = [b",", b"\n", b"{", b"}", b'{"a":', b"[" * 2000, b"PAR1", b"PK\x01\x02", b"<f8", b"|O", b"'shape': (", b"True"]
WORDS += [b"'<U3'", b"\x93NUMPY", b"1" * 30]

_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-table-"))


def read(content: bytes) -> None:
    """Read a table and look at what came of it."""
    if len(content) < 2:
        return
    format, layout = FORMATS[content[0] % len(FORMATS)], LAYOUTS[content[1] % len(LAYOUTS)]
    path = _FOLDER / f"{os.getpid()}.{format}"
    path.write_bytes(content[2:])
    shown = header.columns(path.parent, path.name, format=format, layout=layout)
    table = parse(content[2:], name="t", format=format, role="data.test", target="b", layout=layout)
    if shown is not None and not set(shown) - {"__index_level_0__"} <= set(table.columns) <= set(shown):
        raise ValueError(f"header {shown}, columns {table.columns}")
    if table.rows < 1 or len(set(table.columns)) != len(table.columns):
        raise ValueError(f"{table.rows} rows, columns {table.columns}")
    if table.frame is not None:
        for name in table.frame.select_dtypes("number"):
            if np.isinf(table.frame[name].to_numpy()).any():
                raise ValueError(f"{name} holds infinity")
    elif not np.isfinite(table.array).all() or (table.labels is not None and len(table.labels) != table.rows):
        raise ValueError("an array that is not finite or does not fit its labels")


def parquet(frame: object, **options: object) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame), buffer, **options)
    return buffer.getvalue()


def npz(*, compressed: bool = False, **arrays: object) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def seeds() -> list[bytes]:
    """Whole files of every format."""
    text = 'a,b,c,d,e\n1,x,true,1.5,7\n2,,false,,8\n-3,"y, z",true,2e3,9\n'
    lines = '{"a": 1, "b": "x", "c": true, "d": null}\n{"a": 2.5, "b": "é", "c": false, "d": [1, {"k": "v"}]}\n'
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"], "c": [True, False, True], "d": [1.5, np.nan, 2.5]})
    odd = pa.table(
        {
            "a": pa.array([1, 2], pa.uint64()), "b": pa.array(["x", "y"]).dictionary_encode(),
            "c": pa.array([[1], [2, 3]]), "d": pa.array([1, 2], pa.timestamp("ns", "UTC")),
            "e": pa.array([b"x", b"\xff"]), "f": pa.array([{"k": 1}, None]), "g": pa.array([None, None]),
            "h": pa.array([1, 2], pa.decimal128(20, 3)), "i": pa.array([1, 2], pa.duration("s")),
            "j": pa.array([1, 2], pa.time64("us")), "k": pa.array([1.5, 2.5], pa.float16()),
        }
    )  # fmt: skip
    images = np.zeros((2, 1, 4, 4), np.uint8)
    files = [
        (0, text), (0, text.replace(",", ";")), (0, text.replace("\n", "\r\n")), (0, text.replace("1", "1\0")),
        (1, text.replace(",", "\t")), (3, lines), (3, lines * 20), (2, parquet(frame)),
        (2, parquet(frame, version="1.0", use_dictionary=False, compression="none")), (2, parquet(odd)),
        (2, parquet(frame, compression="gzip")),
        (4, npz(x=np.ones((3, 2)), y=np.array([0, 1, 0]))), (4, npz(x=images, y=np.array(["a", "b"]))),
        (4, npz(x=np.ones((2, 1, 2, 2), ">f4"), y=np.array([b"a", b"b"]), compressed=True)),
        (4, npz(x=np.array([[{}]], dtype=object))), (4, npz(x=np.zeros((2, 2), [("a", "i4")]))),
    ]  # fmt: skip
    found = []
    for format, content in files:
        raw = content.encode() if isinstance(content, str) else content
        found += [bytes([format, layout]) + raw for layout in ((0, 1, 6) if format in (2, 4) else range(len(LAYOUTS)))]
    return [*found, b"\0\3" + text.encode("utf-16"), b"\3\2" + lines.encode("latin-1")]


def invent(chance: random.Random) -> bytes:
    """A CSV or JSONL file of odd cells."""
    names = ["a", "b", "c", "d", "e"][: chance.randint(1, 5)]
    if chance.random() < 0.1:
        names.append(chance.choice(KEYS))
    rows = [[chance.choice(CELLS) for _ in names] for _ in range(chance.randint(0, 6))]
    layout = bytes([chance.randrange(len(LAYOUTS))])
    if chance.random() < 0.5:
        mark, ends = chance.choice(",;\t"), ("\n", "\n", "\r\n", "\r")
        text = "".join(mark.join(row) + chance.choice(ends) for row in [names, *rows])
        return b"\0" + layout + text.encode("utf-8", "surrogatepass")
    values = (None, True, 1, 2**60, 2**70, 1.5, -0.0, "x", "", "\ud800", "1", [], {}, [[1]], {"a": {"b": 1}})
    lines = [json.dumps({chance.choice(names): chance.choice((*values, *CELLS)) for _ in names}) for _ in rows]
    return b"\3" + layout + "\n".join(lines).encode()


TARGET = Target(
    read,
    seeds(),
    words=[cell.encode() for cell in CELLS] + WORDS,
    invent=invent,
)  # fmt: skip

if __name__ == "__main__":
    main(TARGET, "table")
