"""How far window patterns of images stand out by the labels of their carriers or by the place where they repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from audit.statistics.maxima import level_beyond
from audit.statistics.window_patterns import Patterns

Array = NDArray[Any]
# Fewer carriers would hardly reach the alarm level even if the model was sure of another label for each.
LEAST_CARRIERS = 6
_MIN_PURITY = 0.5
_PLACED_PURITY = 0.8
_PLACED_SHARE_OF_CLASS = 0.5
_LEAST_PLACED = 9
_MOST_LOOKED_AROUND = 2_000
_FALSE_ALARMS = 0.01
_DRAWS = 20
_ROOM = 1.3
_LOWEST_ALARM = 5.0


@dataclass(frozen=True, eq=False)
class Placed:
    """Patterns that repeat at one place only.

    Attributes:
        z: carriers over the images that show the pattern nearby instead, in standard errors, shape (g, k), float.
        compared: for how many patterns that was looked up; it is 0 for the others.
    """

    z: Array
    compared: int


class Residuals:
    """Labels of the carriers of each pattern, against what a plain model expects of them."""

    def __init__(self, patterns: Patterns, labels: Array, expected: Array) -> None:
        """Sums the expectation over the carriers of each pattern once.

        Args:
            patterns: g patterns.
            labels: codes, shape (n,), int in 0..k-1.
            expected: probabilities of the labels, shape (n, k), float.
        """
        self.patterns, self.labels = patterns, labels
        self._expected = _sums(expected, patterns)
        # Half a carrier keeps a pattern whose labels the model is sure of from standing out by one or two.
        self._errors = np.sqrt(_sums(expected * (1 - expected), patterns) + 0.5)

    def surplus(self, labels: Array) -> Array:
        """Carriers with each label over those expected, in standard errors, if these were the labels.

        Returns:
            Shape (g, k), float; 0 where under half of the carriers or under 6 have the label.
        """
        hits = self._hits(labels)
        enough = (hits >= LEAST_CARRIERS) & (hits >= _MIN_PURITY * self.patterns.counts[:, None])
        return np.asarray(np.where(enough, (hits - self._expected) / self._errors, 0.0))

    def in_place(self) -> Placed:
        """Patterns of one class that are common at one place and missing one or two pixels off.

        Only patterns of at most half of their class: what most of a class shares is how it looks. The most surprising
        2,000 are compared.
        """
        hits = self._hits(self.labels)
        sizes = np.bincount(self.labels, minlength=hits.shape[1])
        fits = (hits >= _PLACED_PURITY * self.patterns.counts[:, None]) & (hits <= _PLACED_SHARE_OF_CLASS * sizes)
        # Over no image nearby, the surplus is the root of the carriers, and the root of 9 is no surprise.
        cells = np.argwhere(fits & (hits >= _LEAST_PLACED))
        surprise = hits[tuple(cells.T)] * np.log(len(self.labels) / np.maximum(sizes, 1))[cells[:, 1]]
        z = np.zeros(hits.shape)
        chosen = cells[np.argsort(-surprise, kind="stable")[:_MOST_LOOKED_AROUND]]
        for pattern, label in chosen.tolist():
            z[pattern, label] = self._surplus_in_place(pattern, label)
        return Placed(z, len(chosen))

    def _surplus_in_place(self, pattern: int, label: int) -> float:
        """Carriers with the label over the images that show the pattern nearby only, in standard errors."""
        beside = self.patterns.beside(pattern)
        here, near = beside.here & (self.labels == label), beside.near & ~beside.here
        # A long outline looks about the same all along, and things that touch the edge of the image do so in all their
        # pictures: images that show the pattern nearby too say something of its place only where it is exact.
        if self.patterns.view.look != "exact" or self.patterns.at_the_edge(pattern):
            here = here & ~beside.near
        return max(float(here.sum() - near.sum()) / float(np.sqrt(here.sum() + near.sum() + 1)), 0.0)

    def strongest_of_own_label(self, z: Array) -> Array:
        """For each image the largest z of its label among its patterns, shape (n,), float."""
        strongest = np.zeros(len(self.labels))
        np.maximum.at(strongest, self.patterns.images, z[self.patterns.pattern, self.labels[self.patterns.images]])
        return strongest

    def _hits(self, labels: Array) -> Array:
        """Carriers of each pattern with each label, shape (g, k), int."""
        g, k = self._expected.shape
        return np.bincount(self.patterns.pattern * k + labels[self.patterns.images], minlength=g * k).reshape(g, k)


def label_alarm(tables: Sequence[Residuals], expected: Array, *, seed: int) -> float:
    """The surplus that the strongest pattern of one clean data set in a hundred reaches, with room for real patterns.

    Labels drawn from the plain model hold no pattern beyond it: the largest surplus of each draw shows what searching
    so many patterns finds by chance, and a Gumbel law continues these maxima to the level. Real data holds patterns
    that a plain model misses, so the level is 1.3 times that and never under 5.

    Args:
        expected: probabilities of the plain model, shape (n, k), float.
    """
    rng = np.random.default_rng(seed)
    cumulated = expected.cumsum(axis=1)
    largest = []
    for _ in range(_DRAWS):
        drawn = (rng.random((len(expected), 1)) > cumulated).sum(axis=1).clip(max=expected.shape[1] - 1)
        largest.append(max((float(table.surplus(drawn).max(initial=0.0)) for table in tables), default=0.0))
    return max(_ROOM * level_beyond(largest, beyond=_FALSE_ALARMS), _LOWEST_ALARM)


def place_alarm(compared: int) -> float:
    """The surplus in place that one in a hundred clean data sets reaches, with the same room.

    If a pattern were as common nearby, its surplus would be about normal; the level allows for how many are compared.
    """
    return max(_ROOM * -float(norm.ppf(_FALSE_ALARMS / max(compared, 1))), _LOWEST_ALARM)


def _sums(values: Array, patterns: Patterns) -> Array:
    """Sums over the carriers of each pattern, shape (g, k), float, of values for each image, shape (n, k)."""
    if len(patterns.counts) == 0:
        return np.zeros((0, values.shape[1]))
    starts = np.append(0, patterns.counts.cumsum()[:-1]).astype(np.intp)
    return np.asarray(np.add.reduceat(values[patterns.images], starts))
