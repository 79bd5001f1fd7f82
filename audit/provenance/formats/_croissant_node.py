"""One object of a Croissant card: its properties by meaning, each read with the type that it has to have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from audit.provenance.formats._croissant_terms import Terms
from audit.provenance.json_text import shown
from audit.provenance.record import Malformed

MAX_DEPTH = 30
_SPACE = re.compile(r"\s")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_IN_LANGUAGES = frozenset({"sc:name", "sc:description"})


class Node:
    """An object such as a file, a record set or a field.

    Attributes:
        terms: vocabulary of the card.
        where: place of the object, for messages.
        depth: how many objects it lies in.
    """

    def __init__(self, entry: Any, terms: Terms, where: str, depth: int = 0) -> None:
        """Resolve the keys.

        Raises:
            Malformed: it is no object, nests too deeply, says one thing twice, or has a context of its own.
        """
        if not isinstance(entry, dict):
            raise Malformed(f"{where}: an object is expected")
        if depth > MAX_DEPTH:
            raise Malformed(f"{where}: objects are nested too deeply")
        if depth and "@context" in entry:
            raise Malformed(f"{where}: only the card itself may have an @context")
        self.terms, self.where, self.depth = terms, where, depth
        self._values: dict[str, Any] = {}
        self._spelled: dict[str, str] = {}
        for key, value in entry.items():
            meaning = terms.short(key)
            if not meaning:
                continue
            if meaning in self._values:
                raise Malformed(f"{where}: {shown(self._spelled[meaning])} and {shown(key)} are one property")
            self._values[meaning], self._spelled[meaning] = value, key

    def __contains__(self, meaning: str) -> bool:
        return self._values.get(meaning) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def listed(self, meaning: str) -> list[Any]:
        """The values of a property, one or many."""
        value = self._values.get(meaning)
        return value if isinstance(value, list) else [] if value is None else [value]

    @property
    def types(self) -> frozenset[str]:
        """What it is, as `cr:FileObject`."""
        return frozenset(self.terms.short(item) for item in self.listed("@type") if isinstance(item, str))

    @property
    def id(self) -> str:
        """The `@id` that others refer to; empty where there is none.

        Raises:
            Malformed: it is no text, or no reference could be written to it.
        """
        value = self._values.get("@id")
        return "" if value is None else self._checked(value)

    def text(self, meaning: str) -> str:
        """Text, the first where there are several; empty where there is none."""
        return next(iter(self.texts(meaning)), "")

    def texts(self, meaning: str) -> list[str]:
        """Texts of a property, whatever their language.

        Raises:
            Malformed: a value is no text.
        """
        return [text for item in self.listed(meaning) for text in self._text(item, meaning)]

    def _text(self, item: Any, meaning: str) -> list[str]:
        values = [item]
        if isinstance(item, dict) and "@value" in item:
            values = [item["@value"]]
        elif isinstance(item, dict) and meaning in _IN_LANGUAGES and self.terms.version == "1.1":
            values = list(item.values()) if all(_LANGUAGE.fullmatch(key) for key in item) else []
        if values and all(isinstance(value, str) for value in values):
            return values
        raise Malformed(f"{self.where}: {meaning.partition(':')[2]} is no text")

    def addresses(self, meaning: str) -> list[str]:
        """Values that name a thing of a vocabulary, such as a data type; plain text that names none is left out."""
        as_address = self.terms.stands_for_address(self._spelled.get(meaning, ""))
        found = []
        for item in self.listed(meaning):
            if isinstance(item, dict) and isinstance(item.get("@id"), str):
                found.append(self.terms.short(item["@id"]))
            elif isinstance(item, str):
                found.append(self.terms.short(item) if as_address else self.terms.shortened(item))
        return [word for word in found if word.startswith(("sc:", "cr:", "<http"))]

    def references(self, meaning: str) -> list[str]:
        """The ids that a property refers to.

        Raises:
            Malformed: a value is neither an id nor an object with one.
        """
        return [self._reference(item) for item in self.listed(meaning)]

    def _reference(self, item: Any) -> str:
        return self._checked(item.get("@id") if isinstance(item, dict) else item)

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise Malformed(f"{self.where}: a reference has to be an @id")
        if _SPACE.search(value):
            raise Malformed(f"{self.where}: the id {shown(value)} holds white space")
        return value

    def nodes(self, meaning: str) -> Iterator[Node]:
        """The objects of a property, each named by its place in messages."""
        label = f"{self.where}: {meaning.partition(':')[2]}"
        for number, item in enumerate(self.listed(meaning), start=1):
            yield Node(item, self.terms, f"{label} {number}", self.depth + 1)

    def flag(self, meaning: str) -> bool:
        """A truth value; false where it is absent.

        Raises:
            Malformed: it is something else.
        """
        value = self._values.get(meaning)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise Malformed(f"{self.where}: {meaning.partition(':')[2]} is neither true nor false")
