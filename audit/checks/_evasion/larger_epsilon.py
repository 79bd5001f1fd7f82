"""Attacks a few rows again with twice and four times epsilon: what breaks at less has to break at more.

Source: a sanity check of Carlini et al., "On Evaluating Adversarial Robustness", 2019.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from audit.checks._evasion.ensemble import Setting, attack

if TYPE_CHECKING:
    import numpy as np

_FACTORS = (2.0, 4.0)
_FEW = 3
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


def at_larger(
    setting: Setting, x: np.ndarray, y: np.ndarray, broken: np.ndarray, *, looked_at: int, seed: int
) -> tuple[Larger, ...]:
    """Attack rows at two and four times epsilon, without proofs.

    Args:
        x: rows as stored values, all answered right.
        y: their true codes.
        broken: which of them epsilon itself broke, shape (n,), bool.
        looked_at: rows that these are those answered right of.
    """
    members = tuple(member for member in setting.members if member.module.ACCESS != "structure")
    if not members or not len(x):
        return ()
    found = []
    for number, factor in enumerate(_FACTORS):
        wider = replace(setting, members=members, epsilon=setting.epsilon * factor)
        again = attack(wider, x, y, seed=seed + 1 + number).broken
        found.append(Larger(wider.epsilon, looked_at, len(x), int(again.sum()), int((broken & ~again).sum())))
    return tuple(found)


def lost_doubts(larger: tuple[Larger, ...]) -> list[str]:
    """A doubt for each larger epsilon that loses what a smaller one found."""
    return [
        f"{one.lost} of {one.rows} rows broken within epsilon were not found again within {one.epsilon:g}; the attacks "
        "lose their way, and robust_accuracy may be lower"
        for one in larger
        if one.lost >= max(_FEW, _SHARE * one.rows)
    ]
