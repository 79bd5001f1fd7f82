"""Changes a few characters of a text: slips, look-alikes, invisible signs, other spellings, words put in.

For classifiers of texts, in any script. Words that matter are found by leaving them out; at the best of them every kind
of edit is tried alone, the best edits are joined, and a beam of the best sets is changed at random from there. What
breaks a row is then thinned out to as few changed characters as still do. Without scores, more edits than allowed are
made at first, and taken back as long as the answer stays turned.

Source: word ranking of Jin et al., "Is BERT Really Robust?", AAAI 2020; character edits of Gao et al., "Black-box
Generation of Adversarial Text Sequences" (DeepWordBug), 2018, and Boucher et al., "Bad Characters", IEEE S&P 2022; the
search over sets of edits is ours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from heapq import nsmallest

import numpy as np

from attacks.distance import Array, Norm
from attacks.outcome import Outcome
from attacks.target import Target
from attacks.text.candidates import Candidates, fits
from attacks.text.characters import Edit
from attacks.text.importance import Reading, readings
from attacks.text.labels import shrink_sets
from attacks.text.outcome import cells
from attacks.text.search import Edits, TextSearch
from attacks.text.words import Vocabulary

ACCESS = "labels"
READS = "text"
"""Rows are texts, not numbers."""
_QUERIES = 400
_WORDS = 10
_EACH = 8
_DOUBTED = 0.3
_SCREENED = 3
"""One query in so many goes into edits that are tried alone."""
_JOINED = 16
_BEAM = 4
_ROUND = 24
_THINNING = 6
_POOL = 200


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Search with the target's budget, or 400 queries a row where that is unlimited; scores are used where there are.

    Args:
        target: the model under attack; its bounds and constraints mean nothing here.
        x: rows, shape (n,) or (n, c), dtype object. Every `str` may be changed, any other cell stays as it is.
        y: true class codes, shape (n,).
        epsilon: characters that may be changed in a row, or below 1 the share of its characters, at least one. Added,
            removed and replaced characters count, and two neighbours that are swapped count once.
        norm: says nothing here.
        seed: of every random choice.

    Returns:
        The outcome, counted again and confirmed on the real model; `distances` in characters. `blind` marks rows whose
        scores stood still whatever word was left out.

    Raises:
        ValueError: epsilon is not a finite number above 0.
    """
    search = TextSearch(target, x, y, epsilon=epsilon)
    if not len(x):
        return search.outcome()
    rng = np.random.default_rng(seed)
    with search.within_budget():
        left = search.per_row(_QUERIES)
        vocabulary = _vocabulary(search, left, rng)
        rows = readings(search, range(len(x)), left, vocabulary)
        rows = [row for row in rows if row.start > 0]
        candidates = {row.place: Candidates(search, row, vocabulary, seed) for row in rows}
        if target.has_scores:
            _screen(search, rows, candidates)
            _join(search, rows, candidates)
            _wander(search, rows, candidates, rng)
        else:
            shrink_sets(search, rows, candidates, rng, spare=_THINNING)
        _thin(search, rows, rng)
    return search.outcome()


def _vocabulary(search: TextSearch, left: Array, rng: np.random.Generator) -> Vocabulary:
    """Words of the attacked rows and, where the attacker knows more, of texts that the model labels for him."""
    texts = [[cell for cell in row if isinstance(cell, str)] for row in search.cells]
    labels, pool = search.y, search.target.pool
    if pool is not None and len(pool) and left.sum() > _SCREENED * _POOL:
        chosen = pool[rng.permutation(len(pool))[:_POOL]]
        texts += [[cell for cell in row if isinstance(cell, str)] for row in cells(chosen)]
        labels = np.concatenate([labels, search.target.predict(chosen)])
        left -= -(-len(chosen) // len(left))
    return Vocabulary(texts, labels, search.target.n_classes)


def _ask(search: TextSearch, wanted: Sequence[tuple[Reading, Edits]]) -> Array:
    """Margins of sets of edits; those that a row cannot pay any more are left out, as are those asked before."""
    asked = []
    for row, edits in wanted:
        if row.left > 0 and edits and edits not in row.tried and not search.broken(row.place):
            row.tried[edits] = np.inf
            row.left -= 1
            asked.append((row, edits))
    margins = search.margins([row.place for row, _ in asked], [edits for _, edits in asked])
    for (row, edits), margin in zip(asked, margins, strict=True):
        row.tried[edits] = float(margin)
        search.note_signal(row.place, margin != row.start)
    return margins


def _screen(search: TextSearch, rows: list[Reading], candidates: dict[int, Candidates]) -> None:
    """Try every kind of edit alone at the words that matter most."""
    wanted: list[tuple[Reading, Edits]] = []
    for row in rows:
        most = row.left // _SCREENED
        best = _ranked(row)[: max(2, min(_WORDS, most // _EACH))]
        each = max(1, most // len(best))
        wanted += [(row, (edit,)) for unit in best for edit in candidates[row.place].draw(unit, each)]
    _ask(search, wanted)
    for row in rows:
        _weigh(row)


def _weigh(row: Reading) -> None:
    """Put what edits have gained in place of what words seemed worth; words without a trial are scaled to it."""
    best: dict[int, float] = {}
    for edits, margin in row.tried.items():
        place = _word_of(row, edits[0])
        best[place] = max(row.start - margin, best.get(place, 0.0))
    worth = sum(max(0.0, float(row.importance[place])) for place in best)
    row.importance *= max(_DOUBTED, min(1.0, sum(best.values()) / worth)) if worth > 0 else 0.0
    for place, gain in best.items():
        # a few edits that did nothing do not make a word worthless
        row.importance[place] = max(gain, _DOUBTED * float(row.importance[place]))


def _word_of(row: Reading, edit: Edit) -> int:
    """Number of the word that an edit concerns."""
    place = bisect_right(row.units, (edit.column, edit.start), key=lambda unit: (unit.column, unit.start)) - 1
    before_it = place >= 0 and row.units[place].end < edit.start
    return max(0, min(len(row.units) - 1, place + (1 if before_it or place < 0 else 0)))


def _join(search: TextSearch, rows: list[Reading], candidates: dict[int, Candidates]) -> None:
    """Ask about the 1, 2, 3 ... best edits of each row together, at most one a word as long as there are words."""
    wanted: list[tuple[Reading, Edits]] = []
    for row in rows:
        if search.broken(row.place):
            continue
        gains = {edits[0]: row.start - margin for edits, margin in row.tried.items() if len(edits) == 1}
        gains |= _guessed(row, gains, candidates[row.place])
        for order in (lambda edit, g=gains: -g[edit] / edit.cost, lambda edit, g=gains: -g[edit]):
            prefixes = list(_prefixes(row, sorted(gains, key=order), gains, int(search.budget[row.place])))
            places = np.unique(np.linspace(0, len(prefixes) - 1, _JOINED // 2).astype(int)) if prefixes else ()
            wanted += [(row, prefixes[place]) for place in places]
    _ask(search, wanted)


def _guessed(row: Reading, gains: dict[Edit, float], candidates: Candidates) -> dict[Edit, float]:
    """An edit for each word that matters and was not tried, with what it should be worth."""
    tried = {_word_of(row, edit) for edit in gains}
    others = [place for place in _ranked(row)[: 4 * _WORDS] if place not in tried and row.importance[place] > 0]
    return {edit: float(row.importance[place]) for place in others for edit in candidates.draw(place, 1)}


def _prefixes(row: Reading, order: list[Edit], gains: dict[Edit, float], budget: int) -> Iterator[Edits]:
    chosen: Edits = ()
    words: set[int] = set()
    for once in (True, False):
        for edit in order:
            word = _word_of(row, edit)
            if gains[edit] > 0 and not (once and word in words) and fits(chosen, edit, budget):
                chosen, words = _sorted((*chosen, edit)), words | {word}
                yield chosen


def _wander(
    search: TextSearch, rows: list[Reading], candidates: dict[int, Candidates], rng: np.random.Generator
) -> None:
    """Change the best sets of each row at random, and keep the best of what comes out, as long as it may ask."""
    reserve = {row.place: min(_THINNING, row.left) for row in rows}
    while True:
        wanted = []
        for row in rows:
            if search.broken(row.place) or row.left <= reserve[row.place]:
                continue
            states = nsmallest(_BEAM, row.tried, key=row.tried.__getitem__) or [()]
            useful = [edits[0] for edits, margin in row.tried.items() if len(edits) == 1 and margin < row.start]
            for _ in range(min(_ROUND, row.left - reserve[row.place])):
                state = states[int(rng.integers(len(states)) * rng.random())]
                budget = int(search.budget[row.place])
                wanted.append((row, _changed(row, state, useful, candidates[row.place], budget, rng)))
        if not len(_ask(search, wanted)):
            return


def _changed(
    row: Reading, state: Edits, useful: list[Edit], candidates: Candidates, budget: int, rng: np.random.Generator
) -> Edits:
    """A set with an edit more, or with one in place of another: a new edit, or one that has been of use alone."""
    for _ in range(4):
        fresh = candidates.draw(_pick(row, rng), 1) if not useful or budget == 1 or rng.random() < 0.5 else []
        edit = fresh[0] if fresh else useful[rng.integers(len(useful))] if useful else None
        if edit is None:
            continue
        kept = tuple(one for one in state if not one.touches(edit))
        while kept and not fits(kept, edit, budget):
            out = int(rng.integers(len(kept)))
            kept = kept[:out] + kept[out + 1 :]
        if fits(kept, edit, budget) and _sorted((*kept, edit)) not in row.tried:
            return _sorted((*kept, edit))
    return ()


def _thin(search: TextSearch, rows: list[Reading], rng: np.random.Generator) -> None:
    """Take back edits of rows that are broken, at first several at a time, as long as they stay broken."""
    for _ in range(2 * _THINNING):
        asked: list[tuple[int, Edits]] = []
        for row in rows:
            edits = search.best[row.place]
            order = rng.permutation(len(edits))
            size = max(1, len(edits) // 4)
            pieces = [set(order[start : start + size].tolist()) for start in range(0, len(edits), size)]
            pieces = pieces[: max(0, min(2 * _THINNING, row.left))] if len(edits) > 1 else []
            row.left -= len(pieces)
            asked += [(row.place, tuple(one for at, one in enumerate(edits) if at not in piece)) for piece in pieces]
        if not asked:
            return
        before = search.cost.copy()
        search.margins([place for place, _ in asked], [edits for _, edits in asked])
        rows = [row for row in rows if search.cost[row.place] < before[row.place] or len(search.best[row.place]) > 4]


def _ranked(row: Reading) -> list[int]:
    """Words by importance, the most important first."""
    return [int(place) for place in np.argsort(-row.importance, kind="stable")]


def _pick(row: Reading, rng: np.random.Generator) -> int:
    """One word, the more important ones more often."""
    return int(_ranked(row)[int(len(row.units) * rng.random() ** 3)])


def _sorted(edits: Edits) -> Edits:
    return tuple(sorted(edits, key=lambda edit: (edit.column, edit.start, edit.end)))
