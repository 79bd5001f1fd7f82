"""Presidio's own analyser, put together by its own means: the peer that the scanner is compared with."""

from __future__ import annotations

from functools import cache

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from audit.pii import Span


@cache
def presidio_engine(language: str) -> AnalyzerEngine:
    """All predefined recognisers of a language but the one for names, on a blank pipeline, which needs no download.

    Its e-mail recogniser asks `tldextract`, which would fetch the list of public suffixes; here it reads the list in
    the package.
    """
    import spacy
    import tldextract

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    pipelines = SpacyNlpEngine([{"lang_code": language, "model_name": "blank"}])
    pipelines.nlp = {language: spacy.blank(language)}
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language])
    registry.remove_recognizer("SpacyRecognizer")
    return AnalyzerEngine(registry=registry, nlp_engine=pipelines, supported_languages=[language])


def presidios_findings(text: str, language: str, context: tuple[str, ...] = ()) -> tuple[Span, ...]:
    """What Presidio finds in one text, in the order of the start."""
    found = presidio_engine(language).analyze(text, language=language, context=list(context))
    return tuple(sorted(Span(one.start, one.end, one.entity_type, one.score) for one in found))
