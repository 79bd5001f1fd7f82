"""A model that is an object in memory: a scikit-learn like estimator, or a function from features to labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError
from audit.models import Model, Source
from audit.models._closed_form import gradient_of
from audit.models._structure import inside_of

if TYPE_CHECKING:
    import numpy as np

SUFFIXES: tuple[str, ...] = ()
RUNS_CODE = False


def load(source: Source) -> Model:
    """Wrap the object in `source.estimator`.

    Raises:
        SubjectError: it neither has `predict` nor can be called.
    """
    return wrap(source.estimator)


def wrap(estimator: Any) -> Model:
    """A Model around an estimator or a function.

    An estimator is anything with `predict`; `classes_`, `feature_names_in_`, `n_features_in_` and `predict_proba` are
    used where they are there. The values of `decision_function` are no probabilities; they serve attacks alone.

    Raises:
        SubjectError: the object neither has `predict` nor can be called.
    """
    if isinstance(estimator, Model):
        return estimator
    if not hasattr(estimator, "predict"):
        if not callable(estimator):
            raise SubjectError(f"a model has to have predict() or be a function; found {type(estimator).__name__}")
        return Model(predict=estimator, frames=True)
    n_inputs = getattr(estimator, "n_features_in_", None)
    return Model(
        predict=estimator.predict,
        classes=_classes(estimator),
        scores=estimator.predict_proba if hasattr(estimator, "predict_proba") else None,
        gradient=gradient_of(estimator),
        decision=_decision(estimator),
        inside=inside_of(estimator),
        columns=tuple(str(name) for name in getattr(estimator, "feature_names_in_", ())),
        objects=True,
        n_inputs=None if n_inputs is None else int(n_inputs),
        flat=n_inputs is None,
    )


def _decision(estimator: Any) -> Callable[[Any], np.ndarray] | None:
    """Decision values, one a class; None where the estimator has none."""
    if not hasattr(estimator, "decision_function"):
        return None
    import numpy as np

    def decision(x: Any) -> np.ndarray:
        values = np.asarray(estimator.decision_function(x), dtype=np.float64)
        return np.column_stack([-values, values]) if values.ndim == 1 else values

    return decision


def _classes(estimator: Any) -> tuple[Any, ...]:
    classes: np.ndarray | list[Any] = getattr(estimator, "classes_", [])
    if isinstance(classes, list) and classes and not isinstance(classes[0], str | int | float | bool):
        raise SubjectError("the model predicts several targets at once; only one target is supported")
    return tuple(getattr(label, "item", lambda label=label: label)() for label in classes)
