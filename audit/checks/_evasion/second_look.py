"""Attacks a few rows again, with larger changes and with more questions: both have to end as they did, or say more.

Source: sanity checks of Carlini et al., "On Evaluating Adversarial Robustness", 2019, section 5: a larger epsilon
breaks what a smaller one broke, and an attack has converged when more steps break no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from audit.checks._evasion.ensemble import Member, Setting, Tally, attack, label_search
from audit.checks._evasion.scores import Scores

if TYPE_CHECKING:
    import numpy as np

_FACTORS = (2.0, 4.0)
_MORE = 4
_FEW_LOST, _FEW_MORE = 3, 2
_SHARE = 0.1


@dataclass(frozen=True)
class Larger:
    """Attacks on the same rows with a larger epsilon, from scratch.

    Attributes:
        epsilon: largest change that was allowed.
        looked_at: rows that were looked at, also those answered wrongly.
        rows: number of rows attacked.
        broken: of these, rows that were broken.
        lost: rows that the smaller epsilon broke and this one did not.
    """

    epsilon: float
    looked_at: int
    rows: int
    broken: int
    lost: int


@dataclass(frozen=True)
class SecondLook:
    """What attacking again did.

    Attributes:
        larger: one entry for each larger epsilon.
        withstood: rows that had withstood all attacks and were asked about four times as often.
        broken: of these, rows that were broken then.
    """

    larger: tuple[Larger, ...] = ()
    withstood: int = 0
    broken: int = 0

    def doubts(self) -> list[str]:
        """Signs that the attacks had not found what there is."""
        texts = [
            f"{one.lost} of {one.rows} rows broken within epsilon were not found again within {one.epsilon:g}; the "
            "attacks lose their way, and robust_accuracy may be lower"
            for one in self.larger
            if one.lost >= max(_FEW_LOST, _SHARE * one.rows)
        ]
        if self.broken >= max(_FEW_MORE, _SHARE * self.withstood):
            texts.append(
                f"four times as many questions broke {self.broken} of {self.withstood} rows that had withstood all "
                "attacks; robust_accuracy is lower than it reads, so ask for more with the parameter queries"
            )
        return texts


def look_again(
    setting: Setting, x: np.ndarray, y: np.ndarray, tally: Tally, *, looked_at: int, seed: int
) -> SecondLook:
    """Attack rows at two and four times epsilon, and those that withstood with four times as many questions, once also
    by labels alone.

    Proofs stay out. Gradient attacks are not repeated with more questions, since they take many already; an endpoint is
    not asked so often.

    Args:
        x: rows as stored values, all answered right.
        y: their true codes.
        tally: what the attacks have done to them.
        looked_at: rows that these are those answered right of.
    """
    import numpy as np

    larger = []
    again = _members(setting, lambda member: member.module.ACCESS != "structure")
    for number, factor in enumerate(_FACTORS if again and len(x) else ()):
        wider = replace(setting, members=again, epsilon=setting.epsilon * factor)
        broken = attack(wider, x, y, seed=seed + 1 + number).broken
        lost = int((tally.broken & ~broken).sum())
        larger.append(Larger(wider.epsilon, looked_at, len(x), int(broken.sum()), lost))
    rows = np.flatnonzero(~tally.broken & ~tally.certified)
    asking = _members(setting, lambda member: member.module.ACCESS in ("scores", "labels"))
    if not asking or not len(rows) or setting.subject.remote:
        return SecondLook(tuple(larger))
    longer = replace(setting, members=asking, queries=_MORE * setting.queries)
    broken = attack(longer, x[rows], y[rows], seed=seed + 1 + len(_FACTORS)).broken
    left, search = rows[~broken], label_search(setting.norm)
    unled = _members(setting, lambda member: member.module.ACCESS == "labels")
    if unled and not setting.gradients:
        unled = (*(member for member in unled if member.name != search.name), search)
    if len(left) and unled and setting.scores.usable:
        # scores may point the wrong way; labels cannot
        labels = replace(longer, members=unled, scores=Scores())
        found = attack(labels, x[left], y[left], seed=seed + 2 + len(_FACTORS)).broken
        return SecondLook(tuple(larger), len(rows), int(broken.sum() + found.sum()))
    return SecondLook(tuple(larger), len(rows), int(broken.sum()))


def _members(setting: Setting, fits: Callable[[Member], bool]) -> tuple[Member, ...]:
    return tuple(member for member in setting.members if fits(member))
