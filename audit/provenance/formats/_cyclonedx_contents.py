"""What a CycloneDX document of the right form says: digests, the lineage of models, and what points to what.

Source: CycloneDX 1.4 to 1.7, JSON.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from audit.provenance.json_text import shown
from audit.provenance.record import Claim, Link, Malformed, Role, claim

_MODEL = "machine-learning-model"
_LINEAGE = frozenset({_MODEL, "data", "file"})
_MAY_BE_THE_MODEL = frozenset({_MODEL, "file"})
_ELSEWHERE = "urn:cdx:"
"""How a reference to an object of another document begins."""

_DIGITS = {"BLAKE2b-256": 64, "BLAKE2b-384": 96, "BLAKE3": 64, "Streebog-256": 64, "Streebog-512": 128}
"""Hexadecimal digits of digests that are not compared here."""

_PURL = re.compile(r"pkg:/*[A-Za-z][A-Za-z0-9.+-]*/[^\s]+")
_CPE = re.compile(r"cpe:2\.3:[aho*-](?::(?:[^:\\\s]|\\\S)+){10}|cpe:/[aho]?(?::[^:\s]*){0,6}", re.IGNORECASE)
_LONGEST_FACT = 500


@dataclass(frozen=True)
class _Survey:
    """Every object of a document, seen once.

    Attributes:
        labels: how often each `bom-ref` is given.
        signed_parts: whether an object inside of the document carries a signature of its own.
    """

    labels: Counter[str]
    signed_parts: bool


@dataclass(frozen=True)
class Contents:
    """One document.

    Attributes:
        where: the record, for messages.
    """

    document: dict[str, Any]
    where: str

    @cached_property
    def components(self) -> tuple[dict[str, Any], ...]:
        """The component that the document is about, the others, and those of the formulation; nested ones too."""
        return (*self._listed, *self._made_with)

    @cached_property
    def _listed(self) -> tuple[dict[str, Any], ...]:
        main = self.document.get("metadata", {}).get("component")
        roots = [*([] if main is None else [main]), *self.document.get("components", ())]
        return tuple(_flat(roots, "components"))

    @cached_property
    def _made_with(self) -> tuple[dict[str, Any], ...]:
        formulas = self.document.get("formulation", ())
        return tuple(_flat((one for formula in formulas for one in formula.get("components", ())), "components"))

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Digests of components; those of where a component is distributed are named by that address.

        Raises:
            Malformed: a digest is not as long as those of its kind.
        """
        return tuple(dict.fromkeys(found for _, found in self._digests if isinstance(found, Claim)))

    @property
    def caps(self) -> list[str]:
        """Why the document ties no file firmly."""
        return [*self._repeated_labels(), *self._loose_ends(), *self._disputed()]

    @property
    def notes(self) -> list[str]:
        """What was left aside.

        Raises:
            Malformed: as `claims`.
        """
        kinds = sorted({found for _, found in self._digests if isinstance(found, str)})
        notes = [f"{self.where}: digests of the kind {kind} are not compared" for kind in kinds]
        for component in self.components:
            for key, form, what in (("purl", _PURL, "package URL"), ("cpe", _CPE, "CPE name")):
                if key in component and not form.fullmatch(component[key]):
                    notes.append(f"{self.where}: {shown(component[key])} is no {what}")
        if self._survey.signed_parts:
            notes.append(f"{self.where}: signatures over parts of it were not verified")
        return notes

    @property
    def made(self) -> str:
        """When the document says that it was made."""
        return str(self.document.get("metadata", {}).get("timestamp", "")).upper()

    @property
    def links(self) -> tuple[Link, ...]:
        """From data sets, ancestors and what a model depends on to models, and between data."""
        return tuple(dict.fromkeys([*self._from_cards(), *self._from_dependencies()]))

    @property
    def facts(self) -> dict[str, str]:
        """What the first model says of itself, and the number of the document."""
        model = next((part for part in self.components if part["type"] == _MODEL), {})
        parameters = model.get("modelCard", {}).get("modelParameters", {})
        told = {
            "serial_number": self.document.get("serialNumber"),
            "model": model.get("name"),
            "model_version": model.get("version"),
            "approach": parameters.get("approach", {}).get("type"),
            "task": parameters.get("task"),
            "architecture_family": parameters.get("architectureFamily"),
            "architecture": parameters.get("modelArchitecture"),
            "datasets": ", ".join(dict.fromkeys(self._data_sets(model))),
        }
        return {key: value[:_LONGEST_FACT] for key, value in told.items() if value}

    @cached_property
    def _digests(self) -> tuple[tuple[str, Claim | str], ...]:
        """Name of the component, and its claim or the kind of a digest that is not compared."""
        found: list[tuple[str, Claim | str]] = []
        inputs = self._inputs
        for component in self.components:
            name = component["name"]
            role: Role = "input" if id(component) in inputs else "made"
            found.extend((name, _digest(name, entry, role, self.where)) for entry in component.get("hashes", ()))
            for reference in component.get("externalReferences", ()):
                if reference["type"] == "distribution":
                    url = reference["url"]
                    found.extend(
                        (url, _digest(url, entry, "input", self.where)) for entry in reference.get("hashes", ())
                    )
        return tuple(found)

    @cached_property
    def _inputs(self) -> frozenset[int]:
        """Identities of components that are not the model, whatever their digests.

        Those are of other types, left out by their scope or inside of one that is, part of the formulation, or models
        that another model depends on.
        """
        excluded = _flat((part for part in self._listed if part.get("scope") == "excluded"), "components")
        other = (part for part in self._listed if part["type"] not in _MAY_BE_THE_MODEL)
        kinds = {part["bom-ref"]: part["type"] for part in self.components if "bom-ref" in part}
        bases = {
            ref
            for entry in self.document.get("dependencies", ())
            for ref in entry.get("dependsOn", ())
            if kinds.get(ref) == _MODEL == kinds.get(entry["ref"])
        }
        used = (part for part in self._listed if part.get("bom-ref") in bases)
        return frozenset(map(id, (*excluded, *other, *used, *self._made_with)))

    @cached_property
    def _survey(self) -> _Survey:
        labels: Counter[str] = Counter()
        signed = False
        layer: list[Any] = [part for key, part in self.document.items() if key != "signature"]
        while layer:
            value = layer.pop()
            if isinstance(value, dict):
                if isinstance(value.get("bom-ref"), str):
                    labels[value["bom-ref"]] += 1
                signed = signed or "signature" in value
                layer.extend(value.values())
            elif isinstance(value, list):
                layer.extend(value)
        return _Survey(labels, signed)

    @cached_property
    def _names(self) -> dict[str, str]:
        """Names of components, services and data, by `bom-ref`."""
        services = _flat(self.document.get("services", ()), "services")
        data = (entry for component in self.components for entry in _data(component))
        named = (*self.components, *services, *data)
        return {part["bom-ref"]: part["name"] for part in named if part.get("bom-ref") and part.get("name")}

    def _repeated_labels(self) -> list[str]:
        repeated = [label for label, times in self._survey.labels.items() if times > 1]
        ambiguous = [label for label in repeated if label in self._names]
        if ambiguous:
            raise Malformed(f"{self.where}: the bom-ref {shown(ambiguous[0])} is given to more than one object")
        return [f"{self.where}: the bom-ref {shown(label)} is given to more than one object" for label in repeated[:1]]

    def _loose_ends(self) -> list[str]:
        """References that lead nowhere, and dependencies that are told twice; one sentence each kind."""
        told = [entry["ref"] for entry in self.document.get("dependencies", ())]
        linked = [ref for entry in self.document.get("dependencies", ()) for ref in _dependencies(entry)]
        used = [entry["ref"] for part in self.components for entry in _datasets(part) if "ref" in entry]
        loose = [ref for ref in (*told, *linked, *used) if ref not in self._survey.labels and not _is_elsewhere(ref)]
        twice = [ref for ref, times in Counter(told).items() if times > 1]
        return [
            *(f"{self.where}: it refers to {shown(ref)}, which is not in it" for ref in loose[:1]),
            *(f"{self.where}: it tells the dependencies of {shown(ref)} more than once" for ref in twice[:1]),
        ]

    def _disputed(self) -> list[str]:
        """Components that give two digests of one kind, so that two files could pass for them."""
        for component in self.components:
            given = {(entry["alg"], entry["content"].lower()) for entry in component.get("hashes", ())}
            if len({algorithm for algorithm, _ in given}) < len(given):
                return [f"{self.where}: {shown(component['name'])} has two digests of one kind"]
        return []

    def _data_sets(self, component: dict[str, Any]) -> Iterator[str]:
        for entry in _datasets(component):
            place = entry.get("contents", {}).get("url")
            name = self._names.get(entry["ref"], entry["ref"]) if "ref" in entry else entry.get("name") or place
            if name:
                yield name

    def _from_cards(self) -> Iterator[Link]:
        for component in self.components:
            for name in self._data_sets(component):
                yield Link(name, component["name"], "data set")
            if component["type"] in _LINEAGE:
                for ancestor in component.get("pedigree", {}).get("ancestors", ()):
                    yield Link(ancestor["name"], component["name"], "ancestor")

    def _from_dependencies(self) -> Iterator[Link]:
        kinds = {part["bom-ref"]: part["type"] for part in self.components if "bom-ref" in part}
        for entry in self.document.get("dependencies", ()):
            for ref in entry.get("dependsOn", ()):
                if kinds.get(ref) in _LINEAGE and {ref, entry["ref"]} <= self._names.keys():
                    yield Link(self._names[ref], self._names[entry["ref"]], "depends on")


def _flat(parts: Iterable[dict[str, Any]], key: str) -> Iterator[dict[str, Any]]:
    """Parts and what is nested in them under a key."""
    for part in parts:
        yield part
        yield from _flat(part.get(key, ()), key)


def _datasets(component: dict[str, Any]) -> list[dict[str, Any]]:
    parameters = component.get("modelCard", {}).get("modelParameters", {})
    entries: list[dict[str, Any]] = parameters.get("datasets", [])
    return entries


def _data(component: dict[str, Any]) -> list[dict[str, Any]]:
    return [*component.get("data", ()), *_datasets(component)]


def _dependencies(entry: dict[str, Any]) -> list[str]:
    return [*entry.get("dependsOn", ()), *entry.get("provides", ())]


def _is_elsewhere(ref: str) -> bool:
    return ref.startswith(_ELSEWHERE)


def _digest(name: str, entry: dict[str, Any], role: Role, where: str) -> Claim | str:
    algorithm, content = entry["alg"], entry["content"]
    found = claim(name, "blake2b" if algorithm == "BLAKE2b-512" else algorithm, content, where, role)
    if found is not None:
        return found
    if len(content) != _DIGITS[algorithm]:
        raise Malformed(f"{where}: the {algorithm} of {shown(name)} is not {_DIGITS[algorithm]} hex digits")
    return str(algorithm)
