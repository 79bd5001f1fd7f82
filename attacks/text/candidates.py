"""What can be tried at a word: slips, look-alikes, other spellings, known words near by, and words of other classes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attacks.text.characters import Edit, any_letter, character_edits
from attacks.text.distance import changed_characters
from attacks.text.importance import Reading
from attacks.text.search import Edits, TextSearch
from attacks.text.words import Unit, Vocabulary, word_edits

_NEAR = 6
_FOREIGN = 12


class Candidates:
    """Edits of one row, drawn word by word: all kinds in turn, each edit once.

    Args:
        search: the attack.
        reading: the row.
        vocabulary: known words.
        seed: of the order.
    """

    def __init__(self, search: TextSearch, reading: Reading, vocabulary: Vocabulary, seed: int) -> None:
        self._row, self._label = search.cells[reading.place], int(search.y[reading.place])
        self._budget, self._vocabulary = int(search.budget[reading.place]), vocabulary
        self._rng = np.random.default_rng([seed, reading.place])
        self._units = reading.units
        self._open: dict[int, Iterator[Edit]] = {}
        self._drawn: dict[int, list[Edit]] = {}

    def draw(self, unit: int, count: int) -> list[Edit]:
        """Up to so many edits of one word that have not been drawn yet."""
        if unit not in self._open:
            self._open[unit] = self._in_turn(self._units[unit])
        drawn = self._open[unit]
        return [edit for edit, _ in zip(drawn, range(count), strict=False)]

    def again(self, unit: int) -> list[Edit]:
        """A new edit of one word where there is one, else one that has been drawn before; none for a word without."""
        known = self._drawn.setdefault(unit, [])
        known += self.draw(unit, 1)
        return [known[-1 - int(self._rng.integers(len(known)) * self._rng.random())]] if known else []

    def _in_turn(self, unit: Unit) -> Iterator[Edit]:
        text = self._row[unit.column]
        place = (unit.column, unit.start, unit.end)
        groups = [list(group) for group in character_edits(text, *place).values() if group]
        slips: list[Iterator[Edit]] = [iter(self._rng.permutation(np.array(group, dtype=object))) for group in groups]
        seed = int(self._rng.integers(2**31))
        slips += [any_letter(text, *place, put_in=put_in, seed=seed) for put_in in (True, False)]
        # words that the model knows say more than a word that it does not, so they come first
        told = [self._near(text, unit), self._foreign(text, unit), list(word_edits(text, unit))]
        queues = [*map(iter, told), *(slips[number] for number in self._rng.permutation(len(slips)))]
        while queues:
            for queue in list(queues):
                edit = next(queue, None)
                if edit is None:
                    queues.remove(queue)
                elif 0 < edit.cost <= self._budget:
                    yield edit

    def _near(self, text: str, unit: Unit) -> list[Edit]:
        word = text[unit.start : unit.end]
        return [self._instead(unit, word, other) for other in self._vocabulary.near(word, self._label, _NEAR)]

    def _foreign(self, text: str, unit: Unit) -> list[Edit]:
        """Words that speak for another class, in place of the word or behind it."""
        word, found = text[unit.start : unit.end], []
        for other in self._vocabulary.against(self._label, _FOREIGN):
            if abs(len(other) - len(word)) <= self._budget:
                found.append(self._instead(unit, word, other))
            after = f" {other}" if unit.end else other
            found.append(Edit(unit.column, unit.end, unit.end, after, len(after)))
        return found

    def _instead(self, unit: Unit, word: str, other: str) -> Edit:
        after = other.upper() if word.isupper() and len(word) > 1 else other
        after = other[:1].upper() + other[1:] if word[:1].isupper() and after == other else after
        cost = changed_characters(word, after, most=self._budget)
        return Edit(unit.column, unit.start, unit.end, after, int(min(cost, self._budget + 1)))


def fits(edits: Edits, edit: Edit, budget: int) -> bool:
    """Whether an edit can be made beside others within a budget."""
    spent = sum(one.cost for one in edits)
    return spent + edit.cost <= budget and not any(edit.touches(one) for one in edits)
