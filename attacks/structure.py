"""What may be known of a model's inside, as plain arrays: a linear model or trees, and how rows reach them.

Arrays come from a model file that nobody has to trust, so `read` looks at every index before anything follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from attacks.distance import Array


@dataclass(frozen=True, eq=False)
class Linear:
    """Scores `inputs @ weights.T + bias`; the answer is the class with the largest one.

    Attributes:
        weights: shape (k, d), float64.
        bias: shape (k,), float64.
    """

    weights: Array
    bias: Array

    def scores(self, inputs: Array) -> Array:
        """Scores of what the model is given, shape (n, d); shape (n, k)."""
        return np.asarray(inputs @ self.weights.T + self.bias)


@dataclass(frozen=True, eq=False)
class Trees:
    """Scores are `base` plus the leaf values of all trees; the answer is the class with the largest one.

    Attributes:
        feature: input that a node compares, shape (m,), int; -1 at a leaf.
        threshold: shape (m,), float64.
        left: where a row goes that is at most the threshold (below it, where `strict`), shape (m,), int.
        right: where it goes otherwise.
        value: what a leaf adds to each class, shape (m, k), float64; unused at inner nodes.
        roots: node of each tree that a row enters at, shape (t,), int.
        base: scores before the first tree, shape (k,), float64.
        strict: whether a value equal to the threshold goes right.
        single: whether the model compares in float32.
    """

    feature: Array
    threshold: Array
    left: Array
    right: Array
    value: Array
    roots: Array
    base: Array
    strict: bool
    single: bool

    def scores(self, inputs: Array) -> Array:
        """Scores of what the model is given, shape (n, d); shape (n, k). A missing value goes right."""
        rows = inputs.astype(np.float32) if self.single else inputs
        found = np.tile(self.base, (len(rows), 1))
        every = np.arange(len(rows))
        for root in self.roots:
            node = np.full(len(rows), root)
            while (inner := self.feature[node] >= 0).any():
                value = rows[every, np.maximum(self.feature[node], 0)].astype(np.float64)
                lower = value < self.threshold[node] if self.strict else value <= self.threshold[node]
                node = np.where(inner, np.where(lower, self.left[node], self.right[node]), node)
            found += self.value[node]
        return found


@dataclass(frozen=True, eq=False)
class Structure:
    """A model as it can be reasoned about.

    Attributes:
        kind: what answers.
        slack: how far real scores may lie from those that are computed here in float64, relative to their size.
        inputs: attacked rows, shape (n, ...), to what the model is given, shape (n, d), float64. Column j depends on
            column `source[j]` of the flat row alone and never falls where that one rises.
        source: shape (d,), int.
    """

    kind: Linear | Trees
    slack: float
    inputs: Callable[[Array], Array]
    source: Array


def read(arrays: Mapping[str, Array], inputs: Callable[[Array], Array], source: Array) -> Structure:
    """A structure from arrays that nobody has looked at yet.

    Args:
        arrays: by the names of the attributes of `Linear` or `Trees`, with `slack`; further names are left alone.
        inputs: see `Structure`.
        source: see `Structure`.

    Raises:
        ValueError: an array is missing, has a wrong shape or type or a value that is not finite, or the nodes are not
            those of trees; the message says which.
    """
    slack = float(_numbers(arrays, "slack", 0))
    width = len(source)
    kind = _linear(arrays, width) if "weights" in arrays else _trees(arrays, width)
    if slack < 0:
        raise ValueError("slack is negative")
    return Structure(kind, slack, inputs, np.asarray(source))


def _linear(arrays: Mapping[str, Array], width: int) -> Linear:
    weights, bias = _numbers(arrays, "weights", 2), _numbers(arrays, "bias", 1)
    if weights.shape[1] != width or len(bias) != len(weights) or len(bias) < 2:
        raise ValueError(f"weights of shape {weights.shape} and bias of shape {bias.shape} do not fit {width} inputs")
    return Linear(weights, bias)


def _trees(arrays: Mapping[str, Array], width: int) -> Trees:
    feature, left, right, roots = (_integers(arrays, name) for name in ("feature", "left", "right", "roots"))
    threshold, value, base = _numbers(arrays, "threshold", 1), _numbers(arrays, "value", 2), _numbers(arrays, "base", 1)
    count = len(feature)
    if not {len(threshold), len(left), len(right), len(value)} == {count} or value.shape[1] != len(base):
        raise ValueError("the arrays of the trees differ in length")
    if len(base) < 2 or not len(roots):
        raise ValueError("there are no trees, or fewer than two classes")
    inner = feature >= 0
    # every node but the roots is the child of exactly one other, so that a row that walks down comes to a leaf
    entered = np.concatenate([roots, left[inner], right[inner]])
    if (feature >= width).any() or entered.min() < 0 or not np.array_equal(np.sort(entered), np.arange(count)):
        raise ValueError("the nodes are not those of trees")
    depth = _reached(roots, left, right, inner)
    if depth < count:
        raise ValueError("some nodes are reached from no root")
    return Trees(
        feature, threshold, left, right, value, roots, base, bool(_numbers(arrays, "strict", 0)),
        bool(_numbers(arrays, "single", 0)),
    )  # fmt: skip


def _reached(roots: Array, left: Array, right: Array, inner: Array) -> int:
    """Number of nodes that some root leads to."""
    found, level = 0, roots
    while len(level):
        found += len(level)
        inside = level[inner[level]]
        level = np.concatenate([left[inside], right[inside]])
    return found


def _numbers(arrays: Mapping[str, Array], name: str, dimensions: int) -> Array:
    if name not in arrays:
        raise ValueError(f"{name} is missing")
    found = np.asarray(arrays[name])
    if found.ndim != dimensions or found.dtype.kind not in "biuf":
        raise ValueError(f"{name} has shape {found.shape} and type {found.dtype}")
    found = found.astype(np.float64)
    # boosted trees split missing values from all others at infinity
    if np.isnan(found).any() or (name != "threshold" and not np.isfinite(found).all()):
        raise ValueError(f"{name} holds values that are not finite")
    return found


def _integers(arrays: Mapping[str, Array], name: str) -> Array:
    found = _numbers(arrays, name, 1)
    if (found != np.rint(found)).any() or (np.abs(found) > 2**40).any():
        raise ValueError(f"{name} holds values that are no whole numbers")
    return found.astype(np.int64)
