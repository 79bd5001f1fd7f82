"""What the records say of themselves."""

from audit.records import Measure, telling


def test_parts_that_are_zero_are_not_told_unless_a_policy_asks_for_them() -> None:
    nothing, some, unsure = Measure(0), Measure(0.2), Measure(0, low=0, high=0.1)
    measures = {"share": nothing, "share.A": nothing, "share.B": some, "share.C": unsure, "other.D": nothing}
    assert set(telling(measures)) == {"share", "share.B", "share.C", "other.D"}
    assert set(telling(measures, {"share.A"})) == set(measures)
