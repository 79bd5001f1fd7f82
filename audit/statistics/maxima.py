"""How high the largest of many numbers comes by chance, continued from a few draws of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def level_beyond(maxima: Sequence[float], *, beyond: float, ddof: int = 0) -> float:
    """Level that a share of all further maxima exceeds.

    The largest of many numbers follows a Gumbel distribution, which is fitted by moments.

    Args:
        maxima: the largest number of each draw, two draws or more.
        beyond: the share, above 0 and below 1.
        ddof: of the deviation of the maxima, as in `numpy.std`.

    Source:
        Gumbel, Statistics of Extremes, 1958.
    """
    scale = float(np.std(maxima, ddof=ddof)) * float(np.sqrt(6) / np.pi)
    return float(np.mean(maxima) + (-np.log(-np.log1p(-beyond)) - np.euler_gamma) * scale)
