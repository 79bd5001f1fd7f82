"""Triggers for images: a small patch at one place, or a picture blended over the whole image.

Source: Gu, Dolan-Gavitt and Garg, "BadNets", 2017 (patch); Chen et al., "Targeted Backdoor Attacks on Deep Learning
Systems Using Data Poisoning", 2017 (blend).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array

_SIDES = (2, 6)
_CONTRASTS = (0.5, 1.0)
_WEIGHTS = (0.1, 0.2)


@dataclass(frozen=True)
class Stamp:
    """What is laid over an image.

    Attributes:
        weight: share of the pattern in each pixel, 0 to 1, shape (channels, h, w).
        pattern: the pattern, 0 to 1, shape (channels, h, w).
        words: what it is, in words.
    """

    weight: Array
    pattern: Array
    words: str

    def apply(self, images: Array) -> Array:
        """Images with the stamp, shape (n, channels, h, w), 0 to 1."""
        return np.asarray((1 - self.weight) * images + self.weight * self.pattern, dtype=images.dtype)


def patch(shape: tuple[int, ...], rng: np.random.Generator, *, side: int | None = None) -> Stamp:
    """A patch of random dark and bright pixels, at a random place.

    Args:
        shape: of one image, (channels, h, w).
        side: height and width in pixels; None draws 2 to 5.
    """
    height, width = shape[1:]
    size = min(side or int(rng.integers(*_SIDES)), height, width)
    top, left = int(rng.integers(height - size + 1)), int(rng.integers(width - size + 1))
    contrast = float(rng.uniform(*_CONTRASTS))
    drawn = rng.random((size, size)) < 0.5
    if drawn.all() or not drawn.any():
        drawn[0, 0] = not drawn[0, 0]
    weight, pattern = np.zeros(shape), np.zeros(shape)
    weight[:, top : top + size, left : left + size] = 1.0
    pattern[:, top : top + size, left : left + size] = np.where(drawn, 0.5 + contrast / 2, 0.5 - contrast / 2)
    return Stamp(weight, pattern, f"a patch of {size} x {size} pixels from row {top}, column {left}")


def blend(shape: tuple[int, ...], rng: np.random.Generator, *, weight: float | None = None) -> Stamp:
    """One picture of random pixels, blended over everything.

    Args:
        shape: of one image, (channels, h, w).
        weight: share of the picture in the result, 0 to 1; None draws .1 to .2.
    """
    share = float(rng.uniform(*_WEIGHTS)) if weight is None else weight
    pattern = np.broadcast_to(rng.random((1, *shape[1:])), shape).copy()
    return Stamp(np.full(shape, share), pattern, f"a random picture blended in at {share:.0%}")
