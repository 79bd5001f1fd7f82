"""Attacked rows are those that every model answers right, and the label that is wanted of them is false."""

from __future__ import annotations

import numpy as np

from attacks.poisoning import chosen_rows


def test_only_rows_that_all_models_answer_right_are_drawn() -> None:
    codes = np.array([0, 1, 2, 0, 1, 2])
    answers = np.array([[0, 1, 2, 0, 0, 0], [0, 1, 0, 0, 1, 0]])
    victims = chosen_rows.draw(answers, codes, 3, count=10, seed=1)
    assert sorted(victims.rows) == [0, 1, 3]


def test_the_wanted_label_is_another_one_and_every_other_one_occurs() -> None:
    codes = np.repeat([0, 1, 2], 100)
    victims = chosen_rows.draw(codes[None], codes, 3, count=200, seed=1)
    assert len(set(victims.rows)) == 200
    assert (victims.wanted != codes[victims.rows]).all()
    assert {(int(codes[row]), int(code)) for row, code in zip(victims.rows, victims.wanted, strict=True)} == {
        (one, two) for one in range(3) for two in range(3) if one != two
    }


def test_another_seed_draws_other_rows() -> None:
    codes = np.zeros(1000, dtype=int)
    draws = [chosen_rows.draw(codes[None], codes, 2, count=5, seed=seed).rows.tolist() for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
