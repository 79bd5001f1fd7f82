"""safetensors: a JSON header with names, types and offsets, then the raw numbers; nothing in it can act."""

from __future__ import annotations

from typing import Any

from audit.artifact import strict_json
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

MAX_HEADER = 25 << 20


def is_safetensors(data: View) -> bool:
    """Whether the first eight bytes are the length of a JSON object that follows."""
    return len(data) >= 10 and data[8:9] == b"{" and 2 <= int.from_bytes(data[:8], "little") <= len(data) - 8


def scan(data: View, findings: Findings, place: str) -> str:
    """Read the header and compare it with the bytes behind it.

    Raises:
        Unreadable: the header is damaged, or bytes belong to no tensor or to two.
    """
    length = int.from_bytes(data[:8], "little")
    if length > MAX_HEADER:
        raise Unreadable(f"the header of {place} is too large")
    header = strict_json.parse(data[8 : 8 + length], place)
    findings.spend(operations=len(header))
    spans = sorted(_span(entry, place) for name, entry in header.items() if name != "__metadata__")
    position = 0
    for start, end in spans:
        if start != position or end < start:
            raise Unreadable(f"the tensors of {place} overlap or leave gaps")
        position = end
    if position != len(data) - 8 - length:
        raise Unreadable(f"{place} holds bytes that belong to no tensor")
    return "safetensors"


def _span(entry: Any, place: str) -> tuple[int, int]:
    offsets = entry.get("data_offsets") if isinstance(entry, dict) else None
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(offset) is int for offset in offsets):
        raise Unreadable(f"a tensor of {place} is described in an unusual way")
    return offsets[0], offsets[1]
