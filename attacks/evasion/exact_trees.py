"""Exact answers for ensembles of trees: each row is broken, proven unbreakable, or left undecided.

Bounds, a branch and bound over boxes, and for what they leave a mixed-integer program; every point that breaks a row is
asked of the real model, every proof covers at least what is allowed and holds beyond rounding.

Source: Chen et al., "Robustness Verification of Tree-based Models", NeurIPS 2019, for bounds by leaves that exclude
each other; Kantchelian et al., "Evasion and Hardening of Tree Ensemble Classifiers", ICML 2016, for the program.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._search import Search
from attacks.exact import trees
from attacks.exact.spot_check import spot_checked
from attacks.outcome import Outcome
from attacks.structure import Trees
from attacks.target import Target

ACCESS = "structure"


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Break or certify each row; asks the model about 2 to 15 rows for each.

    Args:
        target: the model under attack; its structure has to be an ensemble of trees.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of the order in which the search goes.

    Returns:
        The outcome, confirmed on the real model, with `certified`. A row that is neither broken nor certified is
        undecided: the search ended, its margin is too small to tell from rounding, or the model answers it wrongly.

    Raises:
        ValueError: the target's structure is not known to be an ensemble of trees.
    """
    structure = target.structure
    if structure is None or not isinstance(structure.kind, Trees):
        raise ValueError("this attack needs the trees of a model; the target's structure holds none")
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    certified = np.zeros(len(x), dtype=bool)
    with search.within_budget():
        certified = trees.verify(search, structure, structure.kind, seed=seed)
        certified = spot_checked(search, structure, certified, seed=seed)
    outcome = search.outcome()
    return replace(outcome, certified=certified & ~outcome.success)
