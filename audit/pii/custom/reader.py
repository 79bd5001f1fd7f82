"""Reads a user's file of recognisers and allow lists, and says all its mistakes at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from audit import plugins, yaml_file
from audit.pii.custom import checksums, slow_regex
from audit.pii.custom.rules import Allowed, Custom, Listed
from audit.pii.custom.trial import Trial
from audit.pii.patterns.pattern import Pattern
from audit.pii.presidio import LANGUAGES
from audit.yaml_file import Document, KeyPath, YamlError

MOST_RECOGNISERS = 200
_TOP = ("recognisers", "allow", "tests")
_RECOGNISER = (
    "entity", "name", "describes", "pattern", "words", "score", "checksum", "context", "needs_context", "ignore_case",
    "languages", "examples",
)  # fmt: skip
_OF_PATTERNS = ("checksum", "context", "needs_context", "ignore_case")
_ALLOW = ("words", "pattern", "entities")
_TEST = ("text", "finds", "language", "column")
_ENTITY = re.compile(r"[A-Z][A-Z0-9_]{1,59}")
_PATTERN_SCORE, _WORD_SCORE = 0.5, 0.85


def read(name: str, content: bytes) -> Custom:
    """Read one file.

    Args:
        name: how messages name the file; it is not opened.
        content: its bytes.

    Raises:
        YamlError: the file is wrong; it carries every mistake.
    """
    return read_with_trials(name, content).custom


def read_with_trials(name: str, content: bytes) -> Contents:
    """Read one file with the tests in it; arguments and errors as `read`."""
    return _File(yaml_file.read(name, content)).contents()


@dataclass(frozen=True)
class Contents:
    """All that a file says: what is found and allowed, and the tests of it."""

    custom: Custom
    trials: tuple[Trial, ...]


class _File:
    """One file while it is read."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems: list[tuple[KeyPath, bool, str]] = []

    def contents(self) -> Contents:
        """All that the file says."""
        self._known_keys((), self._document.value, _TOP)
        patterns: list[Pattern] = []
        lists: list[Listed] = []
        described: dict[str, str] = {}
        samples: dict[str, tuple[str, ...]] = {}
        for at, value in self._mappings("recognisers", _RECOGNISER):
            entity = self._entity(at, value)
            if "pattern" in value:
                patterns += self._pattern(at, value, entity)
            else:
                lists += self._listed(at, value, entity)
            words = self._text(at, value, "describes") or f"{entity} as the policy's own recognisers find it"
            described.setdefault(entity, words)
            made = self._words(at, value, "examples") or self._words(at, value, "words")
            if made:
                samples[entity] = samples.get(entity, ()) + made
        allow = tuple(self._allowed(at, value) for at, value in self._mappings("allow", _ALLOW))
        trials = tuple(self._trial(at, value) for at, value in self._mappings("tests", _TEST))
        if not (patterns or lists or allow or self._problems):
            self._note((), "neither recognises nor allows anything; give it recognisers, or allow")
        self._raise()
        custom = Custom(tuple(described.items()), tuple(patterns), tuple(lists), allow, tuple(samples.items()))
        return Contents(custom, trials)

    def _entity(self, at: KeyPath, value: dict[str, Any]) -> str:
        entity = self._text(at, value, "entity")
        if entity is None:
            if "entity" not in value:
                self._note(at, 'key "entity" is missing; it names what is found')
            return "UNNAMED"
        if not _ENTITY.fullmatch(entity):
            self._note((*at, "entity"), f'"{entity[:60]}" is no entity; use capital letters, digits and _')
        return entity

    def _pattern(self, at: KeyPath, value: dict[str, Any], entity: str) -> Iterator[Pattern]:
        if "words" in value:
            self._note((*at, "words"), "a recogniser has a pattern or words, not both; make two of it", key=True)
        ignore_case = self._flag(at, value, "ignore_case")
        regex = self._regex((*at, "pattern"), value["pattern"], ignore_case=ignore_case)
        context = tuple(word.lower() for word in self._words(at, value, "context"))
        needs_context = self._flag(at, value, "needs_context")
        if needs_context and not context:
            self._note((*at, "needs_context"), "needs_context without context finds nothing; list the words", key=True)
        checksum = self._text(at, value, "checksum")
        if checksum is not None and checksum not in checksums.names():
            self._note((*at, "checksum"), str(plugins.unknown("checksum", checksum, checksums.names())))
            checksum = None
        found = Pattern(
            name=self._text(at, value, "name") or entity,
            entity=entity,
            regex=regex or "",
            score=self._score(at, value, _PATTERN_SCORE),
            check=checksums.check(checksum) if checksum else None,
            context=context,
            needs_context=needs_context,
            ignore_case=ignore_case,
            languages=self._languages(at, value),
        )
        if regex is not None:
            self._check_examples(at, value, found)
            yield found

    def _check_examples(self, at: KeyPath, value: dict[str, Any], pattern: Pattern) -> None:
        compiled = re.compile(pattern.regex, re.IGNORECASE if pattern.ignore_case else 0)
        for position, example in enumerate(self._words(at, value, "examples")):
            match = compiled.search(example)
            if match is None:
                self._note((*at, "examples", position), "the pattern does not match this example")
            elif pattern.check and pattern.check(match["value" if "value" in compiled.groupindex else 0]) is False:
                self._note((*at, "examples", position), "the check digits of this example are wrong")

    def _listed(self, at: KeyPath, value: dict[str, Any], entity: str) -> Iterator[Listed]:
        if "words" not in value:
            self._note(at, 'key "pattern" is missing, or "words"; one of them says what is found')
        for name in (key for key in _OF_PATTERNS if key in value):
            self._note((*at, name), f'"{name}" goes with a pattern; words are always a finding', key=True)
        words = self._words(at, value, "words")
        score = self._score(at, value, _WORD_SCORE)
        if words:
            yield Listed(entity, words, score, self._languages(at, value))

    def _allowed(self, at: KeyPath, value: dict[str, Any]) -> Allowed:
        if "pattern" not in value and "words" not in value:
            self._note(at, 'key "words" is missing, or "pattern"; one of them says what is allowed')
        regex = self._regex((*at, "pattern"), value["pattern"]) if "pattern" in value else None
        return Allowed(self._words(at, value, "words"), (regex,) if regex else (), self._words(at, value, "entities"))

    def _trial(self, at: KeyPath, value: dict[str, Any]) -> Trial:
        if "text" not in value or "finds" not in value:
            missing = "finds" if "text" in value else "text"
            self._note(at, f'key "{missing}" is missing; a test has a text and the kinds that it finds')
        language = self._text(at, value, "language") or "en"
        if language not in LANGUAGES:
            self._note((*at, "language"), str(plugins.unknown("language", language, LANGUAGES)))
        finds = self._words(at, value, "finds")
        return Trial(
            self._document.mark(at),
            self._text(at, value, "text") or "",
            tuple(sorted(set(finds))),
            language,
            self._text(at, value, "column") or "",
        )

    def _regex(self, at: KeyPath, value: Any, *, ignore_case: bool = False) -> str | None:
        """The pattern, None where it cannot be used."""
        if not isinstance(value, str) or not value:
            self._note(at, "expected a regular expression as text; put it in single quotes")
            return None
        why = slow_regex.reason(value, ignore_case=ignore_case)
        if why:
            self._note(at, f"the pattern cannot be used: {why}")
            return None
        return value

    def _score(self, at: KeyPath, value: dict[str, Any], default: float) -> float:
        score = value.get("score", default)
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 < score <= 1:
            self._note((*at, "score"), "expected a number above 0 and up to 1")
            return default
        return float(score)

    def _flag(self, at: KeyPath, value: dict[str, Any], key: str) -> bool:
        flag = value.get(key, False)
        if not isinstance(flag, bool):
            self._note((*at, key), "expected true or false")
        return flag is True

    def _languages(self, at: KeyPath, value: dict[str, Any]) -> tuple[str, ...]:
        languages = self._words(at, value, "languages")
        for position, language in enumerate(languages):
            if language not in LANGUAGES:
                self._note((*at, "languages", position), str(plugins.unknown("language", language, LANGUAGES)))
        return languages

    def _text(self, at: KeyPath, value: dict[str, Any], key: str) -> str | None:
        if key not in value:
            return None
        path = (*at, key)
        # an unquoted 007 was read as a number; what its author wrote is meant
        text = self._document.source_text(path)
        if text is None or not text.strip():
            self._note(path, "expected text")
            return None
        return text

    def _words(self, at: KeyPath, value: dict[str, Any], key: str) -> tuple[str, ...]:
        """A list of texts; nothing where the key is absent. Only a test may list nothing: that it finds nothing."""
        if key not in value:
            return ()
        path, items = (*at, key), value[key]
        listed = isinstance(items, list)
        texts = [self._document.source_text((*path, place)) for place in range(len(items))] if listed else []
        if not listed or any(text is None or not text.strip() for text in texts):
            self._note(path, "expected a list of words, such as [one, two]")
            return ()
        if not texts and key != "finds":
            self._note(path, "the list is empty; leave the key out")
        return tuple(text for text in texts if text is not None)

    def _mappings(self, key: str, known: Sequence[str]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
        items = self._document.value.get(key, [])
        if not isinstance(items, list):
            self._note((key,), f"expected a list, each item with keys such as {known[0]}")
            return
        if len(items) > MOST_RECOGNISERS and key != "tests":
            self._note((key,), f"more than {MOST_RECOGNISERS} items; join words into lists and patterns with |")
            return
        for position, value in enumerate(items):
            at: KeyPath = (key, position)
            if isinstance(value, dict):
                self._known_keys(at, value, known)
                yield at, value
            else:
                self._note(at, f"expected keys such as {known[0]}")

    def _known_keys(self, at: KeyPath, value: dict[str, Any], known: Sequence[str]) -> None:
        for key in value:
            if key not in known:
                self._note((*at, key), str(plugins.unknown("key", key, known)), key=True)

    def _note(self, at: KeyPath, message: str, *, key: bool = False) -> None:
        if (at, key, message) not in self._problems:
            self._problems.append((at, key, message))

    def _raise(self) -> None:
        if self._problems:
            place = {True: self._document.key_mark, False: self._document.mark}
            placed = [(place[key](at), message.replace("\n", "\\n")) for at, key, message in self._problems]
            placed.sort(key=lambda problem: [int(number) for number in problem[0].split(":")[-2:]])
            raise YamlError(tuple(f"{where}: {message}" for where, message in placed[: yaml_file.MAX_PROBLEMS]))
