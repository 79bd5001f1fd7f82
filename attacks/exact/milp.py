"""The last resort for one row against one class: a mixed-integer program, solved by HiGHS.

Source: Kantchelian et al., "Evasion and Hardening of Tree Ensemble Classifiers", ICML 2016, with the constraints of a
tree summed up over all its leaves on one side of a cut, as in Misic, "Optimization of Tree Ensembles", 2020, so that
the relaxation is tighter.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from attacks.distance import Array
from attacks.exact.branch import Found, State
from attacks.exact.problem import Problem
from attacks.exact.span import Span

_FEASIBILITY = 1e-5
"""How far, relative to the sizes of the margin's parts, the solver may be off; a proof has to hold beyond that."""

_STUCK = 1200.0
"""Seconds after which the solver is taken to hang. Size and nodes end it long before, so that no result hangs on it."""


def solve(problem: Problem, tolerance: float, *, nodes: int, least: bool = False) -> Found:
    """Look for a place with a margin of at most `tolerance`.

    Args:
        problem: one row against one class.
        tolerance: margin that counts as fooling the model.
        nodes: most nodes of the solver's search, which keeps results the same on any machine.
        least: find the least margin there is, not just one that is small enough.

    Returns:
        PROVEN only where the solver says that there is none even at a margin a little larger.
    """
    if not problem.trees:
        return Found(State.PROVEN) if problem.constant > tolerance else Found(State.POINT, problem.box)
    slots = np.flatnonzero(problem.exists)
    weight = problem.weight[slots]
    # as every tree adds one leaf, its best one may count as 0
    tree = slots % problem.trees
    best = np.full(problem.trees, np.inf)
    np.minimum.at(best, tree, weight)
    extra = weight - best[tree]
    scale = max(float(extra.max(initial=0.0)), 1e-300)
    room = (tolerance - problem.constant - best.sum()) / scale + _FEASIBILITY
    if room < 0:
        return Found(State.PROVEN)
    cuts = len(problem.cut_rank)
    objective = np.concatenate([extra / scale, np.zeros(cuts)])
    places = [*_leaves(problem, slots, tree), _order(problem, len(slots)), *_length(problem, len(slots))]
    one_leaf = sp.csr_matrix(
        (np.ones(len(slots)), (tree, np.arange(len(slots)))), shape=(problem.trees, len(objective))
    )
    found = milp(
        objective,
        constraints=[*places, LinearConstraint(objective, -np.inf, room), LinearConstraint(one_leaf, 1.0, 1.0)],
        integrality=np.concatenate([np.zeros(len(slots)), np.ones(cuts)]),
        bounds=Bounds(0.0, 1.0),
        options={"node_limit": nodes, "time_limit": _STUCK, "mip_rel_gap": 0.0 if least else 1e9},
    )
    spent = int(found.mip_node_count or 0)
    if found.status == 2:
        return Found(State.PROVEN, nodes=spent)
    if found.x is None:
        return Found(State.OPEN, nodes=spent)
    return Found(State.POINT, _place(problem, found.x[len(slots) :] > 0.5), spent)


def _leaves(problem: Problem, slots: Array, tree: Array) -> list[LinearConstraint]:
    """Leaves need their cuts: a cut is 1 where the row goes left of it, and all leaves right of it are 0 then."""
    total, found = len(slots) + len(problem.cut_rank), []
    for side, sign in ((problem.right, 1.0), (problem.left, -1.0)):
        cut, leaf = np.nonzero(~side[:, slots])
        pair, row = np.unique(cut * problem.trees + tree[leaf], return_inverse=True)
        if len(pair):
            where = (
                np.concatenate([row, np.arange(len(pair))]),
                np.concatenate([leaf, len(slots) + pair // problem.trees]),
            )
            what = np.concatenate([np.ones(len(leaf)), np.full(len(pair), -sign)])
            found.append(
                LinearConstraint(sp.csr_matrix((what, where), shape=(len(pair), total)), -np.inf, (1 - sign) / 2)
            )
    return found


def _order(problem: Problem, leaves: int) -> LinearConstraint:
    """A row left of a cut is left of all cuts of the same input further right."""
    order = np.lexsort((problem.cut_rank, problem.cut_feature))
    same = problem.cut_feature[order[:-1]] == problem.cut_feature[order[1:]]
    first, second = order[:-1][same], order[1:][same]
    lines = np.arange(len(first))
    where = (np.concatenate([lines, lines]), leaves + np.concatenate([first, second]))
    what = np.concatenate([np.ones(len(first)), -np.ones(len(first))])
    shape = (len(first), leaves + len(problem.cut_rank))
    return LinearConstraint(sp.csr_matrix((what, where), shape=shape), -np.inf, 0.0)


def _length(problem: Problem, leaves: int) -> list[LinearConstraint]:
    """The squared length of a change as a weighted sum of the cuts that it crosses; nothing in Linf."""
    limits = problem.limits
    if not np.isfinite(limits.longest):
        return []
    line, limit = np.zeros(len(problem.cut_rank)), limits.longest
    for place in range(len(problem.features)):
        if not limits.counted[place]:
            continue
        cuts = np.flatnonzero(problem.cut_feature == place)
        cuts = cuts[np.argsort(problem.cut_rank[cuts])]
        at = limits.offsets[place] + problem.cut_rank[cuts]
        ahead = _way(limits.right_start[at] - limits.value[place])
        behind = _way((limits.value[place] - limits.left_end[at])[::-1])
        # going right of a cut ahead costs what it is farther than the one before, going left of one behind likewise
        right = np.diff(ahead, prepend=0.0)
        left = np.diff(behind, prepend=0.0)[::-1]
        line[cuts] += left - right
        limit -= right.sum()
    scale = max(limits.longest, 1e-300)
    return [LinearConstraint(np.concatenate([np.zeros(leaves), line / scale]), -np.inf, limit / scale + _FEASIBILITY)]


def _way(gaps: Array) -> Array:
    """Squared ways to cuts one after the other, never shrinking; a cut that no value is known beyond adds nothing."""
    return np.maximum.accumulate(np.where(np.isfinite(gaps), np.maximum(gaps, 0.0) * (1 - 1e-9), 0.0)) ** 2


def _place(problem: Problem, goes_left: Array) -> Span:
    low, high = problem.box.low.copy(), problem.box.high.copy()
    np.minimum.at(high, problem.cut_feature[goes_left], problem.cut_rank[goes_left])
    np.maximum.at(low, problem.cut_feature[~goes_left], problem.cut_rank[~goes_left] + 1)
    return Span(low, high)
