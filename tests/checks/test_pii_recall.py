"""The recall that the check `pii` measures: planted values stand as the column's own, and each miss counts."""

from __future__ import annotations

import random

import pytest

from audit.checks._pii import recall
from audit.checks._pii.prevalence import Sight
from audit.checks._pii.recall import Cells
from audit.errors import NotMeasurable
from audit.pii import planted
from audit.pii.columns.options import Options
from audit.pii.custom import read

SENTENCES = Cells("note", [f"the parcel number {n} was left at the door of the shop" for n in range(200)], "text")
WORDS = Cells("state", ["open", "closed", "new"] * 60, "text")
KINDS = ("EMAIL_ADDRESS", "IBAN_CODE")


def test_every_value_that_a_pattern_tells_is_found_and_counted() -> None:
    found = recall.measure([SENTENCES, WORDS], KINDS, Options(), seed=1, confidence=0.95).by_entity
    assert set(found) == set(KINDS)
    for share in found.values():
        assert share.n == recall.MOST_PER_KIND
        assert float(share.value) == 1.0
        assert share.low is not None
        assert 0.9 < share.low < 1


def test_a_kind_that_the_scan_is_not_told_to_find_has_no_recall() -> None:
    found = recall.measure([SENTENCES], KINDS, Options(entities=("IBAN_CODE",)), seed=1, confidence=0.95).by_entity
    assert float(found["EMAIL_ADDRESS"].value) == 0.0
    assert float(found["IBAN_CODE"].value) == 1.0
    assert recall.least(found) == found["EMAIL_ADDRESS"]


def test_a_pattern_that_misses_its_own_examples_in_a_sentence_shows_it() -> None:
    own = read(
        "personal.yaml",
        rb"""recognisers:
  - {entity: LOCKER, pattern: '^L-[0-9]{3}$', examples: [L-123, L-456]}
  - {entity: BADGE, pattern: '\bB-[0-9]{3}\b', examples: [B-123, B-456]}
""",
    )
    options = Options(custom=own)
    assert {"LOCKER", "BADGE"} <= set(recall.makeable(options))
    found = recall.measure([SENTENCES], ("LOCKER", "BADGE"), options, seed=1, confidence=0.95).by_entity
    assert float(found["LOCKER"].value) == 0.0
    assert float(found["BADGE"].value) == 1.0


def test_what_is_found_as_an_unrelated_kind_is_not_seen() -> None:
    own = read(
        "personal.yaml",
        b"recognisers:\n  - {entity: DESK, pattern: 'desk[0-9]@example', examples: [desk1@example.com]}\n",
    )
    options = Options(entities=("EMAIL_ADDRESS",), custom=own)
    sight = recall.measure([SENTENCES], ("DESK",), options, seed=1, confidence=0.95)
    assert float(sight.by_entity["DESK"].value) == 0.0
    assert sight.pooled is not None
    assert float(sight.pooled.value) == 0.0


def test_the_same_seed_gives_the_same_recall() -> None:
    first, again = (recall.measure([WORDS], KINDS, Options(), seed=3, confidence=0.95) for _ in range(2))
    assert first == again


def test_a_value_stands_between_the_words_of_a_sentence_and_alone_in_a_column_of_words() -> None:
    rng = random.Random(0)
    long = planted.write("one two three four", "X", "", rng)
    assert long.text[long.start : long.end] == "X"
    assert long.text.replace("X ", "").replace(" X", "") == "one two three four"
    alone = planted.write("", "X", "phone", rng)
    assert (alone.text, alone.start) == ("phone X", 6)


def test_nothing_can_be_planted_without_a_column_or_a_maker() -> None:
    with pytest.raises(NotMeasurable, match="no column"):
        recall.measure([Cells("a", [1.5], "none")], KINDS, Options(), seed=0, confidence=0.95)
    assert recall.measure([WORDS], ("NO_SUCH_KIND",), Options(), seed=0, confidence=0.95) == Sight({}, None)
    with pytest.raises(NotMeasurable, match="no value"):
        recall.least({})


def test_each_maker_has_words_that_tell_its_value_in_english() -> None:
    for kind in planted.entities():
        value = planted.value(kind, random.Random(kind), "en")
        assert value == value.strip() != ""
        assert planted.label(kind, "en"), kind


def test_kinds_are_related_where_one_country_reads_the_numbers_of_another() -> None:
    assert recall.related("BR_CPF", "DE_TAX_ID")
    assert recall.related("IMEI", "IMSI")
    assert not recall.related("EMAIL_ADDRESS", "PERSON")
    assert not recall.related("CREDIT_CARD", "US_SSN")


def test_what_the_column_hides_is_missed_by_the_power_too() -> None:
    orders = Cells("order", [4 * 10**15 + 7919 * row for row in range(2000)], "numbers")
    hidden = recall.measure([orders], ("CREDIT_CARD",), Options(), seed=1, confidence=0.95)
    assert float(hidden.by_entity["CREDIT_CARD"].value) < 0.9
    texts = Cells("order", [str(4 * 10**15 + 7919 * row) for row in range(2000)], "text")
    hidden = recall.measure([texts], ("CREDIT_CARD",), Options(), seed=1, confidence=0.95)
    assert float(hidden.by_entity["CREDIT_CARD"].value) < 0.9
