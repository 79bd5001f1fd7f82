"""A whole number is read as such in whichever way a program or a spreadsheet has written it."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from audit.pii import planted
from audit.pii.columns.cells import typed
from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.columns.row_sets import count
from audit.pii.columns.whole_numbers import undressed

ROWS = 60


def cards() -> list[int]:
    rng = random.Random(1)
    return [int("".join(filter(str.isdigit, planted.value("CREDIT_CARD", rng)))) for _ in range(ROWS)]


def numbers(low: int, high: int) -> list[int]:
    rng = random.Random(2)
    return [rng.randrange(low, high) for _ in range(ROWS)]


def hits(column: pd.Series, entity: str, name: str = "value", language: str = "en") -> int:
    reader = ColumnReader(name, Options(language=language))
    reader.add(column, 0)
    assert not reader.left_out
    return count([rows for kind, rows in reader.findings().items() if kind.entity == entity])


WAYS: list[Callable[[int], str]] = [
    lambda number: f"{number}.0",
    lambda number: f"{number},00",
    lambda number: f"{number:,}",
    lambda number: f"{number:,}.00",
    lambda number: f"{number:,}".replace(",", "."),
    lambda number: f"{float(number):.18e}",
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("beside", [[], ["N/A"], [None]])
def test_cards_are_found_however_whole_numbers_are_written(way: Callable[[int], str], beside: list[str | None]) -> None:
    assert hits(pd.Series([*map(way, cards()), *beside], dtype="str"), "CREDIT_CARD", "payment") == ROWS


@pytest.mark.parametrize("way", WAYS)
def test_numbers_under_a_telling_name_are_found_however_they_are_written(way: Callable[[int], str]) -> None:
    assert hits(pd.Series(map(way, numbers(4_155_550_000, 4_155_560_000))), "PHONE_NUMBER", "phone") == ROWS
    assert hits(pd.Series(map(way, numbers(219_100_000, 219_900_000))), "US_SSN", "ssn") == ROWS


@pytest.mark.parametrize("zeros_lost", [True, False])
def test_social_security_numbers_that_lost_a_zero_are_found_under_their_name(zeros_lost: bool) -> None:
    column = pd.Series(numbers(21_220_000, 21_990_000))
    assert hits(column if zeros_lost else column + 10**8, "US_SSN", "ssn") == ROWS


@pytest.mark.parametrize(
    ("value", "name", "entity", "language"),
    [
        ("12.345.678-Z", "documento", "ES_NIF", "es"),
        ("123.456.789", "nif", "PT_NIF", "pt"),
        ("123.456.782", "bsn", "NL_BSN", "nl"),
    ],
)
def test_national_numbers_are_found_with_the_dots_of_thousands(
    value: str, name: str, entity: str, language: str
) -> None:
    assert hits(pd.Series([value, value, None]), entity, name, language) == 2


def test_what_is_no_whole_number_stays_as_it_is() -> None:
    others = [
        "", "12.5", "192.168.100.200", "10.000.013-K", "1.5e-3", "4.53e+1", "9e99", "4155550000", "3.1.4", "12e4567",
        "1,2,3", "(415) 555-0100", "2024-05-01", "1,234.567,890",
    ]  # fmt: skip
    assert undressed(others) == others
    assert undressed([" 12.0 ", "-7,00", "1'234'567", "1.25E+4", "999.999.999.999"]) == [
        "12", "-7", "1234567", "12500", "999999999999",
    ]  # fmt: skip


def test_prices_without_cents_hold_nothing_and_a_column_of_written_numbers_is_one_of_numbers() -> None:
    prices = pd.Series([f"{price}.00" for price in range(ROWS)])
    assert hits(prices, "CREDIT_CARD", "price") == 0
    assert typed(pd.Series(["4,50", "4,00"])).dtype.kind in "OU" or not pd.api.types.is_numeric_dtype(
        typed(pd.Series(["4,50", "4,00"]))
    )
    assert typed(pd.Series(["1.234.567,00", None, "12,0"], dtype="str", index=[3, 1, 2])).tolist()[::2] == [1234567, 12]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([*map(Decimal, cards())], dtype=pd.ArrowDtype(pa.decimal128(38, 2))),
        pd.Series([*map(complex, cards())]),
        pd.Series([*cards(), None], dtype="int64[pyarrow]"),
        pd.Series([*map(float, cards()), None], dtype="double[pyarrow]"),
    ],
    ids=["decimal", "complex", "integer", "float"],
)
def test_cards_are_found_in_numbers_of_any_type(column: pd.Series) -> None:
    assert hits(column, "CREDIT_CARD", "payment") == ROWS
