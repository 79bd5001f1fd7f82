"""Reads what else a document says that can be compared: versions, counts of rows and features, target and classes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from audit.documents.document import Entry, Fact, Place
from audit.documents.plain_text import word_set, words
from audit.documents.tokens import Token, sentences, tokens

_VERSION_TITLES = frozenset(
    ("version", "model version", "version number", "release", "model release", "version of the model", "version name")
)
_TARGET_TITLES = frozenset(("target", "target column", "target variable", "label column", "target name"))
_POSITIVE_TITLES = frozenset(("positive", "positive class", "positive label"))
_VERSION = re.compile(r"(?<![\w.])v?([0-9]{1,8}(?:\.[0-9A-Za-z]{1,20}){0,5}(?:[-+][0-9A-Za-z.]{1,30})?)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ROWS = frozenset(
    ("row", "sample", "example", "record", "instance", "observation", "image", "text", "message", "application")
)
_FEATURES = frozenset(("feature", "predictor", "input"))
_ABOUT = word_set("about around roughly nearly almost approximately approx some over")
_PARTS = word_set("of first last only these those under least most per each every which")
_ROLES = {
    "training": (
        ("training",), ("train",), ("trained", "on"), ("fitted", "on"), ("fit", "on"),
    ),
    "test": (
        ("test",), ("testing",), ("evaluation",), ("held", "out"), ("evaluated", "on"), ("tested", "on"),
    ),
}  # fmt: skip
_MAY_COUNT = re.compile(rf"[0-9]{{1,20}} [A-Za-z ]{{0,20}}(?:{'|'.join(sorted(_ROWS))})", re.IGNORECASE)
"""Quick look at a line before its words are told apart."""
_MOST_BETWEEN = 4


def facts_of_entry(entry: Entry) -> Iterable[Fact]:
    """Facts that stand under a title of their own."""
    title = " ".join(words(entry.title[:100]))
    text = entry.text[:500]
    if title in _VERSION_TITLES:
        found = [match[1] for match in _VERSION.finditer(_DATE.sub(" ", text))]
        if found:
            yield Fact("version", tuple(found), entry.place)
    elif title in _TARGET_TITLES and len(text.split()) == 1:
        yield Fact("target", (text.strip(" .,;\"'"),), entry.place)
    elif title in _POSITIVE_TITLES and len(text.split()) == 1:
        yield Fact("positive class", (text.strip(" .,;\"'"),), entry.place)
    else:
        yield from _counts_by_title(title, text, entry.place)


def facts_of_lines(lines: Iterable[tuple[int, str]]) -> Iterable[Fact]:
    """Counts of rows and features that sentences give."""
    kept = list(lines)
    if not any(_MAY_COUNT.search(text) for _, text in kept):
        return
    for sentence in sentences(tokens(kept)):
        counts = {
            role: [token for place, token in enumerate(sentence) if _counts(sentence, place, names)]
            for role, names in _ROLES.items()
        }
        whole = [token for token in sentence if token.number is not None and token.number.whole]
        for role, found in counts.items():
            others = [token for other, tokens_of in counts.items() if other != role for token in tokens_of]
            if found:
                said = tuple(_count(token) for token in whole if token not in others)
                yield Fact(f"{role} rows", said, Place(found[0].line, found[0].line))


def _counts_by_title(title: str, text: str, place: Place) -> Iterable[Fact]:
    """`Test rows: 290`, `Number of features: 15`."""
    first = next(iter(tokens([(0, text)])), None)
    if first is None or first.number is None or not first.number.whole or first.number.percent:
        return
    plain = title.removeprefix("number of ")
    for role in _ROLES:
        if any(plain == f"{word} {noun}" for word in (role, _ROLES[role][1][0]) for noun in _ROWS):
            yield Fact(f"{role} rows", (_count(first),), place)
    if plain in _FEATURES:
        yield Fact("features", (_count(first),), place)


def _counts(sentence: list[Token], place: int, roles: tuple[tuple[str, ...], ...]) -> bool:
    """Whether a number counts the rows of a table: "450 training rows", "trained on 450 rows", "test set: 290 rows"."""
    number = sentence[place].number
    if number is None or not number.whole or number.percent or number.bound or number.top != number.value:
        return False
    before = [token.text for token in sentence[max(place - _MOST_BETWEEN, 0) : place]]
    after = [token.text for token in sentence[place + 1 : place + 4]]
    if (_ABOUT | _PARTS - {"of"}) & set(before[-2:]) or after[:1] in (["of"], ["/"], ["%"]):
        return False
    nouns = [turn for turn, word in enumerate(after[:2]) if word.removesuffix("s") in _ROWS]
    if not nouns:
        return False
    if nouns[0] == 1:
        return any(after[0] == role[0] and len(role) == 1 for role in roles)
    return any(_follows(before, role) for role in roles)


def _follows(before: list[str], role: tuple[str, ...]) -> bool:
    """Whether the words before a number end with a role and little else."""
    width = len(role)
    for start in range(len(before) - width + 1):
        if tuple(before[start : start + width]) == role:
            between = before[start + width :]
            return all(word in _BETWEEN for word in between) and (width == 2 or bool(between))
    return False


_BETWEEN = word_set("set data split : - ( = has have of holds hold contains contain with the on is are consists")


def _count(token: Token) -> str:
    return "" if token.number is None else f"{token.number.value:.0f}"
