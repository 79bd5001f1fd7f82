"""Finds, for several classes at once, the smallest mask and pattern that turn most images into that class.

Needs the gradient of the model with respect to its input; mask and pattern follow by the chain rule, so that any
framework will do.

Source: Wang et al., "Neural Cleanse: Identifying and Mitigating Backdoor Attacks in Neural Networks", IEEE S&P 2019,
section 4. All classes share each call of the model here, a class is shown only images that are answered otherwise, the
mask starts wide, and 90 % success is asked for, since triggers often work no better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array
from attacks.poisoning.picture import Stamp
from attacks.target import Target

_SUCCESS = 0.9
_STEPS = 70
_RATE = 0.25
_FIRST_MOMENT, _SECOND_MOMENT = 0.5, 0.9
"""Adam's memory, as short as in the source: the weight of the mask changes from step to step."""
_WIDE = -1.0
"""Logit of the mask at the start: a quarter of every pixel. From a start near nothing some triggers are never met."""
_WEIGHT, _LIGHTEST, _HEAVIEST, _FACTOR = 0.01, 1e-4, 1.0, 1.25
"""Weight of the mask's size against the loss at the start, its bounds, and its change a step."""
_SETTLED = 10
_FEWEST_IMAGES = 6
_MOST_VALUES = 600_000_000
"""Values whose slope is asked for in all: some minutes of a usual network for images of 224 x 224, two seconds of a
small one for images of 28 x 28. Large images are shown fewer at a time, and with many classes not all are searched."""


@dataclass(frozen=True, eq=False)
class Inversion:
    """What turns images into each class.

    Attributes:
        codes: the classes that were searched, shape (k,).
        sizes: sum of each mask in pixels, shape (k,); the whole image where nothing reached 90 % success.
        reached: whether something did, shape (k,), bool.
        weights: the masks, shape (k, 1, h, w), 0 to 1.
        patterns: shape (k, channels, h, w), 0 to 1.
        flat: share of the calls' rows without any slope, 0 to 1; close to 1 the search was blind.
    """

    codes: Array
    sizes: Array
    reached: Array
    weights: Array
    patterns: Array
    flat: float

    def stamp(self, code: int, pixels: float) -> Stamp:
        """The strongest part of a searched class's mask whose size is at most as many pixels."""
        place = int(np.flatnonzero(self.codes == code)[0])
        weight = self.weights[place]
        order = np.argsort(-weight, axis=None, kind="stable")
        within = np.cumsum(weight.ravel()[order]) <= pixels
        kept = np.zeros(weight.size, weight.dtype)
        kept[order[within]] = weight.ravel()[order[within]]
        return Stamp(kept.reshape(weight.shape), self.patterns[place], "")


def affordable_classes(shape: tuple[int, ...], *, steps: int = _STEPS) -> int:
    """How many classes can be searched for images of one shape, (channels, h, w); two at least."""
    return max(2, _MOST_VALUES // (steps * _FEWEST_IMAGES * int(np.prod(shape))))


def invert(
    target: Target, x: Array, answers: Array, codes: Array, *, seed: int, steps: int = _STEPS, batch: int = 20
) -> Inversion:
    """Search several classes at once.

    Args:
        target: asked for answers and gradients, steps x classes x batch rows of each.
        x: images, shape (n, channels, h, w), 0 to 1.
        answers: class codes that the model gives them, shape (n,), of two classes or more.
        codes: the classes, shape (k,).
        batch: images a class and step; fewer where they are large.

    Raises:
        ValueError: all rows are answered with one class.
    """
    rng = np.random.default_rng(seed)
    k, shape = len(codes), x.shape[1:]
    batch = max(_FEWEST_IMAGES, min(batch, _MOST_VALUES // (steps * k * int(np.prod(shape)))))
    others = [np.flatnonzero(answers != code) for code in codes]
    if not all(len(rows) for rows in others):
        raise ValueError("all rows are answered with one class")
    wanted = np.repeat(codes, batch)
    search = _Search(k, shape)
    flat = 0.0
    for step in range(steps):
        rows = np.stack([x[rng.choice(pool, batch, replace=len(pool) < batch)] for pool in others])
        weight, pattern = _sigmoid(search.mask), _sigmoid(search.paint)
        shown = ((1 - weight[:, None]) * rows + weight[:, None] * pattern[:, None]).reshape(-1, *shape)
        slope = target.gradient(shown, wanted).reshape(k, batch, *shape).astype(np.float32) / batch
        flat += float((np.abs(slope).reshape(k * batch, -1).max(axis=1) == 0).mean()) / steps
        success = (target.predict(shown) == wanted).reshape(k, batch).mean(axis=1)
        search.keep(step, success, weight, pattern)
        to_weight = (slope * (pattern[:, None] - rows)).sum(axis=(1, 2))[:, None]
        search.move(step, weight, pattern, to_weight, slope.sum(axis=1) * weight)
    return Inversion(codes, search.sizes, search.reached, search.weights, search.patterns, flat)


class _Search:
    """Masks and patterns under way, and the smallest masks that worked."""

    def __init__(self, k: int, shape: tuple[int, ...]) -> None:
        self.mask = np.full((k, 1, *shape[1:]), _WIDE, np.float32)
        self.paint = np.zeros((k, *shape), np.float32)
        self._moments = [(np.zeros_like(one), np.zeros_like(one)) for one in (self.mask, self.paint)]
        self._heaviness = np.full(k, _WEIGHT, np.float32)
        self._usual = np.zeros(k)
        self.sizes = np.full(k, float(np.prod(shape[1:])))
        self.reached = np.zeros(k, bool)
        self.weights, self.patterns = np.ones_like(self.mask), np.full_like(self.paint, 0.5)

    def keep(self, step: int, success: Array, weight: Array, pattern: Array) -> None:
        """Keep masks that work and are the smallest so far; ask more of the size where they work, less elsewhere."""
        self._usual = success if step == 0 else (self._usual + success) / 2
        works = success >= _SUCCESS
        self._heaviness = np.clip(
            np.where(works, self._heaviness * _FACTOR, self._heaviness / _FACTOR), _LIGHTEST, _HEAVIEST
        )
        sizes = weight.sum(axis=(1, 2, 3))
        better = works & (self._usual >= _SUCCESS) & (sizes < self.sizes) & (step > _SETTLED)
        self.reached |= better
        self.sizes[better] = sizes[better]
        self.weights[better], self.patterns[better] = weight[better], pattern[better]

    def move(self, step: int, weight: Array, pattern: Array, to_weight: Array, to_pattern: Array) -> None:
        """One step of Adam down the slope of loss plus size."""
        heavy = to_weight + self._heaviness[:, None, None, None]
        slopes = (heavy * weight * (1 - weight), to_pattern * pattern * (1 - pattern))
        for values, slope, (first, second) in zip((self.mask, self.paint), slopes, self._moments, strict=True):
            first += (1 - _FIRST_MOMENT) * (slope - first)
            second += (1 - _SECOND_MOMENT) * (slope * slope - second)
            mean = first / (1 - _FIRST_MOMENT ** (step + 1))
            spread = np.sqrt(second / (1 - _SECOND_MOMENT ** (step + 1)))
            values -= _RATE * mean / (spread + 1e-8)


def _sigmoid(values: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-values)))
