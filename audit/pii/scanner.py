"""Finds personal data in texts.

Four sources are asked, each once for all texts together: Presidio's recognisers, our own, the user's, and a language
model where one is named. `audit.pii.joining` says which findings count where they lie over each other. A text is read
once however often it occurs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

from audit.errors import AuditError, UnknownName
from audit.pii import language_models, presidio
from audit.pii import recognisers as own
from audit.pii.joining import COUNTS, joined
from audit.pii.matcher import Matcher
from audit.pii.pattern import Text
from audit.pii.plain_text import plain
from audit.pii.spans import Span
from audit.pii.windows import windowed
from audit.pii.within_text import housed, repeated

if TYPE_CHECKING:
    from audit.pii.custom import Custom

BY_CHANCE = frozenset({"UK_NHS"})
"""Kinds that Presidio takes for certain by one check digit: every eleventh telephone number has it right."""

NEVER_ISSUED = ("000", "666", "9")
"""Starts of no American social security number; those with 9 are taxpayer numbers (Social Security Administration)."""

Names = Literal["wordlists", "model"]
Recognisers = Literal["all", "presidio"]


def scan_texts(
    texts: Sequence[str],
    *,
    language: str = "en",
    names: Names = "wordlists",
    model: str | None = None,
    recognisers: Recognisers = "all",
    context: Sequence[str] = (),
    entities: Sequence[str] = (),
    custom: Custom | None = None,
) -> list[list[Span]]:
    """Find personal data in texts, without a network and without keeping any text.

    Args:
        texts: what to read; repeated texts cost nothing.
        language: two-letter code: en, de, es, fr, it, nl, pl or pt.
        names: how names and places are looked for. `wordlists` needs no model: lists of names and places and the words
            around them. `model` also asks the model that `model` names.
        model: name of an installed spaCy pipeline, its folder, or the folder of a token classifier of `transformers`;
            for `names="model"` alone.
        recognisers: `presidio` gives exactly what Presidio's analyser finds with a blank spaCy pipeline, or with the
            one that `model` names; `all` adds the recognisers in `audit.pii.recognisers`, takes one finding where
            several lie over each other, reads digits of all scripts, wide letters and special spaces as the plain ones,
            and lets words before a value raise its score ("passport 123456789"), which a blank pipeline alone cannot.
        context: words that belong to every text, such as the name of its column; they raise the score of what they
            name.
        entities: entities to look for; empty for all that there are with these choices.
        custom: recognisers and allow lists of the user, for `recognisers="all"`. Its finding wins where another lies
            over it.

    Returns:
        One list a text, findings in the order of their start. All scores above 0 are returned; Presidio's users often
        take 0.4 as the least. Texts of more than `windows.WINDOW` characters are read in windows.

    Raises:
        UnknownName: an entity, a language or a choice that does not exist.
        AuditError: `names="model"` without a model that can be opened, or the reverse; something that is no text.
        MissingExtra: the model is a token classifier and `transformers` is not installed.
    """
    known = supported_entities(language=language, names=names, model=model, recognisers=recognisers)
    if custom and recognisers == "all":
        known = tuple(sorted({*known, *custom.entities}))
    for entity in entities:
        if entity not in known:
            raise UnknownName("entity", entity, known, [word for word in known if entity in word or word in entity])
    _only_texts(texts)
    choice = _Choice(language, model, tuple(word.lower() for word in context), frozenset(entities or known), custom)
    scan = choice.presidio_alone if recognisers == "presidio" else choice.everything
    unique = list(dict.fromkeys(texts))
    found = dict(zip(unique, windowed(unique, scan), strict=True))
    return [list(found[text]) for text in texts]


def supported_entities(
    *, language: str = "en", names: Names = "wordlists", model: str | None = None, recognisers: Recognisers = "all"
) -> tuple[str, ...]:
    """Entities that a scan with these choices can find, sorted; those of a user's own recognisers come on top.

    Raises:
        UnknownName: the language or a choice does not exist.
        AuditError: `names="model"` without a model that can be opened, or the reverse.
        MissingExtra: the model is a token classifier and `transformers` is not installed.
    """
    if names not in ("wordlists", "model"):
        raise UnknownName("way to find names", names, ("wordlists", "model"), ())
    if recognisers not in ("all", "presidio"):
        raise UnknownName("set of recognisers", recognisers, ("all", "presidio"), ())
    if names == "model" and model is None:
        raise AuditError('names="model" needs model: the name or folder of a spaCy pipeline or a token classifier')
    if names == "wordlists" and model is not None:
        raise AuditError(f'model "{model}" is given and names is "wordlists"; set names="model" to use it')
    if recognisers == "presidio":
        if model is not None and language_models.is_token_classifier(model):
            raise AuditError(f'"{model}" is a token classifier, which recognisers="presidio" cannot ask')
        return tuple(sorted(_presidios(language, model)))
    ours = {entity for module in own.of_language(language) for entity in module.ENTITIES}
    named = language_models.opened(model).entities if model is not None else ()
    return tuple(sorted({*_presidios(language, None), *ours, *named}))


@dataclass(frozen=True)
class _Choice:
    """What is looked for in texts, and how; the fields are those of `scan_texts`."""

    language: str
    model: str | None
    context: tuple[str, ...]
    wanted: frozenset[str]
    custom: Custom | None

    def presidio_alone(self, texts: list[str]) -> list[tuple[Span, ...]]:
        """What Presidio finds."""
        return presidio.scan(
            texts, self.language, model=self.model, wanted=tuple(sorted(self.wanted)), context=self.context
        )

    def everything(self, texts: list[str]) -> list[tuple[Span, ...]]:
        """What all sources find together."""
        plain_texts = [plain(text) for text in texts]
        presidios = presidio.scan(plain_texts, self.language, context_words=True, context=self.context)
        sources = [
            [_doubted(text, found) for text, found in zip(plain_texts, presidios, strict=True)],
            _matcher(self.language).find_many(plain_texts, self.language, self.context),
            [self._searched(Text(text, self.language, self.context)) for text in plain_texts],
        ]
        if self.model is not None:
            model = language_models.opened(self.model)
            # Reading with a model costs a hundred times what all else does: only for what it can find.
            if self.wanted & set(model.entities):
                sources.append(model.find_many(plain_texts))
        return [
            self._settled(text, [span for found in source for span in found])
            for text, *source in zip(plain_texts, *sources, strict=True)
        ]

    def _searched(self, text: Text) -> list[Span]:
        return [
            span for module in own.of_language(self.language) if hasattr(module, "find") for span in module.find(text)
        ]

    def _settled(self, text: str, spans: list[Span]) -> tuple[Span, ...]:
        spans = housed(text, [*spans, *repeated(text, spans)])
        if self.custom is None:
            return joined(text, spans, self.wanted)
        theirs = [
            span for span in self.custom.find(Text(text, self.language, self.context)) if span.entity in self.wanted
        ]
        apart = [span for span in spans if not any(one.start < span.end and span.start < one.end for one in theirs)]
        return self.custom.kept(text, tuple(sorted([*joined(text, apart, self.wanted), *theirs])))


def _doubted(text: str, spans: Iterable[Span]) -> list[Span]:
    """Presidio's findings, less sure where chance makes as many, and without what its source has never given out."""
    return [
        replace(span, score=min(span.score, COUNTS)) if span.entity in BY_CHANCE else span
        for span in spans
        if not (span.entity == "US_SSN" and text.startswith(NEVER_ISSUED, span.start))
    ]


@cache
def _matcher(language: str) -> Matcher:
    return Matcher([one for module in own.of_language(language) for one in getattr(module, "PATTERNS", ())])


@cache
def _presidios(language: str, model: str | None) -> tuple[str, ...]:
    return tuple(presidio.analyser(language, model, context_words=False).get_supported_entities(language))


def _only_texts(texts: Sequence[str]) -> None:
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise AuditError(
                f"text {place} is {type(text).__name__}; give texts, and leave missing values out or empty"
            )
