"""The nodes of several trees as one set of arrays, named as `attacks.structure` names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False)
class Nodes:
    """The nodes of one tree, whose first one is the root.

    Attributes:
        feature: input that a node compares, shape (m,); -1 at a leaf.
        threshold: shape (m,).
        left: node of a value up to the threshold, shape (m,).
        right: node of any other value.
        value: what a leaf adds to the score of each class, shape (m, k).
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray


def of_classes(value: np.ndarray, output: int, outputs: int) -> np.ndarray:
    """Leaf values of one score as those of all classes, shape (m, k); a single score is that of the second of two."""
    import numpy as np

    found = np.zeros((len(value), max(2, outputs)))
    found[:, output if outputs > 1 else 1] = value
    return found


def stacked(
    trees: Sequence[Nodes], base: np.ndarray, *, strict: bool, single: bool, slack: float
) -> dict[str, np.ndarray]:
    """All trees in one set of arrays.

    Args:
        base: scores before the first tree, shape (k,).
        strict: whether a value equal to the threshold goes right.
        single: whether values are compared in float32.
        slack: how far real scores may lie from the exact sums, relative to their size.
    """
    import numpy as np

    roots = np.cumsum([0, *(len(tree.feature) for tree in trees)])[:-1]
    leaves = np.concatenate([tree.feature < 0 for tree in trees])
    feature = np.concatenate([tree.feature for tree in trees]).astype(np.int64)
    left, right = (
        np.concatenate([np.asarray(part, dtype=np.int64) + root for part, root in zip(parts, roots, strict=True)])
        for parts in ([tree.left for tree in trees], [tree.right for tree in trees])
    )
    return {
        "feature": np.where(leaves, -1, feature),
        "threshold": np.where(leaves, 0.0, np.concatenate([tree.threshold for tree in trees]).astype(np.float64)),
        "left": np.where(leaves, -1, left),
        "right": np.where(leaves, -1, right),
        "value": np.concatenate([tree.value for tree in trees]).astype(np.float64),
        "roots": roots,
        "base": np.asarray(base, dtype=np.float64),
        "strict": np.array(strict),
        "single": np.array(single),
        "slack": np.array(slack),
    }
