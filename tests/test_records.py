"""What the records say of themselves."""

import pytest

from audit.records import Measure, telling

KINDS = [f"share.K{number}" for number in range(30)]


@pytest.mark.parametrize("nothing", [Measure(0), Measure(0, low=0, high=0.1), Measure(0.1, low=0, high=0.1)])
def test_many_parts_in_which_nothing_was_seen_are_not_told_unless_a_policy_asks_for_them(nothing: Measure) -> None:
    seen = {"share": nothing, "share.B": Measure(0.2), "share.C": Measure(0.2, low=0.01, high=0.3), "other.D": nothing}
    measures = {**seen, **dict.fromkeys(KINDS, nothing)}
    assert set(telling(measures)) == set(seen)
    assert set(telling(measures, {KINDS[3]})) == {*seen, KINDS[3]}


def test_a_zero_that_is_the_exception_is_told() -> None:
    recalls = {"recall": Measure(0.9), **dict.fromkeys(KINDS, Measure(0.9)), "recall.K1": Measure(0.0)}
    assert telling(recalls) == recalls


def test_a_few_parts_are_told_whatever_they_are() -> None:
    few = {"share": Measure(0), **dict.fromkeys(KINDS[:11], Measure(0))}
    assert telling(few) == few
