"""Makes foreign words harmless to look at: column names, labels and messages come from files that nobody has vetted."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from audit.records import Verdict

LONGEST = 2000
"""Characters of one text that a report shows; the exact text is in `bundle.json`."""

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# zero-width joiners are needed to write Persian, Hindi and emoji, and neither hides nor reorders anything
_JOINERS = "\u200c\u200d"
# GitHub and Azure obey lines that begin so; Unicode spaces around them are trimmed there, so the place does not matter
_COMMANDS = re.compile(r"::|##(?=\[|vso)")

T = TypeVar("T")


def plain(text: str) -> str:
    r"""One line of text without characters that hide, reorder or command.

    White space becomes one blank. Controls (C0, C1), marks that reorder text, tags, lone surrogates and noncharacters
    are written out, such as `\x1b`, so that a reader sees that something odd stood there.
    """
    text = " ".join(text.split())
    if not (text.isascii() and text.isprintable()):
        text = "".join(visible(character) for character in text)
    return text if len(text) <= LONGEST else text[: LONGEST - 4] + " ..."


def without_commands(text: str) -> str:
    """Text whose lines no CI service takes for a command of its own (`::error::`, `##[group]`)."""
    return _COMMANDS.sub(lambda match: " ".join(match[0]), text)


def plain_record(record: T) -> T:
    """A copy of a record in which every text, at any depth, is `plain`."""
    copy: T = _plain_copy(_Same(record))
    return copy


class _Same:
    """A record, equal to itself alone: records hold mappings, which no cache can look up."""

    def __init__(self, record: object) -> None:
        self.record = record

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.record is self.record

    def __hash__(self) -> int:
        return id(self.record)


@lru_cache(maxsize=1)
def _plain_copy(same: _Same) -> Any:
    # every report cleans the same bundle again
    return _plain_value(same.record)


def _plain_value(value: Any) -> Any:
    if isinstance(value, Verdict):
        return value
    if isinstance(value, str):
        return _plain_word(value)
    if isinstance(value, Mapping):
        return {_plain_word(str(key)): _plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain_value(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {field.name: _plain_value(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **changes)
    return value


@lru_cache(maxsize=4096)
def _plain_word(text: str) -> str:
    # every report cleans the same few words again
    return plain(text)


def visible(character: str) -> str:
    """A character as it is, or written out where it would hide, reorder or command."""
    if character.isascii() and character.isprintable():
        return character
    code = ord(character)
    noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    if not noncharacter and (unicodedata.category(character) not in _HIDDEN or character in _JOINERS):
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
