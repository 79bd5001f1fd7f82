"""The quick scan finds what Presidio's analyser finds, with and without weak forms, and stumbles over no text."""

import random
import re

import pytest

from audit.pii import planted, presidio
from audit.pii.patterns import prefilter
from audit.pii.presidio import LANGUAGES
from tests.benchmarks.presidio_engine import presidio_engine, presidios_findings

ALPHABETS = [
    "0123456789",
    "0123456789-./ ()+x#",
    "abcdefABCDEF0123456789-:",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -",
    "@.-_abcxyz0123/",
    "éßñçł—–…“”·×½²①٣७５ſ\u212aıİµς\u0301\u200b\u200d\u00ad\u00a0\u3000　ー+",
    "\x00\x0b\x0c\x1c\x1f\x7f\x85\t\n\r ",
]
WORDS = re.findall(
    r"\S+",
    "account number call phone passport SSN: credit card tel. from to driver license bank iban us tax because http:// "
    "www. https:// ext. x12 # ; : ( ) \" ' patente DNI PESEL 12/05/99 2020-01-31T10:00:00Z 1.2.3.4 ::1 ab.com jan-99",
)
CONTEXTS = [(), ("phone",), ("passport number",), ("Bank", "ssn"), ("cf",), ("",)]


def texts(n, seed):
    rng = random.Random(seed)

    def piece():
        kind = rng.random()
        if kind < 0.3:
            return rng.choice(WORDS)
        if kind < 0.7:
            return "".join(rng.choices(rng.choice(ALPHABETS), k=rng.randrange(1, 22)))
        return planted.insert("", rng.choice(planted.entities()), rng).text

    joins = [" ", "", ", ", "\n", "—"]
    return ["", " ", "\n"] + [rng.choice(joins).join(piece() for _ in range(rng.randrange(7))) for _ in range(n)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("length_a_text", [0, 10**9])
def test_findings_are_presidios(monkeypatch, language, length_a_text):
    monkeypatch.setattr(prefilter, "LENGTH_A_TEXT", length_a_text)
    some = texts(18, seed=f"{language} {length_a_text}")
    for context in random.Random(language).sample(CONTEXTS, 2):
        found = presidio.scan(some, language, context=context)
        for text, spans in zip(some, found, strict=True):
            assert spans == presidios_findings(text, language, context), repr(text)


@pytest.mark.slow
@pytest.mark.parametrize("length_a_text", [0, 10**9])
def test_findings_are_presidios_in_many_texts(monkeypatch, length_a_text):
    monkeypatch.setattr(prefilter, "LENGTH_A_TEXT", length_a_text)
    some = [*texts(400, seed=length_a_text), " ".join(texts(200, seed=3))]
    found = presidio.scan(some, "en")
    assert sum(map(len, found)) > 300
    for text, spans in zip(some, found, strict=True):
        assert spans == presidios_findings(text, "en"), repr(text)


def test_words_near_a_value_count_as_in_presidios_own_enhancer():
    engine = presidio.analyser("en", None, context_words=True)
    some = [f"{word} {text}" for word, text in zip(WORDS * 2, texts(90, seed=8), strict=False)]
    raised = 0
    for text, spans in zip(some, presidio.scan(some, "en", context_words=True), strict=True):
        theirs = [(one.start, one.end, one.entity_type, one.score) for one in engine.analyze(text, "en")]
        assert sorted(theirs) == [(span.start, span.end, span.entity, span.score) for span in spans], repr(text)
        raised += sum(span.basis == "context" for span in spans)
    assert raised > 5


def test_only_wanted_entities_are_looked_for_and_unknown_ones_are_passed_over():
    text = ["dora@example.org 4539578763621486"]
    wanted = presidio.scan(text, "en", wanted=("CREDIT_CARD", "NO_SUCH_KIND"))[0]
    assert {span.entity for span in wanted} == {"CREDIT_CARD"}
    assert presidio.scan(text, "en", wanted=("NO_SUCH_KIND",)) == [()]


def test_a_finding_says_what_it_rests_on():
    card, mail, named = presidio.scan(["4539578763621486", "dora@example.org", "244272509"], "en", context=("ssn",))
    assert {span.basis for span in card if span.entity == "CREDIT_CARD"} == {"checksum"}
    assert {span.basis for span in mail if span.entity == "EMAIL_ADDRESS"} == {"pattern"}
    assert {span.basis for span in named if span.entity == "US_SSN"} == {"context"}


def test_a_model_counts_as_in_presidio(tmp_path):
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Amira Brandt"}])
    nlp.to_disk(tmp_path / "pipeline")
    model = str(tmp_path / "pipeline")
    some = ["ask Amira Brandt at 212-456-7890", "", "nobody"]
    engine = presidio.analyser("en", model, context_words=False)
    known = [engine.nlp_engine.process_text(text, "en") for text in some]
    for artifacts in (None, known):
        found = presidio.scan(some, "en", model=model, artifacts=artifacts)
        for text, spans in zip(some, found, strict=True):
            theirs = [(one.start, one.end, one.entity_type, one.score) for one in engine.analyze(text, "en")]
            assert sorted(theirs) == [(span.start, span.end, span.entity, span.score) for span in spans]
    assert [span.basis for span in found[0] if span.entity == "PERSON"] == ["language model"]


def test_half_characters_which_presidio_cannot_read_are_no_error():
    text = "call \ud800 phone 212-456-7890"
    with pytest.raises(ValueError, match="surrogates"):
        presidio_engine("en").analyze(text, "en")
    found = presidio.scan([text], "en", context_words=True)[0]
    assert [text[span.start : span.end] for span in found if span.entity == "PHONE_NUMBER"] == ["212-456-7890"]
