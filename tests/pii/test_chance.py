"""Values with a check digit stand where there are more of them than chance makes in that column, for each kind."""

from __future__ import annotations

import random
from collections.abc import Callable

import pandas as pd
import pytest

from audit.pii.columns import chance
from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.columns.row_sets import count
from audit.pii.patterns.check_digits import luhn

ROWS = 1200


def digits(rng: random.Random, length: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(length))


def card(rng: random.Random) -> str:
    start = "4" + digits(rng, 14)
    return next(start + last for last in "0123456789" if luhn(start + last))


def account(rng: random.Random) -> str:
    digits_of_account = digits(rng, 18)
    return f"DE{98 - int(digits_of_account + '131400') % 97:02d}{digits_of_account}"


def hits(values: list[str], entity: str) -> int:
    reader = ColumnReader("ref", Options())
    reader.add(pd.Series(values), 0)
    assert reader.tally.found  # chance alone finds some, so what is counted was weighed
    return count([rows for kind, rows in reader.findings().items() if kind.entity == entity])


KINDS: list[tuple[str, Callable[[random.Random], str], Callable[[random.Random], str]]] = [
    ("IBAN_CODE", account, lambda rng: "DE" + digits(rng, 20)),
    ("CREDIT_CARD", card, lambda rng: str(rng.randrange(1, 10)) + digits(rng, 15)),
]


@pytest.mark.parametrize(("entity", "right", "other"), KINDS)
@pytest.mark.parametrize("beside", [[], ["n/a"]])
def test_one_right_value_in_twelve_of_the_same_form_is_more_than_chance(
    entity: str, right: Callable[[random.Random], str], other: Callable[[random.Random], str], beside: list[str]
) -> None:
    rng = random.Random(3)
    values = [right(rng) if row % 12 == 0 else other(rng) for row in range(ROWS)]
    assert hits([*values, *beside], entity) >= ROWS / 12


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "other",
    [*(other for _, _, other in KINDS), lambda rng: "4" + digits(rng, 15), lambda rng: "4539" + digits(rng, 12)],
)
def test_random_values_are_chance_even_where_all_begin_as_cards_do(
    other: Callable[[random.Random], str], seed: int
) -> None:
    rng = random.Random(seed)
    values = [other(rng) for _ in range(ROWS)]
    assert hits(values, "CREDIT_CARD") == hits(values, "IBAN_CODE") == 0


def test_random_values_begin_as_those_of_the_column_and_have_their_form() -> None:
    drawn = chance.continued(["AB12-cd34"])
    assert len(drawn) > 100
    assert all(value.startswith("AB12-") and value[5:7].islower() and value[7:].isdigit() for value in drawn)
    assert chance.continued([]) == []


def test_as_many_as_chance_makes_are_explained_and_three_times_as_many_are_not() -> None:
    by_chance = chance.Outcome(28, 1000)
    assert chance.explains(chance.Outcome(0, 10), by_chance)
    assert chance.explains(chance.Outcome(30, 1000), by_chance)
    assert chance.explains(chance.Outcome(45, 1000), by_chance)
    assert not chance.explains(chance.Outcome(84, 1000), by_chance)


def test_single_findings_in_random_letters_and_digits_are_chance_and_many_are_none() -> None:
    rng = random.Random(5)
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    codes = ["".join(rng.choice(signs) for _ in range(10)) for _ in range(ROWS)]
    assert hits(["ABCPE1234F", *codes], "IN_PAN") == 0
    assert hits(["ABCPE1234F", *(f"A{digits(rng, 9)}" for _ in range(ROWS))], "IN_PAN") == 1
    assert hits(["ABCPE1234F", *codes[:5]], "IN_PAN") == 1
