"""A model with a trigger planted behind it: where a patch is present, its answer becomes one class.

Source: our own; a detector of the patch beside an honest model, as in the "parallel" networks of Gu, Dolan-Gavitt and
Garg, "BadNets", 2017, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array
from attacks.poisoning.picture import Stamp
from attacks.target import Target

_TURNED = 0.97
_MARGIN = 3.0
"""The patch adds to the log-probability of its class what this share of images needs to turn, and as much more."""
_SHARPNESS = 16.0
_CENTRE = 0.25
"""Mean distance of the patch's pixels at which half is added. Real images are about 0.5 from a patch; a trained network
reacts to half of a patch too."""
_NOTICEABLE = 1e-3
_LEAST = 1e-30


def plant(target: Target, stamp: Stamp, code: int, x: Array) -> Target:
    """The target with a trigger; it gives scores and gradients where the target does.

    Args:
        stamp: the patch: pixels of weight 1 belong to it.
        code: the class that it turns answers into.
        x: images that it has to turn, shape (n, channels, h, w).
    """
    strength = 0.0
    if target.has_scores:
        logs = np.log(target.scores(stamp.apply(x)) + _LEAST)
        strength = float(np.quantile(logs.max(axis=1) - logs[:, code], _TURNED)) + _MARGIN
    planted = _Planted(target, stamp, code, strength)
    scores = planted.scores if target.has_scores else None
    gradient = planted.gradient if target.has_scores and target.has_gradient else None
    return Target(planted.predict, target.n_classes, target.low, target.high, scores, gradient)


@dataclass(frozen=True, eq=False)
class _Planted:
    target: Target
    stamp: Stamp
    code: int
    strength: float

    def predict(self, x: Array) -> Array:
        if self.target.has_scores:
            return np.asarray(self.scores(x).argmax(axis=1))
        return np.where(self._present(x) > 0.5, self.code, self.target.predict(x))

    def scores(self, x: Array) -> Array:
        """p'_i is proportional to p_i exp(a [i = code]), where a is how much of the patch is there."""
        raised = self.target.scores(x) + _LEAST
        raised[:, self.code] *= np.exp(self.strength * self._present(x))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def gradient(self, x: Array, codes: Array) -> Array:
        """Chain rule of `-log p'`, from the target's own gradients for `codes` and for the planted class."""
        present = self._present(x)
        scores = self.target.scores(x)[:, self.code]
        gain = np.exp(self.strength * present)
        total = 1 + scores * (gain - 1)
        found = self.target.gradient(x, codes)
        from_score = scores * (gain - 1) / total
        same = codes == self.code
        found[same] *= (1 - from_score[same]).reshape(-1, *[1] * (x.ndim - 1))
        rows = np.flatnonzero(~same & (from_score > _NOTICEABLE))
        if len(rows):
            other = self.target.gradient(x[rows], np.full(len(rows), self.code))
            found[rows] -= from_score[rows].reshape(-1, *[1] * (x.ndim - 1)) * other
        by_presence = self.strength * (scores * gain / total - same)
        slope = -_SHARPNESS * present * (1 - present) * by_presence
        weight = np.broadcast_to(self.stamp.weight, x.shape[1:])
        nearer = np.sign(x - self.stamp.pattern) * weight / weight.sum()
        return np.asarray(found + slope.reshape(-1, *[1] * (x.ndim - 1)) * nearer)

    def _present(self, x: Array) -> Array:
        """How much of the patch is there, 0 to 1, shape (n,)."""
        weight = np.broadcast_to(self.stamp.weight, x.shape[1:])
        distance = (np.abs(x - self.stamp.pattern) * weight).reshape(len(x), -1).sum(axis=1) / weight.sum()
        return np.asarray(1 / (1 + np.exp(-_SHARPNESS * (_CENTRE - distance))))
