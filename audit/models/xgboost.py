"""XGBoost's own files (.ubj, .json, .xgb)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.errors import MissingExtra, SubjectError
from audit.models import Model, Source
from audit.models._booster_trees import from_xgboost, inside_of

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (".ubj", ".json", ".xgb")
RUNS_CODE = False


def load(source: Source) -> Model:
    """A booster. Classes are 0..k-1, as XGBoost numbers them; name them with `classes` where the data has words.

    Raises:
        SubjectError: the bytes are no XGBoost model, or its objective is neither classification nor regression.
        MissingExtra: xgboost is not installed.
    """
    try:
        import xgboost
    except ModuleNotFoundError:
        raise MissingExtra("xgboost", "xgboost", "to open XGBoost models") from None

    if not source.content.startswith(b"{"):  # the library ends the process on an empty file
        raise SubjectError(f"{source.path.name} is no XGBoost model in its JSON or UBJSON format")
    try:
        booster = xgboost.Booster(params={"nthread": 1}, model_file=bytearray(source.content))
        config = json.loads(booster.save_config())["learner"]
    except (xgboost.core.XGBoostError, ValueError, KeyError, TypeError) as error:
        # the library opens its messages with the time of day, which would make two bundles differ
        reason = re.sub(r"^\[[0-9:]+\] \S+: ", "", (str(error).strip().splitlines() or [""])[0])
        raise SubjectError(f"{source.path.name} is no readable XGBoost model: {reason}") from error
    objective = str(config["objective"]["name"])
    classes = int(config["learner_model_param"]["num_class"]) or 2
    columns = tuple(booster.feature_names or ())
    asked = _Booster(booster, objective, classes)
    width = booster.num_features()
    shape: dict[str, Any] = {"columns": columns, "n_inputs": width, "inside": inside_of(booster, width, from_xgboost)}
    if source.regression or not objective.startswith(("binary:", "multi:")):
        return Model(predict=asked.numbers, **shape)
    if objective == "binary:hinge":
        return Model(predict=asked.labels, classes=(0, 1), numbered=True, **shape)
    return Model(predict=asked.labels, scores=asked.scores, classes=tuple(range(classes)), numbered=True, **shape)


@dataclass(frozen=True, eq=False)
class _Booster:
    """Asks a booster; trees after the best iteration of early stopping are left out, as XGBoost's estimators do."""

    booster: Any
    objective: str
    classes: int

    def numbers(self, x: Any, *, margin: bool = False) -> np.ndarray:
        """Predictions, or the sums of the trees before the link function."""
        import numpy as np

        best = self.booster.attr("best_iteration")
        trees = (0, int(best) + 1) if best is not None else (0, 0)
        answer = self.booster.predict(self._matrix(x), output_margin=margin, iteration_range=trees)
        return np.asarray(answer, dtype=np.float64)

    def scores(self, x: Any) -> np.ndarray:
        """Class probabilities, shape (n, k)."""
        import numpy as np
        from scipy.special import expit, softmax

        if self.objective.startswith("multi:"):
            if self.objective == "multi:softprob":
                return self.numbers(x).reshape(-1, self.classes)
            return np.asarray(softmax(self.numbers(x, margin=True).reshape(-1, self.classes), axis=1))
        second = self.numbers(x) if self.objective == "binary:logistic" else expit(self.numbers(x, margin=True))
        return np.column_stack([1.0 - second, second])

    def labels(self, x: Any) -> np.ndarray:
        """Most probable class, shape (n,)."""
        import numpy as np

        if self.objective == "binary:hinge":
            return self.numbers(x).astype(np.int64)
        scores = self.scores(x)
        if self.classes == 2 and self.objective.startswith("binary:"):
            return (scores[:, 1] > 0.5).astype(np.int64)
        return np.asarray(scores.argmax(axis=1))

    def _matrix(self, x: Any) -> Any:
        import pandas as pd
        import xgboost

        if isinstance(x, pd.DataFrame):
            kinds = self.booster.feature_types or ["q"] * x.shape[1]
            x = x.assign(
                **{
                    name: x[name].astype("category" if kind == "c" else "float64")
                    for name, kind in zip(x.columns, kinds, strict=True)
                }
            )
        return xgboost.DMatrix(x, nthread=1, enable_categorical=True)
