"""Drift: large shifts are seen whatever they are made of, trifles are not, however many rows there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.checks import drift
from audit.errors import NotMeasurable, SubjectError
from audit.subject import FeatureSpec, Subject


def world(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 8)), columns=[f"x{place}" for place in range(8)])
    frame["kind"] = rng.choice(["a", "b", "c", "d"], n)
    frame["flag"] = rng.random(n) < 0.3
    frame["count"] = rng.poisson(1.0, n)
    frame["target"] = rng.integers(0, 2, n)
    return frame


def subject(after: pd.DataFrame, n: int = 800) -> Subject:
    return Subject.in_memory(reference=world(0, n), current=after)


def run(audited, **parameters):
    result = drift.run(audited, seed=1, confidence=0.95, **parameters)
    for measure in result.measures.values():
        assert measure.finite
        assert measure.n > 0
    return result


def shifted(result) -> set[str]:
    lines = result.evidence[0].content.decode().splitlines()
    return {line.split(",")[0] for line in lines[1:] if line.split(",")[5] == "yes"}


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_same_world_has_not_moved(seed):
    result = run(subject(world(seed, 400)))
    assert result.measures["shifted_columns"].value == 0
    assert result.measures["worst_effect"].low == 0


def change(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    rng = np.random.default_rng(9)
    some = rng.random(len(frame)) < 0.4
    if name == "kind":
        return frame.assign(kind=np.where(some, "new", frame.kind))
    if name == "flag":
        return frame.assign(flag=frame.flag | some)
    if name == "x3":
        return frame.assign(x3=frame.x3.where(~some))
    return frame.assign(**{name: frame[name] + 1})


@pytest.mark.parametrize("name", ["x0", "x3", "kind", "flag", "count"])
def test_a_shift_is_found_and_named(name):
    result = run(subject(change(world(1, 400), name)))
    assert shifted(result) == {name}
    assert result.measures["shifted_columns"].value == 1
    assert result.measures["worst_effect"].low > 0.1
    assert any(f"shifted: {name}" in note for note in result.notes)


def test_a_level_that_was_never_there_is_noted():
    result = run(subject(change(world(1, 400), "kind")))
    assert any("never had: kind" in note for note in result.notes)


def test_a_trifle_stays_a_trifle_on_many_rows():
    after = world(1, 60_000)
    after["x0"] += 0.05
    audited = Subject.in_memory(reference=world(0, 60_000), current=after)
    result = run(audited)
    assert result.measures["shifted_columns"].value == 0
    assert result.measures["worst_effect"].low > 0
    assert result.measures["worst_effect"].high < 0.05
    assert run(audited, min_effect=0.01).measures["shifted_columns"].value == 1


def test_power_grows_with_rows_and_is_none_with_five():
    assert drift.plant(subject(world(1, 400)), seed=1, confidence=0.95).value >= 0.9
    few = drift.plant(subject(world(1, 5)), seed=1, confidence=0.95)
    assert few.value == 0
    assert few.n >= 20
    assert run(subject(world(1, 5))).measures["worst_effect"].high > 0.6


def test_text_is_compared_by_length_and_says_so():
    rng = np.random.default_rng(2)

    def texts(n: int, length: int) -> pd.DataFrame:
        return pd.DataFrame({"text": ["".join(rng.choice(list("abcdef"), rng.integers(5, length))) for _ in range(n)]})

    result = run(Subject.in_memory(reference=texts(400, 20), current=texts(400, 20), target=None))
    assert result.measures["shifted_columns"].value == 0
    assert any("length of the text" in note for note in result.notes)
    longer = run(Subject.in_memory(reference=texts(400, 20), current=texts(400, 60), target=None))
    assert longer.measures["shifted_columns"].value == 1


def test_a_declared_text_column_is_not_a_category():
    rows = pd.DataFrame({"note": ["short", "a longer one"] * 100})
    features = {"note": FeatureSpec("note", "text")}
    result = run(Subject.in_memory(train=rows, test=rows, target=None, features=features))
    assert any("length of the text" in note for note in result.notes)


def test_arrays_are_compared_place_by_place():
    rng = np.random.default_rng(3)
    before, after = rng.random((500, 1, 3, 3)), rng.random((300, 1, 3, 3))
    after[:, 0, 1, 1] += 0.5
    audited = Subject.in_memory(train=(before, np.zeros(500)), test=(after, np.zeros(300)))
    assert shifted(run(audited)) == {"4"}
    assert drift.plant(audited, seed=1, confidence=0.95).value >= 0.9


def test_the_target_is_compared_unless_columns_are_named():
    after = world(1, 400).assign(target=1)
    assert shifted(run(subject(after))) == {"target"}
    assert shifted(run(subject(after), columns=("target",))) == {"target"}
    assert not shifted(run(subject(after), columns=("x0", "kind")))


def test_the_target_of_arrays_and_of_a_regression_is_compared():
    rng = np.random.default_rng(3)
    x = rng.random((400, 4))
    images = Subject.in_memory(train=(x, np.arange(400) % 10), test=(x, np.arange(400) % 5), target="digit")
    assert shifted(run(images)) == {"digit"}
    prices = Subject.in_memory(train=(x, x[:, 0]), test=(x, x[:, 0] + 1), target="price", task="regression")
    assert shifted(run(prices)) == {"price"}


@pytest.mark.parametrize("spelled", [float, str])
def test_classes_that_another_file_spells_differently_are_the_same(spelled):
    after = world(1, 400)
    assert not shifted(run(subject(after.assign(target=after.target.map(spelled)))))


def test_a_target_that_is_not_known_yet_is_left_out_with_a_note():
    for after in (world(1, 400).drop(columns="target"), world(1, 400).assign(target=np.nan)):
        result = run(subject(after))
        assert any("the target was left out: data.current" in note for note in result.notes)
        assert not result.doubts


def test_a_column_that_vanished_is_doubted_and_an_added_one_noted():
    result = run(subject(world(1, 400).drop(columns=["x0", "kind"]).assign(extra=1)))
    assert any("data.current has lost columns" in doubt.text and "x0, kind" in doubt.text for doubt in result.doubts)
    assert any("only data.current has" in note and "extra" in note for note in result.notes)
    assert any("only data.reference has" in note and "x0, kind" in note for note in result.notes)
    with pytest.raises(NotMeasurable, match="no column in common"):
        run(Subject.in_memory(reference=world(0, 50), current=pd.DataFrame({"other": [1.0, 2.0]})))


@pytest.mark.parametrize("min_effect", [-0.1, 1.0, 5.0, float("nan")])
def test_an_effect_that_nothing_can_reach_is_refused(min_effect):
    for step in (drift.run, drift.plant):
        with pytest.raises(NotMeasurable, match="min_effect"):
            step(subject(world(1, 50)), seed=1, confidence=0.95, min_effect=min_effect)


def test_columns_that_never_change_are_doubted():
    same = pd.DataFrame({"a": np.ones(100)})
    result = run(Subject.in_memory(train=same, test=same, target=None))
    assert any("nothing could shift" in doubt.text for doubt in result.doubts)


def test_missing_columns_and_mixed_tables_are_errors():
    with pytest.raises(SubjectError, match=r"data\.current has no column x0"):
        run(subject(world(1, 50).drop(columns="x0")), columns=("x0",))
    with pytest.raises(SubjectError, match="no column nothing"):
        run(subject(world(1, 50)), columns=("nothing",))
    with pytest.raises(NotMeasurable, match="array"):
        run(Subject.in_memory(train=world(1, 50), test=(np.zeros((3, 2)), np.zeros(3))))


def test_a_column_that_looks_like_a_formula_is_harmless_in_the_evidence():
    rows = pd.DataFrame({"=1+1": np.arange(100.0)})
    content = run(Subject.in_memory(train=rows, test=rows, target=None)).evidence[0].content.decode()
    assert "\n'=1+1," in content


def test_the_same_seed_gives_the_same_numbers():
    audited = subject(world(1, 200))
    assert run(audited) == run(audited)
    first, second = (drift.plant(audited, seed=2, confidence=0.95) for _ in range(2))
    assert first == second


def test_a_file_is_not_compared_with_itself(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n" + "".join(f"{row},{row % 3}\n" for row in range(300)))
    with pytest.raises(NotMeasurable, match="are the same file"):
        drift.run(Subject.load(path), seed=0, confidence=0.95)
