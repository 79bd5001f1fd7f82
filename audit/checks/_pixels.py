"""Shows an array of images as numbers from 0 to 1, whatever shape and unit they are stored in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table

_CHANNELS = (1, 3, 4)
_SMALLEST_SIDE = 5
_SMALLEST_FLAT = 64
_ALIKE = 0.3
_ROWS_COMPARED = 500


@dataclass(frozen=True, eq=False)
class Pixels:
    """Images in one form.

    Attributes:
        values: shape (n, channels, height, width), float32; 0 and 1 are the darkest and the brightest stored value.
        layout: of the stored array: `rows` (n, h, w), `first` (n, c, h, w), `last` (n, h, w, c) or `flat` (n, h*w).
        low: stored value of 0.
        high: stored value of 1.
    """

    values: np.ndarray
    layout: str
    low: float
    high: float
    dtype: np.dtype

    def stored(self, values: np.ndarray) -> np.ndarray:
        """Images of the form of `values` as the array stores them."""
        import numpy as np

        raw = self.low + np.clip(values, 0, 1) * (self.high - self.low)
        raw = np.rint(raw) if np.issubdtype(self.dtype, np.integer) else raw
        if self.layout == "last":
            raw = raw.transpose(0, 2, 3, 1)
        elif self.layout == "rows":
            raw = raw[:, 0]
        elif self.layout == "flat":
            raw = raw.reshape(len(raw), -1)
        return np.asarray(raw.astype(self.dtype))


def pixels(table: Table) -> Pixels | None:
    """The images of a table, None where it does not hold images.

    An array of shape (n, h, w), (n, c, h, w) or (n, h, w, c) with 1, 3 or 4 channels is one; an array of shape (n, d)
    is one if d is the square of a whole number and neighbours in that square are alike, as in images and hardly
    elsewhere.
    """
    import numpy as np

    if table.frame is not None:
        return None
    array = np.asarray(table.features)
    if array.dtype.kind not in "uif" or not np.isfinite(array).all():
        return None
    layout, shaped = _laid_out(array)
    if shaped is None or min(shaped.shape[2:]) < _SMALLEST_SIDE:
        return None
    low, high = min(0.0, float(array.min())), float(array.max())
    if low == 0:
        high = 1.0 if high <= 1 else 255.0 if array.dtype == np.uint8 or 17 <= high <= 255 else high
    if high <= low:
        return None
    return Pixels(((shaped - low) / (high - low)).astype(np.float32), layout, low, high, array.dtype)


def _laid_out(array: np.ndarray) -> tuple[str, np.ndarray | None]:
    if array.ndim == 3:
        return "rows", array[:, None]
    if array.ndim == 4 and array.shape[1] in _CHANNELS:
        return "first", array
    if array.ndim == 4 and array.shape[3] in _CHANNELS:
        return "last", array.transpose(0, 3, 1, 2)
    if array.ndim == 2:
        side = round(array.shape[1] ** 0.5)
        square = array.reshape(len(array), 1, side, side) if side * side == array.shape[1] else None
        if square is not None and array.shape[1] >= _SMALLEST_FLAT and _neighbours_alike(square):
            return "flat", square
    return "", None


def _neighbours_alike(images: np.ndarray) -> bool:
    """Whether pixels vary with the pixel to the right and the one below, on average over the square."""
    import numpy as np

    part = images[:_ROWS_COMPARED, 0].astype(float)
    part = part - part.mean(axis=0)
    across = (part[:, :, 1:] * part[:, :, :-1]).sum() / max(float((part[:, :, 1:] ** 2).sum()), 1e-12)
    down = (part[:, 1:] * part[:, :-1]).sum() / max(float((part[:, 1:] ** 2).sum()), 1e-12)
    return bool(min(across, down) > _ALIKE) and bool(np.isfinite([across, down]).all())
