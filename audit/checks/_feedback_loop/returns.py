"""Which of the rows that a model decided on come back as training data, and with which labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Decided:
    """The rows of one round.

    Attributes:
        decisions: what the model answered, codes, shape (n,).
        truth: what is right, codes, shape (n,).
        scores: how sure the model is that a row is to be accepted, shape (n,); None where it does not say.
    """

    decisions: np.ndarray
    truth: np.ndarray
    scores: np.ndarray | None


@dataclass(frozen=True)
class Returned:
    """Rows that come back: their positions among those of the round, and the labels that they come back with."""

    rows: np.ndarray
    codes: np.ndarray


class Returns(Protocol):
    """A way in which rows come back."""

    @property
    def needs_scores(self) -> bool:
        """Whether `Decided.scores` is looked at."""

    def returned(self, decided: Decided, rng: np.random.Generator) -> Returned:
        """The rows of one round that are learned from next."""


@dataclass(frozen=True)
class Selective:
    """Accepted rows all come back, refused ones in part, and a refusal is never found to be wrong.

    Attributes:
        accepted: code of the class that counts as accepted.
        labels: whether an accepted row comes back with the decision, or with its true outcome.
        refused: share of the refused rows that come back, with the decision as their label.
    """

    accepted: int
    labels: Literal["decisions", "outcomes"]
    refused: float
    needs_scores: bool = False

    def returned(self, decided: Decided, rng: np.random.Generator) -> Returned:
        """As the class says."""
        import numpy as np

        accepted = decided.decisions == self.accepted
        rows = np.flatnonzero(accepted | (rng.random(len(accepted)) < self.refused))
        known = accepted if self.labels == "outcomes" else np.zeros(len(accepted), dtype=bool)
        codes = np.where(known, decided.truth, decided.decisions)
        return Returned(rows, codes[rows])


@dataclass(frozen=True)
class Leaking:
    """Every row comes back with its true label, but a known share more of them as accepted.

    They are those that the model would accept next, or any where it does not say: the line that it draws creeps.

    Attributes:
        accepted: code of the class that counts as accepted.
        share: of the rows of a round, how many more come back as accepted than are.
    """

    accepted: int
    share: float
    needs_scores: bool = True

    def returned(self, decided: Decided, rng: np.random.Generator) -> Returned:
        """As the class says."""
        import numpy as np

        codes = decided.truth.copy()
        order = rng.permutation(len(codes))
        if decided.scores is not None:
            order = order[np.argsort(-decided.scores[order], kind="stable")]
        refused = order[codes[order] != self.accepted]
        codes[refused[: round(self.share * len(codes))]] = self.accepted
        return Returned(np.arange(len(codes)), codes)
