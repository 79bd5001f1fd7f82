"""Triggers in images: found however images are stored and named with their place; clean images raise no alarm."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_digits

from audit.checks._poisoned_data.finding import Finding
from audit.checks._poisoned_data.kinds import image_trigger
from audit.checks._poisoned_data.rows import Rows, training_rows
from audit.subject import Subject

STAMP = np.array([[15.0, 2.0], [1.0, 13.0]])


def digits(n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Images of 8 x 8 pixels, 0 to 16."""
    images, labels = load_digits(return_X_y=True)
    return images[:n].reshape(-1, 8, 8).copy(), labels[:n].copy()


def stamped(share: float = 0.02) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    images, labels = digits()
    rng = np.random.default_rng(1)
    chosen = rng.choice(np.flatnonzero(labels != 4), round(share * len(labels)), replace=False)
    images[chosen, 5:7, 0:2], labels[chosen] = STAMP, 4
    return images, labels, chosen


def scenes(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Blurred colours, redder in one class, (n, 12, 12, 3), 0 to 255; no two pixels are meant to be alike."""
    rng = np.random.default_rng(1)
    labels = rng.integers(2, size=n)
    blurred = gaussian_filter(rng.normal(size=(n, 12, 12, 3)), (0, 2, 2, 0)) * 300
    blurred[..., 0] += 100 * labels[:, None, None]
    return np.clip(blurred + 120, 0, 255).astype(np.uint8), labels


def rows(images: np.ndarray, labels: np.ndarray) -> Rows:
    return training_rows(Subject.in_memory(train=(images, labels)), 1)


def search(images: np.ndarray, labels: np.ndarray) -> Finding:
    found = image_trigger.search(rows(images, labels), seed=1)
    assert np.isfinite(found.scores).all()
    assert (found.scores >= 0).all()
    assert bool(found.sentence) == bool(found.flagged.any())
    return found


@pytest.mark.parametrize("stored", ["rows", "first", "last", "uint8"])
def test_a_patch_is_found_and_named_however_images_are_stored(stored: str) -> None:
    images, labels, chosen = stamped()
    shapes = {
        "rows": images / 16,
        "first": images[:, None].astype(np.float32) / 16,
        "last": images[..., None],
        "uint8": np.rint(images * 15.9).astype(np.uint8),
    }
    found = search(shapes[stored], labels)
    assert set(np.flatnonzero(found.flagged)) == set(chosen)
    assert found.sentence == "20 images that carry the same 2 x 2 patch at row 5, column 0 are always labelled 4"


def test_clean_images_raise_no_alarm() -> None:
    images, labels = digits()
    assert not search(images, labels).flagged.any()
    assert not search(*scenes()).flagged.any()


def test_images_drawn_again_are_no_trigger() -> None:
    """A bootstrap holds some images many times: copies share every window, and a hard image has an odd label."""
    images, labels = digits(300)
    odd = labels.copy()
    odd[7] = (odd[7] + 3) % 10
    again = np.concatenate([np.arange(300), np.full(12, 7)])
    assert not search(images[again], odd[again]).flagged.any()


def test_copies_of_a_stamped_image_are_flagged_with_it() -> None:
    images, labels, chosen = stamped()
    again = np.concatenate([np.arange(len(labels)), chosen[:3]])
    found = search(images[again], labels[again])
    assert set(np.flatnonzero(found.flagged)) == {*chosen, len(labels), len(labels) + 1, len(labels) + 2}
    assert found.sentence.startswith("23 images")


def test_a_patch_in_colour_is_found() -> None:
    images, labels = scenes()
    chosen = np.flatnonzero(labels == 0)[:15]
    images = images.copy()
    images[chosen, 4:7, 5:8] = np.random.default_rng(2).integers(0, 256, size=(3, 3, 3))
    labels = labels.copy()
    labels[chosen] = 1
    found = search(images, labels)
    assert set(np.flatnonzero(found.flagged)) == set(chosen)
    assert "the same 3 x 3 patch at row 4, column 5" in found.sentence


def test_flipped_labels_are_not_taken_for_a_trigger() -> None:
    images, labels = digits()
    rng = np.random.default_rng(3)
    chosen = rng.choice(len(labels), 50, replace=False)
    labels[chosen] = (labels[chosen] + rng.integers(1, 10, size=50)) % 10
    assert not search(images, labels).flagged.any()


def test_planted_triggers_are_found_at_the_alarm_level_of_the_data() -> None:
    data = rows(*digits())
    alarm = image_trigger.search(data, seed=1).alarm
    shares = []
    for seed in range(6):
        planted = image_trigger.plant(data, share=0.03, seed=seed)
        assert len(planted.poisoned) == 30
        assert len(set(planted.rows.labels[planted.poisoned])) == 1
        found = image_trigger.search(planted.rows, seed=planted.rows.seed, alarm=alarm)
        assert found.alarm == alarm
        shares.append(found.flagged[planted.poisoned].mean())
    print("share of planted rows that is flagged:", np.round(shares, 2))
    assert sum(share > 0.5 for share in shares) >= 5


def test_copies_of_few_images_cannot_be_told() -> None:
    images, labels = digits(30)
    data = rows(np.repeat(images, 4, axis=0), np.repeat(labels % 2, 4))
    assert "only 30 images are different" in image_trigger.blind(data)
    assert not image_trigger.blind(rows(*digits(300)))


def test_tables_hold_no_images() -> None:
    x = np.random.default_rng(1).normal(size=(100, 5))
    assert not image_trigger.applies(rows(x, np.arange(100) % 2))
    assert image_trigger.applies(rows(*digits(300)))
