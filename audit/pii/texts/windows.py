"""Long texts are read in overlapping windows, so that the time for a text grows with its length alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from audit.pii.spans import Span

WINDOW = 20_000
"""Characters that are read at a time."""

OVERLAP = 1_000
"""Characters that two neighbouring windows share: longer than any value that a pattern can match, URLs aside."""


@dataclass(frozen=True)
class _Piece:
    """A window: which text it is of, where it starts there, and whether the text goes on at its sides."""

    owner: int
    start: int
    text: str
    begins: bool
    ends: bool


def windowed(texts: Sequence[str], scan: Callable[[list[str]], Sequence[Sequence[Span]]]) -> list[tuple[Span, ...]]:
    """Scan texts of any length.

    Args:
        texts: of any length.
        scan: finds spans in texts of at most `WINDOW` characters; called once with all windows of all texts.

    Returns:
        Findings of each text in the order of their start; one that two windows share counts once.
    """
    if all(len(text) <= WINDOW for text in texts):
        return list(map(tuple, scan(list(texts))))
    pieces = [piece for owner, text in enumerate(texts) for piece in _pieces(owner, text)]
    found: list[list[Span]] = [[] for _ in texts]
    for piece, spans in zip(pieces, scan([piece.text for piece in pieces]), strict=True):
        # A value that touches a cut may be half of one; the neighbouring window holds it whole.
        found[piece.owner] += [
            span if piece.begins else replace(span, start=piece.start + span.start, end=piece.start + span.end)
            for span in spans
            if (piece.begins or span.start > 0) and (piece.ends or span.end < len(piece.text))
        ]
    return [
        tuple(spans) if len(text) <= WINDOW else tuple(sorted(set(spans)))
        for text, spans in zip(texts, found, strict=True)
    ]


def _pieces(owner: int, text: str) -> Iterator[_Piece]:
    if len(text) <= WINDOW:
        yield _Piece(owner, 0, text, begins=True, ends=True)
        return
    step = WINDOW - OVERLAP
    for start in range(0, len(text) - OVERLAP, step):
        end = min(start + WINDOW, len(text))
        yield _Piece(owner, start, text[start:end], begins=start == 0, ends=end == len(text))
