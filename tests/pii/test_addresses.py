"""Postal addresses are found as a whole, in the forms of eight languages, and sentences with numbers are none."""

import random
import time

import pytest

from audit.pii.patterns.pattern import Text
from audit.pii.planted.addresses import address
from audit.pii.recognisers import addresses

WHOLE = [
    ("en", "12 Mill Road, Oldham OL1 2AB"),
    ("en", "123 N. Main St., Apt 4B, Springfield, IL 62704"),
    ("en", "12345 Park Avenue Suite 300 New York NY 10001 USA"),
    ("en", "6 Quay Court\nFlat 3\nLeeds\nLS1 4AB\nUnited Kingdom"),
    ("en", "77 Bergstigen 12\nOslo\n, CO\n Norway 80201"),
    ("en", "P.O. Box 123, Boston, MA 02101"),
    ("en", "Psc 1234, Box 5678\nApo AE 09123"),
    ("en", "40 Heron Crescent, Ottawa, ON K1A 0B1"),
    ("de", "Lindenstraße 4, 10969 Berlin, Deutschland"),
    ("de", "Am Markt 5b\n04109 Leipzig"),
    ("fr", "4 bis, rue de la Paix\n75002 Paris\nFrance"),
    ("es", "Calle Mayor 12, 3º B, 28013 Madrid"),
    ("it", "Via Monte Nero 4, 20135 Milano (MI)"),
    ("nl", "Keizersgracht 123, 1015 CJ Amsterdam"),
    ("pl", "ul. Bukowa 12/34\n00-950 Warszawa"),
    ("pt", "Rua Augusta, 12, 1100-053 Lisboa"),
]

NONE = [
    "3 men crossed the road in 2008.",
    "Section 4, Table 12, page 3, Version 10, Build 4520",
    "In 2019 Google, Facebook and 12 others paid 45000 Euro.",
    "Order 4471-A was packed together with 3 boxes, size 12.",
    "retry 3 of 5 in 200 ms, host 10.0.0.1",
    "The hard drive holds 500 GB; Google Drive holds 15.",
    "Chapter 7, verse 3: and they went their way",
    "SELECT 10 FROM Orders, Customers WHERE id = 20135",
]


def found(text, language="en"):
    spans = [span for span in addresses.find(Text(text, language)) if span.score >= 0.4]
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(("language", "whole"), WHOLE)
def test_the_whole_address_is_one_finding(language, whole):
    assert found(whole, language) == [whole]
    assert found(f"They moved to {whole}. Then it rained.", language) == [whole]


@pytest.mark.parametrize("text", NONE)
def test_numbers_in_sentences_are_no_addresses(text):
    assert found(text) == []


def test_the_line_after_an_address_is_not_part_of_it():
    text = "Anna Berg\n12 High Street\nLX1 2AB\nBest regards,\nJohn Smith"
    assert found(text) == ["12 High Street\nLX1 2AB"]
    assert found("123 Main Street, John said hello") == ["123 Main Street"]


def test_addresses_without_capital_letters_need_a_code():
    assert found("send it to 12 mill road, oldham, il 62704 please") == ["12 mill road, oldham, il 62704"]
    assert found("they walked 12 miles down the road") == []


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pl", "pt"])
def test_made_addresses_are_found_whole(language):
    rng = random.Random(7)
    made = [address(rng, language) for _ in range(60)]
    right = sum(found(f"{one}\n", language) == [one] for one in made)
    assert right >= 57


@pytest.mark.parametrize("part", ["12 ", "Aa Bb, ", "1 A B C D\n", "rue de la ", "Apt 1 ", "12 Mill Road, ", "\n, "])
def test_time_is_linear_in_the_text(part):
    begun = time.process_time()
    list(addresses.find(Text(part * (20_000 // len(part)), "en")))
    # A backtracking form would take minutes; the bound leaves room for a loaded machine.
    assert time.process_time() - begun < 5


def test_a_month_of_a_year_is_no_number_of_a_house() -> None:
    assert not list(addresses.find(Text("Miete Stellplatz 07/2024", "de")))
    assert list(addresses.find(Text("Wohnung Lindenplatz 7/9", "de")))
