"""Cells of a column as texts, and which of them no recogniser has to read.

A price, a sensor's value, a time stamp, a hash or a version is told from its form alone. Reading it would cost time,
and now and then a stretch of its digits would look like a telephone or account number.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from audit.pii.columns.whole_numbers import undressed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_CELL = 200_000
"""Characters of one cell that are read; the rest of a longer cell is left out and counted."""

LONGEST_FORM = 40
"""Characters of a cell that can be an identifier as a whole."""

_DECIMAL = r"[-+]?(0|[1-9][0-9]{0,17})?[.,][0-9]+([eE][-+]?[0-9]{1,3})?|[-+]?[0-9]+([.][0-9]+)?[eE][-+]?[0-9]{1,3}"
_MOMENT = (
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?)?"
    r"( ?(Z|UTC|[-+][0-9]{2}:?[0-9]{2}))?"
)
_UUID = r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?"
_HASH = r"((md5|sha1|sha256|sha512):)?([0-9a-f]{32,128}|[0-9A-F]{32,128})"
_FEW_DIGITS = r"[^\pL@0-9]*([0-9][^\pL@0-9]*){0,5}"
"""Without a letter and with at most five digits: too few for any number of a person or an account."""

_VERSION = r"[vV]?[0-9]{1,3}([.][0-9]{1,3}){1,2}([.][0-9]{5,})?([-+][A-Za-z][0-9A-Za-z.-]{1,19})?"
"""What follows a hyphen starts with two signs, the first a letter: digits, or one K, are those of a tax number."""

_PLAIN = "^(?:" + "|".join((_DECIMAL, _MOMENT, _UUID, _HASH, _FEW_DIGITS, _VERSION)) + ")$"

SHORT_WORDS, VERSION, ADDRESS, NUMBER = "words", "version", "address", "number"
_FEW_WORDS = r"^[^0-9\s]+(?:\s+[^0-9\s]+){0,3}$"
_QUAD = r"^\s*[0-9]{1,3}([.][0-9]{1,3}){3}\s*$"
_SMALL_QUAD = r"^\s*([0-9]|[12][0-9])([.]([0-9]|[12][0-9])){3}\s*$"
"""Four numbers below 30; one in five thousand addresses on a network looks so, and nearly every version."""

_LONG_NUMBER = r"(^|[^0-9A-Za-z.,-])[0-9]{9,19}($|[^0-9A-Za-z-])"
_NUMBERS = re.compile(r"(?<![0-9A-Za-z.,-])[0-9]{9,19}(?![0-9A-Za-z-])")
_INTEGER = r"^[-+]?[0-9]+$"
_NUMBER = r"^[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]+)?$"
_MISSING = ("NAType", "NaTType")
_BOOLEAN = r"^(true|false|True|False|TRUE|FALSE)$"


@dataclass(frozen=True)
class Texts:
    """The different texts of some cells.

    Attributes:
        values: texts that are not blank, each once, cut at `MAX_CELL` characters.
        codes: int64, shape (cells,): position in `values`, -1 where a cell is empty.
        shortened: bool, shape (len(values),): whether a text was cut.
        unreadable: cells with objects that cannot be read as text.
    """

    values: list[str]
    codes: np.ndarray
    shortened: np.ndarray
    unreadable: int = 0

    @property
    def counts(self) -> np.ndarray:
        """How many cells hold each text, int64, shape (len(values),)."""
        import numpy as np

        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))


def texts_of(column: pd.Series) -> Texts:
    """The texts of a column of any type, those of whole numbers as their digits alone."""
    import numpy as np
    import pandas as pd
    from pandas.api import types

    values = column if types.is_string_dtype(column.dtype) and column.dtype != object else _as_text(column)
    codes, uniques = pd.factorize(values)
    written = [str(text) for text in uniques]
    texts = undressed(written)
    if texts != written:
        again, uniques = pd.factorize(np.array(texts, dtype=object))
        codes, texts = np.append(again, -1)[codes], list(uniques)
    filled = np.array([bool(text) and not text.isspace() for text in texts], dtype=bool)
    renumbered = np.append(np.where(filled, np.cumsum(filled) - 1, -1), -1)
    kept = [text for text, keep in zip(texts, filled, strict=True) if keep]
    shortened = np.array([len(text) > MAX_CELL for text in kept], dtype=bool)
    unread = sum(map(unreadable, column)) if values is not column else 0
    return Texts([text[:MAX_CELL] for text in kept], renumbered[codes], shortened, unread)


def _as_text(column: pd.Series) -> np.ndarray:
    import numpy as np

    return np.array([text_of(value) for value in column.tolist()], dtype=object)


def text_of(value: object) -> str:
    """The text of a cell, empty where it holds nothing that can be personal by its look."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", errors="replace")
    if isinstance(value, bool) or value is None or type(value).__name__ in _MISSING:
        return ""
    if isinstance(value, int | float | Decimal):
        return str(int(value)) if math.isfinite(value) and value == int(value) else ""
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        inside = value.tolist()
        # moments in nanoseconds become bare integers
        return str(value) if "datetime" in type(value).__name__ else text_of(inside)
    return "" if unreadable(value) else str(value)


def whole(values: np.ndarray) -> np.ndarray:
    """Which numbers are whole, bool, shape (n,); decimal ones come as objects."""
    import numpy as np

    if values.dtype == object:
        return np.array([bool(text_of(value)) for value in values], dtype=bool)
    return np.asarray(np.isfinite(values) & (values == np.trunc(values)))


def unreadable(value: object) -> bool:
    """Whether a cell is an object that says nothing of what it holds, so that it cannot be looked through."""
    shown = type(value).__str__
    return shown is object.__str__ and type(value).__repr__ is object.__repr__


def plain(texts: list[str]) -> np.ndarray:
    """Whether the form of each text says that it is a number, a moment, a hash or an identifier of no person; bool."""
    return _matches(texts, _PLAIN)


@dataclass(frozen=True)
class Sorts:
    """Which texts are whole numbers, which are other numbers and which are truth values; bool, shape (n,)."""

    integer: np.ndarray
    number: np.ndarray
    boolean: np.ndarray


def sorts(texts: list[str]) -> Sorts:
    """What each text would be if its column were no text."""
    integer = _matches(texts, _INTEGER)
    return Sorts(integer, _matches(texts, _NUMBER) & ~integer, _matches(texts, _BOOLEAN))


def typed(column: pd.Series) -> pd.Series:
    """A column of text cells as numbers where all of them are; any other column as it is."""
    import pandas as pd
    from pandas.api import types

    if not types.is_string_dtype(column.dtype):
        return column
    texts = texts_of(column)
    sorted_texts = sorts(texts.values)
    whole = bool(texts.values) and (sorted_texts.integer | sorted_texts.number).all()
    if not whole:
        return column
    numbers = pd.to_numeric(pd.Series([*texts.values, None], index=[*range(len(texts.values)), -1], dtype="str"))
    return numbers[texts.codes].set_axis(column.index)  # a blank cell holds no number


def forms(texts: list[str]) -> list[str]:
    """What a short text looks like: digits as 9 and letters as A or a where it has at least four digits.

    A few words without digits are `SHORT_WORDS`, four small numbers with dots between them `VERSION` and four others
    `ADDRESS`. Any other text has the empty form.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.array([clean(text) for text in texts], pa.string())
    short = pc.less_equal(pc.utf8_length(found), LONGEST_FORM)
    words = pc.match_substring_regex(found, _FEW_WORDS)
    enough = pc.greater_equal(pc.count_substring_regex(found, "[0-9]"), 4)
    quad, version = pc.match_substring_regex(found, _QUAD), pc.match_substring_regex(found, _SMALL_QUAD)
    found = pc.if_else(pc.and_(short, enough), found, "")
    for letters, sign in (("[0-9]", "9"), ("[A-Z]", "A"), ("[a-z]", "a")):
        found = pc.replace_substring_regex(found, letters, sign)
    found = pc.if_else(quad, pc.if_else(version, VERSION, ADDRESS), found)
    return [str(form) for form in pc.if_else(pc.and_(short, words), SHORT_WORDS, found).to_pylist()]


def with_number(texts: list[str]) -> np.ndarray:
    """Whether a long number without any sign around it stands in each text; bool."""
    return _matches(texts, _LONG_NUMBER)


def numbers_in(text: str) -> set[str]:
    """The long numbers without any sign around them in a text."""
    return set(_NUMBERS.findall(text))


def digits_alone(form: str) -> bool:
    """Whether a form (`forms`) is that of digits without any other sign."""
    return bool(form) and not form.strip("9")


def clean(text: str) -> str:
    """A text that can be kept in UTF-8: half of a surrogate pair cannot, and is part of no value of any kind."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _matches(texts: list[str], pattern: str) -> np.ndarray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not texts:
        return np.zeros(0, dtype=bool)
    return np.asarray(pc.match_substring_regex(pa.array([clean(text) for text in texts], pa.string()), pattern))
