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
from audit.models._booster_trees import from_lightgbm, from_xgboost
from audit.models._trees import Nodes, of_classes, stacked

if TYPE_CHECKING:
    import numpy as np

_ONE_TO_ONE = (
    "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "SimpleImputer", "OrdinalEncoder",
    "PowerTransformer", "QuantileTransformer",
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
    return _READERS.get((kind.__module__.partition(".")[0], kind.__name__))


def _arrays(estimator: Any, before: tuple[Any, ...], last: Any) -> Mapping[str, np.ndarray]:
    import numpy as np

    reader = _reader(last)
    try:
        source = _through(before, list(range(int(estimator.n_features_in_))))
        found = None if reader is None or source is None else reader(last)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return {}  # another version of the library keeps its trees elsewhere, or the file left them out
    return {} if found is None else {**found, "source": np.array(source, dtype=np.int64)}


@dataclass(frozen=True, eq=False)
class _Inputs:
    """What the last step of a pipeline is given."""

    steps: tuple[Any, ...]

    def __call__(self, x: Any) -> np.ndarray:
        """Features to numbers, shape (n, d), float64."""
        import numpy as np

        for step in self.steps:
            x = step.transform(x)
        return np.asarray(x.toarray() if hasattr(x, "toarray") else x, dtype=np.float64)


def _is(estimator: Any, *names: str) -> bool:
    kind = type(estimator)
    return kind.__name__ in names and kind.__module__.startswith("sklearn.")


def _through(steps: Iterable[Any], source: list[int]) -> list[int] | None:
    """Which input each output column depends on, after some steps; None where one mixes columns."""
    for step in steps:
        found = _sources(step, len(source))
        if found is None:
            return None
        source = [source[place] for place in found]
    return source


def _sources(step: Any, width: int) -> list[int] | None:
    """For each output column of one transformer, the place of the input column that it depends on."""
    if _idle(step) or (_is(step, "FunctionTransformer") and step.func is None):
        return list(range(width))
    if _is(step, "Pipeline"):
        return _through((one for _, one in step.steps if not _idle(one)), list(range(width)))
    if _is(step, *_ONE_TO_ONE):
        grows = getattr(step, "add_indicator", False) or len(getattr(step, "statistics_", range(width))) != width
        dropped = _is(step, "SimpleImputer") and any(value != value for value in step.statistics_)
        return None if grows or dropped else list(range(width))
    if _is(step, "OneHotEncoder"):
        return [place for place, count in enumerate(step._n_features_outs) for _ in range(count)]
    if _is(step, "ColumnTransformer"):
        return _column_transformer(step)
    return None


def _column_transformer(step: Any) -> list[int] | None:
    found: list[int] = []
    for name, part, _ in step.transformers_:
        columns = [int(place) for place in step._transformer_to_input_indices[name]]
        if not columns or (isinstance(part, str) and part == "drop"):
            continue
        inner = _sources(part, len(columns))
        if inner is None:
            return None
        found += [columns[place] for place in inner]
    return found


def _linear(model: Any) -> dict[str, np.ndarray] | None:
    import numpy as np

    weights = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    bias = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), (len(weights),))
    if len(weights) == 1:  # two classes: one row of weights, that of the second class
        weights, bias = np.vstack([np.zeros_like(weights), weights]), np.array([0.0, bias[0]])
    if weights.shape[0] != len(model.classes_):
        return None
    return {"weights": weights, "bias": np.array(bias), "slack": np.array(_FLOAT64_SLACK)}


def _forest(model: Any) -> dict[str, np.ndarray] | None:
    return _averaged(model.estimators_, model)


def _tree(model: Any) -> dict[str, np.ndarray] | None:
    return _averaged([model], model)


def _averaged(trees: list[Any], model: Any) -> dict[str, np.ndarray] | None:
    import numpy as np

    if model.n_outputs_ != 1:
        return None
    nodes, total = [], float(len(trees))
    for tree in (one.tree_ for one in trees):
        shares = tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True)
        nodes.append(_nodes(tree, shares / total))
    base = np.zeros(int(model.n_classes_))
    return stacked(nodes, base, strict=False, single=True, slack=_FLOAT64_SLACK)


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
    ("xgboost", "XGBClassifier"): lambda model: from_xgboost(model.get_booster()),
    ("xgboost", "XGBRFClassifier"): lambda model: from_xgboost(model.get_booster()),
    ("lightgbm", "LGBMClassifier"): lambda model: from_lightgbm(model.booster_),
}
"""By package and exact class."""
