"""One limit, one rule: what the judge says, and that nothing doubtful ever reads PASS."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import judge
from audit.records import Limit, Measure, Verdict

AT_LEAST = (Limit("share", min=0.6),)
AT_MOST = (Limit("share", max=0.1),)
GOOD = Measure(0.8, n=100, low=0.7, high=0.9)
LEVELS = ("absent", "present", "bound")


def verdict(limits: tuple[Limit, ...], measure: Measure | None, **more: object) -> Verdict:
    measures = {} if measure is None else {"share": measure}
    return judge.decide(limits, measures, **more).verdict


@pytest.mark.parametrize(
    ("limits", "low", "high", "expected"),
    [
        (AT_LEAST, 0.60, 0.9, "PASS"),
        (AT_LEAST, 0.59, 0.9, "INCONCLUSIVE"),
        (AT_LEAST, 0.10, 0.59, "FAIL"),
        (AT_LEAST, 0.10, 0.60, "INCONCLUSIVE"),
        (AT_MOST, 0.0, 0.10, "PASS"),
        (AT_MOST, 0.0, 0.11, "INCONCLUSIVE"),
        (AT_MOST, 0.11, 0.2, "FAIL"),
        ((Limit("share", min=0.2, max=0.5),), 0.25, 0.45, "PASS"),
        ((Limit("share", min=0.2, max=0.5),), 0.05, 0.19, "FAIL"),
        ((Limit("share", min=0.2, max=0.5),), 0.45, 0.55, "INCONCLUSIVE"),
    ],
)
def test_the_pessimistic_end_decides(limits: tuple[Limit, ...], low: float, high: float, expected: str) -> None:
    assert verdict(limits, Measure((low + high) / 2, n=50, low=low, high=high)) == expected


def test_an_exact_count_has_no_interval() -> None:
    assert verdict((Limit("share", max=0),), Measure(0, n=10)) == "PASS"
    assert verdict((Limit("share", max=0),), Measure(1, n=10)) == "FAIL"


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["value", "low", "high"])
def test_row_16_a_number_that_is_not_finite_is_an_error(broken: float, place: str) -> None:
    ends = {"value": 0.8, "low": 0.7, "high": 0.9, place: broken}
    assert verdict(AT_LEAST, Measure(n=10, **ends)) == "ERROR"
    assert verdict(AT_MOST, Measure(n=10, **ends)) == "ERROR"


def test_what_was_not_measured_is_an_error() -> None:
    assert verdict(AT_LEAST, None) == "ERROR"


def test_a_rule_without_limits_is_an_error() -> None:
    assert verdict((), GOOD) == "ERROR"


def test_a_number_without_data_behind_it_is_no_pass() -> None:
    assert verdict(AT_MOST, Measure(0.0, n=0)) == "INCONCLUSIVE"


def test_an_interval_that_ends_before_it_begins_is_an_error() -> None:
    assert verdict(AT_LEAST, Measure(0.8, n=9, low=0.9, high=0.7)) == "ERROR"


def test_a_doubt_turns_pass_into_inconclusive_and_never_changes_fail() -> None:
    bad = Measure(0.2, n=100, low=0.1, high=0.3)
    assert verdict(AT_LEAST, GOOD, doubts=("no row moved",)) == "INCONCLUSIVE"
    assert verdict(AT_LEAST, bad, doubts=("no row moved",)) == "FAIL"


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        (Measure(0.9, n=20), "PASS"),
        (Measure(0.89, n=20), "INCONCLUSIVE"),
        (Measure(math.nan, n=20), "INCONCLUSIVE"),
        (Measure(1.0, n=0), "INCONCLUSIVE"),
        (None, "INCONCLUSIVE"),
    ],
)
def test_a_pass_needs_power(power: Measure | None, expected: str) -> None:
    assert verdict(AT_LEAST, GOOD, power=power, min_power=0.9) == expected
    assert verdict(AT_LEAST, GOOD, power=power, min_power=None) == "PASS"


def test_an_error_stays_an_error_whatever_was_measured() -> None:
    assert verdict(AT_LEAST, GOOD, error="time is over") == "ERROR"


def test_the_gravest_limit_decides() -> None:
    limits = (Limit("good", min=0.6), Limit("bad", min=0.6), Limit("unknown", min=0.6))
    measures = {"good": GOOD, "bad": Measure(0.1, n=9, low=0.0, high=0.2)}
    assert judge.decide(limits, measures).verdict == "FAIL"
    assert judge.decide((limits[0], limits[2]), measures).verdict == "ERROR"


@pytest.mark.parametrize(("level", "expected"), [("absent", "FAIL"), ("present", "PASS"), ("bound", "PASS")])
def test_words_compare_by_their_scale(level: str, expected: str) -> None:
    limits = (Limit("share", min="present"),)
    assert verdict(limits, Measure(level, unit="level", n=1, scale=LEVELS)) == expected


def test_a_word_off_its_scale_never_passes() -> None:
    assert verdict((Limit("share", min="bound"),), Measure("trusted", n=1, scale=LEVELS)) == "ERROR"
    assert verdict((Limit("share", min="nonsense"),), Measure("bound", n=1, scale=LEVELS)) == "INCONCLUSIVE"


def test_a_waiver_counts_only_where_the_rule_would_not_pass() -> None:
    bad = Measure(0.2, n=100, low=0.1, high=0.3)
    assert verdict(AT_LEAST, bad, waived=True) == "WAIVED"
    assert verdict(AT_LEAST, GOOD, waived=True) == "PASS"


def test_settled_means_more_data_changes_nothing() -> None:
    assert judge.settled(AT_LEAST, {"share": GOOD})
    assert judge.settled(AT_LEAST, {"share": Measure(0.1, n=9, low=0.0, high=0.2)})
    assert not judge.settled(AT_LEAST, {"share": Measure(0.6, n=9, low=0.5, high=0.7)})
    assert not judge.settled(AT_LEAST, {})
    assert not judge.settled((), {})


numbers = st.floats(allow_nan=True, allow_infinity=True) | st.none()


@given(st.floats(), numbers, numbers, st.integers(-1, 50), st.floats(allow_nan=False) | st.none(), numbers)
def test_pass_is_never_said_beside_a_broken_number(
    value: float, low: float | None, high: float | None, n: int, least: float | None, most: float | None
) -> None:
    measure = Measure(value, n=n, low=low, high=high)
    if verdict((Limit("share", min=least, max=most),), measure) is Verdict.PASS:
        assert measure.finite
        assert n > 0
        pessimistic_low = value if low is None else low
        pessimistic_high = value if high is None else high
        assert pessimistic_low <= pessimistic_high
        assert least is None or pessimistic_low >= least
        assert most is None or pessimistic_high <= most


def test_sentence_is_readable() -> None:
    judged = judge.decide(AT_LEAST, {"share": GOOD}, finding="Eight of ten rows held.")
    assert judged.sentence == (
        "Eight of ten rows held. Passed: share is 0.8 (between 0.7 and 0.9 with 95% confidence, 100 counted); "
        "the policy asks for at least 0.6."
    )


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.5, 0.7, 0.9, "ERROR"),
        (0.95, 0.7, 0.9, "ERROR"),
        (0.95, None, 0.9, "ERROR"),
        (0.5, 0.7, None, "ERROR"),
        (0.7 - 1e-12, 0.7, 0.9, "PASS"),
        (0.9 + 1e-12, 0.7, 0.9, "PASS"),
    ],
)
def test_a_value_lies_in_its_own_interval(value: float, low: float | None, high: float | None, expected: str) -> None:
    assert verdict(AT_LEAST, Measure(value, n=10, low=low, high=high)) == expected


@pytest.mark.parametrize(
    "power",
    [
        Measure(5.0, n=20),
        Measure(1.0 + 1e-6, n=20),
        Measure(-0.1, n=20),
        Measure(0.95, n=20, low=-5.0, high=0.1),
        Measure(0.95, n=20, low=0.99, high=1.0),
        Measure(math.inf, n=20),
    ],
)
def test_a_power_that_is_no_share_was_not_shown(power: Measure) -> None:
    assert verdict(AT_LEAST, GOOD, power=power, min_power=0.9) == "INCONCLUSIVE"
    assert verdict(AT_LEAST, GOOD, power=Measure(0.95, n=20, low=0.8, high=1.0), min_power=0.9) == "PASS"


def test_seeds_differ_by_rule_and_by_policy() -> None:
    assert judge.seed_of(0, "a") == judge.seed_of(0, "a")
    assert len({judge.seed_of(seed, rule) for seed in range(5) for rule in "abc"}) == 15
    assert all(0 <= judge.seed_of(seed, "a") < 2**32 for seed in range(20))
