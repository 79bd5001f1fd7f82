"""One row against all classes that its bound does not rule out: branch and bound first, then the solver."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attacks.distance import Array
from attacks.exact import milp
from attacks.exact.branch import Branching, Found, State
from attacks.exact.effort import Effort, Purse, nodes_for, variables, work_of_box, work_of_solver, work_of_start
from attacks.exact.problem import Problem

_MOST_QUESTIONS = 12


class Duel:
    """A search for a place that fools the model, which goes on where it stopped.

    Args:
        others: competing classes, the most dangerous first.
        tolerance: margin up to which each may win, shape (k,).
        problem: makes the problem against one class.
        effort: how long to search.
        purse: what the search is paid from; the first place of all is looked for whatever is left.
        nodes: of the ensemble.
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
        purse: Purse,
        nodes: int,
        rng: np.random.Generator,
    ) -> None:
        self._tolerance, self._make, self._effort, self._rng = tolerance, problem, effort, rng
        self._purse, self._nodes, self._most, self._started = purse, nodes, 0, False
        self._branching: Branching | None = None
        self._quick, self._hard, self._lost = list(others), list[int](), False
        self._asked, self._least = 0, False
        self.problem: Problem

    def advance(self) -> Found:
        """The next place to ask the model about, or PROVEN or OPEN at the end."""
        found = self._next()
        if found.state is not State.POINT:
            self.close()
        return found

    def close(self) -> None:
        """End the search; what it has not spent goes to others."""
        self._purse.close()

    def _next(self) -> Found:
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
        # one class that nothing is known of is enough to leave the row open, but a place may still be found
        while self._hard:
            found = self._solve(self._hard[0])
            if found.state is State.POINT:
                return found
            self._lost |= found.state is State.OPEN
            self._hard.pop(0)
        return Found(State.OPEN if self._lost else State.PROVEN)

    def _branch(self, other: int) -> Found:
        """Half of what is left may be spent on one class; the other half is for the classes after it and the solver."""
        if self._branching is None:
            if self._started and self._purse.left < self._nodes:
                return Found(State.OPEN)
            self.problem = self._make(other)
            self._purse.spend(work_of_start(self.problem, self._nodes))
            if self.problem.slots > self._effort.slots:
                return Found(State.OPEN)
            least = 0 if self._started else 1
            afforded = self._purse.left // 2 // work_of_box(self.problem)
            self._most, self._started = min(self._effort.boxes, max(least, afforded)), True
            self._branching = Branching(self.problem, float(self._tolerance[other]), self._rng)
        before = self._branching.boxes
        found = self._branching.advance(self._most)
        self._purse.spend((self._branching.boxes - before) * work_of_box(self.problem))
        return found

    def _solve(self, other: int) -> Found:
        """Any place first; if the model holds there, the worst one; if it holds there too, nothing is known."""
        if self._asked == 2 or self._purse.left < self._nodes:
            self._asked = 0
            return Found(State.OPEN)
        self.problem = self._make(other)
        self._purse.spend(work_of_start(self.problem, self._nodes))
        size = variables(self.problem)
        nodes = min(self._effort.nodes, nodes_for(size, self._purse.left))
        if size > self._effort.variables or nodes < 1:
            self._asked = 0
            return Found(State.OPEN)
        found = milp.solve(self.problem, float(self._tolerance[other]), nodes=nodes, least=self._asked == 1)
        self._purse.spend(work_of_solver(size, found.nodes))
        self._asked = self._asked + 1 if found.state is State.POINT else 0
        return found
