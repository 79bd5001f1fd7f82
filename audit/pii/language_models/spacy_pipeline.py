"""spaCy pipelines as language models.

spaCy gives no probability for a name. A finding's score is how often the medium English pipeline was right about a
name that is on no list, in the development sentences of `tests/benchmarks/labelled_sentences.txt`;
`audit.pii.texts.joining` raises it where a list agrees. A pipeline's dates and times hold much that singles out no day
("two weeks", "daily"); only those that name a year, a month or a weekday, or are written in figures, are passed on.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.errors import AuditError
from audit.pii.language_models import LanguageModel, labels, place
from audit.pii.spans import Span
from audit.pii.wordlists.lexicon import LANGUAGES, lexicon

if TYPE_CHECKING:
    from spacy.language import Language

SCORES = {"PERSON": 0.45, "LOCATION": 0.65, "ORGANIZATION": 0.45, "NRP": 0.6, "DATE_TIME": 0.85}
"""By kind, where no word list agrees: a pipeline takes the names that it does not know for people and organisations."""

OTHER_SCORE = 0.6
"""Of kinds that only pipelines made for personal data find."""

BATCH = 64
"""Texts that the pipeline reads at once."""

_UNUSED = ("parser", "tagger", "morphologizer", "attribute_ruler", "lemmatizer", "senter")
"""Parts whose answers nobody here asks for; without them a pipeline is twice as quick and finds the same names."""

OF_WORDS = 0.3
"""Of people and organisations whose words are all ordinary ones, where no word list agrees: "The Old Garden Chair"."""

_ACRONYM = re.compile(r"[A-Z0-9&]{2,5}")
"""What a pipeline takes for an organisation wherever it stands: "JSON", "CPU"."""

_LETTERS = re.compile(r"[^\W\d_]+")

_DAY = re.compile(
    rf"\b(?:{'|'.join([*calendar.month_name[1:], *calendar.month_abbr[1:], *calendar.day_name, *calendar.day_abbr])})\b"
    r"|\b(?:1[5-9]|20)\d\d\b|\d[/.-]\d"
)


def opened(model: str) -> LanguageModel:
    """Open a pipeline by the name of its package or its folder.

    Raises:
        AuditError: it is not there, cannot be opened, or none of its labels names a kind of personal data.
    """
    import spacy

    place(model)
    try:
        pipeline = spacy.load(model, exclude=_UNUSED)
    except (OSError, ValueError, ImportError) as error:
        raise AuditError(f'"{model}" is no spaCy pipeline that can be opened here: {error}') from None
    known = {label for name in pipeline.pipe_names for label in pipeline.pipe_labels.get(name, ())}
    entities = {meaning for label in known if (meaning := labels.entity(label))}
    if not entities:
        raise AuditError(f'"{model}" finds no names: none of its labels is one of {", ".join(sorted(labels.MEANINGS))}')
    return LanguageModel(tuple(sorted(entities)), lambda texts: _find_many(pipeline, texts))


def _find_many(pipeline: Language, texts: Sequence[str]) -> list[list[Span]]:
    return [
        [
            Span(
                found.start_char, found.end_char, meaning, _score(found.text, meaning, pipeline.lang), "language model"
            )
            for found in document.ents
            if (meaning := labels.entity(found.label_)) and (meaning != "DATE_TIME" or _DAY.search(found.text))
        ]
        for document in pipeline.pipe(texts, batch_size=BATCH)
    ]


def _score(name: str, meaning: str, language: str | None) -> float:
    if meaning == "ORGANIZATION" and _ACRONYM.fullmatch(name):
        return OF_WORDS
    if meaning in ("ORGANIZATION", "PERSON") and language in LANGUAGES:
        parts = [part.lower() for part in _LETTERS.findall(name)]
        if parts and all(_ordinary(part, language) for part in parts):
            return OF_WORDS
    return SCORES.get(meaning, OTHER_SCORE)


def _ordinary(word: str, language: str) -> bool:
    """Whether a word is one of the language; of "bottles" and "drying" the stem is asked for too."""
    known = lexicon(language).words
    return word in known or any(word.removesuffix(end) in known for end in ("s", "es", "ed", "ing"))
