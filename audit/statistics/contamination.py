"""Which labels contradict a classifier so firmly that noise alone does not explain them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[Any]
LARGEST_SHARE = 0.4
SLIPS = 0.003
"""Honest data has about this share of slips of the pen: MNIST 0.15 %, CIFAR-10 0.54 % (Northcutt et al., "Pervasive
Label Errors in Test Sets", NeurIPS 2021)."""
_STARTS = ((-0.7, 0.02), (0.7, 0.05))
_FEWEST_DRAWS = 5
_CELLS_DRAWN = 400_000


@dataclass(frozen=True)
class Contamination:
    """What the labels say of themselves.

    Attributes:
        share: estimated share of labels that have nothing to do with the rows, 0 to 0.4.
        evidence: how much better the labels are explained with such a share than with a share that slips of the pen
            leave in honest data, log-likelihood ratio, nats.
        alarm: evidence over this level is not chance; from labels drawn from the model of honest data.
        suspicion: probability of each label to be one of them, shape (n,), float in 0..1.
        doubt: how little each label is expected, 1 - its recalibrated probability, shape (n,), float in 0..1.
    """

    share: float
    evidence: float
    alarm: float
    suspicion: Array
    doubt: Array

    @property
    def alarming(self) -> bool:
        """Whether contamination explains the labels better than chance could make it seem."""
        return self.evidence > self.alarm


@dataclass(frozen=True)
class _Fit:
    loss: float
    parameters: Array


def contamination(
    experts: Sequence[Array], labels: Array, *, seed: int, draws: int = 20, floor: float = 6.0
) -> Contamination:
    """Fit labels as a mixture of honest ones and ones that were set at random.

    An honest label is drawn from the product of the experts' probabilities after they were recalibrated (one slope on
    the logarithm of each and one offset a class), a random one is any other class. Where errors thin out as the
    probabilities grow surer, slopes and offsets explain them and the share is 0, however noisy the task. Errors where
    the experts are sure can only be explained by the share. Both are fitted together by maximum likelihood.

    Args:
        experts: probabilities of classifiers that did not see the row's own label, each of shape (n, k), float, rows
            sum to 1. Two that err in different ways leave less that only a share could explain.
        labels: codes, shape (n,), int in 0..k-1.
        draws: how often labels are drawn from the fit of honest data to learn what chance does; fewer, but at least
            5 of them, where there are very many rows and classes.
        floor: smallest alarm level in nats, for what the recalibration cannot follow; chance reaches 6 nats
            once in 4,000 times.

    Returns:
        With a single class, or nothing learnt, a share that no evidence supports.

    Source:
        A two-component mixture in the spirit of Natarajan et al., "Learning with Noisy Labels", NeurIPS 2013; the
        likelihood ratio, its null by parametric bootstrap and the row posterior are our own.
    """
    logs = np.log(np.clip(np.stack(list(experts)), 1e-6, 1.0))
    logs = logs - logs.mean(axis=2, keepdims=True)
    honest, mixed = _best(logs, labels, SLIPS), _best(logs, labels, LARGEST_SHARE)
    rng = np.random.default_rng(seed)
    by_chance = []
    for _ in range(min(draws, max(_FEWEST_DRAWS, _CELLS_DRAWN // logs[0].size))):
        drawn = _drawn(logs, honest.parameters, rng)
        plain = _fit(logs, drawn, SLIPS, honest.parameters)
        by_chance.append(plain.loss - _fit(logs, drawn, LARGEST_SHARE, _with_share(logs, honest.parameters)).loss)
    share = float(mixed.parameters[len(logs)])
    stated = _recalibrated(logs, mixed.parameters)[np.arange(len(labels)), labels]
    random = share * (1 - stated) / max(logs.shape[2] - 1, 1)
    suspicion = random / np.maximum((1 - share) * stated + random, 1e-300)
    evidence = max(honest.loss - mixed.loss, 0.0)
    return Contamination(share, evidence, max(floor, 1.5 * max(by_chance, default=0.0)), suspicion, 1 - stated)


def _drawn(logs: Array, parameters: Array, rng: np.random.Generator) -> Array:
    """Labels as the fit expects them, shape (n,), int."""
    share, classes = float(parameters[len(logs)]), logs.shape[2]
    stated = _recalibrated(logs, parameters)
    expected = (1 - share) * stated + share * (1 - stated) / max(classes - 1, 1)
    drawn = (rng.random((len(expected), 1)) > expected.cumsum(axis=1)).sum(axis=1)
    return np.asarray(drawn.clip(max=classes - 1))


def _best(logs: Array, labels: Array, largest: float) -> _Fit:
    """The better of two starts, for there may be two maxima."""
    zeros = np.zeros(logs.shape[2] - 1)
    starts = [np.concatenate([np.full(len(logs), slope), [share], zeros]) for slope, share in _STARTS]
    return min((_fit(logs, labels, largest, start) for start in starts), key=lambda fit: fit.loss)


def _fit(logs: Array, labels: Array, largest: float, start: Array) -> _Fit:
    """Maximum likelihood of slopes (as logarithms), share up to the largest, and offsets."""
    experts, _, k = logs.shape
    bounds = [(-5.0, 3.0)] * experts + [(0.0, largest)] + [(-3.0, 3.0)] * (k - 1)
    low, high = np.transpose(bounds)
    found = optimize.minimize(
        _loss, np.clip(start, low, high), args=(logs, labels), jac=True, method="L-BFGS-B", bounds=bounds
    )
    return _Fit(float(found.fun) * len(labels), np.asarray(found.x))


def _with_share(logs: Array, parameters: Array) -> Array:
    """The same parameters, and a share from where a fit can go either way."""
    started = parameters.copy()
    started[len(logs)] = max(_STARTS[0][1], float(parameters[len(logs)]))
    return started


def _loss(parameters: Array, logs: Array, labels: Array) -> tuple[float, Array]:
    """Mean negative log-likelihood and its gradient, as scipy asks for them."""
    experts, n, k = logs.shape
    rows = np.arange(n)
    share, others = float(parameters[experts]), max(k - 1, 1)
    stated = _recalibrated(logs, parameters)
    own = stated[rows, labels]
    likelihood = np.maximum((1 - share) * own + share * (1 - own) / others, 1e-300)
    by_own = -((1 - share) - share / others) / likelihood * own
    chosen = np.zeros_like(stated)
    chosen[rows, labels] = 1.0
    by_score = by_own[:, None] * (chosen - stated)
    gradient = np.concatenate(
        [
            np.exp(parameters[:experts]) * (by_score * logs).sum(axis=(1, 2)),
            [float((-((1 - own) / others - own) / likelihood).sum())],
            by_score.sum(axis=0)[1:],
        ]
    )
    return float(-np.log(likelihood).mean()), gradient / n


def _recalibrated(logs: Array, parameters: Array) -> Array:
    experts = len(logs)
    scores = np.tensordot(np.exp(parameters[:experts]), logs, axes=1)
    scores = scores + np.concatenate([[0.0], parameters[experts + 1 :]])
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
