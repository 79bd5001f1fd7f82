"""Near copies with a wrong label are found in tables, images and texts; honest duplicates are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from attacks.poisoning.near_copies import near_copies, near_copies_of_array
from audit.checks._poisoned_data.finding import Finding
from audit.checks._poisoned_data.kinds import copies
from audit.checks._poisoned_data.nearness import identical
from audit.checks._poisoned_data.rows import Rows, training_rows
from audit.statistics import contradicted_rings, dense_rings
from audit.subject import Subject


def rows_of(features: object, labels: np.ndarray) -> Rows:
    return training_rows(Subject.in_memory(train=(features, labels)), 1)


def search(features: object, labels: np.ndarray) -> Finding:
    return copies.search(rows_of(features, labels), seed=1)


def clusters(seed: int = 0, n: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    """Mixed columns; rows of one label lie together."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    frame = pd.DataFrame({f"x{place}": rng.normal(size=n) + 2.5 * labels for place in range(8)})
    frame["months"] = rng.integers(6, 60, n)
    frame["job"] = rng.choice(["none", "some", "skilled"], n)
    return frame, labels


@pytest.fixture(scope="module")
def images() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_digits(n_class=5, return_X_y=True)
    return x[:600].reshape(-1, 8, 8), y[:600]


def test_planted_copies_in_images_are_found(images: tuple[np.ndarray, np.ndarray]) -> None:
    made = copies.plant(rows_of(*images), share=0.03, seed=2)
    found = copies.search(made.rows, seed=1)
    assert found.flagged[made.poisoned].sum() >= 9, "one whole ring of ten"
    assert not np.delete(found.flagged, made.poisoned).any()
    assert "nearly the same" in found.sentence


def test_planted_copies_in_a_table_are_found() -> None:
    made = copies.plant(rows_of(*clusters()), share=0.05, seed=2)
    found = copies.search(made.rows, seed=1)
    assert found.flagged[made.poisoned].mean() > 0.5
    assert np.delete(found.flagged, made.poisoned).sum() <= 4, "a ring of ten may take in neighbours of the same label"


def test_clean_images_flag_no_row(images: tuple[np.ndarray, np.ndarray]) -> None:
    assert not search(*images).flagged.any()


@pytest.mark.parametrize("seed", range(3))
def test_a_bootstrap_full_of_exact_duplicates_flags_no_row(seed: int) -> None:
    frame, labels = clusters(seed)
    again = np.random.default_rng(seed).integers(len(labels), size=len(labels))
    assert not search(frame.iloc[again].reset_index(drop=True), labels[again]).flagged.any()


def test_a_table_of_few_different_rows_flags_no_row() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.choice(list("xyz"), 500), "b": rng.choice(list("uv"), 500)})
    assert not search(frame, (rng.random(500) < np.where(frame.a == "x", 0.8, 0.2)).astype(int)).flagged.any()


def test_copies_with_their_own_label_are_no_poison() -> None:
    """A row that was stored twenty times turns nothing."""
    frame, labels = clusters()
    order = np.arange(len(labels))
    order[20:40] = 0
    frame, labels = frame.iloc[order].reset_index(drop=True), labels[order]
    assert not search(frame, labels).flagged.any()


def test_random_labels_flag_no_row() -> None:
    frame, labels = clusters()
    assert not search(frame, np.random.default_rng(1).permutation(labels)).flagged.any()


def test_planting_keeps_the_rows_and_gives_another_label() -> None:
    rows = rows_of(*clusters())
    made = copies.plant(rows, share=0.05, seed=3)
    assert made.rows.n == rows.n
    assert len(made.poisoned) == 20
    assert set(made.rows.table.frame.columns) == set(rows.table.frame.columns)


def test_near_copies_differ_in_at_most_two_columns_and_little() -> None:
    rng = np.random.default_rng(0)
    columns = [np.arange(50), rng.normal(size=50), np.array(list("ab") * 25), np.array(["one two three"] * 50)]
    made = near_copies(columns, ["number", "number", "category", "text"], 7, 30, rng)
    changed = np.array([copy != column[7] for copy, column in zip(made, columns, strict=True)])
    assert (changed.sum(axis=0) <= 2).all()
    assert changed.any(axis=1).all()
    assert (np.abs(made[0] - 7) <= 1).all()
    assert set(made[3]) <= {"one two three", "two three", "one three", "one two"}


def test_near_copies_of_an_array_stay_within_its_range_and_type() -> None:
    x = np.random.default_rng(0).integers(0, 256, (20, 5, 5)).astype(np.uint8)
    made = near_copies_of_array(x, 3, 4, np.random.default_rng(1))
    assert made.dtype == x.dtype
    assert made.shape == (4, 5, 5)
    assert np.abs(made.astype(int) - x[3].astype(int)).max() < 10


def test_a_tight_ring_of_another_label_is_strong_and_one_of_its_own_label_is_not() -> None:
    rng = np.random.default_rng(0)
    place = np.concatenate([rng.normal(size=200), np.full(10, 0.5) + rng.normal(scale=1e-4, size=10)])
    near = dense_rings.neighbours(iter([np.abs(place[:, None] - place)]), len(place))
    ring = np.arange(200, 210)
    strengths = []
    for label in (0, 1):
        labels = np.append(np.zeros(200, dtype=np.int64), np.full(10, label))
        labels[:20] = 1
        data = contradicted_rings.Data(near, np.tile([0.9, 0.1], (210, 1)), np.arange(210), 0.0)
        found = contradicted_rings.rings(data, labels)
        strong = contradicted_rings.strength(
            found.nats, dense_rings.tightness(near, contradicted_rings.ordinary(found.nats))
        )
        strengths.append(contradicted_rings.of_rows(data, found, strong, labels)[ring].min())
    assert strengths[0] < 1
    assert strengths[1] > contradicted_rings.LOWEST_ALARM


def test_copies_of_a_bootstrap_are_honest_and_rows_that_are_equal_for_few_values_are_none() -> None:
    rng = np.random.default_rng(0)
    spread = rng.normal(size=(300, 5))
    crowded = rng.integers(0, 3, (300, 4)).astype(float)
    shares = []
    for x in (spread[rng.integers(300, size=300)], crowded):
        group = np.unique(x, axis=0, return_inverse=True)[1].ravel()
        distance = np.abs(x[:, None] - x).sum(axis=2)
        shares.append(dense_rings.copied_share(dense_rings.neighbours(iter([distance]), 300), group, group >= 0))
    assert shares[0] > 0.8


def test_identical_rows_are_told_in_tables_with_gaps() -> None:
    frame = pd.DataFrame({"a": [1.0, None, None, 1.0] * 20, "b": ["x", "y", "y", "z"] * 20})
    group = identical(rows_of(frame, np.arange(80) % 2))
    assert group[1] == group[2]
    assert len(set(group[:4])) == 3
