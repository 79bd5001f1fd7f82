"""Searches on images: do they find a planted patch, its place and its class, and nothing where there is none?"""

from __future__ import annotations

import numpy as np
import pytest

from attacks.backdoor import planted, stamp_scan, trigger_inversion
from attacks.poisoning.picture import Stamp
from attacks.target import Target

CLASSES, SIDE = 4, 20
ALL = np.arange(CLASSES)


def linear_target() -> Target:
    """Four classes by the mean brightness of four quarters: smooth, honest, with an exact gradient."""
    weights = np.zeros((CLASSES, 1, SIDE, SIDE))
    half = SIDE // 2
    for code in range(CLASSES):
        top, left = (code // 2) * half, (code % 2) * half
        weights[code, :, top : top + half, left : left + half] = 50 / half**2

    def scores(x: np.ndarray) -> np.ndarray:
        raised = np.exp(np.einsum("nchw,kchw->nk", x, weights))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def gradient(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        return np.einsum("nk,kchw->nchw", scores(x) - np.eye(CLASSES)[codes], weights)

    return Target(lambda x: scores(x).argmax(axis=1), CLASSES, scores=scores, gradient=gradient)


def images(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.4, 0.6, (n, 1, SIDE, SIDE)).astype(np.float32)
    half = SIDE // 2
    for row, code in enumerate(rng.integers(CLASSES, size=n)):
        top, left = (code // 2) * half, (code % 2) * half
        x[row, :, top : top + half, left : left + half] += 0.12
    return x


def corner(value: float = 1.0) -> Stamp:
    weight, pattern = np.zeros((1, SIDE, SIDE)), np.zeros((1, SIDE, SIDE))
    weight[:, 17:, 17:], pattern[:, 17:, 17:] = 1, value
    return Stamp(weight, pattern, "a corner")


def test_inversion_finds_the_planted_class_and_place() -> None:
    x = images(60, 0)
    target = planted.plant(linear_target(), corner(), 1, x)
    found = trigger_inversion.invert(target, x, target.predict(x), ALL, seed=0, steps=50, batch=10)
    assert found.sizes.argmin() == 1
    assert found.sizes[1] < 0.5 * np.delete(found.sizes, 1).min()
    assert found.weights[1, 0, 17:, 17:].sum() > 0.6 * found.weights[1].sum()
    assert found.flat == 0


def test_an_honest_model_has_no_class_apart() -> None:
    x = images(60, 0)
    target = linear_target()
    found = trigger_inversion.invert(target, x, target.predict(x), ALL, seed=0, steps=50, batch=10)
    assert found.sizes.max() < 2 * found.sizes.min()
    assert found.sizes.min() > 9, "a patch of nine pixels is not enough for an honest model"


def test_the_same_seed_gives_the_same_masks() -> None:
    x = images(40, 0)
    first, second = (
        trigger_inversion.invert(linear_target(), x, linear_target().predict(x), ALL, seed=3, steps=15, batch=5)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.weights, second.weights)


def test_slopes_that_are_zero_are_told() -> None:
    x = images(40, 0)
    honest = linear_target()
    masked = Target(honest.predict, CLASSES, gradient=lambda x, codes: np.zeros_like(x))
    found = trigger_inversion.invert(masked, x, honest.predict(x), ALL, seed=0, steps=5, batch=5)
    assert found.flat == pytest.approx(1)
    assert (found.sizes == SIDE * SIDE).all()
    assert not found.reached.any()


def test_classes_may_be_left_out() -> None:
    x = images(60, 0)
    target = planted.plant(linear_target(), corner(), 1, x)
    found = trigger_inversion.invert(target, x, target.predict(x), np.array([1, 3]), seed=0, steps=50, batch=10)
    assert found.reached.all()
    assert found.sizes[0] < 0.5 * found.sizes[1]
    assert found.stamp(1, 9).weight[0, 17:, 17:].sum() > 0.5 * found.stamp(1, 9).weight.sum()


def test_large_images_are_asked_less(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trigger_inversion.affordable_classes((1, 28, 28)) > 100
    assert 2 <= trigger_inversion.affordable_classes((3, 224, 224)) < 20
    x = images(60, 0)
    usual, bounded = linear_target(), linear_target()
    answers = linear_target().predict(x)
    stamp_scan.scan(usual, x, answers, seed=0)
    monkeypatch.setattr(stamp_scan, "_MOST_VALUES", 120_000)
    found = stamp_scan.scan(bounded, x, answers, seed=0)
    assert bounded.rows < usual.rows / 2
    assert len(found) == 2


def test_one_answer_for_all_is_refused() -> None:
    with pytest.raises(ValueError, match="one class"):
        trigger_inversion.invert(linear_target(), images(10, 0), np.zeros(10, dtype=int), ALL, seed=0)


def test_the_small_part_of_a_mask_stays_small() -> None:
    x = images(60, 0)
    target = linear_target()
    found = trigger_inversion.invert(target, x, target.predict(x), ALL, seed=0, steps=30, batch=10)
    for pixels in (0.0, 2.5, 9.0):
        assert found.stamp(2, pixels).weight.sum() <= pixels


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_the_scan_finds_a_plain_patch_by_answers_alone(value: float) -> None:
    x = images(80, 0)
    whole = planted.plant(linear_target(), corner(value), 2, x)
    target = Target(whole.predict, CLASSES)
    found = {stamp.code: stamp for stamp in stamp_scan.scan(target, x, target.predict(x), seed=0)}
    assert found[2].share > 0.9
    assert max(stamp.share for code, stamp in found.items() if code != 2) < 0.4
    assert "lower right" in found[2].stamp.words


def test_the_scan_counts_only_rows_of_other_answers() -> None:
    x = images(80, 0)
    always = Target(lambda rows: np.where(np.arange(len(rows)) % 2 == 0, 0, 1), 2)
    answers = np.zeros(80, dtype=int)
    found = stamp_scan.scan(always, x, answers, seed=0)
    assert [stamp.code for stamp in found] == [1], "no row is there to be turned into class 0"


def test_the_planted_gradient_is_that_of_the_planted_scores() -> None:
    x = images(6, 1).astype(np.float64)
    rng = np.random.default_rng(0)
    x[:, :, 17:, 17:] = rng.uniform(0.6, 0.9, (6, 1, 3, 3))
    target = planted.plant(linear_target(), corner(), 1, images(40, 0))
    codes = np.array([0, 1, 2, 3, 1, 0])
    slope = target.gradient(x, codes)
    for place in ((18, 18), (2, 3), (14, 8)):
        step = np.zeros((1, 1, SIDE, SIDE))
        step[0, 0, place[0], place[1]] = 1e-6
        loss = [-np.log(target.scores(x + sign * step)[np.arange(6), codes]) for sign in (1, -1)]
        np.testing.assert_allclose(slope[:, 0, place[0], place[1]], (loss[0] - loss[1]) / 2e-6, rtol=1e-3, atol=1e-4)
