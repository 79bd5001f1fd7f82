"""Small ensembles and an answer by trying every cell, written apart from what it judges."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from attacks.structure import Structure, Trees
from attacks.target import Target

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Node:
    feature: int = -1
    threshold: float = 0.0
    left: Node | None = None
    right: Node | None = None
    value: tuple[float, ...] = ()


def trees(roots: list[Node], classes: int, *, strict: bool = False, single: bool = True, base=None) -> Trees:
    feature, threshold, left, right, value, places = [], [], [], [], [], []

    def add(node: Node) -> int:
        place = len(feature)
        feature.append(node.feature)
        threshold.append(node.threshold)
        left.append(-1)
        right.append(-1)
        value.append(node.value or (0.0,) * classes)
        if node.feature >= 0:
            left[place], right[place] = add(node.left), add(node.right)
        return place

    places = [add(root) for root in roots]
    base = np.zeros(classes) if base is None else np.asarray(base, dtype=float)
    return Trees(np.array(feature), np.array(threshold, dtype=float), np.array(left), np.array(right),
                 np.array(value, dtype=float), np.array(places), base, strict, single)  # fmt: skip


def scores(roots: list[Node], x: np.ndarray, classes: int, *, strict: bool = False, single: bool = True) -> np.ndarray:
    """Row by row, node by node."""
    found = np.zeros((len(x), classes))
    for row, values in enumerate(x):
        for node in roots:
            while node.feature >= 0:
                seen = float(np.float32(values[node.feature])) if single else float(values[node.feature])
                goes_left = seen < node.threshold if strict else seen <= node.threshold
                node = node.left if goes_left else node.right
            found[row] += node.value
    return found


def target_of(roots, classes, width, *, strict=False, single=True, slack=1e-9, inputs=None, **kept) -> Target:
    change = inputs or (lambda rows: np.asarray(rows, dtype=float))
    kind = trees(roots, classes, strict=strict, single=single)
    structure = Structure(kind, slack, change, np.arange(width))
    return Target(
        lambda rows: scores(roots, change(rows), classes, strict=strict, single=single).argmax(axis=1),
        classes, structure=structure, **kept,
    )  # fmt: skip


def thresholds(node: Node) -> set[tuple[int, float]]:
    if node.feature < 0:
        return set()
    return {(node.feature, node.threshold)} | thresholds(node.left) | thresholds(node.right)


def places(roots, row: np.ndarray, epsilon: float, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Every way in which the row can be placed among the thresholds, as near to it as that place allows."""
    cuts = set().union(*(thresholds(root) for root in roots))
    options = []
    for column, value in enumerate(row):
        first, last = max(low, value - epsilon - TOLERANCE / 2), min(high, value + epsilon + TOLERANCE / 2)
        found = {float(value)}
        for feature, cut in cuts:
            if feature == column:
                # single precision tells apart what is more than 1e-7 of its size away; the cut itself is one place
                found |= {cut, *(cut + side * 4e-7 for side in (-1, 1))}
        options.append([one for one in sorted(found) if first <= one <= last])
    return np.array(list(itertools.product(*options)))


def within(points: np.ndarray, row: np.ndarray, epsilon: float) -> np.ndarray:
    return points[np.sqrt(((points - row) ** 2).sum(axis=1)) <= epsilon + TOLERANCE / 2]
