"""A model that is an object in memory: a scikit-learn like estimator, or a function from features to labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError
from audit.models import Model, Source
from audit.models._closed_form import gradient_of

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
    used where they are there. `decision_function` is not: its values are no probabilities.

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
        columns=tuple(str(name) for name in getattr(estimator, "feature_names_in_", ())),
        objects=True,
        n_inputs=None if n_inputs is None else int(n_inputs),
        flat=n_inputs is None,
    )


def _classes(estimator: Any) -> tuple[Any, ...]:
    classes: np.ndarray | list[Any] = getattr(estimator, "classes_", [])
    if isinstance(classes, list) and classes and not isinstance(classes[0], str | int | float | bool):
        raise SubjectError("the model predicts several targets at once; only one target is supported")
    return tuple(getattr(label, "item", lambda label=label: label)() for label in classes)
