"""What the name of a column says that its cells hold.

A name is cut into words at capitals, digits and signs, so that `birthDate`, `BIRTH_DATE` and `Birth date` are the same
and `page` holds no `age`. Neighbouring words are looked up joined, the longest run first: `email_address` tells an
e-mail address and no postal one, `file_name` nobody's name. A name that says what is done with a value
(`phone_verified`, `address_id`) declares nothing, and neither does a bare `name`: products, cities and people have one.

The phrases of all eight languages stand in `column_names.txt` and are looked up at once, because a table in one
language often has column names in another.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_UNACCENTED = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "æ": "ae"})
_NAME = ("name", "names", "nom", "nombre", "nome", "naam", "nazwa", "imie")
_OF = ("", "of", "du", "del", "do")

MOST_WORDS = 5
"""Words of the longest phrase; longer runs are not looked up."""

ARTICLE_9 = frozenset(
    {"BIOMETRICS", "ETHNIC_ORIGIN", "HEALTH", "POLITICS", "RELIGION", "SEXUAL_ORIENTATION", "TRADE_UNION"}
)
"""Special categories of the General Data Protection Regulation. `is_pregnant` and `diagnosis_count` tell them too."""


def says(name: str) -> frozenset[str]:
    """The kinds of personal data that a column's name declares.

    Args:
        name: of the column, as it stands in the file, in any of the eight languages.

    Returns:
        Entities such as `PHONE_NUMBER`; empty where the name is unclear or speaks of something else. A name declares,
        it proves nothing: what the cells hold is for the scan to say.
    """
    words = _words(name)
    declared: set[str] = set()
    place = 0
    while place < len(words):
        for length in range(min(MOST_WORDS, len(words) - place), 0, -1):
            entity = _phrases().get("".join(words[place : place + length]))
            if entity is not None:
                declared.add(entity)
                place += length
                break
        else:
            place += 1
    return frozenset(declared & ARTICLE_9 if "VALUES" in declared else declared - {"NOBODY"})


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.translate(_UNACCENTED))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word.lower() for word in _WORD.findall(letters)]


@cache
def _phrases() -> dict[str, str]:
    """Entity, `NOBODY` or `VALUES` by the words of a phrase, joined."""
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    entities: dict[str, str] = {}
    for section in text.split("\n[")[1:]:
        entity, _, phrases = section.partition("]\n")
        joined = [phrase.replace(" ", "") for phrase in re.split(r",\s+", phrases.strip().replace("\n", " "))]
        if entity == "PEOPLE":
            entities |= {f"{one}{name}": "PERSON" for one in joined for name in _NAME}
            entities |= {f"{name}{of}{one}": "PERSON" for one in joined for name in _NAME for of in _OF}
            entities |= {f"{one}age": "AGE" for one in joined}
        else:
            entities |= dict.fromkeys(joined, entity)
    return entities
