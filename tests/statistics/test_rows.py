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
    test.loc[0, "a"] *= 1.0001
    test.loc[1, "c"] = "other"
    test.loc[2, "b"] = np.nan
    assert rows.matches(train, test).row.tolist() == [-1, -1, -1, 3]


@pytest.mark.parametrize(
    "disguise",
    [
        lambda rows: rows.astype({"a": np.float32}),
        lambda rows: rows.assign(a=rows.a + 1e-9),
        lambda rows: rows.assign(a=rows.a.map(lambda number: float(f"{number:.6g}"))),
        lambda rows: rows.assign(a=rows.a.astype(str), b=rows.b.astype(str)),
        lambda rows: rows.assign(c=rows.c.str.upper() + "  "),
        lambda rows: rows.assign(c=rows.c.map({"x": "\uff58", "y": "\uff59"})),
    ],
)
def test_a_copy_in_disguise_is_still_a_copy(disguise):
    train = frame(2000)
    assert (rows.matches(train, disguise(train)).row == np.arange(2000)).all()


def test_whole_numbers_and_long_words_are_not_rounded():
    train = pd.DataFrame({"n": [1_700_000_001, 1_700_000_002], "w": ["1.0000001", "1.0000002"]})
    test = pd.DataFrame({"n": [1_700_000_003, 1_700_000_002], "w": ["1.0000001", "1.0000003"]})
    assert rows.matches(train, test).row.tolist() == [-1, -1]


def test_dense_numbers_do_not_run_together():
    numbers = np.sort(np.random.default_rng(0).random(400_000)) + 1
    found = rows.groups(pd.DataFrame({"a": numbers}))
    assert len(np.unique(found)) > 90_000


def test_missing_infinite_and_blank_cells():
    train = pd.DataFrame({"a": [np.nan, np.inf, -np.inf, 0.5], "b": [None, "x", "y", "z"]})
    assert rows.matches(train, train.assign(b=["  ", "x", "y", "z"])).row.tolist() == [0, 1, 2, 3]
    assert rows.matches(train, train.assign(a=[0.0, -np.inf, np.inf, np.nan])).row.tolist() == [-1, -1, -1, -1]


def test_different_rows_are_counted_once():
    train, test = pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [7] * 98 + [1, 1]})
    found = rows.matches(train, test)
    assert (found.distinct, found.distinct_found) == (2, 1)
    groups = rows.groups(test)
    assert len(set(groups[:98])) == 1
    assert groups[0] != groups[99]


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
