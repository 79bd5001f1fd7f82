"""Leakage: copied rows are counted one by one, and nothing else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from audit.checks import leakage
from audit.errors import NotMeasurable
from audit.subject import FeatureSpec, Subject


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


def wide(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    return frame.assign(kind=rng.choice(["x", "y"], n), target=rng.integers(0, 2, n))


def half_copied(train: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([wide(99, 100), train[:100]], ignore_index=True)


def share_of(train, test, **subject):
    return leakage.run(Subject.in_memory(train=train, test=test, **subject)).measures["duplicate_share"].value


@pytest.mark.parametrize(
    "disguise",
    [
        lambda rows: rows.assign(a=rows.a + 1e-9),
        lambda rows: rows.astype(dict.fromkeys("abcd", "float32")),
        lambda rows: rows.assign(kind=rows.kind.str.upper()),
        lambda rows: rows.assign(kind=rows.kind + " "),
        lambda rows: rows.assign(b=rows.b.astype(str)),
    ],
)
def test_a_disguise_does_not_hide_copies(disguise):
    train = wide(0, 400)
    assert share_of(train, disguise(half_copied(train))) == 0.5
    assert share_of(train, disguise(wide(99, 200))) == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "number",
    [
        lambda first, n: np.arange(first, first + n),
        lambda first, n: np.random.default_rng(first).permutation(n),
        lambda first, n: [f"{first}-{place}" for place in range(n)],
        lambda first, n: pd.date_range("2020-01-01", periods=n) + pd.Timedelta(days=first),
        lambda first, n: first + np.random.default_rng(first).random(n) * n,
    ],
    ids=["ids", "row numbers", "words", "days", "seconds"],
)
def test_a_number_or_a_time_of_each_row_does_not_hide_copies(number, seed):
    train = wide(seed, 400).assign(nr=number(5000, 400))
    test = half_copied(train).assign(nr=number(9000, 200))
    result = leakage.run(Subject.in_memory(train=train, test=test))
    assert result.measures["duplicate_share"].value == 0.5
    assert any("nearly every row: nr; more copies" in note for note in result.notes)
    clean = Subject.in_memory(train=train, test=wide(seed + 50, 200).assign(nr=number(9000, 200)))
    assert leakage.run(clean).measures["duplicate_share"].value == 0
    assert leakage.plant(clean, seed=1, confidence=0.95).value == 1.0


def test_a_unique_text_is_what_a_text_model_reads_and_no_number_of_the_row():
    def messages(first: int, n: int) -> pd.DataFrame:
        words = [f"message {place}" for place in range(first, first + n)]
        return pd.DataFrame({"text": words, "channel": ["mail", "chat"] * (n // 2), "target": [0, 1] * (n // 2)})

    audited = Subject.in_memory(train=messages(0, 200), test=messages(500, 100))
    assert leakage.run(audited).measures["duplicate_share"].value == 0
    assert leakage.plant(audited, seed=1, confidence=0.95).value == 1.0


def test_only_what_the_model_takes_is_compared():
    train = wide(0, 400).assign(noise=np.random.default_rng(1).normal(size=400))
    test = half_copied(train).assign(noise=np.random.default_rng(2).normal(size=200))
    assert share_of(train, test) == 0
    model = LogisticRegression().fit(train[list("abcd")], train.target)
    assert share_of(train, test, model=model) == 0.5
    declared = {name: FeatureSpec(name, "number") for name in "abcd"}
    assert share_of(train, test, features=declared) == 0.5
    result = leakage.run(Subject.in_memory(train=train, test=test, model=model))
    assert any("not compared: kind, noise" in note for note in result.notes)
    assert leakage.plant(Subject.in_memory(train=train, test=test, model=model), seed=1, confidence=0.95).value == 1.0


def test_a_model_that_cannot_be_opened_does_not_stop_the_count(tmp_path):
    train = wide(0, 400)
    train.to_csv(tmp_path / "train.csv", index=False)
    half_copied(train).to_csv(tmp_path / "test.csv", index=False)
    (tmp_path / "model.skops").write_bytes(b"no model")
    data = "{train: {path: train.csv}, test: {path: test.csv}}"
    (tmp_path / "audit.yaml").write_text(
        f"subject: s\nversion: '1'\ntask: classification\nmodel: {{path: model.skops}}\ndata: {data}\ntarget: target\n"
    )
    result = leakage.run(Subject.load(tmp_path / "audit.yaml"))
    assert result.measures["duplicate_share"].value == 0.5


def test_copies_that_hide_behind_repeated_test_rows_count_by_different_rows():
    train = wide(0, 400)
    test = pd.concat([wide(99, 1)] * 97 + [train[:1]] * 3, ignore_index=True)
    result = leakage.run(Subject.in_memory(train=train, test=test))
    share = result.measures["duplicate_share"]
    assert (share.value, share.n) == (0.5, 2)
    assert "1 of 2 different rows" in result.sentence


def test_one_file_as_both_tables_is_refused(tmp_path):
    wide(0, 40).to_csv(tmp_path / "rows.csv", index=False)
    for step in (lambda subject: leakage.run(subject), lambda subject: leakage.plant(subject, seed=1, confidence=0.95)):
        with pytest.raises(NotMeasurable, match="are the same file"):
            step(Subject.load(tmp_path / "rows.csv"))
