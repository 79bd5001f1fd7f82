"""Whatever an attack finds on the German credit sample is an application that its audit.yaml allows."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacks.constraints import Constraints
from attacks.evasion import coordinate, rays, square
from attacks.target import Target
from audit.checks._evasion.column_epsilon import read
from audit.checks._evasion.frame_box import FrameBox
from audit.subject import Subject

CREDIT = Path(__file__).parents[2] / "sample_models" / "credit"


@cache
def credit() -> Subject:
    return Subject.load(CREDIT / "audit.yaml")


PURPOSES = [{"new car", "used car"}, {"furniture", "appliances", "radio or tv"}, {"education", "retraining"},
            {"business", "other"}]  # fmt: skip


def allowed_in_credit(before: pd.DataFrame, after: pd.DataFrame) -> None:
    """What audit.yaml of the sample says, in plain words."""
    free = ["credit_amount", "duration_months", "purpose"]
    pd.testing.assert_frame_equal(before.drop(columns=free), after.drop(columns=free))
    assert (after.dtypes == before.dtypes).all()
    for name, low, high in (("credit_amount", 250, 20000), ("duration_months", 4, 72)):
        assert (after[name].between(low, high) | (after[name] == before[name])).all()
    changed = after["purpose"] != before["purpose"]
    for was, now in zip(before["purpose"][changed], after["purpose"][changed], strict=True):
        assert any({was, now} <= alike for alike in PURPOSES)
    moved = (after[free] != before[free]).any(axis=1)
    assert (after["credit_amount"] <= 2500 * after["duration_months"])[moved].all()


@pytest.mark.parametrize("attack", [coordinate, *(pytest.param(one, marks=pytest.mark.slow) for one in (rays, square))])
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    epsilon=st.sampled_from([0.01, 0.05, 0.3]),
    norm=st.sampled_from(["linf", "l2"]),
    epsilons=st.sampled_from([(), ("credit_amount: 300",), ("duration_months: 50%", "credit_amount: 1/3")]),
)
def test_no_adversarial_row_breaks_what_credit_declares(
    attack: ModuleType, seed: int, epsilon: float, norm: str, epsilons: tuple[str, ...]
) -> None:
    subject, rng = credit(), np.random.default_rng(seed)
    box = FrameBox(subject, relaxed=False, reach=read(epsilon, epsilons))
    table = subject.test.take(rng.permutation(subject.test.rows)[:20])
    x = box.encode(table.features)
    weights, shares = rng.normal(size=x.shape[1]) / (1 + box.high), rng.random((2, 7))

    def scores(z: np.ndarray) -> np.ndarray:
        """Rough in every column, so that it turns at many places."""
        chance = 1 / (1 + np.exp(-8 * np.sin(3 * z @ weights + shares[0, (13 * z[:, 3]).astype(int) % 7])))
        return np.stack([1 - chance, chance], axis=1)

    y = scores(x).argmax(axis=1)
    target = Target(lambda z: scores(z).argmax(axis=1), 2, box.low, box.high, scores, constraints=box.constraints,
                    max_rows=100 * len(x))  # fmt: skip
    outcome = attack.run(target, x, y, epsilon=epsilon, norm=norm, seed=seed)
    before, after = box.decode(x), box.decode(outcome.adversarial)
    pd.testing.assert_frame_equal(before, table.features.reset_index(drop=True))
    allowed_in_credit(before, after)
    widths = {"credit_amount": 19750 * epsilon, "duration_months": 68 * epsilon}
    widths |= {"credit_amount": 300} if "credit_amount: 300" in epsilons else {}
    widths |= {"duration_months": 34, "credit_amount": 1 / 3} if len(epsilons) == 2 else {}
    for name, width in widths.items():
        assert (np.abs(after[name] - before[name])[outcome.success] <= width + 0.02).all()


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_what_the_judge_allows_in_credit_is_a_real_application(seed: int) -> None:
    """Of random rows, those that the judge lets pass keep to audit.yaml, and the projection leaves them alone."""
    subject, rng = credit(), np.random.default_rng(seed)
    box = FrameBox(subject, relaxed=False)
    assert isinstance(box.constraints, Constraints)
    x = box.encode(subject.test.take(rng.permutation(subject.test.rows)[:40]).features)
    frame = box.decode(x)
    for amount, months in itertools.product((-2000, 0, 700), (-6, 0, 7)):
        changed = frame.assign(
            credit_amount=frame["credit_amount"] + amount, duration_months=frame["duration_months"] + months,
            purpose=np.where(rng.random(40) < 0.5, frame["purpose"], rng.permutation(frame["purpose"])),
        )  # fmt: skip
        stored = box.encode(changed)
        fine = ~box.constraints.violations(x, stored)
        allowed_in_credit(frame[fine].reset_index(drop=True), changed[fine].astype(frame.dtypes).reset_index(drop=True))
        assert np.allclose(box.constraints.project(x, stored)[fine], stored[fine], atol=1e-9)
        assert (box.constraints.project(x, stored)[~fine] != stored[~fine]).any(axis=1).all()
