"""Which findings count where they lie over each other, and what they tell about the rest of their text."""

from __future__ import annotations

import itertools
import random

import pytest

from audit.pii import scan_texts
from audit.pii.language_models.tidied import tidied
from audit.pii.spans import Span
from audit.pii.texts.joining import BESIDE, COUNTS, joined
from audit.pii.texts.within import housed, repeated

KINDS = frozenset(
    {
        "PERSON", "LOCATION", "ORGANIZATION", "TITLE", "URL", "EMAIL_ADDRESS", "PHONE_NUMBER", "DATE_TIME",
        "DATE_OF_BIRTH", "ZIP_CODE",
    }
)  # fmt: skip


def span(text, part, entity, score, basis="pattern"):
    start = text.index(part)
    return Span(start, start + len(part), entity, score, basis)


def kept(text, spans, wanted=KINDS):
    return [(text[one.start : one.end], one.entity) for one in joined(text, spans, wanted)]


def test_a_longer_name_wins_over_a_surer_part_of_it():
    text = "at Martin Luther Hospital today"
    spans = [span(text, "Martin Luther Hospital", "ORGANIZATION", 0.5), span(text, "Martin", "PERSON", 0.7)]
    assert kept(text, spans) == [("Martin Luther Hospital", "ORGANIZATION")]


def test_a_value_with_a_form_wins_over_a_models_name():
    text = "see www.example.org and call 020 7946 0958 now"
    spans = [
        span(text, "www.example.org and call", "ORGANIZATION", 0.9, "language model"),
        span(text, "www.example.org", "URL", 0.5),
        span(text, "020 7946 0958 now", "PERSON", 0.9, "language model"),
        span(text, "020 7946 0958", "PHONE_NUMBER", 0.4),
    ]
    assert kept(text, spans) == [("www.example.org", "URL"), ("020 7946 0958", "PHONE_NUMBER")]


def test_an_address_holds_what_lies_in_it():
    text = "to 5 Park Lane, Leeds LS1 4AP please"
    spans = [
        span(text, "5 Park Lane, Leeds LS1 4AP", "LOCATION", 0.8),
        span(text, "Park", "PERSON", 0.85, "language model"),
        span(text, "LS1 4AP", "ZIP_CODE", 0.6),
    ]
    assert kept(text, spans) == [("5 Park Lane, Leeds LS1 4AP", "LOCATION")]


def test_an_address_of_mail_is_no_link():
    text = "dora@example.org"
    assert kept(text, [span(text, text, "EMAIL_ADDRESS", 1.0), span(text, "example.org", "URL", 0.5)]) == [
        (text, "EMAIL_ADDRESS")
    ]


def test_a_date_of_birth_stays_a_date():
    text = "born 3 May 1990"
    spans = [span(text, "3 May 1990", "DATE_TIME", 0.6), span(text, "3 May 1990", "DATE_OF_BIRTH", 0.8)]
    assert {entity for _, entity in kept(text, spans)} == {"DATE_TIME", "DATE_OF_BIRTH"}


def test_a_title_is_cut_off_a_name_and_signs_off_its_edges():
    text = 'dear Dr. Amira Brandt\'s, "Acme Ltd."'
    spans = [
        span(text, "Dr.", "TITLE", 0.6),
        span(text, "Dr. Amira Brandt's,", "PERSON", 0.7, "language model"),
        span(text, '"Acme Ltd."', "ORGANIZATION", 0.7),
    ]
    assert kept(text, spans) == [("Dr.", "TITLE"), ("Amira Brandt", "PERSON"), ("Acme Ltd.", "ORGANIZATION")]


def test_a_bracket_that_a_name_opened_stays_in_it():
    text = "(in Torino (TO))"
    spans = [span(text, "Torino (TO))", "LOCATION", 0.7)]
    assert kept(text, spans) == [("Torino (TO)", "LOCATION")]


@pytest.mark.parametrize(
    "text",
    ["PO 2024 782706", "ORD-2024-309824", "lot 485-168-9011", "Order no. 485-168-9011", "call order 485-168-9011"],
)
def test_numbers_of_orders_and_lots_are_no_telephone_numbers(text: str) -> None:
    assert not [one for one in scan_texts([text])[0] if one.entity == "PHONE_NUMBER"]


def test_a_part_of_a_longer_number_is_none() -> None:
    found = {one.entity for one in scan_texts(["NIK 3172041405791008", "44051401359"], language="pl")[0]}
    assert "PL_PESEL" not in found
    assert "PL_PESEL" in {one.entity for one in scan_texts(["numer 44051401359"], language="pl")[0]}


def test_an_order_elsewhere_takes_no_telephone_number_away() -> None:
    text = "call 485-168-9011 about order 12, order +1 212 555 0143"
    found = [text[one.start : one.end] for one in scan_texts([text])[0] if one.entity == "PHONE_NUMBER"]
    assert found == ["485-168-9011", "+1 212 555 0143"]


def test_agreement_of_list_and_model_raises_the_score():
    text = "ask Amira"
    model = span(text, "Amira", "PERSON", 0.45, "language model")
    listed = span(text, "Amira", "PERSON", 0.3, "word list")
    assert joined(text, [model], KINDS)[0].score == 0.45
    assert joined(text, [model, listed], KINDS)[0].score == pytest.approx(1 - 0.55 * 0.7)


def test_of_two_equal_readings_the_one_that_is_asked_for_wins():
    text = "12345678"
    spans = [span(text, text, "PHONE_NUMBER", 0.5), span(text, text, "ZIP_CODE", 0.5)]
    for wanted in ("PHONE_NUMBER", "ZIP_CODE"):
        formed = [one for one in spans if one.entity == wanted] if wanted == "ZIP_CODE" else spans
        assert kept(text, formed, frozenset([wanted])) == [(text, wanted)]


def test_findings_that_count_never_lie_over_each_other_in_any_order():
    rng = random.Random(4)
    text = "Amira Brandt of 5 Park Lane, Leeds, wrote to Dr. Ito (dora@example.org) on 3 May 1990. " * 2
    bases = ("pattern", "word list", "language model", "context", "checksum")
    for _ in range(60):
        spans = []
        for _ in range(12):
            start = rng.randrange(len(text) - 30)
            length = rng.randrange(1, 30)
            score = rng.choice((0.1, 0.4, 0.6, 0.85, 1.0))
            spans.append(Span(start, start + length, rng.choice(sorted(KINDS)), score, rng.choice(bases)))
        found = joined(text, spans, KINDS)
        assert joined(text, spans[::-1], KINDS) == found
        for one, other in itertools.combinations(found, 2):
            apart = one.end <= other.start or other.end <= one.start
            weak = min(one.score, other.score) < 0.4 and one.entity != other.entity
            assert apart or weak or {one.entity, other.entity} & BESIDE


def test_a_part_of_a_full_name_is_found_again():
    text = "Amira Brandt called. Was it Brandt's idea? The brandt and A. said no."
    found = list(repeated(text, [span(text, "Amira Brandt", "PERSON", 0.7)]))
    assert [(one.start, text[one.start : one.end]) for one in found] == [(0, "Amira"), (6, "Brandt"), (28, "Brandt")]
    assert not list(repeated(text, [span(text, "Amira Brandt", "PERSON", 0.45)]))


def test_a_number_before_a_street_belongs_to_it_and_a_date_does_not():
    text = "at 512 Klinta 36 now"
    assert housed(text, [span(text, "Klinta 36", "LOCATION", 0.6)])[0].start == text.index("512")
    for other in ("on 3.12 Klinta 36", "call 555 1234 Klinta 36", "#12 Klinta 36"):
        assert housed(other, [span(other, "Klinta 36", "LOCATION", 0.6)])[0].start == other.index("Klinta")


@pytest.mark.parametrize(
    ("text", "part", "entity", "expected"),
    [
        ("Amira Brandt\nAcme Ltd", "Amira Brandt\nAcme Ltd", "PERSON", ["Amira Brandt"]),
        ("Amira Brandt - nurse - Acme", "Amira Brandt - nurse", "PERSON", ["Amira Brandt"]),
        ("this Amira Brandt", "this Amira Brandt", "PERSON", ["Amira Brandt"]),
        ("van Brandt", "van Brandt", "PERSON", ["van Brandt"]),
        ("Bill to: nobody", "Bill", "PERSON", []),
        ("Amira: hello", "Amira", "PERSON", ["Amira"]),
        ("SSN: none", "SSN", "ORGANIZATION", []),
        ("in KS 45985", "KS 45985", "ORGANIZATION", []),
        ("in Leeds 4", "Leeds 4", "LOCATION", ["Leeds 4"]),
    ],
)
def test_a_models_names_are_cut_where_no_name_goes_on(text, part, entity, expected):
    found = tidied(text, [span(text, part, entity, 0.7, "language model")])
    assert [text[one.start : one.end] for one in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("your appointment is on 06.07.2024", [("DATE_TIME", "06.07.2024")]),
        ("created 1985-12-03 12:16:59.076761", [("DATE_TIME", "1985-12-03 12:16:59.076761")]),
        ("see scipy.stats, index.html and db.Pool of Toyo Co.Ltd", []),
        ("write to roe-sons.biz.", [("URL", "roe-sons.biz")]),
        ("See Chapter 3, Unit 4 on page 5", []),
        ("Drop me off at 675 Fagerheden 41, please", [("LOCATION", "675 Fagerheden 41")]),
        ("Jo Roe, the aquarium tank cleaner, said so", [("PERSON", "Jo Roe"), ("TITLE", "aquarium tank cleaner")]),
    ],
)
def test_figures_and_names_are_taken_for_what_their_form_says(text: str, expected: list[tuple[str, str]]) -> None:
    found = [(one.entity, text[one.start : one.end]) for one in scan_texts([text])[0] if one.score >= COUNTS]
    assert [one for one in found if one[0] != "ORGANIZATION"] == expected
