"""The inside of models that can be reasoned about, as plain arrays: linear models and ensembles of trees.

An object never leaves the process that holds it; these arrays do. Only exact classes of the libraries are read, since a
derived class may compute something else. The names of the arrays are those of `attacks.structure`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from audit.models import Inside
from audit.models._booster_trees import as_numbers, from_lightgbm, from_xgboost
from audit.models._trees import Nodes, of_classes, stacked

if TYPE_CHECKING:
    import numpy as np

_ONE_TO_ONE = (
    "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "SimpleImputer", "PowerTransformer",
    "QuantileTransformer",
)  # fmt: skip
"""Transformers whose output column depends on one input column alone, and never falls where a number in it rises."""
_FLOAT64_SLACK = 1e-9


def inside_of(estimator: Any) -> Inside | None:
    """The inside of an estimator of scikit-learn, XGBoost or LightGBM, alone or as the last step of a Pipeline.

    Returns:
        None for other kinds of estimators. Whether the arrays exist shows when they are asked for: there are none where
        a step before the last one mixes columns, a booster splits by categories, or a forest has several targets.
    """
    steps = [step for _, step in estimator.steps] if _is(estimator, "Pipeline") else [estimator]
    if _reader(steps[-1]) is None:
        return None
    before = tuple(step for step in steps[:-1] if not _idle(step))
    return Inside(partial(_arrays, estimator, before, steps[-1]), _Inputs(before))


def _idle(step: Any) -> bool:
    return step is None or isinstance(step, str)


def _reader(model: Any) -> Callable[[Any], dict[str, np.ndarray] | None] | None:
    kind = type(model)
    return None if _altered(model) else _READERS.get((kind.__module__.partition(".")[0], kind.__name__))


def _altered(found: Any) -> bool:
    """Whether an object carries a function of its own in place of one of its class, which survives pickling."""
    return any(callable(getattr(type(found), name, None)) for name in getattr(found, "__dict__", {}))


def _arrays(estimator: Any, before: tuple[Any, ...], last: Any) -> Mapping[str, np.ndarray]:
    import numpy as np

    reader = _reader(last)
    try:
        columns = _through(before, _plain(int(estimator.n_features_in_)))
        found = None if reader is None or columns is None else reader(last)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return {}  # another version of the library keeps its trees elsewhere, or the file left them out
    if found is None or columns is None:
        return {}
    source = np.array([column.place for column in columns], dtype=np.int64)
    return {**found, "source": source, "coded": np.array([column.coded for column in columns], dtype=bool)}


@dataclass(frozen=True, eq=False)
class _Inputs:
    """What the last step of a pipeline is given."""

    steps: tuple[Any, ...]

    def __call__(self, x: Any) -> np.ndarray:
        """Features to numbers, shape (n, d), float64."""
        for step in self.steps:
            x = step.transform(x)
        return as_numbers(x)


def _is(estimator: Any, *names: str) -> bool:
    kind = type(estimator)
    return kind.__name__ in names and kind.__module__.startswith("sklearn.") and not _altered(estimator)


@dataclass(frozen=True)
class _Column:
    """One column of what a step gives: the input that it depends on, and whether it stands for a category of it."""

    place: int
    coded: bool = False


def _through(steps: Iterable[Any], columns: list[_Column]) -> list[_Column] | None:
    """The columns after some steps; None where one mixes columns."""
    for step in steps:
        found = _columns(step, len(columns))
        if found is None:
            return None
        columns = [_Column(columns[one.place].place, one.coded or columns[one.place].coded) for one in found]
    return columns


def _columns(step: Any, width: int) -> list[_Column] | None:
    """The columns that one transformer makes of `width` others."""
    same = _plain(width)
    if _idle(step) or (_is(step, "FunctionTransformer") and step.func is None):
        return same
    if _is(step, "Pipeline"):
        return _through((one for _, one in step.steps if not _idle(one)), same)
    if _is(step, *_ONE_TO_ONE):
        return None if _is(step, "SimpleImputer") and not _fills_gaps(step, width) else same
    if _is(step, "OrdinalEncoder"):
        return [_Column(place, coded=True) for place in range(width)]
    if _is(step, "OneHotEncoder"):
        return [_Column(place, coded=True) for place, count in enumerate(step._n_features_outs) for _ in range(count)]
    if _is(step, "ColumnTransformer"):
        return _column_transformer(step)
    return None


def _fills_gaps(step: Any, width: int) -> bool:
    """Whether an imputer replaces NaN alone, column by column: any other mark would be a number like its neighbours."""
    missing = isinstance(step.missing_values, float) and step.missing_values != step.missing_values
    whole = len(step.statistics_) == width and not any(value != value for value in step.statistics_)
    return missing and whole and not step.add_indicator


def _plain(width: int) -> list[_Column]:
    return [_Column(place) for place in range(width)]


def _column_transformer(step: Any) -> list[_Column] | None:
    found: list[_Column] = []
    for name, part, _ in step.transformers_:
        places = [int(place) for place in step._transformer_to_input_indices[name]]
        if not places or (isinstance(part, str) and part == "drop"):
            continue
        inner = _columns(part, len(places))
        if inner is None:
            return None
        found += [_Column(places[one.place], one.coded) for one in inner]
    return found


def _linear(model: Any) -> dict[str, np.ndarray] | None:
    import numpy as np

    weights = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    bias = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), (len(weights),))
    if len(weights) == 1:  # two classes: one row of weights, that of the second class
        weights, bias = np.vstack([np.zeros_like(weights), weights]), np.array([0.0, bias[0]])
    if weights.shape[0] != len(model.classes_):
        return None
    # what was fitted in single precision is also summed in it
    rounding = weights.shape[1] * float(np.finfo(np.asarray(model.coef_).dtype).eps)
    return {"weights": weights, "bias": np.array(bias), "slack": np.array(max(_FLOAT64_SLACK, rounding))}


def _forest(model: Any) -> dict[str, np.ndarray] | None:
    return _averaged(model.estimators_, model)


def _tree(model: Any) -> dict[str, np.ndarray] | None:
    return _averaged([model], model)


def _averaged(trees: list[Any], model: Any) -> dict[str, np.ndarray] | None:
    import numpy as np

    if model.n_outputs_ != 1 or not all(_is(one, "DecisionTreeClassifier", "ExtraTreeClassifier") for one in trees):
        return None
    values = [one.tree_.value[:, 0, :] for one in trees]
    shares = [value / value.sum(axis=1, keepdims=True) for value in values]
    leaves = [share[one.tree_.children_left < 0] for one, share in zip(trees, shares, strict=True)]
    # whole votes are added without rounding, so that even a tie is decided for certain
    whole = all(((share == 0) | (share == 1)).all() for share in leaves)
    shares = shares if whole else [share / len(trees) for share in shares]
    nodes = [_nodes(one.tree_, share) for one, share in zip(trees, shares, strict=True)]
    base = np.zeros(int(model.n_classes_))
    return stacked(nodes, base, strict=False, single=True, slack=0.0 if whole else _FLOAT64_SLACK)


def _nodes(tree: Any, value: np.ndarray) -> Nodes:
    import numpy as np

    leaf = tree.children_left < 0
    return Nodes(np.where(leaf, -1, tree.feature), tree.threshold, tree.children_left, tree.children_right, value)


def _gradient_boosting(model: Any) -> dict[str, np.ndarray] | None:
    import numpy as np

    classes = int(model.n_classes_)
    stages, outputs = model.estimators_.shape
    if model.init_ != "zero" and not _is(model.init_, "DummyClassifier"):
        return None
    if not all(_is(one, "DecisionTreeRegressor") for one in model.estimators_.ravel()):
        return None
    nodes = []
    for stage in range(stages):
        for output in range(outputs):
            tree = model.estimators_[stage, output].tree_
            value = of_classes(model.learning_rate * tree.value[:, 0, 0], output, outputs)
            nodes.append(_nodes(tree, value))
    start = np.asarray(model._raw_predict_init(np.zeros((1, model.n_features_in_), dtype=np.float32)))[0]
    base = start if classes > 2 else np.array([0.0, start[0]])
    return stacked(nodes, base, strict=False, single=True, slack=_FLOAT64_SLACK)


def _histogram_boosting(model: Any) -> dict[str, np.ndarray] | None:
    import numpy as np

    if model._preprocessor is not None or model.is_categorical_ is not None:
        return None
    if not all(_is(one, "TreePredictor") for stage in model._predictors for one in stage):
        return None
    outputs = len(model._predictors[0])
    nodes = []
    for stage in model._predictors:
        for output, predictor in enumerate(stage):
            found = predictor.nodes
            leaf = found["is_leaf"].astype(bool)
            # a float64 threshold of infinity sends all but missing values left
            nodes.append(
                Nodes(
                    np.where(leaf, -1, found["feature_idx"]),
                    found["num_threshold"],
                    np.where(leaf, -1, found["left"].astype(np.int64)),
                    np.where(leaf, -1, found["right"].astype(np.int64)),
                    of_classes(found["value"], output, outputs),
                )
            )
    start = np.asarray(model._baseline_prediction, dtype=np.float64).ravel()
    base = start if outputs > 1 else np.array([0.0, start[0]])
    return stacked(nodes, base, strict=False, single=False, slack=_FLOAT64_SLACK)


def _xgboost(model: Any) -> dict[str, np.ndarray] | None:
    booster = model.get_booster()
    # a number that means "missing" takes another way than its neighbours
    return None if _altered(booster) or model.missing == model.missing else from_xgboost(booster)


def _lightgbm(model: Any) -> dict[str, np.ndarray] | None:
    return None if _altered(model.booster_) else from_lightgbm(model.booster_)


_LINEAR = (
    "LogisticRegression", "LogisticRegressionCV", "LinearSVC", "SGDClassifier", "RidgeClassifier", "RidgeClassifierCV",
    "Perceptron", "PassiveAggressiveClassifier", "LinearDiscriminantAnalysis",
)  # fmt: skip
_READERS: dict[tuple[str, str], Callable[[Any], dict[str, np.ndarray] | None]] = {
    **{("sklearn", name): _linear for name in _LINEAR},
    **{("sklearn", name): _forest for name in ("RandomForestClassifier", "ExtraTreesClassifier")},
    **{("sklearn", name): _tree for name in ("DecisionTreeClassifier", "ExtraTreeClassifier")},
    ("sklearn", "GradientBoostingClassifier"): _gradient_boosting,
    ("sklearn", "HistGradientBoostingClassifier"): _histogram_boosting,
    ("xgboost", "XGBClassifier"): _xgboost,
    ("xgboost", "XGBRFClassifier"): _xgboost,
    ("lightgbm", "LGBMClassifier"): _lightgbm,
}
"""By package and exact class."""
