"""What label the words of a text speak for, and what the rest says once some of its words are taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.checks._encoding import encoded
from audit.checks._poisoned_data.rows import Rows

if TYPE_CHECKING:
    import numpy as np

_FOLDS = 5
_FEWEST_TEXTS = 3
_MOST_WORDS = 5000
_PENALTY = 5.0
_UNKNOWN = -7.0


@dataclass(frozen=True, eq=False)
class Words:
    """Texts as weights of single words in lower case, and what stands beside them as further columns.

    Attributes:
        x: shape (n, d), sparse rows.
        place: column of each word of each text column, by (name of the column, word).
    """

    x: Any
    place: dict[tuple[str, str], int]


@dataclass(frozen=True, eq=False)
class Opinion:
    """What models say of rows that they did not see.

    Attributes:
        scores: log-probabilities up to a constant, shape (n, k), float.
        weights: of each fold's model, shape (folds, d, k), float.
        fold: which model spoke of each row, shape (n,), int.
    """

    scores: np.ndarray
    weights: np.ndarray
    fold: np.ndarray


def words_of(rows: Rows, texts: Mapping[str, Sequence[str]]) -> Words:
    """Weigh the words of every text column, most frequent words first, and put the other columns beside them."""
    import numpy as np
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.preprocessing import StandardScaler

    from audit.statistics.ngrams import ngrams

    blocks, place, width = [], {}, 0
    for name, column in texts.items():
        found = ngrams([text.lower() for text in column], fewest=_FEWEST_TEXTS, most=len(column), longest=1)
        support = np.asarray(found.carriers.sum(axis=1)).ravel()
        chosen = np.argsort(-support, kind="stable")[:_MOST_WORDS]
        place.update({(name, found.parts[number][0]): width + spot for spot, number in enumerate(chosen)})
        if len(chosen):
            blocks.append(TfidfTransformer().fit_transform(found.carriers[chosen].T.tocsr()))
        width += len(chosen)
    beside = rows.table.without(texts)
    if beside.features.shape[1]:
        numbers = StandardScaler().fit_transform(encoded(rows.subject, beside).full)
        # scaled so that no column outweighs the words of a text, whose squared weights sum to one
        blocks.append(sparse.csr_matrix(numbers / np.sqrt(numbers.shape[1])))
    return Words(sparse.hstack(blocks).tocsr(), place)


def has_common_words(texts: Sequence[str]) -> bool:
    """Whether a word is in three texts or more; identifiers and empty cells share none."""
    from audit.statistics.ngrams import tokens

    seen: Counter[str] = Counter()
    for text in texts:
        words = {token.lower() for token in tokens(text)}
        seen.update(words)
        if any(seen[word] >= _FEWEST_TEXTS for word in words):
            return True
    return False


def opinion(x: Any, labels: np.ndarray, seed: int) -> Opinion:
    """Ask a logistic model of the other four fifths about each row."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    n, k = len(labels), int(labels.max()) + 1
    scores, fold = np.zeros((n, k)), np.zeros(n, dtype=np.int64)
    weights = np.zeros((_FOLDS, x.shape[1], k))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(np.zeros(n), labels)
    for number, (known, asked) in enumerate(folds):
        slopes, offsets = _fitted(x[known], labels[known], k)
        scores[asked] = x[asked] @ slopes + offsets
        weights[number], fold[asked] = slopes, number
    return Opinion(scores, weights, fold)


def opinion_without(x: Any, labels: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Scores of some rows by a model that was fitted on all others, shape (m, k)."""
    import numpy as np

    known = np.setdiff1d(np.arange(len(labels)), left_out)
    slopes, offsets = _fitted(x[known], labels[known], int(labels.max()) + 1)
    return np.asarray(x[left_out] @ slopes + offsets)


def _fitted(x: Any, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of shape (d, k) and offsets of shape (k,); a class that is not there is very unlikely."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    slopes, offsets = np.zeros((x.shape[1], k)), np.full(k, _UNKNOWN)
    present = np.unique(labels)
    if len(present) == 1:
        offsets[present] = 0.0
        return slopes, offsets
    model = LogisticRegression(C=_PENALTY, max_iter=300, tol=1e-3).fit(x, labels)
    two = len(present) == 2
    slopes[:, present] = np.vstack([-model.coef_ / 2, model.coef_ / 2]).T if two else model.coef_.T
    offsets[present] = np.append(-model.intercept_ / 2, model.intercept_ / 2) if two else model.intercept_
    return slopes, offsets
