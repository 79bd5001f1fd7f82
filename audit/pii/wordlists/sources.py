"""Reads word lists out of installed packages, without importing them.

`names` holds the names of the census of the United States of 1990 with how many in a hundred bear each; `mimesis` holds
names, places, companies and common words of many languages; `phonenumbers` knows the places that area codes belong to
and the names of countries.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from audit.errors import AuditError

LATIN = (
    "en", "de", "fr", "es", "it", "nl", "pl", "pt", "en-gb", "de-at", "de-ch", "es-mx", "nl-be", "pt-br", "cs", "da",
    "et", "fi", "hr", "hu", "is", "no", "sk", "sv", "tr",
)  # fmt: skip
"""Lists of `mimesis` in Latin letters: people bear names of more languages than the one they write in."""

_AREAS = range(7)
"""The first files of area codes reach from North America over Europe to country code 55; most others are China's."""

_ENTRY = re.compile(r"""^ '(?:1|3[1-9]|4\d)\d*':\{.*?'en': (?:u\()?'([^']+)'""", re.MULTILINE)
_COUNTRY = re.compile(r"""'([a-z]{2})':\s*(?:u\()?(?:'([^'*]+)'|"([^"*]+)")""")


def _file(package: str, path: str) -> str:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder, path)
        if file.is_file():
            return file.read_text("utf-8")
    raise AuditError(f'package "{package}" has no file {path}; install the version that this package asks for')


# Two files of a few hundred kilobytes are read again and again in turn; all would keep tens of megabytes.
@lru_cache(maxsize=2)
def mimesis(locale: str, subject: str) -> dict[str, Any]:
    """One data set of `mimesis`: `address`, `person`, `text`, `finance` or `datetime`; empty where it has none."""
    try:
        data: dict[str, Any] = json.loads(_file("mimesis", f"datasets/{locale}/{subject}.json"))
    except AuditError:
        if locale == "en":
            raise
        return {}
    return data


def flat(values: Any) -> list[str]:
    """All texts in a list or in lists by gender."""
    return [text for part in values.values() for text in flat(part)] if isinstance(values, dict) else list(values or ())


@cache
def census(kind: str) -> dict[str, float]:
    """How many in a hundred people bear a name, by name in small letters.

    Args:
        kind: `all.last`, `female.first` or `male.first`.
    """
    # Each line holds a name, its share, the share of all names up to it, and its rank.
    fields = _file("names", f"dist.{kind}").lower().split()
    return dict(zip(fields[::4], map(float, fields[1::4]), strict=True))


def companies() -> list[str]:
    """Names of companies: those that are traded in America, and those that `mimesis` lists for each language."""
    listed = _file("mimesis", "datasets/int/finance.py").partition("STOCK_NAMES = [")[2].partition("\n]")[0]
    traded = re.findall(r"""^\s+(["'])(.+)\1,$""", listed, re.MULTILINE)
    by_locale = (mimesis(locale, "finance") for locale in LATIN)
    named = [name for data in by_locale for name in (*data.get("company", {}).get("name", ()), *data.get("banks", ()))]
    return [name for _, name in traded] + named


def capitals() -> list[str]:
    """Great cities of the world: those that time zones are named after."""
    zones = re.findall(r"\b(?:Africa|America|Asia|Atlantic|Australia|Europe|Pacific)/([\w/-]+)", _file(
        "mimesis", "datasets/int/datetime.py"
    ))  # fmt: skip
    return [zone.rpartition("/")[2].replace("_", " ") for zone in zones]


@cache
def towns() -> frozenset[str]:
    """Places of North America and Europe that have an area code."""
    texts = (_file("phonenumbers", f"geodata/data{number}.py") for number in _AREAS)
    escaped = {place for text in texts for place in _ENTRY.findall(text)}
    parts = {part for place in escaped for part in _unescaped(place).partition(",")[0].split("/")}
    return frozenset(part.partition("(")[0].strip() for part in parts if len(part) > 2)


def countries(language: str) -> set[str]:
    """Names of countries in a language."""
    text = _file("phonenumbers", "geodata/locale.py")
    found = {_unescaped(a or b) for code, a, b in _COUNTRY.findall(text) if code in (language, "aa")}
    return found | set(mimesis(language, "address").get("country", {}).get("name", ()))


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
