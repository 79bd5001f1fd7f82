"""Whether a CycloneDX document is of the form that the specification gives: own tables, which need no other package.

Source: CycloneDX 1.4 to 1.7, JSON; licence identifiers of the SPDX License List 3.28.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from audit.provenance.formats import _cyclonedx_assurance as assurance
from audit.provenance.formats import _cyclonedx_components as components
from audit.provenance.formats import _cyclonedx_models as models
from audit.provenance.formats._grammar import Grammar, Tables
from audit.provenance.formats._lexical import is_date, is_date_time, is_iri_reference, is_uri

VERSIONS = {"1.4": 4, "1.5": 5, "1.6": 6, "1.7": 7}
"""Versions that are read, and the release of each in the tables."""

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""JSON can write half of a character, which is no text and cannot be printed."""


def fault(document: dict[str, Any], version: str) -> str:
    """The first thing that is wrong, as `$.path: what`; empty for none.

    Args:
        version: one of `VERSIONS`.
    """
    return _grammar(VERSIONS[version]).fault("bom", document)


@cache
def _grammar(release: int) -> Grammar:
    return Grammar(_TABLES, release)


@cache
def _license_ids() -> frozenset[str]:
    listed = resources.files("audit.provenance.formats").joinpath("_spdx_license_ids.txt")
    return frozenset(listed.read_text(encoding="utf-8").split())


def _text(accepts: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and accepts(value) and not _HALF_CHARACTER.search(value)


def _matching(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern)
    return _text(lambda text: compiled.fullmatch(text) is not None)


def _length(least: int, most: int | None = None) -> Callable[[Any], bool]:
    return _text(lambda text: least <= len(text) and (most is None or len(text) <= most))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return _number(value) and value == int(value)


_SCALARS: dict[str, Callable[[Any], bool]] = {
    "text": _length(0),
    "filled": _length(1),
    "text_to_1024": _length(0, 1024),
    "filled_to_1024": _length(1, 1024),
    "filled_to_4096": _length(1, 4096),
    "flag": lambda value: isinstance(value, bool),
    "number": _number,
    "whole": _whole,
    "count": lambda value: _whole(value) and value >= 0,
    "positive": lambda value: _whole(value) and value >= 1,
    "up_to_6": lambda value: _whole(value) and 0 <= value <= 6,
    "share": lambda value: _number(value) and 0 <= value <= 1,
    "no_object": lambda value: not isinstance(value, dict),
    "date_time": _text(is_date_time),
    "date": _text(is_date),
    "iri": _text(is_iri_reference),
    "uri": _text(is_uri),
    "email": _text(lambda text: "@" in text),
    "license_id": _text(lambda text: text in _license_ids()),
    "serial_number": _matching("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "mime_type": _matching("[-+a-z0-9.]+/[-+a-z0-9.]+"),
    "digest": _matching("[a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128}"),
    "locale": _matching("[a-z]{2}(-[A-Z]{2})?"),
    "common_requirement": _matching("CRE:[0-9]+-[0-9]+"),
    "patent_number": _matching(r"[A-Za-z0-9][A-Za-z0-9\-/.()\s]{0,28}[A-Za-z0-9]"),
    "jurisdiction": _matching("[A-Z]{2}"),
}

_TABLES = Tables(
    _SCALARS,
    words=components.WORDS | models.WORDS | assurance.WORDS,
    aliases=components.ALIASES | assurance.ALIASES,
    objects=components.OBJECTS | models.OBJECTS | assurance.OBJECTS,
    rules={"component": components.range_fault},
)
