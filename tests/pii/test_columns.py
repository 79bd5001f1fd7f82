"""Which columns are read, and how numbers are told from personal numbers."""

import random

import pandas as pd
import pytest

from audit.pii import planted
from audit.pii.columns.cells import MAX_CELL
from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.columns.routing import reading
from audit.pii.columns.whole import scan_column
from audit.pii.tables.header import scan_header


def cards(n, seed=0):
    rng = random.Random(seed)
    return [int(planted.value("CREDIT_CARD", rng).replace(" ", "").replace("-", "")) for _ in range(n)]


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        (["a", None], "note", "text"),
        (pd.Categorical(["x", "y"]), "kind", "text"),
        ([1, 2], "age", "numbers"),
        ([1.0, None], "age", "numbers"),
        ([1.5, 2.0], "price", "none"),
        ([True, False], "flag", "none"),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]), "day", "none"),
        ([2125550123, 2125550124], "mobile_phone", "text"),
    ],
)
def test_reading_follows_type_and_name(values, name, expected):
    assert reading(pd.Series(values), name) == expected


def test_declared_text_wins_over_numbers():
    assert reading(pd.Series([2125550123]), "contact", "text") == "text"


def test_account_numbers_are_not_phone_numbers():
    rng = random.Random(3)
    accounts = pd.Series([rng.randrange(10**9, 10**10) for _ in range(150)])
    assert not scan_column(accounts, "customer", Options())


def test_random_long_numbers_are_not_cards_although_one_in_ten_passes_the_checksum():
    rng = random.Random(3)
    numbers = pd.Series([rng.randrange(4 * 10**15, 5 * 10**15) for _ in range(150)])
    assert not scan_column(numbers, "reference", Options())


@pytest.mark.parametrize("column", [cards(5) + [7] * 200, [*map(float, cards(5)), None]])
def test_real_card_numbers_among_small_numbers_are_found(column):
    assert sorted(scan_column(pd.Series(column), "reference", Options())) == [0, 1, 2, 3, 4]


def test_numbers_with_one_slip_are_read_as_whole_numbers():
    assert reading(pd.Series([*map(float, cards(9)), 0.5]), "reference") == "numbers"


def test_empty_cells_are_not_counted():
    column = pd.Series(["a", "", "  ", None, float("nan"), "NA"], dtype=object)
    reader = ColumnReader("note", Options())
    reader.add(column, 0)
    assert reader.tally.cells == 2


def test_cells_of_other_types_are_read_as_text():
    column = pd.Series([b"ivo@example.org", ["ivo@example.org"], {"to": "ivo@example.org"}, 7, True], dtype=object)
    assert sorted(scan_column(column, "note", Options())) == [0, 1, 2]


def test_a_giant_cell_is_read_in_part_and_counted():
    giant = "ivo@example.org " + "x" * 60_000_000
    reader = ColumnReader("note", Options())
    chunk = reader.add(pd.Series([giant, "short"]), 0)
    assert [bool(found) for found in chunk.found] == [True, False]
    assert (reader.tally.shortened, reader.tally.cells) == (1, 2)
    assert len(giant) > MAX_CELL


def test_names_of_columns_are_read_too():
    assert list(scan_header(["note", "ivo@example.org"], Options())) == [1]


def test_scores_below_the_least_do_not_count():
    column = pd.Series(["244272509", "none"])
    assert not scan_column(column, "note", Options())
    assert scan_column(column, "note", Options(min_score=0.01))


@pytest.mark.parametrize(
    "name", ["phone", "Mobile No", "tel", "tel_home", "homeTel", "TEL", "fax", "Telefonnummer", "msisdn"]
)
@pytest.mark.parametrize(
    "values", [[491701234567, 12345678], [491701234567.0, None], ["+49 (170) 123-4567", "0170/1234567"]]
)
def test_numbers_in_a_column_named_after_phones_are_phone_numbers(name, values):
    column = pd.Series(values)
    found = scan_column(column, name, Options())
    assert len(found) == column.count()
    assert all("PHONE_NUMBER" in {span.entity for span in spans} for spans in found.values())


@pytest.mark.parametrize("name", ["hotel", "telemetry", "TELEMETRY", "automobile", "microphone", "customer", "halifax"])
def test_numbers_in_a_column_that_only_sounds_like_phones_are_none(name):
    column = pd.Series([491701234567, 491701234568])
    assert not scan_column(column, name, Options())


@pytest.mark.parametrize("value", [1234567, 1234567890123456, "none", "-12345678", "12345678 x", "1" * 40])
def test_what_has_not_8_to_15_digits_is_no_phone_number_whatever_the_column_is_called(value):
    spans = scan_column(pd.Series([value]), "mobile", Options()).get(0, ())
    assert "PHONE_NUMBER" not in {span.entity for span in spans}


def test_the_choice_of_entities_and_scores_holds_for_phones_by_name_too():
    column = pd.Series([491701234567])
    for options in (Options(entities=("EMAIL_ADDRESS",)), Options(min_score=0.8)):
        assert not scan_column(column, "mobile", options)
