"""LightGBM's own text files (.txt, .lgb)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.errors import MissingExtra, SubjectError
from audit.models import Model, Source
from audit.models._booster_trees import from_lightgbm, inside_of

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (".txt", ".lgb")
RUNS_CODE = False
_UNNAMED = re.compile(r"Column_\d+")


def load(source: Source) -> Model:
    """A booster. Classes are 0..k-1, as LightGBM numbers them; name them with `classes` where the data has words.

    Raises:
        SubjectError: the bytes are no LightGBM model.
        MissingExtra: lightgbm is not installed.
    """
    try:
        import lightgbm
    except ModuleNotFoundError:
        raise MissingExtra("lightgbm", "lightgbm", "to open LightGBM models") from None

    name = source.path.name
    try:
        text = source.content.decode("utf-8")
    except UnicodeDecodeError:
        raise SubjectError(f"{name} is no LightGBM model: it is not text") from None
    objective = re.search(r"^objective=(\S+)(?: .*)?$", text, re.MULTILINE)
    if not text.startswith("tree") or "end of trees" not in text:  # the library ends the process on some damaged texts
        raise SubjectError(f"{name} is no complete LightGBM model")
    try:
        booster = lightgbm.Booster(model_str=text)
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise SubjectError(f"{name} is no readable LightGBM model: {error}") from error
    names = tuple(booster.feature_name())
    kind = objective[1] if objective else "regression"
    asked = _Booster(booster, kind)
    shape: dict[str, Any] = {
        "columns": () if all(_UNNAMED.fullmatch(word) for word in names) else names,
        "n_inputs": booster.num_feature(),
        "spaces_as_underscores": True,
        "inside": inside_of(booster, booster.num_feature(), from_lightgbm),
    }
    if source.regression or kind not in ("binary", "multiclass", "multiclassova", "cross_entropy"):
        return Model(predict=asked.numbers, **shape)
    classes = tuple(range(max(2, booster.num_model_per_iteration())))
    return Model(predict=asked.labels, scores=asked.scores, classes=classes, numbered=True, **shape)


@dataclass(frozen=True, eq=False)
class _Booster:
    """Asks a booster, with one thread: a sum in another order differs in the last digits."""

    booster: Any
    objective: str

    def numbers(self, x: Any) -> np.ndarray:
        """Predictions."""
        import numpy as np
        import pandas as pd

        if isinstance(x, pd.DataFrame):
            x = x.set_axis(self.booster.feature_name(), axis=1)
            text = [name for name in x.columns if not pd.api.types.is_numeric_dtype(x[name])]
            x = x.astype(dict.fromkeys(text, "category"))
        return np.asarray(self.booster.predict(x, num_threads=1), dtype=np.float64)

    def scores(self, x: Any) -> np.ndarray:
        """Class probabilities, shape (n, k)."""
        import numpy as np

        answer = self.numbers(x)
        if answer.ndim == 1:
            return np.column_stack([1.0 - answer, answer])
        # one-against-all scores do not sum to 1 by themselves
        return answer / answer.sum(axis=1, keepdims=True) if self.objective == "multiclassova" else answer

    def labels(self, x: Any) -> np.ndarray:
        """Most probable class, shape (n,)."""
        import numpy as np

        answer = self.numbers(x)
        if answer.ndim == 1:
            return (answer > 0.5).astype(np.int64)
        return np.asarray(answer.argmax(axis=1))
