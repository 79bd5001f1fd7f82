"""How firmly labels contradict models that did not see them, whatever the rows are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from audit.checks._poisoned_data.cross_fitted import cross_fitted
from audit.checks._poisoned_data.out_of_bag import out_of_bag
from audit.checks._poisoned_data.rows import Rows

if TYPE_CHECKING:
    import numpy as np

    from audit.statistics.contamination import Contamination

FLOOR = 6.0
_TREES = 200
_FEWER_TREES = 80
"""At a given alarm level these find as many flips; only setting the level needs more."""
_LARGEST_SIDE = 16
_COMPONENTS = 40
_COARSE = 0.05
"""Equal rows whose labels differ this often are different people whom few columns describe, and no copies."""


def in_doubt(rows: Rows, *, seed: int, draws: int = 20, alarm: float = FLOOR) -> Contamination:
    """Fit the labels as a mixture of honest and random ones, given two models that did not see them.

    A forest is asked about the rows that its trees left out, and a plain model gives a second opinion; with free text
    both are logistic models from the other four fifths of the rows. Of copies of a row one counts.

    Args:
        draws: of labels without contamination, for the alarm level; 0 takes `alarm` as it is, and fewer trees.
        alarm: smallest alarm level, nats.
    """
    from audit.statistics.contamination import contamination

    different = _different(rows)
    labels = rows.labels[different.first]
    opinions = _opinions(rows, different, _TREES if draws else _FEWER_TREES, seed)
    found = contamination(opinions, labels, seed=seed, draws=draws, floor=alarm)
    return replace(found, suspicion=found.suspicion[different.place], doubt=found.doubt[different.place])


@dataclass(frozen=True, eq=False)
class _Different:
    """Rows that differ in features or label.

    Attributes:
        first: positions of the first of each set of copies, shape (m,), int.
        place: which of them each row is a copy of, shape (n,), int.
        units: which of them have equal features, numbered, shape (m,), int.
    """

    first: np.ndarray
    place: np.ndarray
    units: np.ndarray


def _different(rows: Rows) -> _Different:
    """Copies put together, for one error that is copied ten times is no more evidence than one."""
    import numpy as np

    from audit.statistics import rows as equal

    units = equal.groups(rows.table.features)
    pairs, first, place, counts = np.unique(
        units * len(rows.classes) + rows.labels, return_index=True, return_inverse=True, return_counts=True
    )
    most = np.zeros(int(units.max()) + 1)
    np.maximum.at(most, pairs // len(rows.classes), counts)
    if 1 - float(most.sum()) / rows.n >= _COARSE:
        return _Different(np.arange(rows.n), np.arange(rows.n), np.arange(rows.n))
    return _Different(first, place.reshape(-1), pairs // len(rows.classes))


def _opinions(rows: Rows, different: _Different, trees: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Class probabilities of the different rows by two models, each of shape (m, k)."""
    labels = rows.labels[different.first]
    if rows.images is not None:
        small, components = _seen(rows.images.values[different.first], seed)
        return (
            out_of_bag(small, labels, different.units, trees=trees, seed=seed),
            cross_fitted(components, labels, seed),
        )
    expected, x = rows.expected[different.first], rows.x.full[different.first]
    if rows.x.has_text:
        return cross_fitted(x, labels, seed), expected
    return out_of_bag(x, labels, different.units, trees=trees, seed=seed), expected


def _seen(images: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images at 16 x 16 pixels or fewer, and their main components; finer detail costs time and tells little more.

    Args:
        images: shape (n, channels, height, width), 0 to 1.

    Returns:
        Arrays of shape (n, d) and (n, e).
    """
    import numpy as np
    from sklearn.decomposition import PCA

    step = int(np.ceil(max(images.shape[2:]) / _LARGEST_SIDE))
    small = np.add.reduceat(images, np.arange(0, images.shape[2], step), axis=2)
    small = np.add.reduceat(small, np.arange(0, images.shape[3], step), axis=3).reshape(len(images), -1)
    count = min(_COMPONENTS, small.shape[1], len(small))
    return small, PCA(count, svd_solver="randomized", random_state=seed).fit_transform(small)
