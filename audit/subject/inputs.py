"""Turns features into what a model takes: columns by name, never by position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from audit.data import Table
from audit.errors import NotMeasurable, SubjectError, may_be_told
from audit.models import Model
from audit.plugins import near

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def prepared(model: Model, features: Any, order: Sequence[str]) -> Any:
    """Features as one model takes them.

    Args:
        features: a table, a frame or an array. Columns of a frame are chosen by name, others are ignored.
        order: names of the inputs for a model that has none of its own; empty where the data is an array.

    Returns:
        A frame with the columns of the model, or an array: float64 where all columns are numbers.

    Raises:
        SubjectError: a column is missing, or an array has another number of values in a row than the model takes.
    """
    import pandas as pd

    if isinstance(features, Table):
        features = features.features
    names = model.columns or tuple(order)
    if isinstance(features, pd.DataFrame):
        if model.spaces_as_underscores:
            features = _underscored(features, names)
        frame = chosen(features, names or tuple(features.columns))
        return frame if model.columns or model.frames else _array(frame, model)
    return _named(model, features, names)


def _underscored(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The frame with those columns renamed that the model knows with underscores in place of spaces."""
    renamed = {name: re.sub(r"\s", "_", name) for name in frame.columns if name not in names}
    found = {old: new for old, new in renamed.items() if new in names and new not in frame.columns}
    if len(set(found.values())) != len(found):
        raise SubjectError(
            "two columns of the data differ only in spaces and underscores, and the model cannot tell them apart"
        )
    return frame.rename(columns=found)


def names_in_data(model: Model, columns: Sequence[str]) -> tuple[str, ...]:
    """The inputs of a model as the data names them."""
    if not model.spaces_as_underscores:
        return model.columns
    spelled = {re.sub(r"\s", "_", name): name for name in columns}
    return tuple(name if name in columns else spelled.get(name, name) for name in model.columns)


def chosen(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The named columns of a frame, in that order.

    Raises:
        SubjectError: one is missing; the message lists all that are, with near names.
    """
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise SubjectError(
            f"the model needs columns that the data does not have: {listed(missing, list(frame.columns))}"
        )
    # picking columns costs more than many a model needs to answer one row
    return frame if frame.columns.tolist() == list(names) else frame[list(names)]


def answers_with_probabilities(model: Model, row: Any) -> bool:
    """Whether a model that does not say so beforehand answers one row with probabilities."""
    if model.scores is None:
        return False
    try:
        model.scores(row)
    except NotMeasurable:
        return False
    return True


def listed(missing: Sequence[str], known: Sequence[str]) -> str:
    """Missing names, each with the nearest known one."""
    shown = []
    for name in missing[:10]:
        similar = near(name, [str(word) for word in known if may_be_told(str(word))])
        shown.append(f'"{name}"' + (f' (there is "{similar[0]}")' if similar else ""))
    return ", ".join(shown) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")


def _array(frame: pd.DataFrame, model: Model) -> np.ndarray:
    import numpy as np
    from pandas.api import types

    if model.n_inputs is not None and frame.shape[1] != model.n_inputs:
        raise SubjectError(
            f"the model takes {model.n_inputs} values without naming them, and the data has {frame.shape[1]} "
            "columns beside the target; list those of the model, in its order, under features:"
        )
    text = [name for name in frame.columns if not types.is_numeric_dtype(frame[name])]
    boolean = all(frame[name].dropna().isin((True, False)).all() for name in text)
    if not text or (text and boolean):
        return np.asarray(frame.astype(np.float64).to_numpy())
    if not model.objects:
        raise SubjectError(f"the model takes numbers only, and these columns are text: {', '.join(text[:10])}")
    values = np.asarray(frame.to_numpy(dtype=object))
    return values[:, 0] if model.flat and values.shape[1] == 1 else values


def _named(model: Model, features: Any, names: Sequence[str]) -> Any:
    """An array as it is, or as a frame for a model that wants names."""
    import numpy as np
    import pandas as pd

    values = np.asarray(features)
    wanted = len(model.columns) or model.n_inputs
    # scikit-learn counts what lies along the second axis, of images too
    fits = values.ndim >= 2 and values.shape[1] == wanted and (values.ndim == 2 or not model.columns)
    if wanted and not fits and not (values.ndim == 1 and model.flat):
        raise SubjectError(f"the model takes {wanted} values a row, and was given an array of shape {values.shape}")
    if (model.columns or (model.frames and names)) and values.ndim == 2 and values.shape[1] == len(names):
        return pd.DataFrame(values, columns=list(names))
    return values
