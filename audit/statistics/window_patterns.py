"""Small windows of images that look exactly alike, at one place, in several images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Look = Literal["exact", "coarse", "shifted", "relief"]
NEIGHBOURS = 2
_COARSE_STEP = 32
_RELIEF_STEP = 15
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class View:
    """How windows are compared.

    Attributes:
        look: `exact` compares grey levels; `coarse` eighths of the range and `shifted` the eighths half a step further,
            so that jitter at the edge of one lies within the other; `relief` says of each pixel only whether it is
            brighter than, darker than or like the mean of its window, which a translucent stamp leaves as it is.
        side: height and width of the window, pixels.
    """

    look: Look
    side: int


VIEWS = (View("exact", 2), View("exact", 3), View("coarse", 3), View("shifted", 3), View("relief", 3))


@dataclass(frozen=True, eq=False)
class Patterns:
    """Windows that repeat, in a strip of the images.

    Attributes:
        view: how they were compared.
        images: positions of the images that carry a pattern, one entry for each pattern and carrier, shape (e,), int.
        pattern: which pattern it is, 0..g-1, ascending, shape (e,), int.
        counts: carriers of each pattern, shape (g,), int.
        top: first row of each window, shape (g,), int.
        left: first column of each window, shape (g,), int.
        keys: of every window of the strip and `NEIGHBOURS` rows around it, equal where windows look alike,
            shape (rows, columns, n), int64.
        first: row of the image where `keys` starts.
        down: rows of windows in the whole image.
    """

    view: View
    images: Array
    pattern: Array
    counts: Array
    top: Array
    left: Array
    keys: Array
    first: int
    down: int

    def carriers(self, pattern: int) -> Array:
        """Positions of the images that carry a pattern, shape (m,), int."""
        start, end = np.searchsorted(self.pattern, [pattern, pattern + 1])
        return np.asarray(self.images[start:end])

    def without(self, images: Array, least: int) -> Patterns:
        """The patterns that `least` or more other images share.

        Args:
            images: which images are left out, shape (n,), bool.
        """
        stays = ~images[self.images]
        counts = np.bincount(self.pattern[stays], minlength=len(self.counts))
        common = counts >= least
        stays &= common[self.pattern]
        return replace(
            self,
            images=self.images[stays],
            pattern=(common.cumsum() - 1)[self.pattern[stays]],
            counts=counts[common],
            top=self.top[common],
            left=self.left[common],
        )

    def beside(self, pattern: int) -> Beside:
        """Which images show the pattern at its own place and which one or two pixels off."""
        row, column = int(self.top[pattern]) - self.first, int(self.left[pattern])
        key = self.keys[row, column, self.carriers(pattern)[0]]
        rows = slice(max(row - NEIGHBOURS, 0), row + NEIGHBOURS + 1)
        around = self.keys[rows, max(column - NEIGHBOURS, 0) : column + NEIGHBOURS + 1] == key
        here = self.keys[row, column] == key
        return Beside(here, around.sum(axis=(0, 1)) > here)

    def at_the_edge(self, pattern: int) -> bool:
        """Whether some of the places one or two pixels off lie outside the image."""
        top, left = int(self.top[pattern]), int(self.left[pattern])
        right = int(self.keys.shape[1]) - 1 - left
        return min(top, left, self.down - 1 - top, right) < NEIGHBOURS


@dataclass(frozen=True, eq=False)
class Beside:
    """Which images show a pattern.

    Attributes:
        here: at its own place, shape (n,), bool.
        near: one or two pixels off, shape (n,), bool.
    """

    here: Array
    near: Array


def levels(images: Array) -> Array:
    """Grey levels 0..255 with the images along the last axis, where equal windows are compared fast.

    Args:
        images: 0 to 1, shape (n, channels, h, w), float.

    Returns:
        Shape (channels, h, w, n), int16.
    """
    return np.ascontiguousarray(np.rint(images * 255).astype(np.int16).transpose(1, 2, 3, 0))


def repeated(grey: Array, view: View, *, least: int, most: int) -> Iterator[Patterns]:
    """Every window pattern that `least` to `most` images share at one place, strip by strip.

    Args:
        grey: of `levels`, shape (channels, h, w, n), int16.
    """
    height, width, n = grey.shape[1:]
    down, across = height - view.side + 1, width - view.side + 1
    step = max(_CELLS_AT_ONCE // (across * n), 1)
    for start in range(0, down, step):
        end = min(start + step, down)
        first, last = max(start - NEIGHBOURS, 0), min(end + NEIGHBOURS, down)
        keys = _keys(grey[:, first : last + view.side - 1], view)
        yield _patterns(keys, _Strip(view, first, range(start - first, end - first), down), (least, most))


def _keys(grey: Array, view: View) -> Array:
    """One number for each window, the same for windows that look alike, shape (rows, columns, n), int64."""
    side = view.side
    rows, columns = grey.shape[1] - side + 1, grey.shape[2] - side + 1
    cells = [(c, a, b) for c in range(len(grey)) for a in range(side) for b in range(side)]
    # Sums of levels times random 64-bit numbers: two different windows collide with probability 2^-64.
    factors = np.random.default_rng(0).integers(1, 2**63 - 1, size=len(cells), dtype=np.int64)
    parts = (grey[c, a : a + rows, b : b + columns] for c, a, b in cells)
    keys = np.zeros((rows, columns, grey.shape[3]), dtype=np.int64)
    means = _means(grey, side, rows, columns) if view.look == "relief" else None
    for (channel, _, _), factor, part in zip(cells, factors, parts, strict=True):
        keys += _looks(part, view.look, None if means is None else means[channel]) * factor
    return keys


def _looks(part: Array, look: Look, means: Array | None) -> Array:
    if means is not None:
        return (part > means + _RELIEF_STEP).astype(np.int64) - (part < means - _RELIEF_STEP)
    if look == "exact":
        return part.astype(np.int64)
    return (part.astype(np.int64) + (_COARSE_STEP // 2 if look == "shifted" else 0)) // _COARSE_STEP


def _means(grey: Array, side: int, rows: int, columns: int) -> Array:
    total = np.zeros((len(grey), rows, columns, grey.shape[3]), dtype=np.int32)
    for a in range(side):
        for b in range(side):
            total += grey[:, a : a + rows, b : b + columns]
    return np.asarray(total // side**2, dtype=np.int16)


@dataclass(frozen=True)
class _Strip:
    """Some rows of windows: those of `inner`, counted from row `first` of the image, which has `down` of them."""

    view: View
    first: int
    inner: range
    down: int


def _patterns(keys: Array, strip: _Strip, sizes: tuple[int, int]) -> Patterns:
    """Sorts the windows of each place, so that equal ones stand together."""
    n, across = keys.shape[2], keys.shape[1]
    flat = keys[strip.inner.start : strip.inner.stop].reshape(-1, n)
    order = flat.argsort(axis=1, kind="stable")
    ordered = np.take_along_axis(flat, order, axis=1)
    starts = np.ones(ordered.shape, dtype=bool)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    begin = np.flatnonzero(starts)
    counts = np.diff(np.append(begin, ordered.size))
    kept = (counts >= sizes[0]) & (counts <= sizes[1])
    place = begin[kept] // n
    return Patterns(
        strip.view,
        images=order.ravel()[np.repeat(kept, counts)],
        pattern=np.repeat(np.arange(int(kept.sum())), counts[kept]),
        counts=counts[kept],
        top=strip.first + strip.inner.start + place // across,
        left=place % across,
        keys=keys,
        first=strip.first,
        down=strip.down,
    )
