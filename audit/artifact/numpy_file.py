"""numpy's .npy: a header with type and shape, then the array; an array of objects is a pickle."""

from __future__ import annotations

import ast

from audit.artifact import array_layout, pickle_stream
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

MAGIC = b"\x93NUMPY"
MAX_HEADER = 100_000


def scan(data: View, findings: Findings, place: str) -> str:
    """Read every array of an .npy file.

    Raises:
        Unreadable: a header is damaged, or the bytes do not fit the shape that it promises.
    """
    position = 0
    while position < len(data):
        if data[position : position + 6] != MAGIC:
            raise Unreadable(f"something follows the array in {place}")
        position = _scan_one(data, position, findings, place)
    return "numpy"


def _scan_one(data: View, position: int, findings: Findings, place: str) -> int:
    width = {1: 2, 2: 4, 3: 4}.get(data[position + 6])
    if width is None:
        raise Unreadable(f"{place} has an .npy version that is not known")
    start = position + 8 + width
    length = int.from_bytes(data[position + 8 : start], "little")
    if length > MAX_HEADER or start + length > len(data):
        raise Unreadable(f"the header of {place} is cut off")
    header = ast.literal_eval(data[start : start + length].decode("utf-8" if width == 4 else "latin-1").strip())
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise Unreadable(f"the header of {place} is not that of an array")
    layout = array_layout.described(header["descr"])
    count = array_layout.elements(header["shape"])
    body = start + length
    if layout.objects:
        pickle_stream.scan(data.part(body), findings, place)
        return len(data)
    if body + count * layout.size > len(data):
        raise Unreadable(f"{place} promises an array of {count * layout.size:,} bytes and holds {len(data) - body:,}")
    return body + count * layout.size
