"""A finding in a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Basis = Literal["pattern", "checksum", "context", "word list", "language model"]
"""What a finding rests on, from the form of a value alone to a model that has read the sentence."""


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """One finding: where it is, what it is and how sure the recogniser is.

    Attributes:
        start: first character, 0-based.
        end: one past the last character.
        entity: what was found, such as `EMAIL_ADDRESS`.
        score: 0 to 1; patterns without a checksum score low, valid checksums 1.
        basis: what the finding rests on; two findings that differ in nothing else are the same.
    """

    start: int
    end: int
    entity: str
    score: float
    basis: Basis = field(default="pattern", compare=False)
