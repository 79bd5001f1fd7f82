"""A policy that limits single columns is read whole, or refused with every mistake."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.checks._evasion.column_epsilon import read
from audit.checks._evasion.frame_box import FrameBox
from audit.errors import NotMeasurable, SubjectError
from audit.subject import FeatureSpec, Subject


def subject(**features: FeatureSpec) -> Subject:
    frame = pd.DataFrame({"amount": [1.0, 2.0, 9.0], "job": ["a", "b", "a"], "is_x": [0, 1, 1], "is_y": [1, 0, 0]})
    return Subject.in_memory(
        model=lambda x: np.zeros(len(x), dtype=int), test=frame.assign(target=[0, 1, 0]), features=features
    )


@pytest.mark.parametrize(
    ("text", "value", "share"),
    [
        ("amount: 500", 500, False),
        ("amount:1e3", 1000, False),
        ("amount: 10%", 0.1, True),
        ("amount : 2.5 %", 0.025, True),
        ("amount: 8/255", 8 / 255, False),
        ("a: b: 3", 3, False),
    ],
)
def test_a_number_or_a_percentage_is_read(text: str, value: float, share: bool) -> None:
    found = read(0.1, (text,)).columns
    assert list(found) == ["a: b" if text.startswith("a:") else "amount"]
    assert (next(iter(found.values())).value, next(iter(found.values())).share) == (value, share)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("amount", "names no column"),
        (": 5", "names no column"),
        ("amount:", "names no column"),
        ("amount: much", '"much" of amount is no number'),
        ("amount: 5 months", "is no number"),
        ("amount: 1/0", "is no number"),
        ("amount: 1/2/3", "is no number"),
        ("amount: nan", "finite number above 0"),
        ("amount: inf", "finite number above 0"),
        ("amount: 0", "finite number above 0"),
        ("amount: -3%", "finite number above 0"),
    ],
)
def test_anything_else_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(NotMeasurable, match=message):
        read(0.1, (text,))


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(NotMeasurable) as caught:
        read(0.1, ("amount: 5", "amount: 6", "rate: x"), -1)
    assert all(word in str(caught.value) for word in ("listed twice", '"x" of rate', "cost_budget is -1"))


@pytest.mark.parametrize("budget", [float("nan"), float("inf"), -0.1, "5", True])
def test_a_budget_without_sense_is_refused(budget: object) -> None:
    with pytest.raises(NotMeasurable, match="cost_budget"):
        read(0.1, (), budget)


@pytest.mark.parametrize(
    ("epsilons", "message"),
    [
        (("amuont: 5",), 'did you mean "amount"'),
        (("job: 1",), '"job" is of type'),
        (("is_x: 1",), "one-hot group"),
        (("zzz: 1",), "numeric columns: amount"),
    ],
)
def test_an_epsilon_of_no_number_is_refused(epsilons: tuple[str, ...], message: str) -> None:
    group = {name: FeatureSpec(name, "integer", group="g") for name in ("is_x", "is_y")}
    with pytest.raises(NotMeasurable, match=message):
        FrameBox(subject(**group), relaxed=False, reach=read(0.1, epsilons))
    FrameBox(subject(**group), relaxed=True, reach=read(0.1, epsilons))


def test_a_budget_that_nothing_draws_on_is_refused() -> None:
    with pytest.raises(NotMeasurable, match=r"no feature in audit\.yaml has a cost"):
        FrameBox(subject(), relaxed=False, reach=read(0.1, (), 5))
    priced = subject(amount=FeatureSpec("amount", "number", cost=2))
    assert FrameBox(priced, relaxed=False, reach=read(0.1, (), 5)).constraints.budget == 5


@pytest.mark.parametrize(("written", "message"), [("-1", "at least 0"), (".inf", "finite"), ("dear", "cost")])
def test_a_cost_without_sense_is_refused_with_its_place(tmp_path: Path, written: str, message: str) -> None:
    (tmp_path / "t.csv").write_text("a,target\n1,0\n2,1\n")
    (tmp_path / "audit.yaml").write_text(
        "subject: x\ndata: {test: {path: t.csv}}\ntarget: target\nfeatures:\n"
        f"  a: {{type: number, cost: {written}}}\n"
    )
    with pytest.raises(SubjectError, match=message) as caught:
        Subject.load(tmp_path / "audit.yaml")
    assert "audit.yaml:5:" in str(caught.value)


def test_a_cost_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,target\n1,u,0\n2,v,1\n")
    (tmp_path / "audit.yaml").write_text(
        "subject: x\ndata: {test: {path: t.csv}}\ntarget: target\nfeatures:\n"
        "  a: {type: number, cost: 0.5}\n  b: {type: category, cost: 3}\n"
    )
    features = Subject.load(tmp_path / "audit.yaml").features
    assert (features["a"].cost, features["b"].cost) == (0.5, 3)
