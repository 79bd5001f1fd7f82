"""The trees of XGBoost's and LightGBM's boosters as plain arrays."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from audit.errors import NotMeasurable
from audit.models import Inside
from audit.models._trees import Nodes, of_classes, stacked

if TYPE_CHECKING:
    import numpy as np

Reader = Callable[[Any], "dict[str, np.ndarray] | None"]
_FLOAT32_SLACK = 1e-5
_FLOAT64_SLACK = 1e-9
_OBJECTIVES = ("binary:logistic", "binary:logitraw", "binary:hinge", "multi:softmax", "multi:softprob")


def inside_of(booster: Any, width: int, reader: Reader) -> Inside:
    """The inside of a booster of so many inputs that takes them as they are."""
    return Inside(partial(_arrays, booster, width, reader), as_numbers)


def _arrays(booster: Any, width: int, reader: Reader) -> dict[str, np.ndarray]:
    import numpy as np

    try:
        found = reader(booster)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return {}  # another version of the library writes its trees otherwise
    return {} if found is None else {**found, "source": np.arange(width), "coded": np.zeros(width, dtype=bool)}


def as_numbers(x: Any) -> np.ndarray:
    """What a model is given as numbers, shape (n, d), float64; NaN where a value is missing.

    Raises:
        NotMeasurable: some of it is text.
    """
    import numpy as np
    import pandas as pd

    try:
        if isinstance(x, pd.DataFrame):
            return np.asarray(x.to_numpy(dtype=np.float64, na_value=np.nan))
        return np.asarray(x.toarray() if hasattr(x, "toarray") else x, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotMeasurable("the model takes values that are no numbers, so nothing is proven") from None


def from_xgboost(booster: Any) -> dict[str, np.ndarray] | None:
    """Trees of a booster; None where they are weighted, split by categories, or answer no classes."""
    import numpy as np

    model = json.loads(bytes(booster.save_raw("json")))["learner"]
    gradient, facts = model["gradient_booster"], model["learner_model_param"]
    if gradient["name"] != "gbtree" or model["objective"]["name"] not in _OBJECTIVES:
        return None
    trees, outputs = gradient["model"]["trees"], max(1, int(facts["num_class"]))
    best = booster.attr("best_iteration")
    groups = gradient["model"]["tree_info"]
    if best is not None:
        kept = gradient["model"]["iteration_indptr"][int(best) + 1]
        trees, groups = trees[:kept], groups[:kept]
    if not trees or int(facts.get("num_target", 1)) != 1 or any(_by_category(tree) for tree in trees):
        return None
    start = np.atleast_1d(np.array(json.loads(facts["base_score"]), dtype=np.float32))
    if outputs == 1:
        binary = model["objective"]["name"] in ("binary:logistic", "binary:logitraw")
        # base_score is kept as a probability and used as log-odds, in single precision; above 0 is the second class
        base = np.array([0.0, -np.log(np.float32(1) / start[0] - np.float32(1)) if binary else start[0]])
    elif start.size in (1, outputs):
        base = np.array(np.broadcast_to(start, (outputs,)))
    else:
        return None
    nodes = [_xgboost_tree(tree, group, outputs) for tree, group in zip(trees, groups, strict=True)]
    return stacked(nodes, base, strict=True, single=True, slack=max(_FLOAT32_SLACK, len(nodes) * 2.0**-23))


def _by_category(tree: Mapping[str, Any]) -> bool:
    return any(tree.get("split_type", ())) or int(tree["tree_param"].get("size_leaf_vector", 1)) > 1


def _xgboost_tree(tree: Mapping[str, Any], group: int, outputs: int) -> Nodes:
    import numpy as np

    left = np.array(tree["left_children"], dtype=np.int64)
    # JSON spells single precision in decimal; only the float32 is what the model compares with
    condition = np.array(tree["split_conditions"], dtype=np.float32).astype(np.float64)
    feature = np.where(left < 0, -1, np.array(tree["split_indices"], dtype=np.int64))
    value = of_classes(np.where(left < 0, condition, 0.0), group, outputs)
    return Nodes(feature, condition, left, np.array(tree["right_children"], dtype=np.int64), value)


def from_lightgbm(booster: Any) -> dict[str, np.ndarray] | None:
    """Trees of a booster; None where it splits by categories, treats zero as missing, or answers no classes."""
    import numpy as np

    iterations = booster.best_iteration if booster.best_iteration > 0 else None
    model = booster.dump_model(num_iteration=iterations)
    outputs = int(model["num_tree_per_iteration"])
    if model["objective"].partition(" ")[0] not in ("binary", "multiclass") or model["average_output"]:
        return None
    nodes = []
    for tree in model["tree_info"]:
        flat = _flattened(tree["tree_structure"])
        if any(_otherwise(node) for node in flat):
            return None
        nodes.append(_lightgbm_tree(flat, int(tree["tree_index"]) % outputs, outputs))
    if not nodes:
        return None
    return stacked(nodes, np.zeros(max(2, outputs)), strict=False, single=False, slack=_FLOAT64_SLACK)


def _otherwise(node: Mapping[str, Any]) -> bool:
    """Whether a node does something else than to compare a number, or a leaf than to add one."""
    compares = node.get("decision_type", "<=") == "<=" and node.get("missing_type", "None") in ("None", "NaN")
    return not compares or bool(node.get("leaf_coeff"))


def _flattened(root: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All nodes of a nested tree, the root first, each with the places of its children."""
    found: list[dict[str, Any]] = []
    waiting: list[tuple[Mapping[str, Any], dict[str, Any] | None, str]] = [(root, None, "")]
    while waiting:
        node, parent, side = waiting.pop()
        entry = {name: part for name, part in node.items() if not isinstance(part, dict)}
        if parent is not None:
            parent[side] = len(found)
        found.append(entry)
        waiting += [(node[f"{side}_child"], entry, side) for side in ("right", "left") if f"{side}_child" in node]
    return found


def _lightgbm_tree(nodes: list[dict[str, Any]], output: int, outputs: int) -> Nodes:
    import numpy as np

    def column(name: str, missing: float) -> np.ndarray:
        return np.array([node.get(name, missing) for node in nodes])

    value = of_classes(column("leaf_value", 0.0).astype(np.float64), output, outputs)
    feature, threshold = column("split_feature", -1), column("threshold", 0.0).astype(np.float64)
    return Nodes(feature, threshold, column("left", -1), column("right", -1), value)
