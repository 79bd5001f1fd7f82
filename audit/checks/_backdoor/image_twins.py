"""Patches planted behind a model, to see how many of them are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.checks._backdoor import deviation
from audit.checks._backdoor.finding import Found
from audit.checks._backdoor.images import Images, look
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

_TWINS, _FEW_TWINS = 10, 4
_LARGE = 30_000
"""Values of an image from which a search takes minutes, so that fewer twins are searched."""
_SIDES = (0.07, 0.18)
"""Height and width of patches, as a share of the shorter side of the image: 2 to 5 pixels of 28."""
_SAME = 0.95
"""A twin that answers more images without the patch otherwise than the model would be easy to find."""
_TRIES = 20


def found_twins(images: Images, *, seed: int) -> Found:
    """Plant patches of random place, pattern, contrast and class behind the model, one at a time, and search for each.

    Raises:
        NotMeasurable: every patch changes answers for images without it.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    found, planted = 0, _FEW_TWINS if images.search[0].size > _LARGE else _TWINS
    for _ in range(planted):
        code = int(rng.choice(np.unique(images.search_answers)))
        seen = look(_twin(images, code, rng), seed=int(rng.integers(2**31)))
        found += seen.code == code and seen.anomaly > deviation.ALARM
    return Found(found, planted)


def _twin(images: Images, code: int, rng: np.random.Generator) -> Images:
    """The images before the model with a patch behind it that other images do not show."""
    import numpy as np

    from attacks.backdoor import planted
    from attacks.poisoning import picture

    shape = images.search.shape[1:]
    for _ in range(_TRIES):
        side = max(2, round(float(rng.uniform(*_SIDES)) * min(shape[1:])))
        stamp = picture.patch(shape, rng, side=side)
        twin = images.behind(planted.plant(images.target, stamp, code, images.search))
        same = twin.search_answers == images.search_answers
        if same.mean() >= _SAME and len(np.unique(twin.search_answers)) > 1:
            return twin
    raise NotMeasurable("every patch that could be planted resembles the images as they are, so none can be told apart")
