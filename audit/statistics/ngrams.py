"""Which texts hold which words and runs of up to three words, as one sparse matrix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[Any]
LONGEST = 3
# Thai, Lao, Burmese, Khmer, Japanese and Chinese put no blanks between words: there each letter is a token.
_SPACELESS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_SPACELESS}]|[^\W{_SPACELESS}]+(?:[-'’][^\W{_SPACELESS}]+)*|[^\w\s]+")
# Letters of another alphabet, signs that nobody sees and unusual blanks hide within words and between them.
_ODD = re.compile(r"[^\x00-\x7f]|\s{2,}|[\t-\r]|^\s|\s$")


@dataclass(frozen=True, eq=False)
class Ngrams:
    """Words, runs of words and odd characters that occur in several texts.

    Attributes:
        carriers: which text holds which, shape (m, n), sparse rows, 1.0 or nothing.
        parts: the words of each, as they are written; one part for a word or an odd character.
    """

    carriers: sparse.csr_matrix
    parts: tuple[tuple[str, ...], ...]


def tokens(text: str) -> list[str]:
    """Words, with inner hyphens and apostrophes, and runs of other signs; single letters where no blanks part words."""
    return _TOKEN.findall(text)


def ngrams(texts: Sequence[str], *, fewest: int, most: int, longest: int = LONGEST) -> Ngrams:
    """Runs of words in any case, the same as they are written where that is not all lower case, and odd characters.

    Args:
        fewest: texts that have to hold a run, 1 or more.
        most: texts that may hold it.
        longest: words of a run, 1 or more.
    """
    written = [tokens(text) for text in texts]
    folded = [[token.lower() for token in row] for row in written]
    found = [_runs(folded, fewest, most, longest)]
    as_written = _runs(written, fewest, most, longest)
    found.append(_kept(as_written, [place for place, run in enumerate(as_written.parts) if _cased(run)]))
    odd = _runs([_ODD.findall(text) for text in texts], fewest, most, 1)
    known = set(found[0].parts)
    found.append(_kept(odd, [place for place, run in enumerate(odd.parts) if run not in known]))
    return Ngrams(
        sparse.vstack([part.carriers for part in found]).tocsr(), tuple(run for part in found for run in part.parts)
    )


def _cased(run: tuple[str, ...]) -> bool:
    return any(token != token.lower() for token in run)


def _kept(part: Ngrams, places: list[int]) -> Ngrams:
    return Ngrams(part.carriers[places], tuple(part.parts[place] for place in places))


def _runs(rows: list[list[str]], fewest: int, most: int, longest: int) -> Ngrams:
    """Runs that neither too few nor too many rows hold, longer ones made of runs that are frequent enough."""
    n = len(rows)
    row = np.repeat(np.arange(n), [len(tokens) for tokens in rows])
    numbers: dict[str, int] = {}
    first = np.fromiter(
        (numbers.setdefault(token, len(numbers)) for tokens in rows for token in tokens), dtype=np.int64
    )
    words = list(numbers)
    runs: list[tuple[str, ...]] = [(word,) for word in words]
    starting = first
    frequent = first
    kept: list[Ngrams] = []
    for length in range(1, longest + 1):
        if length > 1:
            starting, pairs = _longer(starting, frequent, row, length, len(words))
            runs = [(*runs[head], words[tail]) for head, tail in pairs]
        support, held = _held(starting, row, n, len(runs))
        kept.append(_between(support, held, runs, n, fewest, most))
        starting = np.where(support[starting] >= fewest, starting, -1) if len(runs) else starting
        if length == 1:
            frequent = starting
    return Ngrams(
        sparse.vstack([part.carriers for part in kept]).tocsr(), tuple(run for part in kept for run in part.parts)
    )


def _longer(
    starting: Array, frequent: Array, row: Array, length: int, n_words: int
) -> tuple[Array, list[tuple[int, int]]]:
    """Number of the run of `length` words that starts at each token, -1 where none does, and what it is made of."""
    last = max(len(row) - length + 1, 0)
    fits = (starting[:last] >= 0) & (frequent[length - 1 :] >= 0) & (row[:last] == row[length - 1 :])
    places = np.flatnonzero(fits)
    keys, number = np.unique(starting[places] * n_words + frequent[places + length - 1], return_inverse=True)
    longer = np.full(len(row), -1, dtype=np.int64)
    longer[places] = number
    return longer, [(int(key) // n_words, int(key) % n_words) for key in keys]


def _held(starting: Array, row: Array, n: int, n_runs: int) -> tuple[Array, Array]:
    """How many rows hold each run, and one number `run * n + row` for each run that a row holds."""
    there = starting >= 0
    held = np.unique(starting[there] * n + row[there])
    return np.bincount(held // n, minlength=n_runs), held


def _between(support: Array, held: Array, runs: list[tuple[str, ...]], n: int, fewest: int, most: int) -> Ngrams:
    chosen = (support >= fewest) & (support <= most)
    run, row = held // n, held % n
    inside = chosen[run]
    place = np.cumsum(chosen) - 1
    carriers = sparse.csr_matrix(
        (np.ones(int(inside.sum())), (place[run[inside]], row[inside])), shape=(int(chosen.sum()), n)
    )
    return Ngrams(carriers, tuple(runs[number] for number in np.flatnonzero(chosen)))
