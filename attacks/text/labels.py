"""Breaks texts by labels alone: many edits that turn the answer, then as few of them as still do.

Where one edit changes no answer, nothing shows which edit helps. So more edits than allowed are made at once, until the
answer turns, and edits are taken back in pieces as long as it stays turned. What cannot be taken back is what matters,
and the next attempt begins with it.

Source: minimising a change while it still fools the model is the idea of Brendel et al., "Decision-Based Adversarial
Attacks", ICLR 2018; taking back pieces of halving size follows Zeller and Hildebrandt, "Simplifying and Isolating
Failure-Inducing Input", IEEE TSE 28 (2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array
from attacks.text.candidates import Candidates, fits
from attacks.text.importance import Reading
from attacks.text.search import Edits, TextSearch

_SIZES = (1, 1, 2, 3, 5, 8)
"""Edits of each attempt, as multiples of the budget."""
_PIECES = 6


@dataclass
class _Attempt:
    """Where the search for one row stands.

    Attributes:
        turned: a set of edits that turns the answer and costs too much; none while there is no such set.
        piece: how many edits are taken back at once.
        needed: edits that could not be taken back in earlier attempts.
    """

    reading: Reading
    candidates: Candidates
    budget: int
    turned: Edits = ()
    piece: int = 0
    needed: Edits = ()


def shrink_sets(
    search: TextSearch, rows: list[Reading], candidates: dict[int, Candidates], rng: np.random.Generator, *, spare: int
) -> None:
    """Search until every row is broken or has only `spare` queries left."""
    attempts = [_Attempt(row, candidates[row.place], int(search.budget[row.place])) for row in rows]
    while attempts := [one for one in attempts if one.reading.left > spare and not search.broken(one.reading.place)]:
        asked = []
        for one in attempts:
            sets = _smaller(one, rng) if one.turned else _larger(one, rng)
            asked += [(one, edits) for edits in sets[: one.reading.left - spare] if edits]
        if not asked:
            return
        margins = search.margins([one.reading.place for one, _ in asked], [edits for _, edits in asked])
        answers: dict[int, list[Edits]] = {}
        for (one, edits), margin in zip(asked, margins, strict=True):
            one.reading.left -= 1
            if margin < 0:
                answers.setdefault(one.reading.place, []).append(edits)
        for one in attempts:
            _move_on(one, answers.get(one.reading.place, []))


def _larger(one: _Attempt, rng: np.random.Generator) -> list[Edits]:
    """Random sets, those of earlier attempts first; words are drawn by how much they seem to matter."""
    order = np.argsort(-one.reading.importance, kind="stable")
    found = []
    for size in _SIZES:
        most = size * one.budget
        chosen: Edits = ()
        for edit in one.needed:
            chosen = (*chosen, edit) if fits(chosen, edit, most) and rng.random() < 0.8 else chosen
        for place in _drawn(order, most, rng):
            for edit in one.candidates.again(int(place)):
                chosen = (*chosen, edit) if fits(chosen, edit, most) else chosen
        found.append(chosen)
    return found


def _drawn(order: Array, most: int, rng: np.random.Generator) -> Array:
    """Different words, the more important ones more often."""
    weight = 1.0 / (2.0 + np.arange(len(order)))
    size = min(len(order), most)
    return np.asarray(rng.choice(order, size=size, replace=False, p=weight / weight.sum()))


def _smaller(one: _Attempt, rng: np.random.Generator) -> list[Edits]:
    order = rng.permutation(len(one.turned))
    pieces = [order[start : start + one.piece] for start in range(0, len(order), one.piece)]
    return [_without(one.turned, piece) for piece in (pieces if one.piece == 1 else pieces[:_PIECES])]


def _without(edits: Edits, places: Array) -> Edits:
    out = set(places.tolist())
    return tuple(edit for place, edit in enumerate(edits) if place not in out)


def _move_on(one: _Attempt, turned: list[Edits]) -> None:
    if turned:
        one.turned = min(turned, key=_cost)
        one.piece = max(1, len(one.turned) // 4)
    elif one.turned and one.piece > 1:
        one.piece //= 2
    elif one.turned:
        one.needed, one.turned = one.turned, ()


def _cost(edits: Edits) -> int:
    return sum(edit.cost for edit in edits)
