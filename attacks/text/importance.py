"""Which words of a text its answer rests on.

Source: words are left out, as in Jin et al., "Is BERT Really Robust?" (TextFooler), AAAI 2020, section 2; texts of many
words are halved down to the words that matter. Without scores, random parts are left out and a word counts by how often
the answer turned without it, as in Ribeiro et al., "Why Should I Trust You?" (LIME), KDD 2016.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from attacks.distance import Array
from attacks.text.characters import Edit
from attacks.text.search import Edits, TextSearch
from attacks.text.words import Unit, Vocabulary, units

_SHARE = 4
"""One query in so many goes into finding the words."""
_GROUPS = 64
_SPLIT = 4
_LEFT_OUT = (0.25, 0.5, 0.75)
_KNOWN_WEIGHT = 0.1


@dataclass
class Reading:
    """What is known of one row.

    Attributes:
        place: position of the row.
        left: queries that it may still cost.
        units: its words.
        importance: how much its answer rests on each word, shape (len(units),), higher is more.
        start: how far the true class leads in the text as it is.
        tried: how far it leads after each set of edits that was asked.
    """

    place: int
    left: int
    units: list[Unit]
    importance: Array
    start: float = 1.0
    tried: dict[Edits, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Group:
    """Words first..last-1 of a row, and how much the true class loses without them."""

    first: int
    last: int
    loss: float = 0.0


def readings(search: TextSearch, rows: Sequence[int], left: Array, vocabulary: Vocabulary) -> list[Reading]:
    """Find the words that matter, for all rows at once.

    Args:
        rows: positions of rows that the model answers right.
        left: queries that each may cost, shape (len(rows),).
        vocabulary: known words; they decide between words that seem to matter alike.
    """
    found = []
    for place, most in zip(rows, left, strict=True):
        texts = [(column, cell) for column, cell in enumerate(search.cells[place]) if isinstance(cell, str)]
        parts = [unit for column, text in texts for unit in units(text, column)]
        label = int(search.y[place])
        known = [vocabulary.weight(search.cells[place][part.column][part.start : part.end], label) for part in parts]
        found.append(Reading(int(place), int(most), parts, np.asarray(known) * _KNOWN_WEIGHT))
    found = [reading for reading in found if reading.units and reading.left > 0]
    if search.target.has_scores:
        _by_scores(search, found)
    else:
        _by_labels(search, found)
    return found


def _by_scores(search: TextSearch, found: list[Reading]) -> None:
    starts = search.margins([reading.place for reading in found], [()] * len(found))
    groups: dict[int, list[_Group]] = {}
    allowance = {}
    for reading, start in zip(found, starts, strict=True):
        reading.start, reading.left = float(start), reading.left - 1
        many = len(reading.units) > min(_GROUPS, reading.left // _SHARE)
        allowance[reading.place] = reading.left // (2 if many else _SHARE)
        most = max(2, min(_GROUPS, allowance[reading.place] // (2 if many else 1)))
        groups[reading.place] = _parts(_Group(0, len(reading.units)), most)
    open_rows = found
    while open_rows:
        asked = [(reading, group) for reading in open_rows for group in groups[reading.place]]
        variants = [_without(reading, range(group.first, group.last)) for reading, group in asked]
        margins = search.margins([reading.place for reading, _ in asked], variants, keep=False)
        losses: dict[int, list[_Group]] = {}
        for (reading, group), margin in zip(asked, margins, strict=True):
            loss = reading.start - float(margin)
            losses.setdefault(reading.place, []).append(_Group(group.first, group.last, loss))
            # a word of a group that is not looked into gets its part of what the group is worth
            reading.importance[group.first : group.last] += loss / (group.last - group.first)
        for reading in open_rows:
            spent = len(groups[reading.place])
            reading.left -= spent
            allowance[reading.place] -= spent
            search.note_signal(reading.place, any(group.loss != 0 for group in losses[reading.place]))
            large = [group for group in losses[reading.place] if group.last - group.first > 1]
            best = sorted(large, key=lambda group: -group.loss)[: _kept(large, allowance[reading.place])]
            groups[reading.place] = [part for group in best for part in _parts(group, _SPLIT)]
        open_rows = [
            reading
            for reading in open_rows
            if groups[reading.place] and len(groups[reading.place]) <= allowance[reading.place]
        ]


def _by_labels(search: TextSearch, found: list[Reading]) -> None:
    rng = np.random.default_rng(len(found))
    for share in _LEFT_OUT:
        asked, masks = [], []
        for reading in found:
            count = max(1, reading.left // _SHARE // len(_LEFT_OUT))
            asked += [reading] * count
            masks += list(rng.random((count, len(reading.units))) < share)
        variants = [_without(reading, np.flatnonzero(mask)) for reading, mask in zip(asked, masks, strict=True)]
        margins = search.margins([reading.place for reading in asked], variants, keep=False)
        turned: dict[int, list[Array]] = {}
        for reading, mask, margin in zip(asked, masks, margins, strict=True):
            reading.left -= 1
            # both ways round: a word is as much worth when its absence turns the answer as when its presence keeps it
            turned.setdefault(reading.place, []).append(np.where(mask, 1.0, -1.0) * (1.0 if margin < 0 else -1.0))
        for reading in found:
            if reading.place in turned:
                reading.importance += np.mean(turned[reading.place], axis=0)


def _kept(large: list[_Group], allowance: int) -> int:
    """How many groups can be cut down to single words with so many queries."""
    widest = max((group.last - group.first for group in large), default=1)
    return max(1, allowance // (_SPLIT * max(1, math.ceil(math.log(widest, _SPLIT)))))


def _parts(group: _Group, most: int) -> list[_Group]:
    """A group cut into equal parts, at most so many."""
    ends = np.unique(np.linspace(group.first, group.last, min(most, group.last - group.first) + 1).astype(int))
    return [_Group(int(first), int(last)) for first, last in pairwise(ends)]


def _without(reading: Reading, places: Sequence[int] | Array) -> Edits:
    """Edits that leave some words out; words side by side in one text go in one piece."""
    edits: list[Edit] = []
    before = -2
    for place in map(int, places):
        unit = reading.units[place]
        goes_on = place == before + 1 and edits[-1].column == unit.column
        start = edits.pop().start if goes_on else unit.start
        edits.append(Edit(unit.column, start, unit.end, "", unit.end - start))
        before = place
    return tuple(edit for edit in edits if edit.end > edit.start)
