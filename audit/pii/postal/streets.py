"""Finds the lines with which postal addresses begin: a street with a house, a post box, a flat.

Every repetition in the forms is bounded, so that the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from audit.pii.postal import words

Certainty = Literal["street", "likely", "possible"]


@dataclass(frozen=True)
class Start:
    """The first line of what may be an address.

    Attributes:
        start: its first character.
        end: one past its last.
        certainty: `street` needs nothing more; `likely` is one where something else tells so; `possible` only where a
            town with its postal code follows.
    """

    start: int
    end: int
    certainty: Certainty


@dataclass(frozen=True)
class _Form:
    """One way to write a first line; where the expression has a group `line`, that group is the line."""

    example: str
    certainty: Certainty
    regex: re.Pattern[str]


_NUMBER = r"\d{1,5}(?:[-/]\d{1,5})?[ ]?(?:[A-Za-z](?![\w.])|bis\b|ter\b)?"
_FREE = r"(?<![\w/.:@#$€£+-])(?<![,.]\d)"
_NAME = r"[^\W\d_][\w'’.-]{0,24}"
_CAPITAL = r"[A-ZÀ-ÞĄĆĘŁŃÓŚŹŻ][\w'’.-]{0,24}"
_JOINTS = (
    "de del della delle dello degli dei di da do dos das du des la las le les los el l' d' e y et van von vom zu "
    "zum zur der den "
    "am an im in of the"
)
_NAMES = rf"(?:(?:{words.either(_JOINTS)}) ){{0,2}}{_CAPITAL}"
_DIRECTION = rf"(?:{words.either(words.DIRECTIONS)})\b\.?"
_UNIT = rf"(?:{words.either(words.UNITS)})\b\.?:? ?(?:no\.? ?|#)?\w{{1,6}}"
_ROMANCE = rf"(?i:{words.either(words.ROMANCE_STREETS)})(?:\.|\b)"
_PLAIN_KINDS = words.either(f"{words.STREETS} court terrace close grove square place".title())
_COMMON_KINDS = words.either(words.STREETS_BY_NUMBER.title())
_FREE_OF_WORDS = r"(?<![\w@/.'’-])"
_ENDS_NAME = r"(?!['’]s|\.?\w| [A-Z])"

_NUMBERED = re.compile(
    rf"{_FREE}(?:(?i:{_UNIT})[,\n]\s?)?(?i:no\.? )?(?P<number>{_NUMBER}),? (?:(?i:{_DIRECTION}) )?"
    rf"(?P<name>(?:\d{{1,3}}(?:st|nd|rd|th)|{_NAME})(?: {_NAME}){{0,3}}?)"
    rf" (?P<kind>(?i:{words.either(f'{words.STREETS} {words.STREETS_BY_NUMBER}')}))\b"
    rf"(?:\.(?=\s*[,\n]|\s+(?:[A-Z#]|(?i:{_UNIT})))|(?!\.?\w))(?: (?i:{_DIRECTION})(?![\w.]))?"
)
"""Number, name and kind of a street: "12 North Mill Road"."""

_TABLE: tuple[tuple[str, Certainty, str], ...] = (
    (
        "Via Monte Nero 4",
        "street",
        rf"(?<![\w@/.-])(?:\d{{1,4}},? )?{_ROMANCE}(?<!\b[A-Z]{{2}}) ?{_NAMES}(?: {_NAMES}){{0,4}},? ?"
        rf"(?:(?i:n[.º°r]{{1,2}}) ?)?{_NUMBER}(?![\w%]|[.,:]\d)",
    ),
    ("4 rue de la Paix", "street", rf"{_FREE}{_NUMBER},? {_ROMANCE} ?{_NAMES}(?:[ -]{_NAMES}){{0,4}}"),
    (
        "Lindenstraße 4",
        "street",
        rf"(?<![\w@/.-])(?:{_CAPITAL}[ -]){{0,3}}(?:{_CAPITAL})?(?<=[\w "
        rf"])(?i:{words.either(words.GERMANIC_ENDS)})\b\.? ?"
        r"\d{1,4}(?:[ ]?[-/] ?\d{1,4})?(?: ?[a-zA-Z](?!\w))?(?![\w%]|[.,:]\d)",
    ),
    (
        "P.O. Box 12",
        "street",
        rf"(?<!\w)(?:(?i:{words.BOXES}):? ?(?i:no\.? )?\d{{1,6}}|(?i:psc|unit|cmr) \d{{1,5}},? (?i:box) \d{{1,5}}"
        rf"|US(?:NS|S|NV|CGC) {_CAPITAL}(?=\n|, )|(?i:rr|rural route) \d{{1,3}},? (?i:box) \d{{1,5}})(?!\w)",
    ),
    ("Mill Road", "likely", rf"{_FREE_OF_WORDS}(?:{_CAPITAL} ){{1,3}}(?:{_PLAIN_KINDS}){_ENDS_NAME}"),
    (
        "lives at Clark Meadows",
        "street",
        rf"\b(?i:near|from|lives? at|resides? at|corner of|street|address|flat in|house in):? "
        rf"(?P<line>(?:{_CAPITAL} ){{1,3}}(?:{_COMMON_KINDS})){_ENDS_NAME}",
    ),
    (
        "4 Lange Reihe",
        "possible",
        rf"{_FREE}\d{{1,5}}[A-Za-z]?,? {_CAPITAL}(?: {_NAME}){{0,3}}(?: \d{{1,4}}[A-Za-z]?)?(?=\s*[,\n]| (?i:{_UNIT}))",
    ),
    (
        "Lange Reihe 4",
        "possible",
        rf"(?<![\w@/.-]){_CAPITAL}(?:[ -]{_NAMES}){{0,4}},? \d{{1,5}}(?:/\d{{1,4}})?[A-Za-z]?(?=\s*[,\n;]| "
        rf"(?i:{_UNIT}))",
    ),
    (
        "Flat 4\nMill mews",
        "possible",
        r"(?<!\w)(?i:flat|studio|apartment|apt|unit|suite|house|h)\.? ?(?:no\.? ?)?\d{1,4}[A-Za-z]?,?[ \n]"
        rf"{_NAME}(?: {_NAME}){{0,3}}(?=\s*[,\n])",
    ),
)
_GOING_THERE = (
    r"(?:(?:lives?|living|lived|resid\w{1,5}|stay\w{0,3}|located|situated|office|house|home|shop|flat|party"
    r"|meet(?: me| us)?|pick(?: \w{1,5})? up|be|is|was|parked) (?:at|on)"
    r"|(?:drops? \w{2,4} off|turn(?:s|ed)?(?: left| right)?|walk\w{0,3}|enter|taxi|driv\w{1,3}|deliver\w{0,2}"
    r"|ship\w{0,4}|sen[dt](?: it)?|go|going|mov\w{1,3}|relocat\w{1,3}|way) (?:at|on|to|into|from)"
    r"|address(?: is)?:?|corner of)"
)
"""Words that only a place follows; with a number it is a street or a house."""

_TOLD = re.compile(
    rf"\b(?i:{_GOING_THERE}) (?P<line>(?:\d{{1,5}}[A-Za-z]?,? )?(?!(?i:{words.either(words.UNITS)})\b){_CAPITAL}"
    rf"(?:[ -](?:{_CAPITAL}|{words.either(_JOINTS)}(?= )"
    rf"|tee|gatan?|vej|vei|utca|sokak|cad)){{0,3}} \d{{1,4}}[A-Za-z]?"
    rf"|\d{{1,5}}[A-Za-z]? {_CAPITAL}(?: {_CAPITAL}){{0,2}}(?=[,;!?\n]|\.(?:\s|\Z)|\s*\Z))(?![\w%:]|[.,/-]\d)"
)
"""A name with a number behind words that only a place follows."""

_FORMS = tuple(_Form(example, certainty, re.compile(regex)) for example, certainty, regex in _TABLE)

WORTH_READING = re.compile(rf"\d|\b(?:{_PLAIN_KINDS})\b|(?i:lives? at|corner of|near|from|street|address|in) [A-Z]")
"""What a text must hold for any form to match; cheaper than the forms."""

_PREPOSITION = re.compile(
    r"\b(?:on|at|near|along|off|from|to|in|into|down|up|of|opposite|behind|around|address|street|between)(?: the)?:? $",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b(?:in|since|by|of|until|during|after|before|from|year|the) $", re.IGNORECASE)
_STRONG_KINDS = frozenset(f"{words.STREETS} st dr ct drive court terrace".split())
_IN_SENTENCES = (
    "the a an of in on at to and or is are was were from for with by that this it i you we they he she who per more "
    "other "
    "down up across into out over men women people days hours years minutes miles times"
)
_COUNTED = frozenset(words.COUNTED.split())
_NO_NAMES = frozenset(_IN_SENTENCES.split())


def starts(value: str) -> Iterator[Start]:
    """Every line that may begin an address, in no order; they may lie over each other."""
    for match in _NUMBERED.finditer(value):
        certainty = _of_numbered(value, match)
        if certainty:
            yield Start(match.start(), match.end(), certainty)
    for match in _TOLD.finditer(value):
        if not counts_things(match["line"]):
            yield Start(*match.span("line"), "likely")
    for form in _FORMS:
        group = "line" if "line" in form.regex.groupindex else 0
        for match in form.regex.finditer(value):
            start, end = match.span(group)
            told = form.certainty == "likely" and _PREPOSITION.search(value, max(0, start - 20), start)
            yield Start(start, end, "street" if told else form.certainty)


def counts_things(line: str) -> bool:
    """Whether a name with a number is one of many that are counted, such as a page, a gate or a day of March."""
    return not _COUNTED.isdisjoint(re.findall(r"[^\W\d_]+", line.lower()))


def _of_numbered(value: str, match: re.Match[str]) -> Certainty | None:
    """How sure a number, a name and a kind of street are: "3 men crossed the road" is no address."""
    names = match["name"].split()
    if any(word.lower() in _NO_NAMES for word in names):
        return None
    if not all(word[0].isupper() or word[0].isdigit() for word in names):
        return "possible" if len(names) < 3 else None
    if len(match["number"]) == 4 and _TIME.search(value, max(0, match.start() - 10), match.start()):
        return "possible"
    return "street" if match["kind"].lower() in _STRONG_KINDS else "likely"
