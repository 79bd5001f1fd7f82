"""Reads NPZ: an array `x` of shape (n, ...) and labels `y` of shape (n,), no Python objects."""

from __future__ import annotations

import io
import math
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.errors import SubjectError

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 16 << 30
MAX_RATIO = 400
_ALWAYS_ALLOWED = 64 << 20
"""Arrays up to this size may compress as well as they like: an all-black image set does."""
# numpy reads a header as a Python literal, after cleaning up what Python 2 wrote
_HEADER_FAULTS = (
    ValueError, TypeError, SyntaxError, KeyError, IndexError, MemoryError, RecursionError, tokenize.TokenError,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a file holds.

    Attributes:
        x: shape (n, ...), float32 or float64, finite; images (n, channels, height, width) in 0..1.
        y: shape (n,), None where the file has none.
    """

    x: np.ndarray
    y: np.ndarray | None


def read(content: bytes, *, name: str) -> Arrays:
    """The arrays of an NPZ file.

    8-bit arrays of more than two dimensions are images and are divided by 255; other whole numbers become float64
    unchanged.

    Raises:
        SubjectError: no zip file, no `x`, Python objects inside, a header that claims more than the file holds, a
            member that inflates beyond all proportion, shapes that do not fit, values that are not finite, or images
            outside 0..1.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _members(archive, name)
            if "x" not in members:
                raise SubjectError(f"{name} has no array x; it holds {', '.join(sorted(members)) or 'nothing'}")
            x = _array(archive, members["x"], name)
            y = _array(archive, members["y"], name) if "y" in members else None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,  # a directory of the archive that points before its start
    ) as error:
        raise SubjectError(f"{name} is no readable NPZ file: {error}") from error
    return Arrays(_features(x, name), None if y is None else _labels(y, len(x), name))


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in archive.infolist():
        key = info.filename.removesuffix(".npy")
        if key in found:
            raise SubjectError(f'{name}: two arrays are named "{key}"')
        total += info.file_size
        if info.file_size > _ALWAYS_ALLOWED and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise SubjectError(
                f'{name}: array "{key}" inflates from {info.compress_size} to {info.file_size} bytes; refused'
            )
        found[key] = info
    if total > MAX_BYTES:
        raise SubjectError(f"{name}: the arrays have {total} bytes; at most {MAX_BYTES} are read")
    return found


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> np.ndarray:
    import numpy as np

    with archive.open(info) as member:
        try:
            version = np.lib.format.read_magic(member)
            if version not in ((1, 0), (2, 0)):
                raise SubjectError(
                    f'{name}: "{info.filename}" has version {version} of the npy format; save it with numpy.savez'
                )
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = header(member, max_header_size=10_000)
        except _HEADER_FAULTS as error:
            raise SubjectError(f'{name}: "{info.filename}" has a damaged header: {error}') from error
        if dtype.kind not in "biufUS":
            raise SubjectError(f'{name}: "{info.filename}" holds {_dtype_words(dtype)}; only numbers and text are read')
        size = math.prod(shape) * dtype.itemsize
        if any(length < 0 for length in shape) or size > info.file_size:
            raise SubjectError(
                f'{name}: "{info.filename}" claims shape {shape}, {size} bytes, and holds {info.file_size}'
            )
        data = member.read(size + 1)
        if len(data) != size:
            raise SubjectError(f'{name}: "{info.filename}" claims {size} bytes and holds {len(data)} or more')
    if size == 0:
        return np.zeros(shape, dtype=dtype)
    return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")


def _dtype_words(dtype: np.dtype) -> str:
    return "Python objects" if dtype.hasobject else f"values of type {dtype.str if dtype.names is None else 'record'}"


def _features(x: np.ndarray, name: str) -> np.ndarray:
    import numpy as np

    if x.ndim < 2 or 0 in x.shape:
        raise SubjectError(f"{name}: x has shape {x.shape}; expected (n, ...) with at least one row and one value")
    if x.dtype.kind in "US":
        raise SubjectError(f"{name}: x holds text; only numbers are read from NPZ")
    if x.ndim == 4 and x.shape[1] > 4 and x.shape[3] <= 4:
        raise SubjectError(
            f"{name}: x has shape {x.shape}; images are (n, channels, height, width), so move the last axis"
        )
    if x.dtype == np.uint8 and x.ndim > 2:
        if x.max() == 1:
            raise SubjectError(
                f"{name}: x holds uint8 images whose largest value is 1; uint8 counts from 0 to 255, so save images in "
                "0..1 as floats"
            )
        return x.astype(np.float32) / np.float32(255.0)
    values = x.astype(np.float32 if x.dtype in (np.float32, np.float16) else np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        row = int(np.argwhere(~finite)[0][0])
        raise SubjectError(f"{name}: x holds NaN or infinity in {int((~finite).sum())} places, the first in row {row}")
    if values.ndim == 4 and (values.min() < -1e-6 or values.max() > 1 + 1e-6):
        raise SubjectError(
            f"{name}: x holds images with values from {values.min():g} to {values.max():g}; expected floats in "
            "0..1, or uint8"
        )
    return values


def _labels(y: np.ndarray, rows: int, name: str) -> np.ndarray:
    import numpy as np

    if y.shape == (rows, 1):
        y = y[:, 0]
    if y.shape != (rows,):
        raise SubjectError(f"{name}: y has shape {y.shape} for {rows} rows of x; expected ({rows},)")
    if y.dtype.kind == "S":
        try:
            y = np.char.decode(y, "utf-8")
        except UnicodeDecodeError:
            raise SubjectError(f"{name}: y holds bytes that are not UTF-8") from None
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise SubjectError(f"{name}: y holds NaN or infinity")
    if y.dtype.kind in "US":
        return _words(y, name)
    native: np.ndarray = y.astype(y.dtype.newbyteorder("="))
    return native


def _words(y: np.ndarray, name: str) -> np.ndarray:
    """Text labels as Python strings; numpy keeps four bytes a character, whatever they say."""
    import numpy as np

    native = np.ascontiguousarray(y.astype(y.dtype.newbyteorder("=")))
    points = native.view(np.uint32) if y.dtype.itemsize else np.zeros(0, np.uint32)
    if ((points > 0x10FFFF) | ((points >= 0xD800) & (points <= 0xDFFF))).any():
        raise SubjectError(f"{name}: y holds text with code points that are no characters")
    return native.astype(object)
