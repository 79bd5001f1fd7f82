"""Reads an address on from its first line: flat, town, state, postal code, country, over commas and new lines.

Parts are taken one after the other. Words that may be a town count only once something behind them tells that they are
one: a state, a postal code, a country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from audit.pii.postal import words

MOST_PARTS = 14
"""Words and numbers after the first line; the longest addresses have about ten."""

MOST_TOWN_WORDS = 6
"""Words of district and town together that are taken before something tells that they are a town."""

_UNKNOWN_STATE = re.compile(r"(?:[A-Z]{2,3}|nan|None|NULL)(?=[ ,]{0,2}\s{0,8}\d{5}(?!\d))")
"""What stands for a state before a postal code where a flat told already that this is an address; exports write empty
fields as a word."""

LONGEST_STATE = 6
"""Characters of a state's code in brackets and one after it: "(NSW) "."""

_GAP = re.compile(
    r"[ \t]{0,3}(?:[,;|][ \t]{0,3})?(?:\r?\n[ \t]{0,8}){0,2}(?:[,;][ \t]{0,3})?(?:\r?\n[ \t]{0,8})?|[ \t]?[-–][ \t]?"
)
"""Between two parts: also the commas that an empty field leaves alone on a line."""

_UNIT = re.compile(
    rf"(?:(?:{words.either(words.UNITS)})\b\.?:? ?(?:no\.? ?|#)?(?:\d{{1,5}}[a-z]?|[a-z]\d{{0,4}})(?!\w)|# "
    rf"?\d{{1,5}}[a-z]?\b"
    r"|\d{1,3}(?:st|nd|rd|th)? (?:floor|flr)\b"
    r"|\d{1,2}(?:er|e|º|ª|°)?[ ]?(?:étage|piso|planta|andar|esq|dto|dcha|izda|izq|[a-h])\b\.?)",
    re.IGNORECASE,
)
_CODE_OF_TOWN = re.compile(
    r"(?:\d{4} ?[A-Z]{2},? ?\n"
    r"|(?:[A-Z]{1,2}-)?(?:\d{5}|\d{4}(?: ?[A-Z]{2})?|\d{2}-\d{3}|\d{4}-\d{3})(?![\w-])[ ,]{1,3})(?=[^\W\d_])"
)
"""Behind a code with letters, as the Dutch is, the town may stand on a line of its own."""

_PROVING_CODE = re.compile(
    r"(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?!\w)",
    re.IGNORECASE,
)
"""British and Canadian codes, whose form hardly anything else has."""

_CODE = re.compile(r"(?:\d{5}(?:-\d{4})?|\d{6}|\d{3} \d{3}|\d{2}-\d{3}|\d{4}-\d{3}|\d{5}-\d{3})(?![\w-]|[.,:/]\d)")
_SHORT_CODE = re.compile(r"\d{4}(?: ?[A-Z]{2})?(?![\w-]|[.,:/]\d)")
_STATE = re.compile(r"\(?([A-Z]{2,3})\b\)?(?:\.(?=[\s,]))?(?!['’])")
_PROVINCE = re.compile(r"\([A-Z]{2}\)")
_WORD = re.compile(r"[^\W\d_][\w'’.-]{0,24}")
_SMALL = (
    "de del della di da do dos das du des la las le les los el y e of upon on under sur en van am an im in ob der "
    "den aan "
    "bei the los altos bajos und and"
)
_SMALL_IN_NAMES = frozenset(_SMALL.split())
_OTHER_LINE = re.compile(
    r"(?:best|kind|warm|many|dear|yours|regards|sincerely|thanks|thank|tel|phone|fax|mobile|email|e-mail|web|www|attn|cell"
    r"|mfg|viele|mit|cordialement|saludos|saluti|cheers|telefon|teléfono|téléphone|hi|hello|please|date|age|ssn|dob|born"
    r"|contact|website|zip|postcode)\b",
    re.IGNORECASE,
)
"""Words with which the line after an address begins."""

_TOWN_ALONE = re.compile(
    r",[ \t]?((?:[A-ZÀ-Þ][\w'’-]{1,24})(?: [A-ZÀ-Þ][\w'’-]{1,24}){0,2})"
    r"(?=[.;!?)]|,? (?:and|or|by|before|after|on|at|with|where|to|from|since|until|please|und|et|y|in|for)\b|\s*\Z|\n)"
)
"""A town behind a comma that nothing else follows: "12 Mill Road, Oldham."."""

_TOWN_BEHIND_FLAT = re.compile(
    r"[ \t]((?:[A-ZÀ-Þ][\w'’-]{1,24})(?: (?:[A-ZÀ-Þ][\w'’-]{1,24}|(?:de|del|la|am|an)\b)){0,4})"
    r"(?=[.;!?)](?:\s|\Z)|\s*\Z|\n)"
)
"""A town behind the number of a flat that nothing else follows: "12 Mill Road Apt. 4 Oldham."."""


@dataclass
class Reading:
    """How far an address goes, and what was read of it.

    Attributes:
        end: one past its last character so far.
        coded: a postal code stands in it.
        placed: a state, a country, or a town with its code stands in it.
        unit: a flat, a floor or an office stands in it.
    """

    end: int
    coded: bool = False
    placed: bool = False
    unit: bool = False


def rest(value: str, end: int) -> Reading:
    """Read on from the end of a first line.

    Args:
        value: the text.
        end: one past the first line.
    """
    reader = _Reader(value, end)
    reader.read()
    if not (reader.reading.coded or reader.reading.placed) and not reader.small:
        behind_flat = reader.reading.unit and _TOWN_BEHIND_FLAT.match(value, reader.reading.end)
        town = behind_flat or _TOWN_ALONE.match(value, reader.reading.end)
        if town and not _OTHER_LINE.match(value, town.start(1)):
            reader.reading.end = town.end(1)
    return reader.reading


class _Reader:
    """One pass over the parts that follow a first line."""

    def __init__(self, value: str, end: int) -> None:
        self.value = value
        self.small = value.islower()
        self.reading = Reading(end)
        self.waiting = 0  # words since the last sure part that may be a town

    def read(self) -> None:
        """Take parts until one is none of an address."""
        place = self.reading.end
        for _ in range(MOST_PARTS):
            gap = _GAP.match(self.value, place)
            begin = gap.end() if gap else place
            if begin == len(self.value) or begin == place:
                return
            sure = self._sure(begin)
            if sure:
                place = self.reading.end = sure
                continue
            broken = not self.value[place:begin].isspace() or "\n" in self.value[place:begin]
            place = self._town_word(begin, broken)
            self.waiting += 1
            if not place or self.waiting > MOST_TOWN_WORDS or self._complete():
                return

    def _complete(self) -> bool:
        """Whether no further town can follow: one stood before the code or the country already."""
        return self.reading.coded or self.reading.placed

    def _sure(self, begin: int) -> int:
        """The end of a part that is surely one of an address; 0 where none begins here."""
        reading, value = self.reading, self.value
        if not self._complete() and not self.waiting:
            if unit := _UNIT.match(value, begin):
                reading.unit = True
                return unit.end()
            if end := self._code_and_town(begin):
                reading.coded = reading.placed = True
                return end
        code = self._code(begin)
        if code and not reading.coded:
            reading.coded = True
            return code.end()
        unknown = reading.unit and not reading.coded and _UNKNOWN_STATE.match(value, begin)
        state = self._state(begin) or (unknown.end() if unknown else 0)
        if state:
            reading.placed = True
            return state
        if reading.coded and (province := _PROVINCE.match(value, begin)):
            return province.end()
        area = self._area(begin)
        if area:
            reading.placed = True
        return area

    def _code_and_town(self, begin: int) -> int:
        """The end of "20095 Hamburg" or "1012 AB Amsterdam": a code before its town; 0 where there is none."""
        code = _CODE_OF_TOWN.match(self.value, begin)
        end, place = 0, code.end() if code else len(self.value)
        for _ in range(4):
            taken = self._town_word(place, broken=False)
            if not taken:
                break
            if self.value[place].isupper() or self.small:
                end = taken
            if self.value[taken : taken + 1] not in (" ", "-"):
                break
            place = taken + 1
        return end

    def _code(self, begin: int) -> re.Match[str] | None:
        proving = _PROVING_CODE.match(self.value, begin)
        if proving:
            self.reading.placed = True
            return proving
        if self.reading.placed:
            return _CODE.match(self.value, begin) or _SHORT_CODE.match(self.value, begin)
        return _CODE.match(self.value, begin) if self.waiting else None

    def _state(self, begin: int) -> int:
        """The end of a state's code, 0 where there is none; in small letters only where a postal code follows."""
        told = self.waiting or self.reading.unit or self.value[begin - 1] != " "
        if self.reading.coded or not told:
            return 0
        window = self.value[begin : begin + LONGEST_STATE]
        state = _STATE.match(window.upper() if self.small else window)
        if state is None or state[1] not in words.STATE_CODES:
            return 0
        end = begin + state.end()
        gap = _GAP.match(self.value, end)
        code = gap.end() if gap else end
        coded = _CODE.match(self.value, code) or _PROVING_CODE.match(self.value, code)
        return end if coded or not self.small else 0

    def _area(self, begin: int) -> int:
        """The end of the longest name of a country or state that begins here; 0 where none does."""
        ends, place = [], begin
        for _ in range(5):
            word = _WORD.match(self.value, place)
            if word is None:
                break
            ends.append(word.end())
            if self.value[word.end() : word.end() + 1] != " ":
                break
            place = word.end() + 1
        for end in reversed(ends):
            for last in (end, end - 1):
                name = self.value[begin:last]
                if name.lower() in words.areas() and (name[0].isupper() or len(name) > 4):
                    return last
        return 0

    def _town_word(self, begin: int, broken: bool) -> int:
        """The end of a word that may belong to the name of a town; 0 where there is none."""
        word = _WORD.match(self.value, begin)
        if word is None or (broken and _OTHER_LINE.match(self.value, begin)):
            return 0
        if not (word[0][0].isupper() or self.small or word[0].lower() in _SMALL_IN_NAMES):
            return 0
        # The point of "St." belongs to the name, the one behind "Oldham." ends the sentence.
        return word.end() - 1 if word[0][-1] == "." and len(word[0]) > 4 else word.end()
