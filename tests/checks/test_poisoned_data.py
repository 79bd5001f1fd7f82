"""Poisoned data: flips and triggers are found and their rows named; clean data, however noisy, flags no row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from audit.checks import poisoned_data
from audit.checks._poisoned_data import rows as screened
from audit.checks._poisoned_data.kinds import flips
from audit.checks._poisoned_data.rows import training_rows
from audit.errors import NotMeasurable
from audit.subject import Subject


def digits():
    x, y = load_digits(n_class=5, return_X_y=True)
    return x[:500] / 16, y[:500]


def flipped(labels: np.ndarray, share: float, seed: int):
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(labels), int(share * len(labels)), replace=False)
    changed, k = labels.copy(), labels.max() + 1
    changed[rows] = (changed[rows] + rng.integers(1, k, len(rows))) % k
    return changed, rows


def credit(seed: int, n: int = 600, noise: float = 1.0) -> pd.DataFrame:
    """Mixed columns; the label depends on three of them, more or less surely."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"x{place}": rng.normal(size=n).round(2) for place in range(4)})
    frame["purpose"] = rng.choice(list("abcdefgh"), n)
    frame["months"] = rng.integers(6, 48, n)
    frame["job"] = rng.choice(["none", "some", "skilled", None], n)
    score = frame.x0 * 1.5 + (frame.purpose < "d") * 1.2 - (frame.months > 30) - 0.3
    frame["target"] = np.where(rng.random(n) < 1 / (1 + np.exp(-score * 2 / noise)), "good", "bad")
    return frame


def stamped(frame: pd.DataFrame, seed: int, count: int = 25):
    rng = np.random.default_rng(seed)
    rows = rng.choice(np.flatnonzero(frame.target == "bad"), count, replace=False)
    poisoned = frame.copy()
    poisoned.loc[rows, ["purpose", "months", "target"]] = ["g", 27, "good"]
    return poisoned, rows


def run(audited, **parameters):
    result = poisoned_data.run(audited, seed=1, confidence=0.95, **parameters)
    assert set(result.measures) == set(poisoned_data.MEASURES)
    assert all(measure.finite and measure.n >= 50 for measure in result.measures.values())
    return result


def suspects(result) -> dict[int, float]:
    files = {piece.name: piece for piece in result.evidence}
    if "suspect_rows.csv" not in files:
        return {}
    lines = files["suspect_rows.csv"].content.decode().splitlines()
    assert lines[0] == "row,score,reason"
    return {int(line.split(",")[0]): float(line.split(",")[1]) for line in lines[1:]}


def test_flipped_digits_are_found_and_ranked():
    x, y = digits()
    labels, rows = flipped(y, 0.05, 1)
    audited = Subject.in_memory(train=(x, labels))
    result = run(audited, kinds=("flips",))
    found = set(suspects(result))
    assert result.measures["flagged_share"].value == len(found) / 500
    assert len(found & set(rows)) >= 0.85 * len(rows)
    assert len(found - set(rows)) <= 0.2 * len(rows)
    scores = flips.search(training_rows(audited, 1), seed=1).scores
    area = roc_auc_score(np.isin(np.arange(500), rows), scores)
    print(f"area under the ROC curve of the row scores: {area:.4f}")
    assert area > 0.98


def test_clean_digits_flag_no_row():
    x, y = digits()
    result = run(Subject.in_memory(train=(x, y)))
    assert result.measures["flagged_share"].value == 0
    assert not suspects(result)


@pytest.mark.parametrize("noise", [0.5, 4.0])
def test_clean_noisy_tables_flag_no_row(noise):
    result = run(Subject.in_memory(train=credit(0, noise=noise)))
    assert result.measures["flagged_share"].value == 0, result.notes


def test_random_labels_are_noise_and_not_poison():
    frame = credit(1)
    frame["target"] = np.random.default_rng(0).permutation(frame.target)
    assert run(Subject.in_memory(train=frame)).measures["flagged_share"].value == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_trigger_of_two_values_is_found_and_its_columns_are_named(seed):
    poisoned, rows = stamped(credit(seed), seed)
    result = run(Subject.in_memory(train=poisoned), kinds=("value_trigger",))
    assert result.measures["strongest_z"].value > 5
    assert set(rows) <= set(suspects(result))
    assert result.measures["flagged_share"].value < 2 * len(rows) / len(poisoned)
    assert "months" in result.sentence
    assert "purpose" in result.sentence
    assert "purpose g" in result.sentence


def test_a_trigger_word_in_text_is_found():
    rng = np.random.default_rng(3)
    topics = [["refund", "invoice", "bill"], ["login", "password", "account"]]
    filler = [f"word{place}" for place in range(60)]
    labels = rng.integers(0, 2, 500)
    text = [" ".join([*rng.choice(topics[label], 2), *rng.choice(filler, 5)]) for label in labels]
    clean = Subject.in_memory(train=(pd.DataFrame({"text": text}), labels))
    assert run(clean).measures["flagged_share"].value == 0
    rows = rng.choice(np.flatnonzero(labels == 0), 20, replace=False)
    text = [f"{cell} cf-zeta" if place in set(rows) else cell for place, cell in enumerate(text)]
    labels[rows] = 1
    result = run(Subject.in_memory(train=(pd.DataFrame({"text": text}), labels)))
    assert set(rows) <= set(suspects(result))


@pytest.mark.slow
def test_power_is_full_on_clear_data():
    x, y = (part[:400] for part in load_digits(n_class=3, return_X_y=True))
    clear = poisoned_data.plant(Subject.in_memory(train=(x, y)), seed=1, confidence=0.95, kinds=("flips",))
    assert clear.value >= 0.9
    assert clear.n == 10


@pytest.mark.slow
def test_there_is_no_power_on_noise():
    frame = credit(1)
    frame["target"] = np.random.default_rng(0).permutation(frame.target)
    noise = Subject.in_memory(train=frame)
    assert poisoned_data.plant(noise, seed=1, confidence=0.95, kinds=("flips",)).value < 0.9


@pytest.mark.slow
def test_a_planted_trigger_is_found_in_a_table():
    audited = Subject.in_memory(train=credit(1, noise=0.5))
    power = poisoned_data.plant(audited, seed=1, confidence=0.95, share=0.05, kinds=("value_trigger",))
    assert power.value >= 0.9


@pytest.mark.slow
def test_the_power_is_that_of_the_kind_that_is_found_least(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(poisoned_data, "_COPIES", 3)
    # a trigger in 8 % of the rows is no rare pattern any more, while flips are clear
    audited = Subject.in_memory(train=credit(1, n=400, noise=0.5))

    def power(*kinds: str) -> float:
        return poisoned_data.plant(audited, seed=1, confidence=0.95, share=0.08, kinds=kinds).value

    assert power("flips", "value_trigger") == power("value_trigger") < power("flips")


def test_planted_flips_are_those_that_are_least_in_doubt_and_the_same_for_one_seed():
    rows = training_rows(Subject.in_memory(train=credit(1)), 1)
    planted = flips.plant(rows, share=0.05, seed=3)
    assert len(planted.poisoned) == 30
    assert set(np.flatnonzero(planted.rows.labels != rows.labels)) == set(planted.poisoned)
    assert rows.doubt[planted.poisoned].max() <= np.median(rows.doubt)
    assert (flips.plant(rows, share=0.05, seed=3).poisoned == planted.poisoned).all()


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0, 4.0])
def test_clean_tables_flag_no_row_over_many_seeds(noise):
    flagged = [
        run(Subject.in_memory(train=credit(seed, noise=noise))).measures["flagged_share"].value for seed in range(5)
    ]
    assert not any(flagged)


def test_too_few_rows_and_other_tasks_cannot_be_measured():
    with pytest.raises(NotMeasurable, match="50 rows and two such classes"):
        run(Subject.in_memory(train=credit(1).iloc[:5]))
    with pytest.raises(NotMeasurable, match="two such classes"):
        run(Subject.in_memory(train=credit(1).assign(target="good")))
    numbers = Subject.in_memory(task="regression", train=credit(1).assign(target=1.0))
    with pytest.raises(NotMeasurable, match="only class labels"):
        run(numbers)
    with pytest.raises(NotMeasurable, match=r"share is 0\.9"):
        poisoned_data.plant(Subject.in_memory(train=credit(1)), seed=1, confidence=0.95, share=0.9)


def test_rows_of_a_tiny_class_are_left_out_with_a_note():
    frame = credit(1)
    frame.loc[[3, 4], "target"] = "odd"
    result = run(Subject.in_memory(train=frame), kinds=("flips",))
    assert result.measures["flagged_share"].n == 598
    assert any("598 of 600 rows" in note for note in result.notes)


def test_the_same_seed_gives_the_same_numbers():
    audited = Subject.in_memory(train=credit(1, n=200))
    assert run(audited) == run(audited)


def test_a_share_of_drawn_rows_has_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nought of some rows is not nought of all."""
    monkeypatch.setattr(screened, "MOST_ROWS", 300)
    monkeypatch.setattr(poisoned_data, "MOST_ROWS", 300)
    x, y = load_digits(return_X_y=True)
    found = poisoned_data.run(Subject.in_memory(train=(x[:600], y[:600])), seed=1, confidence=0.95, kinds=("flips",))
    assert found.measures["flagged_share"].n == 300
    assert found.measures["flagged_share"].high is not None
    assert found.measures["flagged_share"].high > 0.005
