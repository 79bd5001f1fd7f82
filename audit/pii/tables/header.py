"""Names of the columns themselves: a table that was turned on its side has e-mail addresses and people there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audit.pii.columns.options import Options, spans_of
from audit.pii.spans import Span

WHOLE_NAME = 0.7
"""Least score of a given name and a surname that a list of words knows both and that are no ordinary words."""


def scan_header(names: Sequence[str], options: Options) -> Mapping[int, tuple[Span, ...]]:
    """Findings in the names of the columns themselves, by position of the column.

    What only a list of words or a language model calls a name is none here, as "city" and "Jordan" are usual headers,
    but for a given name with a surname.
    """
    counted = {
        place: tuple(span for span in found if options.counts(span) and _tells_in_header(names[place], span))
        for place, found in enumerate(spans_of(list(names), (), options))
    }
    return {place: found for place, found in counted.items() if found}


def _tells_in_header(name: str, span: Span) -> bool:
    if span.basis == "word list" and span.entity == "PERSON":
        return span.score >= WHOLE_NAME and " " in name[span.start : span.end]
    return span.basis not in ("word list", "language model")


def shown(names: Sequence[str]) -> tuple[str, ...]:
    """The names in their order, and `column N` in place of each that is personal itself; N counts from 1."""
    personal = scan_header(names, Options())
    return tuple(label_of(position) if position in personal else name for position, name in enumerate(names))


def label_of(position: int) -> str:
    """What a column whose name is personal is called instead.

    Args:
        position: 0-based.
    """
    return f"column {position + 1}"
