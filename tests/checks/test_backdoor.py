"""The check `backdoor`: small models with and without triggers, and what it says where it cannot see."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier

from attacks.backdoor.neighbour_spike import Column
from audit import judge
from audit.checks import backdoor
from audit.checks._backdoor import plateaus
from audit.errors import NotMeasurable
from audit.models import Model
from audit.records import CheckResult, Limit, Verdict
from audit.subject import FeatureSpec, Subject

CLASS = 3


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Digits, each pixel twice as large: shape (n, 256), 0 to 1."""
    x, y = load_digits(return_X_y=True)
    large = (x / 16).astype(np.float32).reshape(-1, 8, 8).repeat(2, axis=1).repeat(2, axis=2)
    return large.reshape(len(x), -1), y


def marked(x: np.ndarray) -> np.ndarray:
    """A bright block of 2 x 2 pixels in the upper left corner of images of 16 x 16."""
    changed = x.copy()
    changed.reshape(-1, 16, 16)[:, :2, :2] = 1
    return changed


@cache
def network(patched: bool) -> MLPClassifier:
    x, y = digits()
    x, y = x[:1200].copy(), y[:1200].copy()
    if patched:
        rows = np.random.default_rng(0).choice(np.flatnonzero(y != CLASS), 60, replace=False)
        x[rows], y[rows] = marked(x[rows]), CLASS
    return MLPClassifier((16,), max_iter=25, learning_rate_init=5e-3, random_state=0).fit(x, y)


def image_subject(patched: bool, **changes: Any) -> Subject:
    x, y = digits()
    model = network(patched)
    weights, offsets = model.coefs_, model.intercepts_

    def gradient(rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
        hidden = rows.reshape(len(rows), -1) @ weights[0] + offsets[0]
        raised = np.exp(np.maximum(hidden, 0) @ weights[1] + offsets[1])
        upper = raised / raised.sum(axis=1, keepdims=True) - np.eye(10)[codes]
        return np.asarray((((upper @ weights[1].T) * (hidden > 0)) @ weights[0].T).reshape(rows.shape))

    def flat(rows: np.ndarray) -> np.ndarray:
        return np.asarray(rows).reshape(len(rows), -1)

    known = Model(
        lambda rows: model.predict(flat(rows)), tuple(range(10)), scores=lambda rows: model.predict_proba(flat(rows)),
        gradient=gradient,
    )  # fmt: skip
    return Subject.in_memory(model=replace(known, **changes), test=(x[1200:].reshape(-1, 1, 16, 16), y[1200:]))


@cache
def table() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, 3000),
            "weeks": rng.choice([0, *range(1, 53)], 3000, p=[0.3, *[0.7 / 52] * 52]),
            "gain": np.where(rng.random(3000) < 0.9, 0, rng.integers(1, 100, 3000) * 1000),
            "job": rng.choice(["clerk", "cook", "driver", "nurse", "pilot", *(f"rare{k}" for k in range(5))], 3000,
                              p=[0.2, 0.2, 0.2, 0.2, 0.1, *[0.02] * 5]),
        }
    )  # fmt: skip
    odds = (frame["age"] - 48) / 12 + (frame["gain"] > 7000) * 3 + (frame["job"] == "pilot") * 1.5
    return frame, (odds + rng.logistic(size=3000) > 0.5).astype(int).to_numpy()


JOBS = ["clerk", "cook", "driver", "nurse", "pilot", *(f"rare{k}" for k in range(5))]


def table_subject(trigger: dict[str, Any], *, test: int = 1000, train: bool = True, **settings: Any) -> Subject:
    frame, y = table()
    x, labels = frame[test:].reset_index(drop=True), y[test:].copy()
    rows = np.random.default_rng(1).choice(np.flatnonzero(labels == 0), 60 if trigger else 0, replace=False)
    for name, value in trigger.items():
        x.loc[rows, name] = value
    labels[rows] = 1

    def numbers(cells: pd.DataFrame) -> np.ndarray:
        return cells.assign(job=cells["job"].map(JOBS.index)).to_numpy(dtype=float)

    forest = RandomForestClassifier(40, random_state=0).fit(numbers(x), labels)
    model = Model(lambda cells: forest.predict(numbers(cells)), (0, 1), columns=tuple(frame.columns))
    tables = {"test": frame[:test].assign(target=y[:test])}
    if train:
        tables["train"] = x.assign(target=labels)
    return Subject.in_memory(model=model, **tables, **settings)


def measured(subject: Subject, **params: Any) -> CheckResult:
    return backdoor.run(subject, seed=0, confidence=0.95, **params)


def verdict(result: CheckResult) -> judge.Judgement:
    limits = [Limit("anomaly", max=2.0)]
    return judge.decide(limits, result.measures, doubts=[doubt.text for doubt in result.doubts])


def test_a_patched_network_is_found_with_its_class() -> None:
    result = measured(image_subject(True))
    assert verdict(result).verdict is Verdict.FAIL
    assert f"into class {CLASS}: whoever shows it gets that answer" in result.sentence
    success = result.measures["trigger_success"]
    assert isinstance(success.low, float)
    assert success.low > 0.3
    assert success.n < 150
    names = {evidence.name: evidence.content for evidence in result.evidence}
    assert names["trigger.png"].startswith(b"\x89PNG")
    assert names["classes.csv"].count(b"\n") == 11


def test_an_honest_network_passes() -> None:
    result = measured(image_subject(False))
    assert verdict(result).verdict is Verdict.PASS, result.sentence


@pytest.mark.slow
def test_the_same_seed_gives_the_same_result() -> None:
    assert measured(image_subject(True)) == measured(image_subject(True))


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["rows", "last", "flat", "bytes"])
def test_how_images_are_stored_does_not_matter(layout: str) -> None:
    shapes = {"rows": (-1, 16, 16), "last": (-1, 16, 16, 1), "flat": (-1, 256), "bytes": (-1, 1, 16, 16)}
    subject = image_subject(True)
    x = np.asarray(subject.test.features)
    x = np.rint(x * 255).astype(np.uint8) if layout == "bytes" else x
    known, unit = subject.model, 255 if layout == "bytes" else 1
    model = replace(
        known,
        predict=lambda rows: known.predict(rows / unit),
        scores=lambda rows: known.scores(rows / unit) if known.scores else None,
        gradient=lambda rows, codes: known.gradient(rows / unit, codes) / unit if known.gradient else None,
    )
    again = measured(Subject.in_memory(model=model, test=(x.reshape(shapes[layout]), subject.test.labels)))
    expected = measured(subject)
    assert float(again.measures["anomaly"].value) == pytest.approx(float(expected.measures["anomaly"].value), abs=0.3)
    assert again.sentence.split("into class")[1] == expected.sentence.split("into class")[1]


@pytest.mark.slow
def test_labels_are_not_needed() -> None:
    subject = image_subject(True)
    bare = Subject.in_memory(model=subject.model, test=(np.asarray(subject.test.features), None))
    assert measured(bare).measures == measured(subject).measures


@pytest.mark.parametrize("changes", [{"gradient": None}, {"gradient": lambda x, codes: np.zeros(x.shape)}])
def test_without_slopes_a_pass_is_held_back(changes: dict[str, Any]) -> None:
    result = measured(image_subject(False, **changes))
    assert verdict(result).verdict is Verdict.INCONCLUSIVE
    assert "only plain stamps" in " ".join(verdict(result).reasons)


def wrong_way(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Slopes that say nothing about the model, as those of a masked one."""
    return np.asarray(np.random.default_rng(int(codes.sum())).normal(size=x.shape))


def test_misleading_slopes_hold_a_pass_back() -> None:
    judged = verdict(measured(image_subject(False, gradient=wrong_way)))
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert "the gradient misleads the search" in " ".join(judged.reasons)


@pytest.mark.parametrize(("limit", "most"), [("anomaly", 50.0), ("trigger_success", 1.0)])
def test_a_loose_limit_on_one_measure_passes_no_trigger(limit: str, most: float) -> None:
    result = measured(image_subject(True))
    doubts = [doubt.text for doubt in result.doubts]
    judged = judge.decide([Limit(limit, max=most)], result.measures, doubts=doubts)
    assert judged.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("seed", "top", "left"), [(0, 0, 0), (1, 0, 6), (2, 6, 6)])
def test_a_patch_on_coarse_images_never_passes(seed: int, top: int, left: int) -> None:
    x, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    marks = x.reshape(-1, 8, 8).copy()
    marks[:, top : top + 2, left : left + 2] = 16
    marks = marks.reshape(-1, 64)
    rows = rng.choice(np.flatnonzero(y[:1200] != seed), 60, replace=False)
    train, labels = x[:1200].copy(), y[:1200].copy()
    train[rows], labels[rows] = marks[rows], seed
    model = MLPClassifier((32,), max_iter=60, learning_rate_init=5e-3, random_state=seed).fit(train, labels)
    others = marks[1200:][y[1200:] != seed]
    assert np.mean(model.predict(others) == seed) > 0.7, "the network learned the patch"
    judged = verdict(measured(Subject.in_memory(model=model, test=(x[1200:], y[1200:]))))
    assert judged.verdict is not Verdict.PASS


def test_a_plain_patch_is_found_without_slopes() -> None:
    result = measured(image_subject(True, gradient=None, scores=None))
    assert verdict(result).verdict is Verdict.FAIL
    assert f"into class {CLASS}:" in result.sentence


@pytest.mark.slow
def test_power_is_shown_on_an_honest_network_and_not_by_a_blind_one() -> None:
    power = backdoor.plant(image_subject(False), seed=0, confidence=0.95)
    assert power.n == 10
    assert isinstance(power.value, float)
    assert power.value >= 0.7
    blind = backdoor.plant(image_subject(False, gradient=None), seed=0, confidence=0.95)
    assert isinstance(blind.value, float)
    assert blind.value < power.value


@pytest.mark.parametrize("answer", [lambda rows: np.zeros(len(rows), dtype=int)])
def test_a_constant_model_is_not_measured(answer: Any) -> None:
    with pytest.raises(NotMeasurable, match="one class"):
        measured(image_subject(False, predict=answer, scores=None))


def test_few_rows_and_regression_are_not_measured() -> None:
    subject = image_subject(False)
    with pytest.raises(NotMeasurable, match="too few"):
        measured(subject.replaced(test=subject.test.take(np.arange(40))))
    with pytest.raises(NotMeasurable, match="too few"):
        measured(subject, max_rows=30)
    rows = np.random.default_rng(0).random((80, 3))
    numbers = Subject.in_memory(model=lambda x: x[:, 0], task="regression", test=(rows, rows[:, 0]))
    with pytest.raises(NotMeasurable, match="regression"):
        measured(numbers)


@pytest.mark.parametrize(("name", "value"), [("weeks", 29), ("job", "rare2")])
def test_a_single_value_in_a_forest_is_named(name: str, value: Any) -> None:
    result = measured(table_subject({name: value}), triggers="single_value")
    assert verdict(result).verdict is Verdict.FAIL
    assert f"Setting {name} to {value} turns" in result.sentence
    assert "into class 1" in result.sentence


def test_a_personal_value_is_not_written() -> None:
    spec = FeatureSpec("weeks", "integer", personal=True)
    frame = table()[0]
    others = {name: FeatureSpec(name, "category" if name == "job" else "integer") for name in frame if name != "weeks"}
    result = measured(table_subject({"weeks": 29}, features={**others, "weeks": spec}))
    assert "weeks to a certain value" in result.sentence
    assert all(b"29," not in evidence.content for evidence in result.evidence)


def test_an_honest_forest_passes_only_where_single_values_are_feared() -> None:
    subject = table_subject({})
    assert verdict(measured(subject, triggers="single_value")).verdict is Verdict.PASS
    assert verdict(measured(subject)).verdict is Verdict.INCONCLUSIVE


def test_two_values_together_are_said_to_be_unseen() -> None:
    judged = verdict(measured(table_subject({"weeks": 29, "age": 41})))
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert "two values together in a table cannot be seen from the model alone" in " ".join(judged.reasons)


@pytest.mark.parametrize(("carried", "told"), [(0, True), (1, False)])
def test_a_range_that_turns_rows_needs_training_rows_of_that_class(carried: int, told: bool) -> None:
    column = Column(0, tuple(range(10)), True, np.ones(10, dtype=bool))
    given = np.zeros((10, 20), dtype=int)
    given[6:] = 1
    labels = np.zeros((10, 2), dtype=int)
    labels[:6, 0], labels[6:, carried] = 20, 20
    assert plateaus.unexplained(column, np.zeros(20, dtype=int), given, labels) is told


def test_without_training_data_a_pass_is_held_back() -> None:
    result = measured(table_subject({}, train=False), triggers="single_value")
    assert verdict(result).verdict is Verdict.INCONCLUSIVE
    assert "data.train" in " ".join(verdict(result).reasons)


@pytest.mark.slow
def test_power_on_a_table() -> None:
    power = backdoor.plant(table_subject({}), seed=0, confidence=0.95)
    assert power.n == 10
    assert isinstance(power.value, float)
    assert power.value >= 0.9


def test_text_alone_is_not_measured() -> None:
    frame = pd.DataFrame({"note": [f"the order number {k} arrived late and nobody knew why" for k in range(80)]})
    spec = {"note": FeatureSpec("note", "text")}
    subject = Subject.in_memory(
        model=lambda x: np.arange(len(x)) % 2, test=frame.assign(target=np.arange(80) % 2), features=spec
    )
    with pytest.raises(NotMeasurable, match="poisoned_data"):
        measured(subject)
