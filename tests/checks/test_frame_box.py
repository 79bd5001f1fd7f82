"""A table shown to attacks as floats has to come back as it was, and whatever comes back has to be allowed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.checks._evasion.column_epsilon import Reach, read
from audit.checks._evasion.frame_box import FrameBox, contradictions
from audit.subject import FeatureSpec, Subject


def subject_of(columns: dict[str, Any], features: Iterable[FeatureSpec] = (), rules: tuple[str, ...] = ()) -> Subject:
    frame = pd.DataFrame(columns)
    frame["target"] = np.arange(len(frame)) % 2
    declared = {spec.name: spec for spec in features}
    return Subject.in_memory(
        model=lambda x: np.zeros(len(x), dtype=int), test=frame, features=declared, rules=rules
    )  # fmt: skip


def box_of(*arguments: Any, reach: Reach | None = None, **more: Any) -> FrameBox:
    return FrameBox(subject_of(*arguments, **more), relaxed=False, reach=reach)


COLUMNS = {
    "whole_range": [-1.7e308, 1.7e308, 1.0, 2.0, 3.0, 4.0],
    "close_together": [1e-9, 2e-9, 3e-9, 0.0, 1e12, -1e12],
    "float64": [0.1, np.nan, -3e300, 1e-300, np.inf, -np.inf],
    "float32": np.array([0.1, 7.3, -2, 1e-30, 3e30, 0], dtype=np.float32),
    "int8": np.array([-128, 127, 0, 5, 6, 7], dtype=np.int8),
    "uint64": np.array([0, 2**53 - 1, 3, 4, 5, 6], dtype=np.uint64),
    "huge": np.array([2**60 + 1, 2**60 + 2, -(2**62), 5, 6, 7]),
    "wide_unsigned": np.array([2**64 - 1, 2**64 - 2, 1, 2, 3, 4], dtype=np.uint64),
    "Int64": pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
    "Int8": pd.array([1, None, 3, 4, 5, -128], dtype="Int8"),
    "Float32": pd.array([1.5, None, 3, 4, 5, 0.1], dtype="Float32"),
    "arrow_int": pd.array([1, None, 3, 4, 5, 6], dtype="int32[pyarrow]"),
    "arrow_float": pd.array([1.5, None, 3, 4, 5, 6], dtype="double[pyarrow]"),
    "bool": [True, False, True, True, False, True],
    "boolean": pd.array([True, None, False, True, False, True], dtype="boolean"),
    "object_bool": pd.Series([True, None, False, True, False, np.nan], dtype=object),
    "text": ["a", "b", "a", "c", "b", None],
    "string": pd.array(["a", None, "b", "a", "c", "b"], dtype="string"),
    "mixed": pd.Series(["a", None, np.nan, 3, 2.5, pd.NA], dtype=object),
    "category": pd.Categorical(["x", "y", None, "x", "y", "x"], categories=["y", "x", "never"]),
    "ordered": pd.Categorical(["lo", "hi", "lo", None, "hi", "lo"], categories=["lo", "hi"], ordered=True),
    "time": pd.to_datetime(["2020-01-01", None, "2021-05-05", "2022-01-01", "2020-01-01", "2020-01-02"]),
    "zoned": pd.to_datetime(["2020-01-01"] * 5 + [None]).tz_localize("Europe/Berlin"),
    "span": pd.to_timedelta([1, 2, None, 4, 5, 6], unit="h"),
    "period": pd.period_range("2020-01", periods=6, freq="M"),
    "complex": np.arange(6) * 1j,
    "empty": pd.Series([None] * 6, dtype=object),
    "nothing": [np.nan] * 6,
    "constant": [7] * 6,
}


@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize("kind", COLUMNS)
def test_an_unchanged_column_comes_back_exactly(kind: str, declared: bool) -> None:
    specs = [FeatureSpec("c", word) for word in ("category", "boolean", "integer", "number") if declared]
    for spec in specs or [None]:
        box = box_of({"c": COLUMNS[kind], "other": range(6)}, [] if spec is None else [spec])
        before = pd.DataFrame({"c": COLUMNS[kind], "other": range(6)})
        after = box.decode(box.encode(before))
        pd.testing.assert_frame_equal(after, before, check_exact=True)
        for was, now in zip(before["c"], after["c"], strict=True):
            assert was is now or was == now or (was != was and type(was) is type(now)), "even the kind of emptiness"
        assert np.isfinite(box.encode(before)).all()


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_changed_column_keeps_its_type(kind: str) -> None:
    frame = pd.DataFrame({"c": COLUMNS[kind], "other": range(6)})
    spec = FeatureSpec("c", "category" if frame["c"].dtype.kind not in "iuf" else "number")
    box = box_of({"c": COLUMNS[kind], "other": range(6)}, [spec])
    x = box.encode(frame)
    for switch in [np.array([0.37, 0.2]), np.array([-0.4, 0.9]), *np.nan_to_num(box.constraints.switches)]:
        moved = box.constraints.project(x, np.clip(x + switch, box.low, box.high))
        after = box.decode(moved)
        assert after.dtypes.tolist() == frame.dtypes.tolist()
        assert (after["c"].isna() == frame["c"].isna()).all(), "an empty cell stays empty"
        assert np.allclose(box.encode(after), moved, rtol=1e-5, atol=1e-6)


def test_whole_numbers_kept_as_floats_stay_whole() -> None:
    box = box_of({"n": [1.0, np.nan, 9.0, 4.0]}, [FeatureSpec("n", "integer", step=2)])
    x = box.encode(pd.DataFrame({"n": [1.0, np.nan, 9.0, 4.0]}))
    after = box.decode(box.constraints.project(x, x + 0.4))["n"]
    assert after.tolist()[0] == 3.0
    assert np.isnan(after[1])
    assert after.tolist()[2:] == [9.0, 6.0]


def test_a_broken_number_among_whole_ones_still_moves_by_whole_steps() -> None:
    box = box_of({"n": [0.0, 2.5, 9.0, 4.0]}, [FeatureSpec("n", "integer")])
    x = box.encode(pd.DataFrame({"n": [0.0, 2.5, 9.0, 4.0]}))
    after = box.decode(box.constraints.project(x, x + 0.3))["n"]
    assert np.allclose(after, [2.0, 4.5, 9.0, 6.0])


def test_a_step_that_is_no_whole_number_is_taken_as_often_as_it_needs() -> None:
    box = box_of({"n": [0, 5, 10]}, [FeatureSpec("n", "number", step=1.5)])
    x = box.encode(pd.DataFrame({"n": [0, 5, 10]}))
    assert box.decode(box.constraints.project(x, x + 0.45))["n"].tolist() == [3, 8, 10]


def test_a_declared_range_ends_where_the_type_does() -> None:
    small = np.array([0, 100, 50], dtype=np.int8)
    box = box_of({"n": small}, [FeatureSpec("n", "integer", range=(-1000, 1000))])
    x = box.encode(pd.DataFrame({"n": small}))
    assert box.decode(box.constraints.project(x, x + 1))["n"].tolist() == [127, 127, 127]
    assert box.decode(box.constraints.project(x, x - 1))["n"].tolist() == [-128, -128, -128]


def test_a_value_one_range_below_is_no_empty_cell() -> None:
    box = box_of({"n": [-10.0, 0.0, 10.0]}, [FeatureSpec("n", "number", range=(0, 10))])
    x = box.encode(pd.DataFrame({"n": [-10.0, 0.0, 10.0]}))
    assert box.decode(x)["n"].tolist() == [-10, 0, 10]


def test_truth_values_change_as_declared() -> None:
    columns = {"flag": [True, False, True, False], "n": [1, 2, 3, 4]}
    one_way = box_of(columns, [FeatureSpec("flag", "boolean", transitions={"false": ("true",)})])
    x = one_way.encode(pd.DataFrame(columns))
    found = [one_way.constraints.project(x, np.where(np.isnan(s), x, s)) for s in one_way.constraints.switches]
    assert [one_way.decode(rows)["flag"].tolist() for rows in found] == [[True, True, True, True]]
    assert one_way.decode(x)["flag"].dtype == bool
    assert not len(box_of(columns).constraints.switches), "what nobody declared stays"


@pytest.mark.parametrize("written", ["{true: [false]}", '{"true": ["false"]}', "{true: [false], false: []}"])
def test_truth_values_need_no_quotes_in_audit_yaml(tmp_path: Path, written: str) -> None:
    (tmp_path / "t.csv").write_text("b,n,target\ntrue,1,0\nfalse,2,1\ntrue,3,0\n")
    (tmp_path / "audit.yaml").write_text(
        "subject: x\ndata: {test: {path: t.csv}}\ntarget: target\nfeatures:\n"
        f"  b: {{type: boolean, transitions: {written}}}\n"
    )
    loaded = Subject.load(tmp_path / "audit.yaml")
    frame = loaded.test.features
    box = box_of(frame, loaded.features.values())
    x = box.encode(frame)
    changed = [box.decode(box.constraints.project(x, np.where(np.isnan(s), x, s))) for s in box.constraints.switches]
    assert [one["b"].tolist() for one in changed] == [[False, False, False]]


def test_a_change_to_a_category_that_nobody_has_is_told() -> None:
    columns = {"job": ["nurse", "cook", "nurse"]}
    right = FeatureSpec("job", "category", transitions={"nurse": ("cook",)})
    wrong = FeatureSpec("job", "category", transitions={"nurse": ("cooc",)})
    assert not contradictions(subject_of(columns, [right]))
    assert "'cooc'" in contradictions(subject_of(columns, [wrong]))[0].replace('"', "'")


def test_one_hot_columns_may_be_truth_values() -> None:
    columns = {"is_a": [True, False, False], "is_b": [False, True, False], "is_c": [False, False, True]}
    box = box_of(columns, [FeatureSpec(name, "boolean", group="g") for name in columns])
    frame = pd.DataFrame(columns)
    x = box.encode(frame)
    found = [box.decode(box.constraints.project(x, np.where(np.isnan(s), x, s))) for s in box.constraints.switches]
    assert len(found) == 3
    assert all((one.sum(axis=1) == 1).all() and set(one.dtypes) == {np.dtype(bool)} for one in found)
    assert found[0]["is_a"].all()


def test_single_precision_breaks_no_sum() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0, 1e4, (2, 300)).astype(np.float32)
    columns = {"total": a + b, "a": a, "b": b}
    subject = subject_of(columns, rules=("total == a + b",))
    box = FrameBox(subject, relaxed=False)
    x = box.encode(subject.test.features)
    moved = box.constraints.project(x, x + np.array([0.05, 0.05, 0.0]))
    seen = box.encode(box.decode(moved))
    assert (seen != x).any(axis=1).mean() > 0.9
    assert not box.constraints.violations(x, seen).any()
    off = seen + np.array([1e-5, 0, 0])
    assert box.constraints.violations(x, off)[(seen != x).any(axis=1)].all(), "a tenth of a unit is seen"


# epsilon of single columns, and cost


def test_a_stored_epsilon_is_the_column_s_own() -> None:
    columns = {"amount": [0.0, 1000.0, 20000.0], "months": [0, 36, 72], "rate": [0.0, 0.5, 1.0]}
    box = box_of(columns, reach=read(0.1, ("amount: 500", "months: 25%")))
    x = box.encode(pd.DataFrame(columns))
    after = box.decode(box.constraints.project(x, x + 0.1))
    assert np.allclose(after["amount"], [500, 1500, 20000])
    assert after["months"].tolist() == [18, 54, 72]
    assert np.allclose(after["rate"], [0.1, 0.6, 1.0])
    assert (box.encode(pd.DataFrame(columns)).max(axis=0) <= box.high + 1e-12).all()
    assert "amount by 500, months by 25% of its range" in box.unit


def test_a_budget_limits_what_all_changes_cost() -> None:
    columns = {"amount": [0, 1000, 2000], "job": ["a", "b", "a"]}
    specs = [FeatureSpec("amount", "integer", cost=0.1), FeatureSpec("job", "category", cost=20)]
    box = box_of(columns, specs, reach=read(0.5, (), 50))
    x = box.encode(pd.DataFrame(columns))
    after = box.decode(box.constraints.project(x, np.column_stack([x[:, 0] + 0.5, [1, 1, 0]])))
    assert after["amount"].tolist() == [300, 1500, 2000]
    assert after["job"].tolist() == ["b", "b", "a"]
