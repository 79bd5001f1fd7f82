"""What the words of a Croissant card mean: JSON-LD terms, resolved by the card's own `@context`.

A key counts by the address that it stands for, not by its spelling: `sha256`, `sc:sha256` and
`https://schema.org/sha256` are one property, and `dataType` is none as long as the context does not say so. Contexts
that lie elsewhere are not fetched.

Source: JSON-LD 1.1, "The Context" and "IRI expansion"; Croissant format specification 1.1, "Namespaces".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.provenance.json_text import shown
from audit.provenance.record import Malformed

VERSIONS = {f"http://mlcommons.org/croissant/{version}": version for version in ("0.8", "1.0", "1.1")}
_SCHEMA = {"http://schema.org/": "sc:", "https://schema.org/": "sc:"}
_SINCE_1_0 = {"http://mlcommons.org/croissant/RAI/": "rai:", "http://mlcommons.org/croissant/": "cr:"}
_BEFORE_1_0 = {"http://mlcommons.org/schema/": "cr:"}
_CONFORMS_TO = "http://purl.org/dc/terms/conformsTo"
_MAX_STEPS = 10


class Terms:
    """The vocabulary of one card.

    Attributes:
        version: of Croissant that the card says it conforms to; 0.8 where it says nothing, as cards of that time do.
    """

    def __init__(self, document: Mapping[str, Any], where: str) -> None:
        """Read the context of a card.

        Raises:
            Malformed: there is no context that can be read here, or the card conforms to no version that is known.
        """
        context = document.get("@context")
        if not isinstance(context, dict) or "@import" in context:
            raise Malformed(f"{where}: @context has to be an object in the card itself; no context is fetched")
        if not isinstance(context.get("@vocab", ""), str):
            raise Malformed(f"{where}: @vocab is no text")
        self._context, self._where = context, where
        self._known: dict[str, str] = {}
        self.version = self._version(document)
        self._namespaces = _SCHEMA | (_BEFORE_1_0 if self.version == "0.8" else _SINCE_1_0)

    def _version(self, document: Mapping[str, Any]) -> str:
        said = [value for key, value in document.items() if self._address(key) == _CONFORMS_TO]
        listed = [item for value in said for item in (value if isinstance(value, list) else [value])]
        texts = [item.get("@id") if isinstance(item, dict) else item for item in listed]
        known = [VERSIONS[text] for text in texts if isinstance(text, str) and text in VERSIONS]
        if said and not known:
            raise Malformed(f"{self._where}: conformsTo names no version of Croissant that is known: 0.8, 1.0, 1.1")
        return known[0] if known else "0.8"

    def short(self, word: str) -> str:
        """A key or type in its one spelling: `sc:name`, `cr:field`, `@id`, another vocabulary's as `<address>`."""
        if word not in self._known:
            self._known[word] = self.shortened(self._address(word))
        return self._known[word]

    def shortened(self, address: str) -> str:
        """A full address with the prefix of its vocabulary, where that is schema.org or Croissant.

        Others stand in brackets, so that a prefix that the card never explains is not taken for a known one.
        """
        for start, prefix in self._namespaces.items():
            if address.startswith(start):
                return prefix + address[len(start) :]
        return address if not address or address.startswith("@") else f"<{address}>"

    def stands_for_address(self, word: str) -> bool:
        """Whether text under this key is an address, as `{"@type": "@vocab"}` in the context says."""
        definition = self._context.get(word)
        return isinstance(definition, dict) and definition.get("@type") in ("@vocab", "@id")

    def _address(self, word: str, steps: int = 0) -> str:
        if steps > _MAX_STEPS:
            raise Malformed(f"{self._where}: @context explains {shown(word)} by itself")
        if word.startswith("@"):
            return word
        definition = self._context.get(word, word)
        if isinstance(definition, dict):
            definition = definition.get("@id", word)
        if definition is None:  # the context takes the meaning away
            return ""
        if not isinstance(definition, str):
            raise Malformed(f"{self._where}: @context explains {shown(word)} by something that is no text")
        if definition != word:
            return self._address(definition, steps + 1)
        prefix, colon, rest = word.partition(":")
        if colon and not rest.startswith("//") and prefix in self._context:
            return self._address(prefix, steps + 1) + rest
        return word if colon else f"{self._context.get('@vocab', '')}{word}"
