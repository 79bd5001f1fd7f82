"""Equal rows across tables: by name, by value, with missing values, and never by an accident of a hash."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.statistics import rows


def frame(n: int = 50, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"a": rng.normal(size=n), "b": rng.integers(0, 3, n), "c": rng.choice(["x", "y", None], n), "d": np.arange(n)}
    )


def test_copies_are_found_in_any_column_order_and_with_other_number_types():
    train = frame()
    train.loc[3, "a"] = np.nan
    test = train.iloc[[3, 7, 9]][["d", "c", "b", "a"]].astype({"b": float}).reset_index(drop=True)
    assert rows.matches(train, test).row.tolist() == [3, 7, 9]


def test_categories_and_text_are_compared_as_text():
    train = frame()
    test = train.iloc[:5].astype({"c": "category"})
    assert (rows.matches(train, test).row == np.arange(5)).all()


def test_one_cell_makes_a_row_another_row():
    train = frame()
    test = train.iloc[:4].copy()
    test.loc[0, "a"] += 1e-12
    test.loc[1, "c"] = "other"
    test.loc[2, "b"] = np.nan
    assert rows.matches(train, test).row.tolist() == [-1, -1, -1, 3]


def test_arrays_of_images():
    x = np.random.default_rng(1).random((40, 1, 4, 4))
    asked = x[[5, 6]].copy()
    asked[1, 0, 2, 2] += 1
    assert rows.matches(x, asked).row.tolist() == [5, -1]
    with pytest.raises(ValueError, match="shape"):
        rows.matches(x, x[:, :, :2])


def test_repeats_inside_the_first_table_are_counted():
    train = pd.DataFrame({"a": [1, 1, 2, 3]})
    assert rows.matches(train, train).repeated == 0.5


def test_tables_without_a_common_column_are_refused():
    with pytest.raises(ValueError, match="no column in common"):
        rows.matches(pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}))
