"""Finds the lines with which postal addresses begin: a street with a house, a post box, a flat.

Every repetition in the forms is bounded, so that the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
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
    """One way to write a first line; where the expression has a group `line`, that group is the line.

    Attributes:
        example: of it.
        certainty: of a line of this form.
        needs: signs that stand for what a text must hold: "0" a digit, "A" a capital, " " a space or a new line, "ß" a
            word that ends as German and Dutch streets do.
        words: of which the text must hold one, in small letters; empty where it needs none.
        pattern: the form, as an expression that is compiled where it is first looked for.
    """

    example: str
    certainty: Certainty
    needs: frozenset[str]
    words: frozenset[str]
    pattern: str

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The form."""
        return re.compile(self.pattern)


_PIECE = re.compile(r"\w+")


def _form(example: str, certainty: Certainty, needs: str, listed: str, pattern: str) -> _Form:
    return _Form(example, certainty, frozenset(needs), frozenset(_PIECE.findall(listed.lower())), pattern)


_NO_MONTH = r"(?!\d\d?/(?:19|20)\d\d\b)"
"""What is no "07/2024"."""
_NUMBER = _NO_MONTH + r"\d{1,5}(?:[-/]\d{1,5})?[ ]?(?:[A-Za-z](?![\w.])|bis\b|ter\b)?"
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

_NUMBERED = _form(
    "12 North Mill Road",
    "likely",
    "0 ",
    f"{words.STREETS} {words.STREETS_BY_NUMBER}",
    rf"{_FREE}(?:(?i:{_UNIT})[,\n]\s?)?(?i:no\.? )?(?P<number>{_NUMBER}),? (?:(?i:{_DIRECTION}) )?"
    rf"(?P<name>(?:\d{{1,3}}(?:st|nd|rd|th)|{_NAME})(?: {_NAME}){{0,3}}?)"
    rf" (?P<kind>(?i:{words.either(f'{words.STREETS} {words.STREETS_BY_NUMBER}')}))\b"
    rf"(?:\.(?=\s*[,\n]|\s+(?:[A-Z#]|(?i:{_UNIT})))|(?!\.?\w))(?: (?i:{_DIRECTION})(?![\w.]))?",
)
"""Number, name and kind of a street; `_of_numbered` says how sure it is."""

_GOING_THERE = (
    r"(?:(?:lives?|living|lived|resid\w{1,5}|stay\w{0,3}|located|situated|office|house|home|shop|flat|party"
    r"|meet(?: me| us)?|pick(?: \w{1,5})? up|be|is|was|parked) (?:at|on)"
    r"|(?:drops? \w{2,4} off|turn(?:s|ed)?(?: left| right)?|walk\w{0,3}|enter|taxi|driv\w{1,3}|deliver\w{0,2}"
    r"|ship\w{0,4}|sen[dt](?: it)?|go|going|mov\w{1,3}|relocat\w{1,3}|way) (?:at|on|to|into|from)"
    r"|address(?: is)?:?|corner of)"
)
"""Words that only a place follows; with a number it is a street or a house."""

_TOLD = _form(
    "lives at Lange Reihe 4",
    "likely",
    "0A ",
    "",
    rf"\b(?i:{_GOING_THERE}) (?P<line>(?:\d{{1,5}}[A-Za-z]?,? )?(?!(?i:{words.either(words.UNITS)})\b){_CAPITAL}"
    rf"(?:[ -](?:{_CAPITAL}|{words.either(_JOINTS)}(?= )"
    rf"|tee|gatan?|vej|vei|utca|sokak|cad)){{0,3}} \d{{1,4}}[A-Za-z]?"
    rf"|\d{{1,5}}[A-Za-z]? {_CAPITAL}(?: {_CAPITAL}){{0,2}}(?=[,;!?\n]|\.(?:\s|\Z)|\s*\Z))(?![\w%:]|[.,/-]\d)",
)
"""A name with a number behind words that only a place follows."""

_FORMS = (
    _NUMBERED,
    _TOLD,
    _form(
        "Via Monte Nero 4",
        "street",
        "A",
        words.ROMANCE_STREETS,
        rf"(?<![\w@/.-])(?:\d{{1,4}},? )?{_ROMANCE}(?<!\b[A-Z]{{2}}) ?{_NAMES}(?: {_NAMES}){{0,4}},? ?"
        rf"(?:(?i:n[.º°r]{{1,2}}) ?)?(?!\d{{5}} [^\W\d_])(?:{_NUMBER}|(?i:s/n))(?![\w%]|[.,:]\d)",
    ),
    _form(
        "rue de la Paix\n75002 Paris",
        "possible",
        "A ",
        words.ROMANCE_STREETS,
        rf"{_FREE_OF_WORDS}{_ROMANCE} {_NAMES}(?:[ -]{_NAMES}){{0,4}}(?=,|\n)",
    ),
    _form(
        "4 rue de la Paix",
        "street",
        "0A ",
        words.ROMANCE_STREETS,
        rf"{_FREE}{_NUMBER},? {_ROMANCE} ?{_NAMES}(?:[ -]{_NAMES}){{0,4}}",
    ),
    _form(
        "Lindenstraße 4",
        "street",
        "0ß",
        "",
        rf"(?<![\w@/.-])(?:{_CAPITAL}[ -]){{0,3}}(?:{_CAPITAL})?(?<=[\w "
        rf"-])(?i:{words.either(words.GERMANIC_ENDS)})\b\.? ?{_NO_MONTH}"
        r"\d{1,4}(?:[ ]?[-/] ?\d{1,4})?(?: ?[a-zA-Z](?!\w))?(?![\w%]|[.,:]\d)",
    ),
    _form(
        "P.O. Box 12",
        "street",
        "0",
        "",
        rf"(?<!\w)(?:(?i:{words.BOXES}):? ?(?i:no\.? )?\d{{1,6}}|(?i:psc|unit|cmr) \d{{1,5}},? (?i:box) \d{{1,5}}"
        r"|(?i:rr|rural route) \d{1,3},? (?i:box) \d{1,5})(?!\w)",
    ),
    _form("USS Mill", "street", "A ", "usns uss usnv uscgc", rf"(?<!\w)US(?:NS|S|NV|CGC) {_CAPITAL}(?=\n|, )"),
    _form(
        "Mill Road",
        "likely",
        "A ",
        _PLAIN_KINDS,
        rf"{_FREE_OF_WORDS}(?:{_CAPITAL} ){{1,3}}(?:{_PLAIN_KINDS}){_ENDS_NAME}",
    ),
    _form(
        "lives at Clark Meadows",
        "street",
        "A ",
        words.STREETS_BY_NUMBER,
        rf"\b(?i:near|from|lives? at|resides? at|corner of|street|address|flat in|house in):? "
        rf"(?P<line>(?:{_CAPITAL} ){{1,3}}(?:{_COMMON_KINDS})){_ENDS_NAME}",
    ),
    _form(
        "4 Lange Reihe",
        "possible",
        "0A ",
        "",
        rf"{_FREE}\d{{1,5}}[A-Za-z]?,? {_CAPITAL}(?: {_NAME}){{0,3}}(?: \d{{1,4}}[A-Za-z]?)?(?=\s*[,\n]| (?i:{_UNIT}))",
    ),
    _form(
        "Lange Reihe 4",
        "possible",
        "0A ",
        "",
        rf"(?<![\w@/.-]){_CAPITAL}(?:[ -]{_NAMES}){{0,4}},? \d{{1,5}}(?:/\d{{1,4}})?[A-Za-z]?(?=\s*[,\n;]| "
        rf"(?i:{_UNIT}))",
    ),
    _form(
        "Flat 4\nMill mews",
        "possible",
        "0 ",
        "",
        r"(?<!\w)(?i:flat|studio|apartment|apt|unit|suite|house|h)\.? ?(?:no\.? ?)?\d{1,4}[A-Za-z]?,?[ \n]"
        rf"{_NAME}(?: {_NAME}){{0,3}}(?=\s*[,\n])",
    ),
)

_TOLD_WITHOUT_NUMBER = re.compile(rf"\b(?:{_PLAIN_KINDS})\b|(?i:lives? at|corner of|near|from|street|address|in) [A-Z]")
"""What a text without any digit must hold for an address."""

_SIGNS = {"0": re.compile(r"\d"), "A": re.compile(r"[A-ZÀ-ÞĄĆĘŁŃÓŚŹŻ]"), " ": re.compile(r"[ \n]")}
_GERMANIC_ENDS = tuple(words.GERMANIC_ENDS.split())

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
    for form in _worth_trying(value):
        group = "line" if "line" in form.regex.groupindex else 0
        for match in form.regex.finditer(value):
            certainty = _certainty(value, form, match)
            if certainty:
                yield Start(*match.span(group), certainty)


def _worth_trying(value: str) -> Sequence[_Form]:
    """The forms that the signs and words of a text allow; most texts hold none, and the forms are dear to search."""
    pieces = frozenset(_PIECE.findall(value.lower()))
    held = {sign for sign, form in _SIGNS.items() if form.search(value)}
    if "0" in held and any(piece.endswith(_GERMANIC_ENDS) for piece in pieces):
        held.add("ß")
    forms = [one for one in _FORMS if one.needs <= held and not (one.words and one.words.isdisjoint(pieces))]
    return forms if "0" in held or (forms and _TOLD_WITHOUT_NUMBER.search(value)) else ()


def _certainty(value: str, form: _Form, match: re.Match[str]) -> Certainty | None:
    if form is _NUMBERED:
        return _of_numbered(value, match)
    if form is _TOLD:
        return None if counts_things(match["line"]) else "likely"
    start = match.start("line" if "line" in form.regex.groupindex else 0)
    told = form.certainty == "likely" and _PREPOSITION.search(value, max(0, start - 20), start)
    return "street" if told else form.certainty


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
