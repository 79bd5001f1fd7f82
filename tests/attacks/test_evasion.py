"""Attacks against models whose true robustness is known in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression

from attacks.distance import between
from attacks.evasion import (
    apgd,
    art_projected_gradient,
    coordinate,
    finite_difference,
    hop_skip_jump,
    nearest_row,
    population,
    rays,
    square,
    transfer,
    uniform_noise,
)
from attacks.evasion._known_rows import other_class_rows
from attacks.evasion._search import Search
from attacks.target import Target

ALL = (
    art_projected_gradient, coordinate, finite_difference, hop_skip_jump, nearest_row, apgd, population, rays, square,
    transfer, uniform_noise,
)  # fmt: skip


def name_of(attack: ModuleType) -> str:
    return attack.__name__.rpartition(".")[2]


@dataclass(frozen=True)
class Case:
    """A linear model, rows that it answers right, and which of them can be broken within epsilon in Linf."""

    model: LogisticRegression
    x: np.ndarray
    y: np.ndarray
    epsilon: float
    breakable: np.ndarray

    def target(self, **options: object) -> Target:
        model = self.model
        return Target(
            model.predict, len(model.classes_), scores=model.predict_proba, gradient=gradient_of(model), **options
        )


def gradient_of(model: LogisticRegression) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    def gradient(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        error = model.predict_proba(x)
        error[np.arange(len(x)), codes] -= 1
        weights = model.coef_ if len(model.coef_) > 1 else np.concatenate([-model.coef_, model.coef_]) / 2
        return (error @ weights).astype(x.dtype)

    return gradient


def breakable_rows(model: LogisticRegression, x: np.ndarray, y: np.ndarray, epsilon: float) -> np.ndarray:
    """Exact, as a linear margin is smallest at a corner of the box."""
    weights, shift = model.coef_, model.intercept_
    if len(weights) == 1:
        weights, shift = np.concatenate([0 * weights, weights]), np.array([0.0, shift[0]])
    low, high = np.clip(x - epsilon, 0, 1), np.clip(x + epsilon, 0, 1)
    broken = np.zeros(len(x), dtype=bool)
    for other in range(len(weights)):
        slope = weights[y] - weights[other]
        worst = np.where(slope > 0, low, high)
        margin = (worst * slope).sum(axis=1) + shift[y] - shift[other]
        broken |= (margin < 0) & (y != other)
    return broken


@cache
def case(name: str) -> Case:
    x, y = load_digits(return_X_y=True) if name == "digits" else load_breast_cancer(return_X_y=True)
    x = (x - x.min(axis=0)) / np.maximum(np.ptp(x, axis=0), 1e-9)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order].astype(np.float32 if name == "digits" else np.float64), y[order]
    model = LogisticRegression(max_iter=2000).fit(x[:400], y[:400])
    right = np.flatnonzero(model.predict(x[400:480]) == y[400:480]) + 400
    epsilon = 0.1 if name == "digits" else 0.05
    return Case(model, x[right], y[right], epsilon, breakable_rows(model, x[right], y[right], epsilon))


@pytest.mark.parametrize("name", [pytest.param("digits", marks=pytest.mark.slow), "cancer"])
@pytest.mark.parametrize(
    ("attack", "missed"),
    [
        (apgd, 0.0),
        (coordinate, 0.0),
        (finite_difference, 0.0),
        (square, 0.05),
        (population, 0.05),
        (transfer, 0.05),
        (rays, 0.15),
        (art_projected_gradient, 0.2),
    ],
    ids=lambda value: name_of(value) if not isinstance(value, float) else "",
)
def test_strong_attacks_find_what_can_be_found(attack: ModuleType, missed: float, name: str) -> None:
    known = case(name)
    outcome = attack.run(known.target(), known.x, known.y, epsilon=known.epsilon, seed=1)
    assert 10 < known.breakable.sum() < len(known.x) - 10, "a case without both kinds of rows would show nothing"
    assert not (outcome.success & ~known.breakable).any(), "it broke what cannot be broken"
    assert (known.breakable & ~outcome.success).sum() <= missed * known.breakable.sum() + 1e-9


@pytest.mark.parametrize("attack", ALL, ids=name_of)
@pytest.mark.parametrize("norm", ["linf", pytest.param("l2", marks=pytest.mark.slow)])
def test_every_success_is_real(attack: ModuleType, norm: str) -> None:
    known = case("digits")
    epsilon = 0.15 if norm == "linf" else 0.7
    outcome = attack.run(known.target(), known.x, known.y, epsilon=epsilon, norm=norm, seed=3)
    won = outcome.success
    assert won.any()
    assert (known.model.predict(outcome.adversarial[won]) != known.y[won]).all()
    assert (between(known.x, outcome.adversarial, norm)[won] <= epsilon + 1e-5).all()
    assert outcome.adversarial.min() >= 0
    assert outcome.adversarial.max() <= 1
    assert outcome.adversarial.dtype == known.x.dtype


@pytest.mark.parametrize("attack", ALL, ids=name_of)
def test_the_same_seed_gives_the_same_rows(attack: ModuleType) -> None:
    known = case("cancer")
    runs = [attack.run(known.target(), known.x[:30], known.y[:30], epsilon=known.epsilon, seed=7) for _ in range(2)]
    assert (runs[0].adversarial == runs[1].adversarial).all()
    assert (runs[0].queries == runs[1].queries).all()


@pytest.mark.parametrize("attack", ALL, ids=name_of)
@pytest.mark.parametrize("share", [0, 2, 25])
def test_the_budget_holds_and_keeps_what_was_found(attack: ModuleType, share: int) -> None:
    known = case("cancer")
    target = known.target(max_rows=share * len(known.x))
    outcome = attack.run(target, known.x, known.y, epsilon=known.epsilon, seed=1)
    assert target.rows <= share * len(known.x)
    assert outcome.queries.sum() <= target.rows
    if share == 0:
        assert not outcome.success.any()


def test_a_budget_that_ends_early_keeps_earlier_successes() -> None:
    known = case("cancer")
    outcome = square.run(known.target(max_rows=25 * len(known.x)), known.x, known.y, epsilon=known.epsilon, seed=1)
    assert outcome.success.any()


def test_broken_rows_cost_nothing_more() -> None:
    known = case("cancer")
    outcome = rays.run(known.target(), known.x, known.y, epsilon=0.3, seed=1)
    assert outcome.success.mean() > 0.8
    assert np.median(outcome.queries[outcome.success]) < 60


@pytest.mark.parametrize("attack", ALL, ids=name_of)
def test_no_rows_are_no_problem(attack: ModuleType) -> None:
    known = case("cancer")
    outcome = attack.run(known.target(), known.x[:0], known.y[:0], epsilon=0.1, seed=1)
    assert outcome.success.shape == (0,)


@pytest.mark.parametrize("attack", ALL, ids=name_of)
def test_an_unknown_norm_is_refused(attack: ModuleType) -> None:
    known = case("cancer")
    with pytest.raises(ValueError, match="norm"):
        attack.run(known.target(), known.x, known.y, epsilon=0.1, norm="l1", seed=1)


def test_a_crash_of_the_model_is_not_swallowed() -> None:
    known = case("cancer")
    calls = []

    def crash(x: np.ndarray) -> np.ndarray:
        calls.append(len(x))
        if len(calls) > 3:
            raise RuntimeError("out of memory")
        return known.model.predict(x)

    with pytest.raises(RuntimeError, match="out of memory"):
        hop_skip_jump.run(Target(crash, 2), known.x, known.y, epsilon=0.01, seed=1)


@pytest.mark.parametrize("attack", [square, coordinate, finite_difference, population], ids=name_of)
def test_scores_that_stand_still_are_reported_as_blindness(attack: ModuleType) -> None:
    known = case("cancer")
    flat = Target(lambda x: np.ones(len(x), int), 2, scores=lambda x: np.tile([0.0, 1.0], (len(x), 1)))
    ones = known.y == 1
    outcome = attack.run(flat, known.x[ones], known.y[ones], epsilon=0.1, seed=1)
    assert outcome.blind.all()
    assert not outcome.success.any()
    seeing = attack.run(known.target(), known.x, known.y, epsilon=0.01, seed=1)
    assert not seeing.blind.any()


def test_zero_gradients_are_reported_as_blindness() -> None:
    known = case("cancer")
    target = Target(known.model.predict, 2, gradient=lambda x, _: np.zeros_like(x))
    assert apgd.run(target, known.x, known.y, epsilon=0.001, seed=1).blind.all()


def test_a_saturated_network_is_still_broken_by_targeted_steps() -> None:
    """Logits times 1e4: the loss of the own class is flat in float32, that of another class is not."""
    known = case("digits")
    steep = LogisticRegression()
    steep.classes_, steep.coef_, steep.intercept_ = (
        known.model.classes_,
        known.model.coef_ * 1e4,
        known.model.intercept_ * 1e4,
    )
    target = Target(steep.predict, 10, gradient=gradient_of(steep))
    outcome = apgd.run(target, known.x, known.y, epsilon=known.epsilon, seed=1)
    assert (known.breakable & ~outcome.success).sum() <= 1


def test_hop_skip_jump_comes_close_to_the_boundary() -> None:
    """Distance to a plane is known: of rows far from the bounds of the box, the walk ends within a fifth of it."""
    rng = np.random.default_rng(0)
    normal = rng.normal(size=20)
    normal /= np.linalg.norm(normal)
    x = rng.uniform(0.35, 0.65, (30, 20))
    cut = (x @ normal).max() + 0.05
    target = Target(lambda z: (z @ normal > cut).astype(int), 2)
    outcome = hop_skip_jump.run(target, x, np.zeros(30, dtype=int), epsilon=1e-4, norm="l2", seed=1)
    assert np.median(outcome.distances / (cut - x @ normal)) < 1.2


def test_hop_skip_jump_sees_over_the_steps_of_a_rounded_input() -> None:
    """Behind rounding to sixteenths, labels stand still around a row; the plane behind them is the same."""
    rng = np.random.default_rng(0)
    normal = rng.choice([-1.0, 1.0], 64)
    x = np.rint(rng.uniform(0.2, 0.8, (30, 64)) * 16) / 16
    cut = (x @ normal).max() + 0.05
    target = Target(lambda z: (np.rint(z * 16) / 16 @ normal > cut).astype(int), 2)
    breakable = (x + normal / 16) @ normal > cut
    outcome = hop_skip_jump.run(target, x, np.zeros(30, dtype=int), epsilon=0.05, norm="linf", seed=1)
    assert breakable.sum() >= 10
    assert outcome.success[breakable].mean() > 0.5
    assert not outcome.success[~breakable].any()


def test_images_are_attacked_by_squares() -> None:
    known = case("digits")
    images = known.x.reshape(-1, 1, 8, 8)
    model = known.model
    target = Target(
        lambda x: model.predict(x.reshape(len(x), -1)), 10, scores=lambda x: model.predict_proba(x.reshape(len(x), -1))
    )
    outcome = square.run(target, images, known.y, epsilon=known.epsilon, seed=1)
    assert outcome.adversarial.shape == images.shape
    assert outcome.success.sum() >= 0.8 * known.breakable.sum()
    assert not (outcome.success & ~known.breakable).any()


@pytest.mark.parametrize("attack", [square, population, finite_difference, transfer], ids=name_of)
def test_many_proposals_at_once_break_about_as_much(attack: ModuleType) -> None:
    """Calls of thousands of rows, as forests need them, follow more proposals with less feedback."""
    known = case("cancer")
    outcome = attack.run(known.target(call_rows=16_384), known.x, known.y, epsilon=known.epsilon, seed=1)
    assert (known.breakable & ~outcome.success).sum() <= 0.05 * known.breakable.sum()


def test_a_population_finds_values_inside_the_ball() -> None:
    """Corners show nothing here: each column counts only while it is within a narrow window inside epsilon."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0.3, 0.7, (20, 8))
    offsets = rng.choice([-0.05, 0.05], 8)

    def scores(z: np.ndarray) -> np.ndarray:
        row = np.abs(z[:, None] - x[None]).max(axis=2).argmin(axis=1)
        share = (np.abs(z - x[row] - offsets) < 0.01).mean(axis=1)
        return np.stack([1.1 - share, share], axis=1)

    target = Target(lambda z: scores(z).argmax(axis=1), 2, scores=scores, max_rows=20 * 1500)
    labels = np.zeros(20, dtype=int)
    assert population.run(target, x, labels, epsilon=0.1, seed=1).success.mean() > 0.9
    again = Target(lambda z: scores(z).argmax(axis=1), 2, scores=scores, max_rows=20 * 1500)
    assert square.run(again, x, labels, epsilon=0.1, seed=1).success.mean() < 0.1


def rounded_plane(levels: int) -> tuple[Target, np.ndarray, np.ndarray]:
    """Labels alone, of a plane behind rounded inputs; the rows, and which of them can be broken within .1."""
    rng = np.random.default_rng(0)
    normal = rng.choice([-1.0, 1.0], 40)
    x = np.rint(rng.uniform(0.2, 0.8, (60, 40)) * levels) / levels
    cut = np.quantile(x @ normal, 0.9) + 1.0
    x = x[x @ normal < cut]
    steps = np.floor((0.1 + 0.5 / levels) * levels) / levels
    return (
        Target(lambda z: (np.rint(z * levels) / levels @ normal > cut).astype(int), 2),
        x,
        x @ normal + 40 * steps > cut,
    )


def test_a_copy_sees_over_the_steps_of_a_rounded_input_from_labels_alone() -> None:
    target, x, breakable = rounded_plane(8)
    outcome = transfer.run(target, x, np.zeros(len(x), dtype=int), epsilon=0.1, seed=1)
    assert breakable.sum() >= 10
    assert outcome.success[breakable].mean() > 0.7


@pytest.mark.parametrize("classes", [2, 4])
def test_proposals_in_one_array_mean_the_same_as_one_by_one(classes: int) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(5, classes))
    x, y = rng.random((12, 5)), rng.integers(0, classes, 12)
    points = rng.random((7, 12, 5))

    def search() -> Search:
        target = Target(lambda z: (z @ weights).argmax(axis=1), classes, scores=lambda z: z @ weights)
        return Search(target, x, y, epsilon=0.3, norm="linf")

    together, apart = search(), search()
    rows = np.arange(12)
    found = together.margins(rows, points)
    assert np.allclose(found, [apart.margins(rows, points[number]) for number in range(7)])
    assert (together.best == apart.best).all()
    assert (together.distance == apart.distance).all()
    assert (together.queries == apart.queries).all()
    expected = (points @ weights).argmax(axis=2) != y
    assert (search().labels(rows, points) == expected).all()
    assert ((found < 0) == expected).all()


def test_a_tie_is_answered_with_the_first_class() -> None:
    target = Target(lambda z: np.zeros(len(z), int), 2, scores=lambda z: np.full((len(z), 2), 0.5))
    search = Search(target, np.zeros((2, 3)), np.array([0, 1]), epsilon=1.0, norm="linf")
    search.margins(np.arange(2), np.full((1, 2, 3), 0.5))
    assert np.isfinite(search.distance).tolist() == [False, True]


def test_starts_come_from_other_classes_with_the_nearest_first() -> None:
    known = case("cancer")
    search = Search(known.target(), known.x, known.y, epsilon=0.1, norm="linf")
    rows = np.arange(len(known.x))
    others = other_class_rows(search, rows, 4)
    gaps = np.sqrt(((known.x[:, None] - known.x[None]) ** 2).sum(axis=2))
    gaps[known.y[:, None] == known.y[None]] = np.inf
    assert np.allclose(np.sqrt(((others[:, 0] - known.x) ** 2).sum(axis=1)), gaps.min(axis=1), atol=1e-5)
    lengths = ((others - known.x[:, None]) ** 2).sum(axis=2)
    assert (np.diff(lengths, axis=1) >= -1e-9).all()


@pytest.mark.parametrize("attack", [square, population, uniform_noise, rays, transfer], ids=name_of)
def test_a_row_outside_of_its_bounds_is_left_where_it_is(attack: ModuleType) -> None:
    """Nothing within epsilon is within the bounds for it, so only its other columns may move."""
    x = np.full((4, 3), 0.5)
    x[:, 0] = 1.4
    seen = []

    def scores(z: np.ndarray) -> np.ndarray:
        seen.append(z)
        return np.stack([z[:, 1], 1 - z[:, 1]], axis=1)

    target = Target(lambda z: scores(z).argmax(axis=1), 2, scores=scores)
    outcome = attack.run(target, x, np.zeros(4, dtype=int), epsilon=0.1, seed=1)
    assert (outcome.adversarial[outcome.success][:, 0] == 1.4).all()
