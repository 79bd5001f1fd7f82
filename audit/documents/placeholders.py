"""Whether a text says something, or only holds a place: empty, TBD, the template's question, its own title again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from audit.documents.plain_text import WORD, word_set

_SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+|\n+")
_BRACKETS = re.compile(r"\[[^\[\]]{0,300}\]|\{\{[^{}]{0,300}\}\}|<[^<>]{0,300}>|\([^()]{0,60}\)")
_UNFINISHED = word_set("tbd tba tbc todo fixme wip xxx xxxx placeholder")
_LONGEST_UNFINISHED = 8
_NOTHING = frozenset(
    (
        "n a", "na", "none", "nil", "null", "nothing", "unknown", "undefined", "unspecified", "empty", "blank",
        "optional", "none known", "insufficient information", "not known", "not yet", "not applicable",
        "not available", "not provided", "not specified", "no",
        "not documented", "not given", "not stated", "not yet known", "not yet available", "no information", "pending",
        "no information available", "no information provided", "information not available", "yes", "to do", "draft",
        "coming soon", "work in progress", "under construction", "in progress", "see template", "same", "idem", "ditto",
        "more information needed", "more info needed", "needs more information", "information needed", "your text here",
        "text here", "text goes here", "content goes here", "lorem", "foo", "bar", "foo bar", "asdf",
    )
)  # fmt: skip
_BEGINNINGS = (
    "to be ", "insert ", "fill in", "please fill", "please add", "please describe", "please provide",
    "more information needed", "more info needed", "add your", "enter your", "write your", "your ", "coming soon",
)  # fmt: skip
_TO_BE = word_set(
    "determined defined added completed written filled announced decided confirmed done supplied provided"
)
_INSTRUCTIONS = word_set(
    "provide describe explain list specify state indicate include insert add enter discuss address summarize "
    "summarise briefly outline mention document"
)
_OBJECTS = word_set(
    "the any all how what which who why where when whether your here a details information describe questions"
)
_OF_TEMPLATES = (
    "made aware of the risks",
    "use the code below to",
)


def says_something(text: str, title: str) -> bool:
    """Whether any sentence of a text is neither a placeholder, nor a question, nor an instruction, nor the title.

    Args:
        text: without markup, comments and code.
        title: what it stands under.
    """
    lowered = text.casefold()
    if "lorem ipsum" in lowered:
        return False
    own = set(WORD.findall(title.casefold()))
    return any(_says(sentence, own) for sentence in _sentences(lowered))


def _sentences(text: str) -> Iterable[str]:
    return (sentence.strip() for sentence in _SENTENCE_END.split(text))


def _says(sentence: str, title: set[str]) -> bool:
    if sentence.endswith("?"):
        return False
    words = WORD.findall(_BRACKETS.sub(_kept, sentence))
    plain = " ".join(words)
    if not words:
        return any(mark.isdigit() for mark in sentence)
    if plain in _NOTHING or (
        not any(mark.isdigit() for mark in sentence) and (set(words) <= title or len(set("".join(words))) == 1)
    ):
        return False
    if _UNFINISHED & set(words) and len(words) <= _LONGEST_UNFINISHED:
        return False
    if plain.startswith("to be ") and _TO_BE & set(words[2:4]):
        return False
    if plain.startswith(_BEGINNINGS[1:]) and len(words) <= _LONGEST_UNFINISHED:
        return False
    if plain.startswith("this section "):
        return False
    return not _instructs(words) and not any(phrase in plain for phrase in _OF_TEMPLATES)


def _instructs(words: list[str]) -> bool:
    """Whether a sentence tells the author what to write, as templates do."""
    return words[0] in _INSTRUCTIONS and bool(_OBJECTS & set(words[1:2]))


def _kept(match: re.Match[str]) -> str:
    """What stands in brackets, unless it only holds a place."""
    words = WORD.findall(match[0])
    plain = " ".join(words)
    holds = (
        not words
        or plain in _NOTHING
        or plain.startswith(_BEGINNINGS)
        or bool(_UNFINISHED & set(words))
        or _instructs(words)
        or match[0][0] in "<{"
    )
    return " " if holds else match[0]
