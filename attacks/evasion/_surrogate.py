"""A small differentiable copy of a model, fitted to the answers that an attack has seen: a plane and a network."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array

_HIDDEN = 64
_BATCH = 256
_STEPS = 150
_RATE = 3e-3
_RIDGE = 1e-4
_ENOUGH = 0.98
"""Share of the variance that the plane explains from which on no network is trained."""
_MOST_ANSWERS = 20_000
_FLOOR = 1e-4


def wanted_outputs(answers: Array, n_classes: int) -> Array:
    """What a surrogate should say: logits of probabilities, other scores as they are, labels as plus or minus.

    Args:
        answers: labels, shape (m,), or scores, shape (m, n_classes).

    Returns:
        Shape (m, n_classes), float64, mean 0 in each row.
    """
    if answers.ndim == 1:
        wanted = np.eye(n_classes)[answers.astype(int)]
    else:
        wanted = np.asarray(answers, dtype=np.float64)
        sums = wanted.sum(axis=1)
        if wanted.min(initial=0.0) >= 0 and np.allclose(sums, 1, atol=1e-3):
            wanted = np.log(np.maximum(wanted, _FLOOR))
    return np.asarray(wanted - wanted.mean(axis=1, keepdims=True))


class Surrogate:
    """Outputs `plane(x) + network(x)`; the network has one hidden layer of 64 tanh units and is trained by Adam.

    Args:
        width: columns of a row.
        n_classes: outputs.
        rng: of its first weights and batches.
    """

    def __init__(self, width: int, n_classes: int, rng: np.random.Generator) -> None:
        self.rng = rng
        shapes = ((width, _HIDDEN), (_HIDDEN,), (_HIDDEN, n_classes))
        self.weights = [rng.standard_normal(shapes[0]) / np.sqrt(width), np.zeros(shapes[1]), np.zeros(shapes[2])]
        self.weights = [weight.astype(np.float32) for weight in self.weights]
        self.moments = [(np.zeros_like(weight), np.zeros_like(weight)) for weight in self.weights]
        self.age = 0
        self.plane = np.zeros((width, n_classes), dtype=np.float32)
        self.shift = np.zeros(n_classes, dtype=np.float32)
        self.center = np.zeros(width, dtype=np.float32)
        self.scale = np.ones(width, dtype=np.float32)
        self.curved = False

    def fit(self, x: Array, wanted: Array) -> None:
        """Fit the plane in closed form and, where it does not explain the answers, the network to what it leaves."""
        if len(x) > _MOST_ANSWERS:
            chosen = self.rng.permutation(len(x))[:_MOST_ANSWERS]
            x, wanted = x[chosen], wanted[chosen]
        x, wanted = x.astype(np.float32), wanted.astype(np.float32)
        self.center, self.scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-3)
        inputs = (x - self.center) / self.scale
        self.shift = wanted.mean(axis=0)
        gram = inputs.T @ inputs + _RIDGE * len(x) * np.eye(x.shape[1], dtype=np.float32)
        self.plane = np.linalg.solve(gram, inputs.T @ (wanted - self.shift)).astype(np.float32)
        rest = wanted - self.shift - inputs @ self.plane
        spread = ((wanted - self.shift) ** 2).sum()
        self.curved = bool((rest**2).sum() > (1 - _ENOUGH) * spread)
        for _ in range(_STEPS if self.curved else 0):
            chosen = self.rng.integers(0, len(x), min(_BATCH, len(x)))
            self._learn(inputs[chosen], rest[chosen])

    def outputs(self, x: Array) -> Array:
        """Shape (m, n_classes)."""
        inputs = (x - self.center) / self.scale
        outputs = inputs @ self.plane + self.shift
        return np.asarray(outputs + self._hidden(inputs) @ self.weights[2] if self.curved else outputs)

    def slopes(self, x: Array, along: Array) -> Array:
        """Gradient of `(outputs(x) * along).sum()` with respect to `x`, of the same shape."""
        slopes = along @ self.plane.T
        if self.curved:
            hidden = self._hidden((x - self.center) / self.scale)
            slopes = slopes + ((along @ self.weights[2].T) * (1 - hidden * hidden)) @ self.weights[0].T
        return np.asarray(slopes / self.scale)

    def _hidden(self, inputs: Array) -> Array:
        return np.asarray(np.tanh(inputs @ self.weights[0] + self.weights[1]))

    def _learn(self, inputs: Array, rest: Array) -> None:
        hidden = self._hidden(inputs)
        error = (hidden @ self.weights[2] - rest) / len(inputs)
        back = (error @ self.weights[2].T) * (1 - hidden * hidden)
        slopes = (inputs.T @ back, back.sum(axis=0), hidden.T @ error)
        self.age += 1
        for weight, slope, (first, second) in zip(self.weights, slopes, self.moments, strict=True):
            first += 0.1 * (slope - first)
            second += 0.01 * (slope * slope - second)
            step = first / (1 - 0.9**self.age) / (np.sqrt(second / (1 - 0.99**self.age)) + 1e-8)
            weight -= np.float32(_RATE) * step
