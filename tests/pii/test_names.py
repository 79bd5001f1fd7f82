"""Names, places, organisations and groups by word lists: what is found, and what is not."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from audit.pii import planted
from audit.pii.patterns.pattern import Text
from audit.pii.recognisers import addresses, names

COUNTS = 0.4


def found(value: str, language: str = "en", context: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    spans = names.find(Text(value, language, context))
    return {(span.entity, value[span.start : span.end]) for span in spans if span.score >= COUNTS}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Yesterday Deborah Nguyen-Patel called twice.", {("PERSON", "Deborah Nguyen-Patel")}),
        ("Mr. Brown lost his key.", {("PERSON", "Brown")}),
        ("Please ask Will Smith about it.", {("PERSON", "Will Smith")}),
        ("It was Mrs. O'Brien's car.", {("PERSON", "O'Brien")}),
        ("The form was signed by J. R. Thompson.", {("PERSON", "J. R. Thompson")}),
        ("my name is anna kowalska and i need help", {("PERSON", "anna kowalska")}),
        ("Best regards,\nMaria Gonzalez", {("PERSON", "Maria Gonzalez")}),
        ("Thompson, Sarah", {("PERSON", "Thompson, Sarah")}),
        ("JOHN SMITH", {("PERSON", "JOHN SMITH")}),
        ("Hi Zyxwella, how are you?", {("PERSON", "Zyxwella")}),
        ("He flew to Tokyo.", {("LOCATION", "Tokyo")}),
        ("She moved to Brackenwoodville.", {("LOCATION", "Brackenwoodville")}),
        ("Our flight to Rio de Janeiro is late.", {("LOCATION", "Rio de Janeiro")}),
        ("I work at Northwind Traders now.", {("ORGANIZATION", "Northwind Traders")}),
        ("Acme Widgets Inc. sells bolts.", {("ORGANIZATION", "Acme Widgets Inc.")}),
        ("The University of Texas replied.", {("ORGANIZATION", "University of Texas")}),
        ("Her husband is Japanese and Buddhist.", {("NRP", "Japanese"), ("NRP", "Buddhist")}),
    ],
)
def test_what_english_sentences_name(value: str, expected: set[tuple[str, str]]) -> None:
    assert found(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "Will you come in May, or is June better?",
        "Rose Gold Phone Case - Large",
        "Black Leather Office Chair with Wheels",
        "2024-01-02 12:00:01 INFO Server started on port 8080",
        "Error: Connection to Database failed. Please Contact Support.",
        "The Summer Sale starts on Monday in all Stores.",
        "Great phone, the Battery lasts long and the Screen is Bright.",
        "b6f7c2de-9c1e-4a52-8a3e-52b1c1b0d6c1",
        "max depth 12, min leaf 4, grace period 30 s",
        "v2.10.3-rc1",
        "Total Amount Due",
        "She saw a hope in the art of grace.",
        "",
    ],
)
def test_ordinary_texts_name_nobody(value: str) -> None:
    assert found(value) == set()


@pytest.mark.parametrize(
    ("language", "value", "expected"),
    [
        ("de", "Ich heiße Sabine Krüger und wohne in Köln.", {("PERSON", "Sabine Krüger"), ("LOCATION", "Köln")}),
        ("de", "Die Lieferung der Ware erfolgt am Montag im Mai.", set()),
        ("de", "Sehr geehrter Herr von Braun, anbei die Rechnung.", {("PERSON", "von Braun")}),
        ("fr", "Je m'appelle Élodie Lefèvre.", {("PERSON", "Élodie Lefèvre")}),
        ("fr", "Le client est de nationalité française.", {("NRP", "française")}),
        ("es", "Me llamo José García y vivo en Sevilla.", {("PERSON", "José García"), ("LOCATION", "Sevilla")}),
        ("it", "Il signor Marco Rossi abita a Milano.", {("PERSON", "Marco Rossi"), ("LOCATION", "Milano")}),
        ("nl", "Mijn naam is Pieter de Vries.", {("PERSON", "Pieter de Vries")}),
        ("pl", "Mieszkam w Krakowie.", {("LOCATION", "Krakowie")}),
        ("pt", "O meu nome é João Silva.", {("PERSON", "João Silva")}),
    ],
)
def test_the_other_languages(language: str, value: str, expected: set[tuple[str, str]]) -> None:
    assert found(value, language) == expected


def test_the_name_of_a_column_tells_names_that_no_list_has() -> None:
    assert found("Zyxwella") == set()
    assert found("Zyxwella", context=("last_name",)) == {("PERSON", "Zyxwella")}
    assert found("Brackenwick", context=("city",)) == {("LOCATION", "Brackenwick")}
    assert found("unknown", context=("last_name",)) == set()


def test_more_evidence_gives_a_higher_score() -> None:
    def score(value: str) -> float:
        return max((span.score for span in names.find(Text(value, "en")) if span.entity == "PERSON"), default=0.0)

    assert score("We met her at Thompson today.") < score("We met Mr Thompson today.") < score("Mr Paul Thompson came.")
    assert score("Mr Paul Thompson came.") < 1


def test_findings_do_not_overlap() -> None:
    value = "Paris Hilton of Houston Bank met Jordan Smith, Jones and Brown in Paris, Texas for Deere & Company."
    spans = sorted(names.find(Text(value, "en")))
    assert spans
    assert all(one.end <= two.start for one, two in pairwise(spans))


@pytest.mark.parametrize("language", ["en", "de", "pl"])
@pytest.mark.parametrize("entity", ["LOCATION", "NRP", "ORGANIZATION", "PERSON"])
def test_planted_values_are_found_behind_their_label(entity: str, language: str) -> None:
    rng = random.Random(3)
    label, hits = planted.label(entity, language), 0
    for _ in range(60):
        value = planted.value(entity, rng, language)
        text = f"{label} {value}"
        # A place may be a whole address, which is another recogniser's.
        addressed = {(span.entity, text[span.start : span.end]) for span in addresses.find(Text(text, language))}
        hits += (entity, value) in found(text, language) | addressed
    assert hits >= 48


def test_a_long_text_without_a_name_is_read_in_linear_time() -> None:
    unit = "The Report of the Week and the Order of the Day, for the Team. "
    assert found(unit * 300) == set()
    assert found("A" * 20_000) == set()
    assert found("Aa-" * 6_000) == set()
    assert found("Aa, " * 5_000) == set()


def test_capitals_tell_nothing_in_a_heading() -> None:
    assert found("MARIA GONZALEZ") == {("PERSON", "MARIA GONZALEZ")}
    assert found("JAMES WILSON, ROOM 4") == {("PERSON", "JAMES WILSON")}
    for heading in ("BARB LEFTWARDS", "CARET TILDE", "REVERSED TILDE", "ANGLE BRACKET"):
        assert not found(heading), heading
