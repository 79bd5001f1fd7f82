"""One row against all classes that its bound does not rule out: branch and bound first, then the solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attacks.distance import Array
from attacks.exact import milp
from attacks.exact.branch import Branching, Found, State
from attacks.exact.problem import Problem

_MOST_QUESTIONS = 12


@dataclass(frozen=True)
class Effort:
    """How long to search; counted, not timed, so that results are the same everywhere.

    Attributes:
        boxes: boxes of one row against one class.
        nodes: nodes of the solver for the same.
        seconds: at which the solver gives up all the same.
    """

    boxes: int = 1000
    nodes: int = 2000
    seconds: float = 30.0


class Duel:
    """A search for a place that fools the model, which goes on where it stopped.

    Args:
        others: competing classes, the most dangerous first.
        tolerance: margin up to which each may win, shape (k,).
        problem: makes the problem against one class.
        effort: how long to search.
        rng: of the search.

    Attributes:
        problem: the one that the last place belongs to.
    """

    def __init__(
        self,
        others: list[int],
        tolerance: Array,
        problem: Callable[[int], Problem],
        effort: Effort,
        rng: np.random.Generator,
    ) -> None:
        self._tolerance, self._make, self._effort, self._rng = tolerance, problem, effort, rng
        self._branching: Branching | None = None
        self._quick, self._hard, self._lost = list(others), list[int](), False
        self._asked, self._least = 0, False
        self.problem: Problem

    def advance(self) -> Found:
        """The next place to ask the model about, or PROVEN or OPEN at the end."""
        while self._quick:
            if self._asked < _MOST_QUESTIONS:
                found = self._branch(self._quick[0])
                if found.state is State.POINT:
                    self._asked += 1
                    return found
                if found.state is State.OPEN:
                    self._hard.append(self._quick[0])
            else:
                self._hard.append(self._quick[0])
            self._quick.pop(0)
            self._branching, self._asked = None, 0
        while self._hard:
            found = self._solve(self._hard[0])
            if found.state is State.POINT:
                return found
            self._lost |= found.state is State.OPEN
            self._hard.pop(0)
        return Found(State.OPEN if self._lost else State.PROVEN)

    def _branch(self, other: int) -> Found:
        if self._branching is None:
            self.problem = self._make(other)
            self._branching = Branching(self.problem, float(self._tolerance[other]), self._rng)
        return self._branching.advance(self._effort.boxes)

    def _solve(self, other: int) -> Found:
        """Any place first; if the model holds there, the worst one; if it holds there too, nothing is known."""
        effort = self._effort
        if self._asked == 2:
            self._asked, found = 0, Found(State.OPEN)
        else:
            self.problem = self._make(other)
            found = milp.solve(
                self.problem, float(self._tolerance[other]),
                nodes=effort.nodes, seconds=effort.seconds, least=self._asked == 1,
            )  # fmt: skip
            self._asked = self._asked + 1 if found.state is State.POINT else 0
        return found
