"""Finds personal data in texts.

Every text is read once however often it occurs, and a recogniser runs only on texts that hold a character without which
none of its patterns can match. Both change the time and not the findings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

from audit.errors import AuditError, UnknownName
from audit.pii import recognisers as own
from audit.pii.matcher import Matcher
from audit.pii.pattern import Text
from audit.pii.presidio import analyser
from audit.pii.spans import Span, joined

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

WINDOW = 20_000
"""Characters that are read at a time; a longer text is read in overlapping windows."""

OVERLAP = 1_000
"""Characters that two neighbouring windows share: longer than any value that a pattern can match, URLs aside."""

_DIGIT = re.compile(r"\d")
_NEEDS = {
    "EMAIL_ADDRESS": re.compile("@"),
    "URL": re.compile(r"\."),
    "UUID": re.compile("-"),
    "MAC_ADDRESS": re.compile("[:.-]"),
    "IP_ADDRESS": re.compile("[:.]"),
    **dict.fromkeys(
        (
            "CREDIT_CARD", "CRYPTO", "DATE_TIME", "IBAN_CODE", "MEDICAL_LICENSE", "PHONE_NUMBER", "UK_NHS",
            "US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_ITIN", "US_PASSPORT", "US_SSN",
        ),
        _DIGIT,
    ),
}  # fmt: skip
"""What a text must hold for any pattern of an entity to match. An entity that is not listed is always looked for."""


def scan_texts(
    texts: Sequence[str],
    *,
    language: str = "en",
    names: Literal["wordlists", "model"] = "wordlists",
    model: str | None = None,
    recognisers: Literal["all", "presidio"] = "all",
    context: Sequence[str] = (),
    entities: Sequence[str] = (),
) -> list[list[Span]]:
    """Find personal data in texts, without a network and without keeping any text.

    Args:
        texts: what to read; repeated texts cost nothing.
        language: two-letter code: en, de, es, fr, it, nl, pl or pt.
        names: how names and places are looked for. `wordlists` needs no model: this version has no word list, so it
            finds what patterns and checksums can tell and no names. `model` uses the pipeline that `model` names.
        model: name of an installed spaCy pipeline or its folder; for `names="model"` alone.
        recognisers: `presidio` gives exactly what Presidio's analyser finds with a blank spaCy pipeline; `all` also
            finds every valid IBAN, takes the domain of an e-mail address for no URL, reads digits of all scripts, wide
            letters and special spaces as the plain ones, and lets words before a value raise its score ("passport
            123456789"), which a blank pipeline alone cannot.
        context: words that belong to every text, such as the name of its column; they raise the score of what they
            name.
        entities: entities to look for; empty for all that the language has.

    Returns:
        One list a text, findings in the order of their start. All scores above 0 are returned; Presidio's users often
        take 0.4 as the least. Texts of more than `WINDOW` characters are read in windows.

    Raises:
        UnknownName: an entity, a language or a choice that does not exist.
        AuditError: `names="model"` without a model that is installed, or the reverse; something that is no text.
    """
    known = supported_entities(language=language, names=names, model=model)
    if recognisers not in ("all", "presidio"):
        raise UnknownName("set of recognisers", recognisers, ("all", "presidio"), ())
    for entity in entities:
        if entity not in known:
            raise UnknownName("entity", entity, known, [word for word in known if entity in word or word in entity])
    engine = analyser(language, model, context_words=recognisers == "all")
    wanted = tuple(entities) or known
    missing = [place for place, text in enumerate(texts) if not isinstance(text, str)]
    if missing:
        found_type = type(texts[missing[0]]).__name__
        raise AuditError(f"text {missing[0]} is {found_type}; give texts, and leave missing values out or empty")
    found = {}
    for text in dict.fromkeys(texts):
        if recognisers == "all":
            plain = _plain(text)
            found[text] = _with_own(
                Text(plain, language, tuple(context)), _scan(engine, plain, language, wanted, list(context)), wanted
            )
        else:
            found[text] = _scan(engine, text, language, wanted, list(context))
    return [list(found[text]) for text in texts]


def supported_entities(
    *, language: str = "en", names: Literal["wordlists", "model"] = "wordlists", model: str | None = None
) -> tuple[str, ...]:
    """Entities that a scan with these choices can find, sorted.

    Raises:
        UnknownName: the language or the choice of names does not exist.
        AuditError: `names="model"` without a model that is installed, or the reverse.
    """
    if names not in ("wordlists", "model"):
        raise UnknownName("way to find names", names, ("wordlists", "model"), ())
    if names == "model" and model is None:
        raise AuditError('names="model" needs model: the name or folder of an installed spaCy pipeline')
    if names == "wordlists" and model is not None:
        raise AuditError(f'model "{model}" is given and names is "wordlists"; set names="model" to use it')
    ours = (entity for module in own.of_language(language) for entity in module.ENTITIES)
    return tuple(sorted({*analyser(language, model, context_words=False).get_supported_entities(language), *ours}))


def _plain(text: str) -> str:
    """The text in plain digits, letters and spaces where it uses look-alikes; each character stays at its place."""
    if text.isascii():
        return text
    return text.translate({ord(letter): _plain_letter(letter) for letter in set(text) if not letter.isascii()})


def _plain_letter(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(letter) == "Zs":
        return " "
    return unicodedata.normalize("NFKC", letter) if "\uff01" <= letter <= "\uff5e" else letter


def _with_own(text: Text, spans: tuple[Span, ...], wanted: tuple[str, ...]) -> tuple[Span, ...]:
    """Presidio's findings with those of our own recognisers, and without the domains of e-mail addresses as links."""
    found = [*_matcher(text.language).find(text)]
    for module in own.of_language(text.language):
        if hasattr(module, "find") and set(module.ENTITIES) & set(wanted):
            found += module.find(text)
    sure = [span for span in found if span.entity in wanted]
    covers = {
        "IBAN_CODE": [span for span in sure if span.entity == "IBAN_CODE"],
        "URL": [span for span in spans if span.entity == "EMAIL_ADDRESS"],
    }
    others = [
        span
        for span in spans
        if not any(one.start < span.end and span.start < one.end for one in covers.get(span.entity, ()))
    ]
    return joined([*others, *sure])


@cache
def _matcher(language: str) -> Matcher:
    return Matcher([one for module in own.of_language(language) for one in getattr(module, "PATTERNS", ())])


def _scan(
    engine: AnalyzerEngine, text: str, language: str, wanted: tuple[str, ...], context: list[str]
) -> tuple[Span, ...]:
    if len(text) <= WINDOW:
        return _scan_window(engine, text, language, wanted, context)
    spans: set[Span] = set()
    for start in _window_starts(len(text)):
        end = min(start + WINDOW, len(text))
        for span in _scan_window(engine, text[start:end], language, wanted, context):
            # A value that touches a cut may be half of one; the neighbouring window holds it whole.
            cut = (span.start == 0 and start > 0) or (start + span.end == end and end < len(text))
            if not cut:
                spans.add(Span(start + span.start, start + span.end, span.entity, span.score))
    return tuple(sorted(spans))


def _window_starts(length: int) -> Iterator[int]:
    yield 0
    start = WINDOW - OVERLAP
    while start + OVERLAP < length:
        yield start
        start += WINDOW - OVERLAP


def _scan_window(
    engine: AnalyzerEngine, text: str, language: str, wanted: tuple[str, ...], context: list[str]
) -> tuple[Span, ...]:
    theirs = engine.get_supported_entities(language)
    possible = [
        entity for entity in wanted if entity in theirs and (entity not in _NEEDS or _NEEDS[entity].search(text))
    ]
    if not possible or not text.strip():
        return ()
    try:
        results = engine.analyze(text, language=language, entities=possible, context=context or None)
    except ValueError:
        # Presidio writes the value that it stumbled over into its message; that must not reach a log or a report.
        raise AuditError(f"the scanner could not read a text of {len(text)} characters") from None
    return tuple(sorted(Span(found.start, found.end, found.entity_type, float(found.score)) for found in results))
