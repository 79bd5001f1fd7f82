"""Takes markup and disguise out of a line: what is left is what a reader sees, in ASCII digits and common letters."""

from __future__ import annotations

import re
import unicodedata

_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()]{0,2000}\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_MARKS = str.maketrans({"*": "", "`": "", "_": " ", "\u00a0": " "})
_STRIKE = "~~"
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
WORD = re.compile(r"[^\W\d_]+")
_ALIKE = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03bf\u2010\u2011\u2212",
    "ABEKMHOPCTXaeopcyxiABEZHIKMNOPTXo---",
)
"""Cyrillic and Greek letters that look like Latin ones, and dashes that stand for a minus."""


def seen(line: str) -> str:
    """A line as it looks: compatibility forms, invisible characters, foreign digits and look-alikes made plain."""
    if line.isascii():
        return line
    composed = unicodedata.normalize("NFKC", line.replace("\u2212", "-").replace("\u2011", "-")).translate(_ALIKE)
    return "".join(_digit(mark) for mark in composed if unicodedata.category(mark) not in ("Cf", "Cs"))


def unmarked(line: str) -> str:
    """A line without emphasis, tags and addresses of links."""
    if "](" in line:
        line = _LINK.sub(r"\1", line)
    if "<" in line:
        line = _TAG.sub(" ", line)
    return line.replace(_STRIKE, "").translate(_MARKS)


def words(text: str) -> tuple[str, ...]:
    """Lower-case words, singular, in American spelling; numbers and punctuation left out."""
    return tuple(_stem(word) for word in WORD.findall(text.casefold()))


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())


def key_words(key: str) -> str:
    """A key of JSON or YAML as words: `useCases`, `use_cases` and `rai:useCases` are "use Cases"."""
    return _CAMEL.sub(" ", key.rpartition(":")[2]).replace("_", " ").replace("-", " ")


def _digit(mark: str) -> str:
    return str(unicodedata.decimal(mark)) if not mark.isascii() and mark.isdecimal() else mark


def _stem(word: str) -> str:
    if word.startswith("licenc"):
        word = word.replace("licenc", "licens")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
