"""How far our own tables of CycloneDX agree with its JSON Schema, on thousands of documents made for the purpose.

Run it with `python -m tests.benchmarks.cyclonedx_schema [DOCUMENTS] [SEED]`; it needs the extra `cyclonedx`. Documents
are drawn at random from the JSON Schema that comes with `cyclonedx-python-lib`, each of its properties with some
chance, so a property that our tables do not know shows up. Each document is then changed at random places: a property
dropped, added or replaced, an entry repeated, a text damaged. The strict validator of the package says which are right.
Goals: what it accepts is never refused, and of what it refuses at least 95 % is refused without it.
"""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from audit.provenance.formats import _cyclonedx_schema as tables

CHANGES = 6
"""Changed documents that are made of each."""

DEEPEST = 9
_LONGEST = 20_000
_FORMATS = {
    "date-time": ("2024-02-29T23:59:59.5+05:30", "2025-01-01T00:00:00Z"),
    "date": ("2024-02-29",),
    "idn-email": ("somebody@example.org",),
    "iri-reference": ("https://example.org/a?b=c#d", "mailto:a@b", "../relative"),
    "uri": ("https://example.org/algorithm",),
}
_PATTERNS = {
    "^urn:uuid:": ("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",),
    "^urn:cdx:": ("urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#part",),
    "^([a-fA-F0-9]": ("aB" * 16, "aB" * 20, "aB" * 32, "aB" * 48, "aB" * 64),
    "^[-+a-z0-9.]+/": ("text/x-csv",),
    "^CRE:": ("CRE:616-305",),
    "^([a-z]{2})": ("en", "en-US"),
    "^[A-Z]{2}$": ("EU",),
    "^[A-Za-z0-9][A": ("EP 1234567-B1",),
}
_KEYS = {
    "EC": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    "OKP": {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
    "RSA": {"kty": "RSA", "n": "AA", "e": "AQAB"},
}
_DAMAGE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, 2.0, 7, "", "x", "x" * 5000, [], {}, ["x"], [1], {"x": 1}, [{}], "no address",
    "2024-13-01T00:00:00Z", "2024-02-30", "2024-02-30T00:00:00Z", "%zz", "a#b#c", "http://[", ":a", "//a:b", "[x]",
    "\\", "a:b:c", "1a:b", "//x@y@z/", "http://h:x/", "urn:uuid:x", "GPL", "sha256", "a@b",
)  # fmt: skip


@dataclass
class Agreement:
    """How two validators judge the same documents.

    Attributes:
        both_accept: documents.
        both_refuse: documents.
        refused_wrongly: documents that the package accepts and our tables refuse, with our reason.
        missed: documents that the package refuses and our tables accept, with the reason of the package.
    """

    both_accept: int = 0
    both_refuse: int = 0
    refused_wrongly: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def found(self) -> float:
        """Share of what the package refuses that our tables refuse too."""
        return self.both_refuse / max(1, self.both_refuse + len(self.missed))


def agreement(documents: int, seed: int) -> Agreement:
    """Judge random documents and changed ones, as many of each version."""
    chance = random.Random(seed)
    result = Agreement()
    for number in range(documents):
        version = list(tables.VERSIONS)[number % len(tables.VERSIONS)]
        document = _Drawn(chance, f"bom-{version}").document(version)
        for candidate in (document, *(_changed(document, chance) for _ in range(CHANGES))):
            text = json.dumps(candidate)
            if candidate.get("specVersion") == version and len(text) < _LONGEST:
                _judge(candidate, text, version, result)
    return result


def _judge(document: dict[str, Any], text: str, version: str, result: Agreement) -> None:
    ours, theirs = tables.fault(document, version), _validator(version).validate_str(text)
    if theirs is None and not ours:
        result.both_accept += 1
    elif theirs is not None and ours:
        result.both_refuse += 1
    elif theirs is None:
        result.refused_wrongly.append(f"{version} {ours}")
    else:
        result.missed.append(f"{version} {theirs.data.json_path}: {theirs.data.message[:200]}")


@cache
def _validator(version: str) -> Any:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return JsonStrictValidator(SchemaVersion.from_version(version))


@cache
def _schema(name: str) -> dict[str, Any]:
    import cyclonedx

    folder = Path(cyclonedx.__file__).parent / "schema" / "_res"
    loaded: dict[str, Any] = json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class _Drawn:
    """Draws values at random from a JSON Schema of draft 7, as far as CycloneDX uses it."""

    chance: random.Random
    name: str

    def document(self, version: str) -> dict[str, Any]:
        root = _schema(self.name)["properties"]
        keys = self.chance.sample([key for key in root if key not in ("bomFormat", "specVersion")], 2)
        drawn = {key: self.value(root[key], 1) for key in keys}
        return {"bomFormat": "CycloneDX", "specVersion": version, **drawn}

    def value(self, schema: dict[str, Any], depth: int) -> Any:
        if "$ref" in schema:
            return self._referred(schema["$ref"], depth)
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        if "properties" in schema:
            return self._object(schema, depth)
        for key in ("oneOf", "anyOf", "allOf"):
            if key in schema:
                return self.value({**self.chance.choice(schema[key])}, depth)
        return self._plain(schema, depth)

    def _referred(self, place: str, depth: int) -> Any:
        file, _, definition = place.partition("#/definitions/")
        name = file.removesuffix(".SNAPSHOT.schema.json") or self.name
        schema = _schema(name)
        return _Drawn(self.chance, name).value(schema["definitions"][definition] if definition else schema, depth)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        alternatives = [set(option["required"]) for option in schema.get("oneOf", ()) if "required" in option]
        taken = self.chance.choice(alternatives) if alternatives else set()
        left = set().union(*alternatives) - taken
        needed = {*schema.get("required", ()), *taken}
        likely = 0.0 if depth >= DEEPEST else 0.6 / depth**0.7
        chosen = [key for key in schema["properties"] if key in needed or (key not in left and self._heads(likely))]
        drawn = {key: self.value(schema["properties"][key], depth + 1) for key in chosen}
        if drawn.get("isExternal") is True and "versionRange" in drawn:
            drawn.pop("version", None)
        return _KEYS[drawn["kty"]] if "kty" in drawn else drawn

    def _plain(self, schema: dict[str, Any], depth: int) -> Any:
        kind = schema["type"]
        if kind == "array":
            items = schema["items"]
            if isinstance(items, list):
                return [self.value(items[0], depth + 1)]
            least = schema.get("minItems", 0)
            return [self.value(items, depth + 1) for _ in range(self.chance.randint(least, 2))]
        if kind == "string":
            return self._text(schema)
        return {"boolean": self._heads(0.5), "integer": self.chance.randint(1, 6), "number": 0.5}.get(kind, {})

    def _text(self, schema: dict[str, Any]) -> str:
        for begin, examples in _PATTERNS.items():
            if schema.get("pattern", "").startswith(begin):
                return self.chance.choice(examples)
        if "format" in schema:
            return self.chance.choice(_FORMATS[schema["format"]])
        return f"text ü {self.chance.randrange(1000)}"

    def _heads(self, likely: float) -> bool:
        return self.chance.random() < likely


def _changed(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    parent, key = chance.choice(list(_places(changed)))
    value = parent[key]
    way = chance.randrange(5)
    if way == 0:
        del parent[key]
    elif way == 1 and isinstance(value, dict):
        value["unknown"] = 1
    elif way == 2 and isinstance(value, list) and value:
        value.append(copy.deepcopy(value[0]))
    elif way == 3 and isinstance(value, str):
        parent[key] = chance.choice((value + " ", value[:-1], value.upper(), f" {value}", value + "é"))
    else:
        parent[key] = copy.deepcopy(chance.choice(_DAMAGE))
    return changed


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(part, dict | list):
            yield from _places(part)


def main() -> None:
    """Print the agreement."""
    documents, seed = (int(argument) for argument in (*sys.argv[1:], "1500", "1")[:2])
    result = agreement(documents, seed)
    print(f"both accept {result.both_accept:,}, both refuse {result.both_refuse:,} documents")
    print(f"refused wrongly: {len(result.refused_wrongly)}", *result.refused_wrongly[:10], sep="\n  ")
    print(f"found of what the schema refuses: {result.found:.2%}; missed:", *result.missed[:10], sep="\n  ")


if __name__ == "__main__":
    main()
