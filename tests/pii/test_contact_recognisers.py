"""Ages, titles, postal codes, phone numbers, dates and special categories: found beside their words, not elsewhere."""

import random
import re
import time
from functools import cache

import pytest

from audit.pii import planted
from audit.pii.patterns.matcher import Matcher
from audit.pii.patterns.pattern import Text
from audit.pii.recognisers import ages, dates, phones, postal_codes, special_categories, titles
from audit.pii.recognisers.phones import _country_codes

MODULES = (ages, dates, phones, postal_codes, special_categories, titles)


@cache
def matcher(module):
    return Matcher(module.PATTERNS)


def found(module, text, language="en", context=()):
    spans = [*matcher(module).find(Text(text, language, context))]
    if hasattr(module, "find"):
        spans += module.find(Text(text, language, context))
    return {(span.entity, text[span.start : span.end]) for span in spans if span.score >= 0.4}


@pytest.mark.parametrize(
    ("language", "text", "age"),
    [
        ("en", "The 45-year-old driver was unhurt.", "45"),
        ("en", "aged 7", "7"),
        ("en", "Anna Berg, 45, of Leeds, was there", "45"),
        ("en", "My son just turned 12.", "12"),
        ("en", "she is forty-five years old", "forty-five"),
        ("de", "Sie ist 45 Jahre alt.", "45"),
        ("fr", "Elle a 45 ans.", "45"),
        ("es", "tiene 45 años", "45"),
        ("pl", "ma 45 lat", "45"),
    ],
)
def test_ages(language, text, age):
    assert ("AGE", age) in found(ages, text, language)


@pytest.mark.parametrize(
    "text",
    ["It costs 45, of which 12 is tax.", "page 45", "45 items", "aged 450", "he is 45% done", "he is 2.5", "Room 12"],
)
def test_other_numbers_are_no_ages(text):
    assert found(ages, text) == set()


@pytest.mark.parametrize(
    "number",
    [
        "001-202-555-0143x123", "+1-202-555-0143", "(202) 555-0143", "202.555.0143", "+49 (0)30 1234567",
        "+44 20 7946 0018",
        "(0116) 496 0123", "01 23 45 67 89", "+351 912 345 678", "(+358) 19 4721879", "+233 30 123 4567",
        "2025550143x0012", "0044 7700 900860", "0033 6 39 98 12 34", "0039 (0)6 39 98 12 34", "800-754192",
    ],
)  # fmt: skip
def test_telephone_numbers_by_the_way_they_are_written(number):
    assert ("PHONE_NUMBER", number) in found(phones, f"You get me under {number} until six.")


def test_a_telling_word_makes_a_bare_number_a_telephone_number():
    assert ("PHONE_NUMBER", "56 68 38 35") in found(phones, "Call 56 68 38 35 today")
    assert found(phones, "Parts 56 68 38 35 are back in stock") == set()
    assert ("PHONE_NUMBER", "5668383512") in found(phones, "5668383512", context=("phone",))


@pytest.mark.parametrize(
    "text",
    ["10.11.2024", "2024-11-10 12:30:00", "1.234.567,89 EUR", "192.168.10.12", "v10.22.333.4444", "4111 1111 1111 1111",
     "3.14159265358979", "order 2024-000-1234567", "+999 123 456 789", "0.0012345678", "100 000 000 people"],
)  # fmt: skip
def test_dates_amounts_versions_and_cards_are_no_telephone_numbers(text):
    assert found(phones, text) == set()


def test_every_region_of_the_numbering_plans_is_known():
    assert len(_country_codes()) > 200


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Mr. Smith", "Mr."), ("dear mrs. jones", "mrs."), ("Herr Dr. med. Hans Meier", "Herr Dr. med."),
        ("She works as a nurse.", "nurse"), ("He was appointed regional sales manager of Acme",
        "regional sales manager"),
        ("Bo Li, waste management officer at Acme", "waste management officer"), ("Chief Executive Officer",
        "Chief Executive Officer"),
    ],
)  # fmt: skip
def test_titles(text, title):
    assert ("TITLE", title) in found(titles, text)


@pytest.mark.parametrize(
    "text",
    [
        "the driver crashed at boot",
        "worker process died",
        "I miss you",
        "200 ms later",
        "12 Mill Dr",
        "This model is small",
        "it is run by the interpreter",
        "used as a class decorator",
        "See the User Guide",
        "this operator",
    ],
)
def test_no_titles(text):
    assert found(titles, text) == set()


def test_postal_codes_need_a_word_a_state_or_a_form():
    assert ("ZIP_CODE", "62704") in found(postal_codes, "zip 62704")
    assert ("ZIP_CODE", "62704") in found(postal_codes, "62704", context=("postal code",))
    assert ("ZIP_CODE", "80201") in found(postal_codes, "Denver, CO 80201")
    assert ("ZIP_CODE", "SW1A 2AA") in found(postal_codes, "in SW1A 2AA")
    assert found(postal_codes, "invoice 62704, 1234 AB, 12-345") == set()


@pytest.mark.parametrize(
    ("language", "text", "date"),
    [
        ("en", "March 12, 1999", "March 12, 1999"), ("en", "on 12th of March 1999 at", "12th of March 1999"),
        ("de", "am 3. Oktober 1990", "3. Oktober 1990"), ("es", "el 3 de octubre de 1990", "3 de octubre de 1990"),
        ("fr", "le 1er janvier 2001", "1er janvier 2001"), ("pl", "3 maja 1991", "3 maja 1991"), ("en", "in 1999",
        "1999"),
    ],
)  # fmt: skip
def test_dates_in_words(language, text, date):
    assert ("DATE_TIME", date) in found(dates, text, language)


def test_a_date_of_birth_is_a_date_too():
    both = found(dates, "She was born on November 30, 2003 in Leeds")
    assert {("DATE_OF_BIRTH", "November 30, 2003"), ("DATE_TIME", "November 30, 2003")} <= both
    assert ("DATE_OF_BIRTH", "1990-04-01") in found(dates, "1990-04-01", context=("date_of_birth",))
    assert not any(entity == "DATE_OF_BIRTH" for entity, _ in found(dates, "paid on November 30, 2003"))


def test_special_categories_count_beside_a_person_only():
    assert ("HEALTH", "diabetes") in found(special_categories, "The patient has diabetes.")
    assert ("HEALTH", "AB+") in found(special_categories, "blood type AB+")
    assert ("RELIGION", "katholisch") in found(special_categories, "Patientin: katholisch", "de")
    assert found(special_categories, "A report on cancer and religion was published; the gay parade began.") == set()


@pytest.mark.parametrize(
    ("language", "text", "kind", "value"),
    [
        ("en", "diagnosed with breast cancer last year", "HEALTH", "breast cancer"),
        ("en", "suffers from a frozen shoulder and cannot lift", "HEALTH", "frozen shoulder"),
        ("en", "my son has Marfan syndrome", "HEALTH", "Marfan syndrome"),
        ("en", "she has cellulitis", "HEALTH", "cellulitis"),
        ("es", "padece dolor de espalda", "HEALTH", "dolor de espalda"),
        ("en", "he is White Irish", "ETHNIC_ORIGIN", "White Irish"),
        ("en", "she voted Labour in May", "POLITICS", "Labour"),
        ("en", "a member of the National Union of Journalists", "TRADE_UNION", "National Union of Journalists"),
        ("en", "Religion: Mandaean", "RELIGION", "Mandaean"),
        ("es", "es miembro de UGT", "TRADE_UNION", "UGT"),
    ],
)
def test_words_of_special_categories(language, text, kind, value):
    assert (kind, value) in found(special_categories, text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "he joined the European Union as a member of a Credit Union"),
        ("en", "Religion: none"),
        ("en", "her son painted the house and wore a Green shirt"),
        ("es", "su ugt de prueba"),
    ],
)
def test_other_unions_colours_and_empty_answers_are_none(language, text):
    assert found(special_categories, text, language) == set()


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pl", "pt"])
@pytest.mark.parametrize("module", [ages, dates, postal_codes, special_categories, titles])
def test_planted_values_are_found(module, language):
    rng = random.Random(3)
    for entity in sorted({*module.ENTITIES} - {"DATE_TIME"}):
        texts = [planted.insert("invoice 2041 was paid", entity, rng, language) for _ in range(20)]
        hits = sum((entity, one.text[one.start : one.end]) in found(module, one.text, language) for one in texts)
        # Of the words of special categories some are on no list of the recognisers, as of people's words some are.
        assert hits >= (8 if module is special_categories else 12), entity


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("part", ["1", "1 ", "12 34 56 ", "a ", "Mr. ", "born on ", "manager ", "A", "(0 "])
def test_long_texts_are_read_in_linear_time(module, part):
    text = part * (20_000 // len(part))
    begun = time.process_time()
    for pattern in module.PATTERNS:
        sum(1 for _ in re.finditer(pattern.regex, text, re.IGNORECASE if pattern.ignore_case else 0))
    assert time.process_time() - begun < 5
