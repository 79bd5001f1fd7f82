"""Exactly the asked share of labels changes, and the adversarial kind takes the rows that a model is surest of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks.poisoning import label_flip


@given(n=st.integers(1, 200), classes=st.integers(2, 5), share=st.floats(0, 1), seed=st.integers(0, 999))
def test_the_asked_number_of_labels_changes(n: int, classes: int, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, classes, n)
    for kind in ("random", "adversarial"):
        flips = label_flip.run(codes, classes, share=share, kind=kind, scores=rng.random((n, classes)), seed=seed)
        assert len(flips.rows) == round(share * n)
        assert np.flatnonzero(flips.codes != codes).tolist() == flips.rows.tolist()
        assert ((flips.codes >= 0) & (flips.codes < classes)).all()


def test_one_class_stays_within_the_largest_class() -> None:
    codes = np.array([0] * 10 + [1] * 30 + [2] * 5)
    flips = label_flip.run(codes, 3, share=0.9, kind="one_class", seed=1)
    assert set(codes[flips.rows]) == {1}
    assert len(flips.rows) == 30
    assert len(set(flips.codes[flips.rows])) == 1


def test_the_surest_rows_are_flipped_to_the_least_likely_class() -> None:
    scores = np.array([[0.5, 0.3, 0.2], [0.9, 0.02, 0.08], [0.6, 0.3, 0.1]])
    flips = label_flip.run(np.zeros(3, dtype=int), 3, share=1 / 3, kind="adversarial", scores=scores, seed=1)
    assert flips.rows.tolist() == [1]
    assert flips.codes[1] == 1


def test_the_surest_rows_of_one_class_are_flipped() -> None:
    scores = np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]])
    flips = label_flip.run(np.array([0, 1, 0, 1]), 2, share=0.25, scores=scores, within=1, seed=1)
    assert flips.rows.tolist() == [3]
    assert len(label_flip.run(np.array([0, 1, 0, 1]), 2, share=0.75, scores=scores, within=1, seed=1).rows) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 1.5, "n_classes": 2}, "share"),
        ({"share": 0.1, "n_classes": 1}, "single class"),
        ({"share": 0.1, "n_classes": 2, "kind": "adversarial"}, "scores"),
    ],
)
def test_what_cannot_be_flipped_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        label_flip.run(np.array([0, 0, 0]), seed=1, **options)
