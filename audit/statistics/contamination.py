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
_RESOLVED = 0.5
"""Clean data stays under 0.4 where evidence is over 5 nats; flips that can be told from noise are mostly over 0.6."""


@dataclass(frozen=True)
class Contamination:
    """What the labels say of themselves.

    Attributes:
        share: estimated share of labels that have nothing to do with the rows, 0 to 0.4.
        evidence: how much better the labels are explained with such a share than without, log-likelihood ratio, nats.
        alarm: evidence over this level is not chance; from labels drawn from the model without contamination.
        suspicion: probability of each label to be one of them, shape (n,), float in 0..1.
        resolution: part of the share that lies in rows with a suspicion over one half, 0 to 1. Labels set at random
            stand out one by one; where honest errors only fit badly, suspicion is spread thinly instead.
        doubt: how little each label is expected, 1 - its recalibrated probability, shape (n,), float in 0..1.
    """

    share: float
    evidence: float
    alarm: float
    suspicion: Array
    resolution: float
    doubt: Array

    @property
    def alarming(self) -> bool:
        """Whether contamination explains the labels better than chance could make it seem, and row by row."""
        return self.evidence > self.alarm and self.resolution > _RESOLVED


@dataclass(frozen=True)
class _Fit:
    loss: float
    parameters: Array


def contamination(
    experts: Sequence[Array], labels: Array, *, seed: int, draws: int = 20, floor: float = 5.0
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
        draws: how often labels are drawn from the fit without contamination to learn what chance does.
        floor: smallest alarm level in nats, for what the recalibration cannot follow; chance reaches 5 nats
            once in 1,000 times.

    Returns:
        With a single class, or nothing learnt, a share that no evidence supports.

    Source:
        A two-component mixture in the spirit of Natarajan et al., "Learning with Noisy Labels", NeurIPS 2013; the
        likelihood ratio, its null by parametric bootstrap and the row posterior are our own.
    """
    logs = np.log(np.clip(np.stack(list(experts)), 1e-6, 1.0))
    logs = logs - logs.mean(axis=2, keepdims=True)
    classes = logs.shape[2]
    honest, mixed = _fit(logs, labels, contaminated=False), _fit(logs, labels, contaminated=True)
    rng = np.random.default_rng(seed)
    cumulated = _recalibrated(logs, honest.parameters).cumsum(axis=1)
    by_chance = []
    for _ in range(draws):
        drawn = (rng.random((len(labels), 1)) > cumulated).sum(axis=1).clip(max=classes - 1)
        plain = _fit(logs, drawn, contaminated=False)
        by_chance.append(plain.loss - _fit(logs, drawn, contaminated=True).loss)
    share = float(mixed.parameters[len(logs)])
    stated = _recalibrated(logs, mixed.parameters)[np.arange(len(labels)), labels]
    random = share * (1 - stated) / max(classes - 1, 1)
    suspicion = random / np.maximum((1 - share) * stated + random, 1e-300)
    alarm = max(floor, 1.5 * max(by_chance, default=0.0))
    resolution = float(suspicion[suspicion > 0.5].sum() / max(float(suspicion.sum()), 1e-300))
    evidence = max(honest.loss - mixed.loss, 0.0)
    return Contamination(share, evidence, alarm, suspicion, resolution, 1 - stated)


def _fit(logs: Array, labels: Array, *, contaminated: bool) -> _Fit:
    """Maximum likelihood of slopes (as logarithms), share and offsets, from two starts: there may be two maxima."""
    experts, _, k = logs.shape
    starts = [(-0.7, 0.02), (0.7, 0.05)] if contaminated else [(-0.7, 0.0)]
    share_range = (0.0, LARGEST_SHARE) if contaminated else (0.0, 0.0)
    bounds = [(-5.0, 3.0)] * experts + [share_range] + [(-3.0, 3.0)] * (k - 1)
    best: _Fit | None = None
    for slope, share in starts:
        start = np.concatenate([np.full(experts, slope), [share], np.zeros(k - 1)])
        found = optimize.minimize(_loss, start, args=(logs, labels), jac=True, method="L-BFGS-B", bounds=bounds)
        fit = _Fit(float(found.fun) * len(labels), np.asarray(found.x))
        if best is None or fit.loss < best.loss:
            best = fit
    if best is None:
        raise ValueError("no start to fit from")
    return best


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
