"""Leakage: copied rows are counted one by one, and nothing else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.checks import leakage
from audit.errors import NotMeasurable
from audit.subject import Subject


def people(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "amount": rng.lognormal(8, 1, n).round(2),
            "city": rng.choice(["north", "south", None], n),
            "target": rng.integers(0, 2, n),
        }
    )


def rows_of(result) -> list[int]:
    lines = result.evidence[0].content.decode().splitlines()
    assert lines[0] == "row,score,reason"
    return sorted(int(line.split(",")[0]) for line in lines[1:])


def test_leaked_rows_are_counted_and_listed():
    train, test = people(0, 400), people(1, 100)
    test = pd.concat([test, train.iloc[[5, 9, 300]]], ignore_index=True)[["city", "target", "amount", "age"]]
    result = leakage.run(Subject.in_memory(train=train, test=test))
    share = result.measures["duplicate_share"]
    assert (share.value, share.n, share.low) == (3 / 103, 103, None)
    assert rows_of(result) == [100, 101, 102]
    assert b"equals row 300 of the training data" in result.evidence[0].content


@pytest.mark.parametrize("seed", range(10))
def test_separate_rows_are_not_flagged(seed):
    result = leakage.run(Subject.in_memory(train=people(seed, 500), test=people(100 + seed, 300)))
    assert result.measures["duplicate_share"].value == 0
    assert not result.evidence


def test_a_changed_label_does_not_hide_a_leaked_row():
    train = people(0, 200)
    test = train.iloc[:20].assign(target=1 - train.target[:20])
    assert leakage.run(Subject.in_memory(train=train, test=test)).measures["duplicate_share"].value == 1.0


def test_planted_copies_are_found_in_tables_and_images():
    audited = Subject.in_memory(train=people(0, 400), test=people(1, 100))
    power = leakage.plant(audited, seed=3, confidence=0.95)
    assert (power.value, power.n) == (1.0, 40)
    x = np.random.default_rng(0).random((50, 1, 4, 4))
    images = Subject.in_memory(train=(x[:30], np.zeros(30)), test=(x[30:], np.zeros(20)))
    assert leakage.plant(images, seed=3, confidence=0.95).n == 30
    assert leakage.run(images).measures["duplicate_share"].value == 0


def test_small_tables_of_categories_carry_a_note():
    rng = np.random.default_rng(0)
    tiny = pd.DataFrame({"a": rng.integers(0, 2, 300), "b": rng.integers(0, 2, 300), "target": rng.integers(0, 2, 300)})
    result = leakage.run(Subject.in_memory(train=tiny[:200], test=tiny[200:]))
    assert result.measures["duplicate_share"].value == 1.0
    assert any("are to be expected" in note for note in result.notes)


def test_columns_of_one_table_alone_are_left_out_and_named():
    train, test = people(0, 50), people(1, 20).assign(scored_at="today")
    result = leakage.run(Subject.in_memory(train=train, test=test))
    assert any("scored_at" in note and "target" not in note for note in result.notes)


def test_tables_that_share_nothing_cannot_be_compared():
    audited = Subject.in_memory(train=people(0, 50), test=pd.DataFrame({"other": [1, 2], "target": [0, 1]}))
    with pytest.raises(NotMeasurable, match="no column in common"):
        leakage.run(audited)
    mixed = Subject.in_memory(train=people(0, 50), test=(np.zeros((3, 2)), np.zeros(3)))
    with pytest.raises(NotMeasurable, match="the other is an array"):
        leakage.run(mixed)
