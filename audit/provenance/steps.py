"""Joins what went in with what came out, pair by pair, as long as one file of records tells no more than can be read.

A few thousand names on both sides are millions of pairs, and a file may tell of hundreds of such builds.
"""

from __future__ import annotations

from collections.abc import Sequence

from audit.provenance.record import Link

MOST_LINKS = 10_000
"""Steps that one file of records may tell."""


class Steps:
    """The steps of one file of records, counted."""

    def __init__(self) -> None:
        self._left = MOST_LINKS

    def join(self, sources: Sequence[str], targets: Sequence[str], how: str) -> tuple[Link, ...] | None:
        """A step from each source to each target; None where those would be too many."""
        pairs = len(sources) * len(targets)
        if pairs > self._left:
            return None
        self._left -= pairs
        return tuple(Link(source, target, how) for source in sources for target in targets)
