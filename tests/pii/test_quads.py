"""Addresses on a network are told from versions by their different values, all four numbers and the column's name."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.columns.row_sets import count

ROWS = 400


def addresses(values: list[str], name: str = "value") -> int:
    reader = ColumnReader(name, Options())
    reader.add(pd.Series(values), 0)
    return count([rows for kind, rows in reader.findings().items() if kind.entity == "IP_ADDRESS"])


def tail(rng: random.Random, *ends: int) -> str:
    return ".".join(str(rng.randrange(end)) for end in ends)


@pytest.mark.parametrize("placeholder", ["999.999.999.999", "256.1.1.1"])
@pytest.mark.parametrize("name", ["client", "value"])
def test_one_placeholder_hides_no_addresses_however_often_it_stands(placeholder: str, name: str) -> None:
    rng = random.Random(1)
    assert addresses([f"198.51.{tail(rng, 256, 256)}" for _ in range(ROWS)] + [placeholder] * ROWS, name) == ROWS


def test_bad_values_in_one_of_twelve_rows_hide_no_addresses() -> None:
    rng = random.Random(2)
    bad = [f"999.{tail(rng, 100, 100, 100)}" for _ in range(ROWS // 12)]
    assert addresses([f"198.51.{tail(rng, 256, 256)}" for _ in range(ROWS)] + bad) == ROWS


def test_addresses_of_networks_with_small_first_numbers_are_none_of_versions() -> None:
    rng = random.Random(3)
    log = [f"{first}.{tail(rng, 256, 256, 256)}" for first in (24, 12, 4) for _ in range(ROWS)]
    assert addresses(log) > 0.95 * len(log)


def test_where_the_numbers_do_not_tell_the_name_of_the_column_does() -> None:
    rng = random.Random(4)
    either = [f"{1 + row % 12}.{tail(rng, 100, 250, 250)}" for row in range(ROWS)]
    assert addresses(either) == addresses(either, "firmware") == addresses(either, "server version") == 0
    assert addresses(either, "client") > 0.95 * ROWS
