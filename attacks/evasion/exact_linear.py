"""Exact answers for linear models: each row is broken, proven unbreakable, or left undecided where rounding decides.

The worst allowed point of a row is known in closed form in both norms; the real model is asked about it, and a proof
covers at least what is allowed and holds beyond rounding.

Source: Hein and Andriushchenko, "Formal Guarantees on the Robustness of a Classifier against Adversarial Manipulation",
NeurIPS 2017, for the minimum over a ball cut by a box.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._search import Search
from attacks.exact import linear
from attacks.exact.spot_check import spot_checked
from attacks.outcome import Outcome
from attacks.structure import Linear
from attacks.target import Target

ACCESS = "structure"


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Break or certify each row; asks the model about 2 to 15 rows for each.

    Args:
        target: the model under attack; its structure has to be linear.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of the corners at which proofs are tried out.

    Returns:
        The outcome, confirmed on the real model, with `certified`. A row that is neither broken nor certified is
        undecided: its margin is too small to tell from rounding, the worst point breaks a rule between columns, or the
        model answers it wrongly.

    Raises:
        ValueError: the target's structure is not known to be linear.
    """
    structure = target.structure
    if structure is None or not isinstance(structure.kind, Linear):
        raise ValueError("this attack needs the weights of a linear model; the target's structure holds none")
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    certified = np.zeros(len(x), dtype=bool)
    with search.within_budget():
        certified = linear.verify(search, structure, structure.kind)
        certified = spot_checked(search, structure, certified, seed=seed)
    outcome = search.outcome()
    return replace(outcome, certified=certified & ~outcome.success)
