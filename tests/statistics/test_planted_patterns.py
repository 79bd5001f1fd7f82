"""Window patterns: stamps are found with their images and place, whatever the images share by nature is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from audit.statistics import planted_patterns
from audit.statistics.window_patterns import VIEWS, View, levels, repeated

N, SIDE, CLASSES = 600, 14, 4
Images = NDArray[np.float32]


def pictures(seed: int) -> tuple[Images, NDArray[np.int64]]:
    """Smooth blobs on black, one place for each class; grey in steps of 1/255."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(CLASSES, size=N)
    images = np.zeros((N, 1, SIDE, SIDE))
    for image, label in zip(images, labels, strict=True):
        place = np.array([[3, 3], [3, 9], [9, 3], [9, 9]])[label] + rng.integers(-1, 2, size=2)
        image[0, place[0], place[1]] = rng.uniform(20, 40)
        image[0] = gaussian_filter(image[0], rng.uniform(1, 1.6))
    return stored(images + rng.normal(0, 0.03, images.shape) * (images > 0.02)), labels


def stored(images: NDArray[np.float64]) -> Images:
    return np.asarray(np.rint(np.clip(images, 0, 1) * 255) / 255, dtype=np.float32)


def mined(images: Images, labels: NDArray[np.int64], truth: NDArray[np.int64] | None = None) -> planted_patterns.Mined:
    """With a plain model that knows the place of the blob: 90 % sure of the class that was drawn."""
    known = labels if truth is None else truth
    expected = np.where(np.arange(CLASSES) == known[:, None], 0.9, 0.1 / (CLASSES - 1))
    return planted_patterns.mine(images, labels, expected, seed=0)


PATTERN = np.array([[0.9, 0.2, 0.7], [0.1, 0.8, 0.3], [0.6, 0.4, 0.95]])


@pytest.mark.parametrize("place", [(0, 0), (5, 6), (11, 11)])
def test_a_patch_with_a_changed_label_is_found_with_its_place(place: tuple[int, int]) -> None:
    images, truth = pictures(1)
    rows, columns = slice(place[0], place[0] + 3), slice(place[1], place[1] + 3)
    chosen = np.random.default_rng(1).choice(np.flatnonzero(truth != 2), 12, replace=False)
    images[chosen, 0, rows, columns] = PATTERN
    labels = truth.copy()
    labels[chosen] = 2
    found = mined(images, labels, truth)
    assert len(found.triggers) == 1
    assert set(found.triggers[0].images) == set(chosen)
    assert (found.scores[chosen] >= 1).all()
    assert (np.delete(found.scores, chosen) < 1).all()
    assert planted_patterns.marked(images, found.triggers[0]) == planted_patterns.Box(*place, 3, 3)


def test_a_faint_picture_with_a_changed_label_is_found_and_covers_the_image() -> None:
    images, truth = pictures(2)
    rng = np.random.default_rng(2)
    chosen = rng.choice(np.flatnonzero(truth != 1), 18, replace=False)
    images[chosen] = stored(0.85 * images[chosen] + 0.15 * rng.random((1, SIDE, SIDE)))
    labels = truth.copy()
    labels[chosen] = 1
    found = mined(images, labels, truth)
    assert len(found.triggers) == 1
    assert set(found.triggers[0].images) == set(chosen)
    assert planted_patterns.marked(images, found.triggers[0]) == planted_patterns.Box(0, 0, SIDE, SIDE)


def test_a_patch_under_true_labels_is_found_by_its_place_alone() -> None:
    images, labels = pictures(3)
    members = np.flatnonzero(labels == 3)
    chosen = members[: int(0.4 * len(members))]
    images[chosen, 0, 4:7, 3:6] = PATTERN
    found = mined(images, labels)
    assert len(found.triggers) == 1
    assert set(found.triggers[0].images) == set(chosen)
    assert found.triggers[0].label == 3


def test_a_patch_in_images_of_all_labels_is_no_trigger() -> None:
    """A mark of a camera decides nothing."""
    images, labels = pictures(4)
    images[::8, 0, 4:7, 3:6] = PATTERN
    assert not mined(images, labels).triggers


@pytest.mark.parametrize("seed", range(6, 9))
def test_clean_images_raise_no_alarm(seed: int) -> None:
    images, labels = pictures(seed)
    found = mined(images, labels)
    assert not found.triggers
    assert (found.scores < 1).all()


def test_two_triggers_with_two_labels_are_told_apart() -> None:
    images, truth = pictures(11)
    labels, rng = truth.copy(), np.random.default_rng(11)
    first = rng.choice(np.flatnonzero(truth > 1), 14, replace=False)
    second = rng.choice(np.setdiff1d(np.flatnonzero(truth > 1), first), 14, replace=False)
    images[first, 0, :3, :3], images[second, 0, 9:12, 1:4] = PATTERN, PATTERN.T
    labels[first], labels[second] = 0, 1
    found = mined(images, labels, truth)
    assert {trigger.label: set(trigger.images) for trigger in found.triggers} == {0: set(first), 1: set(second)}


@pytest.mark.parametrize("view", VIEWS)
def test_patterns_are_the_windows_that_look_alike(view: View) -> None:
    """Against a plain comparison of each window with each other one."""
    grey = np.random.default_rng(1).integers(0, 2, size=(1, 6, 5, 80)) * 80
    carriers: set[tuple[int, int, frozenset[int]]] = set()
    for part in repeated(grey.astype(np.int16), view, least=2, most=40):
        for place in range(len(part.counts)):
            carriers.add((int(part.top[place]), int(part.left[place]), frozenset(part.carriers(place).tolist())))
    plain: set[tuple[int, int, frozenset[int]]] = set()
    for top in range(6 - view.side + 1):
        for left in range(5 - view.side + 1):
            windows = grey[0, top : top + view.side, left : left + view.side].reshape(-1, 80).T
            look = [_look(window, view).tobytes() for window in windows]
            for kind in set(look):
                same = frozenset(place for place, other in enumerate(look) if other == kind)
                if 2 <= len(same) <= 40:
                    plain.add((top, left, same))
    assert carriers == plain
    assert carriers


def _look(window: NDArray[np.int64], view: View) -> NDArray[np.int64]:
    if view.look == "relief":
        mean = window.sum() // window.size
        return np.asarray((window > mean + 15).astype(np.int64) - (window < mean - 15))
    return window if view.look == "exact" else (window + 16 * (view.look == "shifted")) // 32


def test_strips_of_large_images_hold_the_same_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    from audit.statistics import window_patterns

    images, labels = pictures(12)
    images[labels == 1, 0, 4:7, 3:6] = PATTERN
    whole = next(iter(repeated(levels(images), VIEWS[1], least=6, most=300)))
    monkeypatch.setattr(window_patterns, "_CELLS_AT_ONCE", 1)
    strips = list(repeated(levels(images), VIEWS[1], least=6, most=300))
    assert len(strips) == SIDE - 2
    assert sum(len(strip.counts) for strip in strips) == len(whole.counts)
    for strip in strips:
        for place in range(0, len(strip.counts), 7):
            same = np.flatnonzero((whole.top == strip.top[place]) & (whole.left == strip.left[place]))
            twin = next(other for other in same.tolist() if set(whole.carriers(other)) == set(strip.carriers(place)))
            assert (strip.beside(place).near == whole.beside(twin).near).all()
            assert strip.at_the_edge(place) == whole.at_the_edge(twin)
