"""Identifiers of countries, banks, devices and health services: what is found, and what ordinary numbers are not."""

import hashlib
import random
import re
import string
import time
import uuid

import pytest

from audit.pii import scan_texts
from audit.pii.patterns import encodings, identifiers
from audit.pii.patterns.check_digits import luhn, standard, weighted
from audit.pii.patterns.matcher import Matcher
from audit.pii.patterns.pattern import Text
from audit.pii.planted import insert
from audit.pii.planted.makers import (
    devices_and_vehicles,
    health_and_documents,
    money,
    national_ids_elsewhere,
    national_ids_europe,
    secrets,
)  # fmt: skip
from audit.pii.recognisers import (
    bank_accounts,
    cards,
    crypto,
    devices,
    documents,
    health_records,
    national_ids_americas,
    national_ids_overseas,
    networks,
    vehicles,
)  # fmt: skip
from audit.pii.recognisers import national_ids_europe as europe
from audit.pii.recognisers import secrets as secret_keys

FILES = (
    bank_accounts, cards, crypto, devices, documents, europe, health_records, national_ids_americas,
    national_ids_overseas, networks, secret_keys, vehicles,
)  # fmt: skip
PATTERNS = tuple(pattern for file in FILES for pattern in getattr(file, "PATTERNS", ()))
MAKERS = (
    national_ids_europe, national_ids_elsewhere, money, devices_and_vehicles, secrets, health_and_documents,
)  # fmt: skip
MATCHER = Matcher(PATTERNS)
MADE = sorted(entity for file in MAKERS for entity in file.MAKERS)


def found(text, language="en", context=()):
    """Findings of the files tested here that count."""
    asked = Text(text, language, context)
    return [span for span in (*MATCHER.find(asked), *networks.find(asked)) if span.score >= 0.4]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__.rpartition(".")[2])
def test_every_entity_has_words_for_the_reader_and_a_pattern(file):
    assert {pattern.entity for pattern in getattr(file, "PATTERNS", ())} <= set(file.ENTITIES)
    assert all(words and words[0] == words[0].strip() for words in file.ENTITIES.values())


@pytest.mark.parametrize("file", MAKERS, ids=lambda file: file.__name__.rpartition(".")[2])
def test_values_made_by_rules_of_their_own_are_found_in_every_language_they_are_labelled_in(file):
    assert set(file.MAKERS) == set(file.LABELS)
    rng, missed = random.Random(71), []
    for entity, labels in file.LABELS.items():
        for language in labels:
            made = [insert("please look at the order soon", entity, rng, language) for _ in range(12)]
            hits = [
                any(
                    span.entity == entity and span.start < one.end and one.start < span.end
                    for span in found(one.text, language)
                )
                for one in made
            ]
            missed += [(entity, language)] * (sum(hits) < 12)
    assert not missed


def test_more_than_twenty_countries_have_check_digits():
    checked = {pattern.entity[:2] for pattern in PATTERNS if pattern.check and re.match("[A-Z]{2}_", pattern.entity)}
    assert len(checked) >= 45


def test_a_wrong_check_digit_is_no_finding():
    for text in ("PESEL 44051401358", "burgerservicenummer 111222334", "codice fiscale RSSMRA85T10A562T"):
        assert not found(text)
    for text, entity in (
        ("PESEL 44051401359", "PL_PESEL"),
        ("burgerservicenummer 111222333", "NL_BSN"),
        ("codice fiscale RSSMRA85T10A562S", "IT_FISCAL_CODE"),
    ):
        assert entity in {span.entity for span in found(text)}


def test_a_chinese_number_of_a_province_without_a_county_breaks_nothing():
    assert not standard("cn.ric")("11000119900101001X")


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("driver license F728-479-30-174-6", "US_DRIVER_LICENSE"),
        ("driving licence DOTES 807130 CF4 TE", "UK_DRIVING_LICENCE"),
        ("NIN 8527 147 3723", "NG_NIN"),
        ("MyKad 810205131196", "MY_NRIC"),
        ("resident registration 8408252280063", "KR_RRN"),
        ("RG 31255266-7", "BR_RG"),
        ("35 209900 176148 1", "IMEI"),
        ("SSN 563 79 2245", "US_SSN"),
        ("number plate ab12 cde", "UK_VEHICLE_REGISTRATION"),
    ],
)
def test_numbers_in_the_groups_that_people_write_them_in(text: str, entity: str) -> None:
    assert entity in {span.entity for span in found(text)}


def test_a_taxpayer_number_has_a_group_that_is_given_out() -> None:
    assert {span.entity for span in found("itin 922-73-1432")} == {"US_ITIN"}
    assert not found("itin 922-10-1432")
    assert not found("itin 999-99-9999")


def test_the_name_of_the_column_tells_bare_digits():
    assert not found("44051401359")
    assert {span.entity for span in found("44051401359", context=("pesel_number",))} == {"PL_PESEL"}


LETTERS = string.ascii_uppercase
ORDINARY = {
    **{
        f"{n} digits": lambda rng, n=n: str(rng.randrange(10 ** (n - 1), 10**n))
        for n in (5, 6, 8, 9, 10, 11, 12, 13, 18)
    },
    "microseconds": lambda rng: str(1_700_000_000_000_000 + rng.randrange(10**14)),
    "fraction": lambda rng: str(rng.random()),
    "price": lambda rng: f"{rng.uniform(1, 5000):.2f} EUR",
    "md5": lambda rng: hashlib.md5(rng.randbytes(8)).hexdigest(),
    "sha1": lambda rng: hashlib.sha1(rng.randbytes(8)).hexdigest(),
    "sha256": lambda rng: hashlib.sha256(rng.randbytes(8)).hexdigest(),
    "base64": lambda rng: "".join(rng.choices(string.ascii_letters + string.digits + "+/", k=44)),
    "uuid": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "version": lambda rng: ".".join(str(rng.randrange(20)) for _ in range(4)),
    "article": lambda rng: "".join(rng.choices(LETTERS, k=3)) + f"-{rng.randrange(10**5):05d}",
    "article with a letter": lambda rng: f"{rng.choice(LETTERS)}{rng.choice(LETTERS)}{rng.randrange(10**6):06d}A",
    "order of a day": lambda rng: f"20{rng.randrange(10, 26)}{rng.randrange(1, 13):02d}15-{rng.randrange(10**4):04d}",
    "order of a shop": lambda rng: f"{rng.randrange(100, 999)}-{rng.randrange(10**7):07d}-{rng.randrange(10**7):07d}",
    "isbn": lambda rng: f"978-3-{rng.randrange(100, 1000)}-{rng.randrange(10**5):05d}-{rng.randrange(10)}",
    "moment": lambda rng: f"2024-05-{rng.randrange(1, 29):02d}T{rng.randrange(24):02d}:15:{rng.randrange(60):02d}Z",
    "place": lambda rng: f"{rng.uniform(-90, 90):.5f}, {rng.uniform(-180, 180):.5f}",
    "spaced telephone": lambda rng: f"{rng.randrange(200, 999)} {rng.randrange(200, 999)} {rng.randrange(10**4):04d}",
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_values_are_no_identifiers(kind):
    rng = random.Random(13)
    values = [ORDINARY[kind](rng) for _ in range(400)]
    hits = [value for value in values if found(value)]
    assert len(hits) <= 1


def test_four_small_numbers_are_a_version_unless_a_word_says_address():
    assert not found("updated to version 10.2.0.41")
    assert not found("2.4.1.0")
    assert found("host 10.2.0.4 is down")[0].entity == "IP_ADDRESS"
    assert found("from 203.0.113.77 at noon")[0].entity == "IP_ADDRESS"
    assert found("at 2001:db8::8a2e:370:7334 now")[0].entity == "IP_ADDRESS"
    assert not found("std::vector and dead::beef at 12:30:45")


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("4111 1111 1111 1111", True),
        ("4111-1111-1111-1111", True),
        ("3782 822463 10005", True),
        ("6011111111111117", True),
        ("2223003122003222", True),
        ("3056 930902 5904", True),
        ("4111 1111 1111 1112", False),
        ("7111 1111 1111 1116", False),
        ("card 6759649826438453", True),
    ],
)
def test_cards_of_all_brands(number, good):
    assert ("CREDIT_CARD" in {span.entity for span in found(number)}) == good


@pytest.mark.parametrize(
    "address",
    [
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ],
)
def test_addresses_of_coins_stand_or_fall_with_their_checksum(address):
    assert {span.entity for span in found(f"sent to {address} today")} == {"CRYPTO"}
    other = "2" if address[-3] != "2" else "3"
    assert not found(f"sent to {address[:-3]}{other}{address[-2:]} today") or address.startswith("0x")


def test_capitals_of_an_ethereum_address_are_its_checksum():
    right = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert encodings.eip55(right) is True
    assert encodings.eip55(right.replace("aA", "Aa")) is False
    assert encodings.eip55(right.lower()) is None
    assert encodings.keccak_256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0")


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("password: hunter2!x", "PASSWORD"),
        ('"passwort": "Sommer2021"', "PASSWORD"),
        ("postgres://app:s3cr3tpw@db.example.com/x", "PASSWORD"),
        ("api_key = 9f8a7b6c5d4e3f2a1b0c9d8e", "API_KEY"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----", "PRIVATE_KEY"),
    ],
)
def test_secrets_are_found(text, entity):
    assert entity in {span.entity for span in found(text)}


@pytest.mark.parametrize(
    "text",
    [
        "password: required", "password = None", "password: ${DB_PASSWORD}", "the password is incorrect",
        "password: ********", "your token is valid", "api_key = your_api_key_here", "secret: <secret>",
        "pass: 12 of 15 tests",
        "commit 9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a",
    ],
)  # fmt: skip
def test_placeholders_words_and_hashes_are_no_secrets(text):
    assert not found(text)


@pytest.mark.parametrize(
    "filler", ["1", "A", "a1", "1 ", "1-", "1.", "-----BEGIN PRIVATE KEY-----", "password = ", "::", "0x"]
)
def test_no_pattern_takes_long_over_a_long_text(filler):
    text = (filler * 20_000)[:20_000]
    started = time.process_time()
    for pattern in PATTERNS:
        sum(1 for _ in re.finditer(pattern.regex, text, re.IGNORECASE if pattern.ignore_case else 0))
    list(networks.find(Text(text, "en")))
    assert time.process_time() - started < 20


def test_a_number_inside_a_longer_one_is_none():
    shape = re.compile(identifiers.whole(r"\d{9}"))
    for text in ("(111222333)", "no.111222333."):
        assert shape.search(text)
    for text in ("1112223334", "111222333.5", "x111222333", "a/111222333", "111222333-4", "1.111222333"):
        assert not shape.search(text)


def test_check_digits():
    assert [luhn(number) for number in ("79927398713", "79927398710", "0")] == [True, False, False]
    taj = weighted((3, 7) * 4, 10)
    assert [taj(number) for number in ("123 456 788", "123456789", "12345678")] == [True, False, False]


def test_the_scanner_gives_identifiers():
    text = "Ihre Steuer-ID 36574261809, SV 65 170839 J 003"
    entities = {span.entity for span in scan_texts([text], language="de")[0] if span.score >= 0.4}
    assert {"DE_TAX_ID", "DE_SOCIAL_SECURITY"} <= entities


def test_a_number_of_no_known_brand_is_a_card_where_it_is_called_one() -> None:
    assert [span.entity for span in scan_texts(["my card is 3512345678901236 ok"])[0] if span.score >= 0.4] == [
        "CREDIT_CARD"
    ]
    assert not [one for one in scan_texts(["order 3512345678901236 ok"])[0] if one.score >= 0.4]
