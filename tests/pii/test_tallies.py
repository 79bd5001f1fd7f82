"""Chance hits in a column are told from findings by the cells that look alike; what is clear by itself stands."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence

import pandas as pd
import pytest

from audit.pii import planted
from audit.pii.columns import chance
from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.columns.row_sets import count
from audit.pii.columns.whole import scan_column
from audit.pii.custom import Custom
from audit.pii.custom.rules import Allowed
from audit.pii.tables.sheets import SheetReader

ROWS = 300


def kinds_in(values: Sequence[str], name: str = "value") -> dict[str, int]:
    """Cells by entity."""
    found = scan_column(pd.Series(values), name, Options())
    kinds = [span.entity for spans in found.values() for span in spans]
    return {kind: kinds.count(kind) for kind in set(kinds)}


def digits(rng: random.Random, form: str) -> str:
    return "".join(rng.choice(string.digits) if sign == "9" else sign for sign in form)


@pytest.mark.parametrize("form", ["999-99-9999", "9-999-99999-9", "999999-9999", "9999999-99-9"])
def test_codes_of_a_form_that_most_numbers_pass_are_no_finding(form: str) -> None:
    rng = random.Random(4)
    assert kinds_in([digits(rng, form) for _ in range(ROWS)]) == {}


def test_numbers_that_all_pass_are_social_security_numbers_without_a_telling_name() -> None:
    rng = random.Random(4)
    values = [
        f"{rng.randrange(100, 660)}-{rng.randrange(1, 100):02}-{rng.randrange(1, 10_000):04}" for _ in range(ROWS)
    ]
    assert kinds_in(values) == {"US_SSN": ROWS}


def test_a_word_that_the_column_writes_small_elsewhere_is_no_name_at_the_start_of_a_sentence() -> None:
    small = [f"the parcel of paris {number} and florence or jordan" for number in range(ROWS)]
    assert kinds_in([*small, "Florence went", "Jordan went"]).get("PERSON", 0) == 0
    clear = [*small, *["It was booked by Jennifer Thompson for us"] * 5]
    assert kinds_in(clear)["PERSON"] == 5


def test_versions_and_parts_of_hashes_and_paths_are_none() -> None:
    rng = random.Random(5)
    versions = [f"10.{rng.randrange(60)}.{rng.randrange(200, 300)}.{rng.randrange(600)}" for _ in range(ROWS)]
    agents = [f"Tool/1.0 (rv:{version}) Engine/2.{version}" for version in versions]
    hashes = [f"line {rng.getrandbits(128):032x} took {number} ms" for number in range(2000)]
    for values in (versions, agents, hashes, ["America/Chicago", "Europe/Berlin", "Asia/Tokyo"] * 20):
        assert kinds_in(values) == {}


def test_a_serial_number_is_a_devices_only_where_the_name_says_so() -> None:
    rng = random.Random(6)
    values = ["SN" + digits(rng, "9999999999") for _ in range(50)]
    assert kinds_in(values, "serial_no") == {}
    assert set(kinds_in(values, "device serial number")) == {"DEVICE_ID"}


@pytest.mark.parametrize("entity", ["EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD", "MAC_ADDRESS"])
def test_one_clear_value_in_a_hundred_codes_is_found(entity: str) -> None:
    rng = random.Random(7)
    values = [digits(rng, "999-99-9999") for _ in range(ROWS)]
    for row in range(0, ROWS, 100):
        values[row] = planted.value(entity, rng)
    assert kinds_in(values).get(entity) == 3


def hits(values: Sequence[object], entity: str, *, chunk: int = 10**6, options: Options | None = None) -> int:
    """Cells that hold an entity, of a column that is read in chunks."""
    reader, column = ColumnReader("field", options or Options()), pd.Series(values)
    for start in range(0, len(column), chunk):
        reader.add(column.iloc[start : start + chunk], start)
    return count([rows for kind, rows in reader.findings().items() if kind.entity == entity])


def cards(number: int, *, right: bool = True) -> list[str]:
    rng = random.Random(f"{number} {right}")
    made = ["".join(filter(str.isdigit, planted.value("CREDIT_CARD", rng))) for _ in range(number)]
    return made if right else [card[:-1] + str((int(card[-1]) + 1 + rng.randrange(9)) % 10) for card in made]


@pytest.mark.parametrize("chunk", [1000, 10**6])
@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("last", [[], ["n/a"]])
def test_cards_after_thousands_of_other_numbers_are_found_in_any_order_and_chunks(
    chunk: int, order: int, last: list[str]
) -> None:
    values = [*cards(1500, right=False), *cards(2500)][::order]
    assert hits([*values, *last], "CREDIT_CARD", chunk=chunk) == 2500


def test_cards_above_chance_stand_beside_other_numbers_of_their_length_and_random_ones_do_not() -> None:
    mixed = [*cards(120), *cards(180, right=False)]
    assert hits(mixed, "CREDIT_CARD") == hits(list(map(int, mixed)), "CREDIT_CARD") == 120
    rng = random.Random(8)
    assert hits([str(rng.randrange(4 * 10**15, 5 * 10**15)) for _ in range(3000)], "CREDIT_CARD") == 0


@pytest.mark.parametrize(
    ("entity", "placeholder"),
    [("US_SSN", "000-00-0000"), ("CREDIT_CARD", "0000000000000000"), ("IBAN_CODE", "DE00000000000000000000")],
)
def test_placeholders_hide_no_values_of_their_form(entity: str, placeholder: str) -> None:
    rng = random.Random(9)
    made = {
        "US_SSN": [
            f"{rng.randrange(100, 660)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}" for _ in range(120)
        ],
        "CREDIT_CARD": cards(120),
        "IBAN_CODE": ["DE89370400440532013000"] * 120,
    }
    assert hits([*made[entity], *[placeholder] * 180], entity) == 120


@pytest.mark.parametrize(("entity", "language"), [("BR_CPF", "en"), ("CL_RUT", "es"), ("BE_NATIONAL_NUMBER", "nl")])
@pytest.mark.parametrize("demanded", [True, False])
def test_dotted_tax_numbers_are_no_versions(entity: str, language: str, demanded: bool) -> None:
    made = {
        "BR_CPF": ["529.982.247-25", "111.444.777-35", "123.456.789-09"],
        "CL_RUT": ["12.345.678-5", "11.111.112-K", "10.000.013-K"],
        "BE_NATIONAL_NUMBER": ["85.07.30-033.28"],
    }[entity]
    options = Options(language=language, entities=(entity,) if demanded else ())
    assert hits(made, entity, options=options) == len(made)


def test_one_fraction_makes_no_measurements_of_card_numbers_and_prices_stay_left_out() -> None:
    assert hits([*cards(300), "0.5"], "CREDIT_CARD") == 300
    assert hits([*map(float, cards(300)), 0.5], "CREDIT_CARD") == 300
    prices = ColumnReader("price", Options())
    prices.add(pd.Series([0.25, 3.0, 17.5, 12.75]), 0)
    assert prices.left_out


def test_addresses_stand_beside_more_addresses_of_small_numbers() -> None:
    small = [f"8.8.{row % 30}.{row % 29}" for row in range(180)]
    assert hits([*small, *(f"198.51.{row}.{100 + row}" for row in range(120))], "IP_ADDRESS") >= 120
    assert hits(small, "IP_ADDRESS") == 0


def test_random_values_of_a_form_have_that_form_and_ask_for_more_than_chance() -> None:
    drawn = chance.fillings("AA-99")
    assert all(len(value) == 5 and value[2] == "-" and value[:2].isupper() and value[3:].isdigit() for value in drawn)
    assert chance.needed(0.1) == 0.55
    assert 0.98 < chance.needed(0.89) < 1 < chance.needed(1.0)


def test_numbers_of_versions_count_up_from_small_ones_and_those_of_networks_do_not() -> None:
    rng = random.Random(11)
    tail = [f"{rng.randrange(100)}.{rng.randrange(250)}.{rng.randrange(250)}" for _ in range(ROWS)]
    assert kinds_in([f"{1 + row % 12}.{rest}" for row, rest in enumerate(tail)]) == {}
    assert kinds_in([f"10.{rest}" for rest in tail])["IP_ADDRESS"] > 0.95 * ROWS


def test_one_valid_card_in_ten_order_numbers_of_a_text_is_chance_and_cards_without_others_are_none() -> None:
    rng = random.Random(12)
    texts = [f"see order {rng.randrange(4 * 10**15, 5 * 10**15)} again" for _ in range(ROWS)]
    assert kinds_in(texts) == {}
    found = kinds_in([*["no number here at all"] * ROWS, *(f"see order {card} again" for card in cards(6))])
    assert found["CREDIT_CARD"] >= 5


@pytest.mark.parametrize(
    "value",
    ["2020-610981", "28 6E BE 33 BD E6 C1 81", "c4:24:2f:b9:9d:24:3f:2d:a1:75", "0.41097 0.97047", "017-555-0123"],
)
def test_stretches_of_other_codes_are_no_finding(value: str) -> None:
    assert kinds_in([value]) == {}


def test_names_and_numbers_within_random_letters_and_digits_are_none() -> None:
    blobs = ["Bo6MQaVKe8ncumwd1tSa5k", "Leo9YlzVUkj79LTNe482zb", "AmA2bRfhyoP2Cl6OpD1RT/UJ", "PO 2024 782706"]
    assert kinds_in(blobs) == {}
    assert kinds_in(["written by Leo Thompson 9"]) == {"PERSON": 1}


def test_what_a_fork_reads_is_unknown_to_its_reader_and_both_know_what_came_before() -> None:
    rng = random.Random(14)
    first = [*(digits(rng, "AX-9999999") for _ in range(50)), "ivo@example.org", "see order 4111111111111111"]
    reader = ColumnReader("field", Options())
    reader.add(pd.Series(first), 0)
    before = {kind: rows.first(100) for kind, rows in reader.findings().items()}
    fork = reader.fork()
    fork.add(pd.Series([*["zoe@example.org", "Maria Thompson", "1.2.3.4"] * 3, *first]), len(first))
    assert {kind: rows.first(100) for kind, rows in reader.findings().items()} == before
    assert reader.tally.cells == len(first)
    both = ColumnReader("field", Options())
    both.add(pd.Series(first), 0)
    both.add(pd.Series([*["zoe@example.org", "Maria Thompson", "1.2.3.4"] * 3, *first]), len(first))
    assert {kind: rows.first(100) for kind, rows in fork.findings().items()} == {
        kind: rows.first(100) for kind, rows in both.findings().items()
    }


def test_what_is_dropped_and_what_a_rule_allows_is_counted_without_a_value() -> None:
    rng = random.Random(13)
    codes = [digits(rng, "999-99-9999") for _ in range(ROWS)]
    notes = [*[f"write to user{row}@example.org" for row in range(6)], *["none"] * (ROWS - 6)]
    rules = Custom(allow=(Allowed(patterns=(r"user[0-3]@example\.org",)),))
    reader = SheetReader("train", ["code", "note"], Options(custom=rules))
    reader.add(pd.DataFrame({"code": codes, "note": notes}))
    code, note = reader.sheet().parts
    assert code.dropped["US_SSN"] > ROWS / 2
    assert (code.hits, code.allowed) == (0, 0)
    assert (note.entities, note.allowed, note.dropped) == ({"EMAIL_ADDRESS": 2}, 4, {})
