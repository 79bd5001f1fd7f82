"""Builds Presidio analysers that need neither a network nor a downloaded language model.

Three things in Presidio reach out or guess by default, and each is replaced here: its spaCy engine downloads a missing
pipeline, its e-mail recogniser lets `tldextract` fetch the public suffix list at the first address, and a language
without a pipeline is refused. Patterns, checksums, scores and the joining of overlaps stay Presidio's own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.errors import AuditError, UnknownName
from audit.pii.presidio.imports import import_presidio

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pl", "pt")
"""Languages whose blank spaCy tokeniser is known to work without further packages."""


@cache
def analyser(language: str, model: str | None, *, context_words: bool) -> AnalyzerEngine:
    """An analyser with all pattern recognisers of one language.

    Args:
        language: two-letter code, one of `LANGUAGES`.
        model: name or folder of an installed spaCy pipeline that finds names and places; None for patterns alone.
        context_words: whether words before a value may raise its score. Presidio compares lemmas, and a blank pipeline
            has none, so without a model Presidio itself never sees such words; with True the words stand in for them.

    Raises:
        UnknownName: the language is not one of `LANGUAGES`.
        AuditError: `model` is neither an installed package nor a folder.
    """
    if language not in LANGUAGES:
        raise UnknownName("language", language, LANGUAGES, ())
    import_presidio()
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    engine = _nlp_engine(language, model, context_words=context_words)
    registry = RecognizerRegistry(list(_pattern_recognisers(language)), supported_languages=[language])
    if model is not None:
        registry.add_nlp_recognizer(engine)
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])


@cache
def _pattern_recognisers(language: str) -> tuple[EntityRecognizer, ...]:
    """Presidio's recognisers of a language but the one for names; all analysers share them."""
    from presidio_analyzer import RecognizerRegistry
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language])
    found = tuple(one for one in registry.recognizers if not isinstance(one, SpacyRecognizer))
    for recogniser in found:
        if "EMAIL_ADDRESS" in recogniser.supported_entities:
            recogniser.validate_result = _has_known_suffix
    return found


def _nlp_engine(language: str, model: str | None, *, context_words: bool) -> Any:
    from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine

    engine = SpacyNlpEngine([{"lang_code": language, "model_name": model or "blank"}])
    # Filled here and not by engine.load(), which would download a pipeline that is not installed.
    engine.nlp = {language: _tokeniser(language) if model is None else _pipeline(model)}
    if not context_words:
        return engine
    read = engine._doc_to_nlp_artifact

    def with_words_as_lemmas(doc: Any, language: str) -> Any:
        found = read(doc, language)
        lemmas = [token.lemma_ or token.lower_ for token in found.tokens]
        return NlpArtifacts(found.entities, found.tokens, found.tokens_indices, lemmas, engine, language, found.scores)

    engine._doc_to_nlp_artifact = with_words_as_lemmas
    return engine


@cache
def _tokeniser(language: str) -> Any:
    import spacy

    return spacy.blank(language)


def _pipeline(model: str) -> Any:
    import spacy

    if not (spacy.util.is_package(model) or Path(model).is_dir()):
        raise AuditError(
            f'no spaCy pipeline "{model}": it is neither an installed package nor a folder; '
            "install one from a source that you trust and name it, or leave out the model"
        )
    return spacy.load(model)


@cache
def _suffixes() -> Any:
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def _has_known_suffix(address: str) -> bool:
    """Presidio's own test of an e-mail address, on the suffix list inside the package."""
    return bool(_suffixes()(address).fqdn)
