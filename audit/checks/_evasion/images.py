"""Shows changed images beside the originals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.checks._evasion.examples import examples, shows_values
from audit.checks._png import png
from audit.records import Evidence
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_SIDE = 96
"""Images are shown about as large, in pixels: small ones by repeating pixels, large ones by leaving some out."""
_GAP = 6
_PAPER = 255


def adversarial_images(
    subject: Subject, x: np.ndarray, adversarial: np.ndarray, distances: np.ndarray
) -> tuple[Evidence, ...]:
    """The file `adversarial_images.png`: the same rows as in the table of changes, one a line.

    Each line shows the original, the changed image, and what lies between them: grey where nothing changed, brighter
    and darker where values rose and fell, amplified alike in all lines. None is written where no row was broken, where
    rows are no images of shape (n, 1 or 3, h, w), or where a feature is declared personal.

    Args:
        x: broken rows before, as stored values, 0 to 1.
        adversarial: the rows after.
        distances: the changes that broke them, shape (n,).
    """
    import numpy as np

    if subject.test.frame is not None or not shows_values(subject):
        return ()
    if x.ndim != 4 or x.shape[1] not in (1, 3) or not len(x) or not x.size:
        return ()
    places = [example.place for example in examples(distances)]
    before, after = (np.clip(rows[places].astype(np.float64), 0, 1) for rows in (x, adversarial))
    largest = float(np.abs(after - before).max())
    gain = 0.5 / largest if largest > 0 else 1.0
    lines = [
        np.concatenate([_tile(one) for one in (old, new, 0.5 + gain * (new - old))], axis=1)
        for old, new in zip(before, after, strict=True)
    ]
    grid = np.pad(np.concatenate(lines), ((_GAP, 0), (_GAP, 0), (0, 0)), constant_values=_PAPER)
    left_out = " Of large images, some pixels are left out." if max(x.shape[2:]) > _SIDE else ""
    sentence = (
        f"{len(places)} images whose answer turned, those that took the largest changes first: the original, the "
        f"changed one, and their difference, {gain * 2:.3g} times as strong.{left_out}"
    )
    return (Evidence("adversarial_images.png", png(grid[:, :, 0] if x.shape[1] == 1 else grid), sentence),)


def _tile(image: np.ndarray) -> np.ndarray:
    """One image, shape (channels, h, w), 0 to 1, as pixels with paper below and to the right, shape (h', w', c)."""
    import numpy as np

    longest = max(image.shape[1:])
    pixels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
    step = -(-longest // _SIDE)
    times = max(1, _SIDE // longest)
    pixels = pixels[::step, ::step].repeat(times, axis=0).repeat(times, axis=1)
    return np.pad(pixels, ((0, _GAP), (0, _GAP), (0, 0)), constant_values=_PAPER)
