"""How far out of the ordinary the smallest trigger of a class is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ALARM = 2.0
"""Deviations above which a class stands out, as in the source of `attacks.backdoor.trigger_inversion`."""
_USUAL_SHARE = 0.033
_USUAL_WEIGHT = 3
"""A clean small network of two classes needs a mask of about 3.3 % of the pixels to turn 90 % of the images of one
class into the other, and with k classes 1 + log(k - 1) times as much (Fashion-MNIST, 2, 3 and 10 classes). That counts
as much as three classes of the model do: with two or three classes there is nothing else to compare with."""
_SIZE_SPREAD = 0.65
"""Least spread of the logarithm of such masks: classes of clean networks stay within 1.3 of their median."""
_USUAL_TURNED = 0.2
_SHARE_SPREAD, _SHARE_SPREAD_OF_FEW = 0.2, 0.3
"""What plain stamps turn in clean networks, and its least spread: the second part is divided by the number of classes,
since the fewer there are, the more a stamp turns by itself."""
_SPIKE_SPREAD = 0.15
"""Least spread of the share of rows that single values turn: those of clean models stay within 0.3 of their median."""


def of_sizes(sizes: np.ndarray, area: int) -> np.ndarray:
    """Deviations by which each class needs a smaller mask than the others, shape (k,).

    Args:
        sizes: sum of each mask in pixels, shape (k,), over 0.
        area: pixels of an image.
    """
    import numpy as np

    usual = np.log(_USUAL_SHARE * area * (1 + np.log(max(len(sizes) - 1, 1))))
    return -_outlying(np.log(sizes), _SIZE_SPREAD, [usual] * _USUAL_WEIGHT)


def of_stamps(shares: np.ndarray) -> np.ndarray:
    """Deviations by which plain stamps turn more rows into a class than into the others, shape (k,), from shares."""
    least = _SHARE_SPREAD + _SHARE_SPREAD_OF_FEW / len(shares)
    return _outlying(shares, least, [_USUAL_TURNED] * _USUAL_WEIGHT)


def of_spikes(shares: np.ndarray) -> np.ndarray:
    """Deviations by which a value of a column turns more rows than values of other columns, shape (columns,)."""
    return _outlying(shares, _SPIKE_SPREAD, [0.0])


def _outlying(values: np.ndarray, least: float, usual: list[float]) -> np.ndarray:
    """Distance of each value from the median of the others and of what is usual, in robust standard deviations."""
    import numpy as np

    found = np.empty(len(values))
    for place in range(len(values)):
        others = np.concatenate([np.delete(values, place), usual])
        median = np.median(others)
        spread = 1.4826 * np.median(np.abs(others - median))
        found[place] = (values[place] - median) / max(spread, least)
    return found
