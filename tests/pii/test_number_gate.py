"""Of plain numbers those are read that can count, and none of the others."""

from __future__ import annotations

import random

from audit.pii.columns.number_gate import FEW, NumberGate, valid
from audit.pii.columns.options import Options
from audit.pii.custom import Custom
from audit.pii.custom.rules import Allowed
from audit.pii.patterns.check_digits import luhn


def numbers(length: int, many: int = 1000) -> list[str]:
    rng = random.Random(length)
    return [str(rng.randrange(10 ** (length - 1), 10**length)) for _ in range(many)]


def test_of_sixteen_digits_those_are_read_whose_check_digit_is_right() -> None:
    sixteen = numbers(16)
    assert NumberGate("field", Options()).chosen(sixteen).tolist() == [luhn(number) for number in sixteen]


def test_numbers_of_a_length_at_which_nothing_counts_are_not_read_unless_they_are_few_or_no_digits() -> None:
    eleven = numbers(11)
    gate = NumberGate("field", Options())
    assert not gate.chosen(eleven).any()
    assert gate.chosen(eleven[:FEW]).all()
    assert gate.chosen([*eleven, "-12345678901", "1 2"]).nonzero()[0].tolist() == [1000, 1001]


def test_all_numbers_are_read_where_a_demanded_kind_has_their_length_or_the_users_own_rules_may_find_them() -> None:
    eleven = numbers(11)
    assert NumberGate("pesel", Options(language="pl", entities=("PL_PESEL",))).chosen(eleven).all()
    own = Custom(allow=(Allowed(patterns=("0",)),))
    assert NumberGate("field", Options(custom=own)).chosen(eleven).all()


def test_what_a_fork_learns_its_gate_does_not_and_what_was_learned_stays() -> None:
    gate = NumberGate("field", Options())
    sixteen = numbers(16)
    assert gate.chosen(sixteen).tolist() == gate.fork().chosen(sixteen).tolist()


def test_luhns_rule_is_the_same_for_all_numbers_at_once_as_for_each() -> None:
    for length in (12, 15, 16, 19):
        some = numbers(length, 200)
        assert valid(some, length).tolist() == [luhn(number) for number in some]
