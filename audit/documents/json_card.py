"""Reads a document in JSON: a card of the Model Card Toolkit, the `modelCard` of a CycloneDX bill, a Croissant file.

Keys are titles, texts below them content, and lists named `performanceMetrics` hold claims.

Source: Model Card Toolkit, schema v0.0.2; CycloneDX 1.5 to 1.7, `modelCard`; Croissant 1.0 and Croissant RAI 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from audit import strict_json
from audit.documents.document import Claim, Document, Entry, Keys, Malformed, Place, refuse_too_many
from audit.documents.facts import facts_of_entry
from audit.documents.plain_text import key_words, seen, words
from audit.documents.statements import Context, claims_of, metric_of
from audit.documents.tokens import first_number

MAX_DEPTH = 30
_METRICS = ("performance", "metric")
_WHOLE = ("overall", "all", "test", "test set", "none", "full", "whole", "complete")


def read_json(path: str, text: str) -> Document:
    """Read a document.

    Raises:
        Malformed: it is no JSON object with one meaning, or is nested too deeply, or describes several models.
    """
    try:
        value = strict_json.loads(text)
    except ValueError as problem:
        raise Malformed(f"{path}: not JSON: {problem}") from problem
    if not isinstance(value, dict):
        raise Malformed(f"{path}: not a JSON object")
    start = _card(value, path) if value.get("bomFormat") == "CycloneDX" else ()
    entries: list[Entry] = []
    claims: list[Claim] = []
    _walk(_at(value, start), start, 1, entries, claims, path)
    facts = tuple(fact for entry in entries for fact in facts_of_entry(entry))
    return Document(path, text, tuple(entries), tuple(claims), facts)


def _card(value: dict[str, Any], path: str) -> Keys:
    """Where the component with the model card stands in a bill of materials."""
    metadata = value.get("metadata")
    places: list[Keys] = []
    if isinstance(metadata, dict) and isinstance(metadata.get("component"), dict):
        places = [("metadata", "component")] if "modelCard" in metadata["component"] else []
    listed = value.get("components")
    for turn, component in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(component, dict) and "modelCard" in component:
            places.append(("components", turn))
    if len(places) != 1:
        raise Malformed(f"{path}: {len(places)} components have a modelCard; one is expected")
    return places[0]


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value[key]
    return value


def _walk(value: Any, keys: Keys, level: int, entries: list[Entry], claims: list[Claim], path: str) -> None:
    """Note every key with the texts right below it, then what is nested."""
    if level > MAX_DEPTH:
        raise Malformed(f"{path}: nested too deeply")
    if isinstance(value, list):
        for turn, item in enumerate(value):
            if isinstance(item, dict | list):
                _walk(item, (*keys, turn), level + 1, entries, claims, path)
        return
    for key, item in value.items():
        refuse_too_many(path, claims)
        here: Keys = (*keys, key)
        title, texts = key_words(seen(key)), list(_leaves(item))
        entries.append(Entry(title, "\n".join(texts), level, Place(keys=here)))
        if words(title) == _METRICS:
            claims += _metrics(item, here)
        elif isinstance(item, dict | list):
            _walk(item, here, level + 1, entries, claims, path)
        for text in texts:
            if isinstance(item, str | list):
                claims += [replace(claim, place=Place(keys=here)) for claim in claims_of([(0, text)], Context())]


def _leaves(value: Any) -> Iterator[str]:
    """Texts that stand right under a key: its value, or those of a list."""
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, str):
            yield seen(item)
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield str(item)


def _metrics(value: Any, keys: Keys) -> Iterator[Claim]:
    for turn, metric in enumerate(value if isinstance(value, list) else []):
        if not isinstance(metric, dict):
            continue
        written = metric.get("value")
        text = written if isinstance(written, str) else repr(written) if isinstance(written, int | float) else ""
        number = first_number(seen(text))
        if number is None:
            continue
        title = seen(str(metric.get("type") or metric.get("name") or "")[:80])
        known = metric_of(key_words(title))
        part = seen(str(metric.get("slice") or "")[:200]).strip()
        yield Claim(
            known.metric if known else title or "a metric without a type",
            number,
            Place(keys=(*keys, turn, "value")),
            known.average if known else "",
            part="" if part.casefold() in _WHOLE else part,
        )
