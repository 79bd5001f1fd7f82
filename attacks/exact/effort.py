"""How long to search: counted work alone, so that results are the same on any machine and under any load.

Work is counted in numbers touched. A processor of today gets through some four thousand million of them in a second.
"""

from __future__ import annotations

from dataclasses import dataclass

from attacks.exact.problem import Problem

_SET_UP = 600
"""Work of making a problem, for each node of the ensemble."""
_PAIRS = 5
"""Pairs of leaves that are compared in one input for each unit of work."""
_LENGTHS = 20
"""Work of measuring the way to a leaf, for each of its inputs."""
_ROOT, _NODE = 900, 5
"""Work of the solver before its first branching and for each node, relative to its variables squared."""


@dataclass(frozen=True)
class Effort:
    """Limits of a search.

    Attributes:
        boxes: boxes of one row against one class.
        nodes: nodes of the solver for the same.
        work: of each row in all; what a row leaves over goes to the rows after it.
        slots: leaves of a problem that is branched on; a larger one is left undecided.
        variables: of a program that the solver is given; nodes alone would not keep a larger one short.
    """

    boxes: int = 1000
    nodes: int = 2000
    work: int = 8_000_000_000
    slots: int = 16_000
    variables: int = 3000


class Ledger:
    """The work of one verification.

    Args:
        saved: work that nobody needed so far.

    Attributes:
        spent: work in all.
    """

    def __init__(self, saved: int) -> None:
        self.saved, self.spent = saved, 0


class Purse:
    """The work that one row may cost: its own share first, then what others left over.

    Args:
        ledger: of all rows.
        own: the share.
    """

    def __init__(self, ledger: Ledger, own: int) -> None:
        self._ledger, self._own = ledger, own

    @property
    def left(self) -> int:
        """Work that may still be done."""
        return self._own + self._ledger.saved

    def spend(self, work: int) -> None:
        """Count work; more than is left counts as all of it."""
        own = min(work, self._own)
        self._own -= own
        self._ledger.saved = max(0, self._ledger.saved - (work - own))
        self._ledger.spent += work

    def close(self) -> None:
        """Leave the rest to others."""
        self._ledger.saved, self._own = self._ledger.saved + self._own, 0


def work_of_start(problem: Problem, nodes: int) -> int:
    """Work of making a problem out of an ensemble of so many nodes, and of comparing its leaves."""
    return nodes * _SET_UP + problem.slots**2 * len(problem.features) // _PAIRS


def work_of_box(problem: Problem) -> int:
    """Work of one box."""
    lengths = 0 if problem.limits.idle else _LENGTHS * len(problem.features)
    return max(1, problem.slots * (len(problem.cut_rank) + problem.trees // 2 + lengths))


def variables(problem: Problem) -> int:
    """Size of the program of a problem."""
    return int(problem.exists.sum()) + len(problem.cut_rank)


def work_of_solver(size: int, nodes: int) -> int:
    """Work of a program of so many variables."""
    return size * size * (_ROOT + _NODE * nodes)


def nodes_for(size: int, work: int) -> int:
    """Nodes of the solver that so much work is enough for; less than 1 where it does not even start."""
    return (work // max(1, size * size) - _ROOT) // _NODE
