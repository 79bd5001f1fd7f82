"""Finds personal data in texts.

Four sources are asked, each once for all texts together: Presidio's recognisers, our own, the user's, and a language
model where one is named. `audit.pii.texts.joining` says which findings count where they lie over each other. A text is
read once however often it occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from audit.errors import AuditError, UnknownName
from audit.pii import language_models, presidio
from audit.pii import recognisers as own
from audit.pii.patterns.matcher import Matcher
from audit.pii.patterns.pattern import Text
from audit.pii.spans import Span
from audit.pii.texts.doubts import presidios_in_doubt, without_order_numbers
from audit.pii.texts.joining import joined
from audit.pii.texts.plain import decoded, plain
from audit.pii.texts.windows import windowed
from audit.pii.texts.within import housed, repeated

if TYPE_CHECKING:
    from audit.pii.custom import Custom

TOLD_BETTER_HERE = frozenset({"CREDIT_CARD", "IP_ADDRESS", "IT_VAT_CODE", "MEDICAL_LICENSE", "UK_NHS"})
"""Kinds that Presidio takes for certain where chance makes many: a time in microseconds is one card in eight, every
version of four parts an address, and every tenth number has one check digit right. The recognisers here ask for more:
an issuer's range, a telling word."""

FEW = 8
"""Kinds up to which texts are first read for those alone, and for all others only where one was found."""

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
        custom: recognisers and allow lists of the user, for `recognisers="all"`. Their findings stand
            beside all others: what must not be found at a place is for an allow list to say.

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
        readable = [decoded(text) for text in texts]
        found = self._told_apart([plain(one.text) for one in readable])
        return [one.placed(spans) for one, spans in zip(readable, found, strict=True)]

    def _told_apart(self, plain_texts: list[str]) -> list[tuple[Span, ...]]:
        """What all sources find together in texts that are written plainly."""
        if len(self.wanted) > FEW:
            return self._settled(plain_texts)
        # Other kinds matter only where they may lie over one that is wanted.
        rough = self._gathered(plain_texts, self.wanted)
        held = [place for place, spans in enumerate(rough) if spans or self._theirs(plain_texts[place])]
        found = dict(zip(held, self._settled([plain_texts[place] for place in held]), strict=True))
        return [found.get(place, ()) for place in range(len(plain_texts))]

    def _settled(self, texts: list[str]) -> list[tuple[Span, ...]]:
        """What counts of the findings of all kinds."""
        gathered = self._gathered(texts, frozenset())
        return [self._settled_in(text, spans) for text, spans in zip(texts, gathered, strict=True)]

    def _gathered(self, texts: list[str], kinds: frozenset[str]) -> list[list[Span]]:
        """All sources' findings of some kinds, empty for all kinds, in each text."""
        asked = kinds or frozenset(supported_entities(language=self.language))
        modules = [one for one in own.of_language(self.language) if asked & set(one.ENTITIES)]
        finders: list[Callable[[Text], Iterable[Span]]] = [one.find for one in modules if hasattr(one, "find")]
        theirs = tuple(sorted((asked & set(_presidios(self.language, None))) - TOLD_BETTER_HERE))
        sources: list[Sequence[Iterable[Span]]] = [
            _matcher(self.language).find_many(texts, self.language, self.context, asked),
            [self._searched(finders, text) for text in texts],
        ]
        if theirs:
            found = presidio.scan(texts, self.language, context_words=True, context=self.context, wanted=theirs)
            sources.append([presidios_in_doubt(text, spans) for text, spans in zip(texts, found, strict=True)])
        if self.model is not None:
            model = language_models.opened(self.model)
            # Reading with a model costs a hundred times what all else does: only for what it can find.
            if (kinds or self.wanted) & set(model.entities):
                sources.append(model.find_many(texts))
        return [[span for found in source for span in found] for source in zip(*sources, strict=True)]

    def _searched(self, finders: Sequence[Callable[[Text], Iterable[Span]]], text: str) -> list[Span]:
        asked = Text(text, self.language, self.context)
        return [span for find in finders for span in find(asked)]

    def _settled_in(self, text: str, spans: list[Span]) -> tuple[Span, ...]:
        if not spans and self.custom is None:
            return ()
        likely = without_order_numbers(text, spans)
        found = joined(text, housed(text, [*likely, *repeated(text, likely)]), self.wanted)
        if self.custom is None:
            return found
        theirs = self._theirs(text)
        # One of their kinds may be harmless where it lies over one that is not, so only the same kind gives way.
        others = [span for span in found if not any(_same_kind_over(one, span) for one in theirs)]
        return self.custom.kept(text, tuple(sorted([*others, *theirs])))

    def _theirs(self, text: str) -> list[Span]:
        """What the user's own recognisers find."""
        if self.custom is None:
            return []
        found = self.custom.find(Text(text, self.language, self.context))
        return [span for span in found if span.entity in self.wanted]


def _same_kind_over(one: Span, other: Span) -> bool:
    """Whether a finding is of the kind of another, no less sure and has a character in common with it."""
    same = one.entity == other.entity and one.score >= other.score
    return same and one.start < other.end and other.start < one.end


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
