"""How many characters two texts differ in, and where.

A change is one character added, removed or replaced, or two neighbours swapped; a character is one Unicode code point.
This is the restricted Damerau-Levenshtein distance. It is found along diagonals, so that long texts with few changes
cost little.

Source: Ukkonen, "Algorithms for approximate string matching", Information and Control 64 (1985), section 2, the
furthest point of each diagonal; swaps of neighbours are added here.
"""

from __future__ import annotations

from dataclasses import dataclass

_BLOCK = 256


@dataclass(frozen=True)
class Change:
    """One step from a text to another.

    Attributes:
        position: of the first character concerned in the text before, 0-based.
        removed: what stood there: one character, two for a swap, none where one is added.
        added: what stands there now: one character, two for a swap, none where one is removed.
    """

    position: int
    removed: str
    added: str


def changed_characters(before: str, after: str, *, most: int | None = None) -> float:
    """Smallest number of changes that lead from one text to the other.

    Args:
        most: stop counting beyond it; None counts to the end, which for long and very different texts takes long.

    Returns:
        A whole number; inf where it is above `most`.
    """
    found = changes(before, after, most=most)
    return float("inf") if found is None else float(len(found))


def changes(before: str, after: str, *, most: int | None = None) -> tuple[Change, ...] | None:
    """A shortest way from one text to the other, in the order of the text; None where it is longer than `most`."""
    first = _same(before, after, 0, 0)
    last = _same_end(before[first:], after[first:])
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    limit = max(len(old), len(new)) if most is None else min(most, max(len(old), len(new)))
    if abs(len(old) - len(new)) > limit:
        return None
    if not old or not new:
        steps = [Change(place, sign, "") for place, sign in enumerate(old)] + [Change(0, "", sign) for sign in new]
    else:
        found = _shortest(old, new, limit)
        if found is None:
            return None
        steps = found
    return tuple(Change(step.position + first, step.removed, step.added) for step in steps)


@dataclass(frozen=True)
class _Reached:
    """The furthest point of a diagonal: place in the old text, where its last run began, the diagonal it came from."""

    place: int
    begun: int
    source: int


def _shortest(old: str, new: str, limit: int) -> list[Change] | None:
    goal = len(new) - len(old)
    levels = [{0: _Reached(_same(old, new, 0, 0), 0, 0)}]
    while not (goal in levels[-1] and levels[-1][goal].place == len(old)):
        if len(levels) > limit:
            return None
        levels.append(_next_level(old, new, levels[-1]))
    return _way_back(old, new, levels, goal)


def _next_level(old: str, new: str, level: dict[int, _Reached]) -> dict[int, _Reached]:
    """One more change from every diagonal. Diagonal d holds the places i in the old and i + d in the new text."""
    starts: dict[int, tuple[int, int]] = {}
    for diagonal, reached in level.items():
        i = reached.place
        j = i + diagonal
        steps = [(diagonal, i + 1), (diagonal + 1, i), (diagonal - 1, i + 1)]
        if i + 2 <= len(old) and j + 2 <= len(new) and old[i] == new[j + 1] and old[i + 1] == new[j]:
            steps[0] = (diagonal, i + 2)
        for towards, place in steps:
            inside = place <= len(old) and place + towards <= len(new) and place + towards >= 0
            if inside and (towards not in starts or starts[towards][0] < place):
                starts[towards] = (place, diagonal)
    return {
        towards: _Reached(_same(old, new, place, place + towards), place, source)
        for towards, (place, source) in starts.items()
    }


def _way_back(old: str, new: str, levels: list[dict[int, _Reached]], goal: int) -> list[Change]:
    steps = []
    diagonal = goal
    for number in range(len(levels) - 1, 0, -1):
        reached = levels[number][diagonal]
        before = levels[number - 1][reached.source].place
        j = before + reached.source
        steps.append(Change(before, old[before : reached.begun], new[j : reached.begun + diagonal]))
        diagonal = reached.source
    return steps[::-1]


def _same(old: str, new: str, i: int, j: int) -> int:
    """Place in the old text up to which both go on alike from i and j."""
    end = min(len(old) - i, len(new) - j) + i
    shift = j - i
    while i < end and old[i : min(i + _BLOCK, end)] == new[i + shift : min(i + _BLOCK, end) + shift]:
        i = min(i + _BLOCK, end)
    while i < end and old[i] == new[i + shift]:
        i += 1
    return i


def _same_end(old: str, new: str) -> int:
    """How many characters both end with alike."""
    most, size = min(len(old), len(new)), 0
    while (
        size + _BLOCK <= most
        and old[len(old) - size - _BLOCK : len(old) - size] == new[len(new) - size - _BLOCK : len(new) - size]
    ):
        size += _BLOCK
    while size < most and old[len(old) - size - 1] == new[len(new) - size - 1]:
        size += 1
    return size
