"""Near copies with a wrong label are found in tables, images and texts; honest duplicates are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from attacks.poisoning.near_copies import near_copies, near_copies_of_array
from audit.checks._poisoned_data.finding import Finding
from audit.checks._poisoned_data.kinds import copies
from audit.checks._poisoned_data.rows import Rows, training_rows
from audit.statistics import dense_rings
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
    assert not np.delete(found.flagged, made.poisoned).any()


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


def test_the_alarm_level_rises_with_the_number_of_rows() -> None:
    assert dense_rings.alarm_level(100) < dense_rings.alarm_level(10_000)
