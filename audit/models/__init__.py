"""Model formats: one file each, found by its name.

A format file has `SUFFIXES` (the file suffixes that it reads, empty for endpoints and programs), `RUNS_CODE` (whether
opening a file can run code that the file chose; such a file is opened only after the static scan, through
`audit.isolation`) and `load(source: Source) -> Model`. A format reads `source.content`, never the path: the
bytes that are parsed are then the bytes that were hashed.

Files are loaded and asked in the worker of `audit.isolation`, endpoints and programs in the process of the check.
A format answers in the model's own terms. Everything that a check sees passes through the functions of `_checked`: the
one place where length, shape, finiteness and sums are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from audit import plugins
from audit.errors import SubjectError
from audit.models._budget import FOLDER_VARIABLE as FOLDER_VARIABLE
from audit.models._checked import checked_labels as checked_labels
from audit.models._checked import checked_matrix as checked_matrix
from audit.models._checked import checked_numbers as checked_numbers
from audit.models._checked import checked_scores as checked_scores

if TYPE_CHECKING:
    import numpy as np

PACKAGE = "audit.models"
LARGEST_FLOAT32 = 3.4028234663852886e38


@dataclass(frozen=True)
class Source:
    """Where a model comes from.

    Attributes:
        path: for messages only; a format never opens it.
        content: the bytes of the file; empty for endpoints, programs and objects.
        settings: the keys of `model:` in audit.yaml, such as `url` or `command`.
        trusted: names of types that the static scan found harmless, for formats that ask for such a list.
        types: declared type by feature, for formats that take one input a column.
        classes: labels in the order of the model's outputs, where audit.yaml declares them.
        folder: where a program is started.
        launcher: words put before those of a program, which restrict it before they start it.
        estimator: an object that is a model already, for notebooks.
        regression: whether the model answers numbers rather than classes.
    """

    path: Path = Path("model")
    content: bytes = b""
    settings: Mapping[str, Any] = field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[Any, ...] = ()
    folder: Path = Path()
    launcher: tuple[str, ...] = ()
    estimator: Any = None
    regression: bool = False


@dataclass(frozen=True, eq=False)
class Inside:
    """What is known of a model's inside.

    Attributes:
        arrays: the arrays of `attacks.structure.read`, as the model's process gives them, with `source`: which of the
            model's inputs each column of `inputs` depends on, and `coded`: whether it stands for a category of it.
            Other columns never fall where a number in their input rises.
        inputs: features as the model takes them, to what its last step is given, shape (n, d), float64.
    """

    arrays: Callable[[], Mapping[str, np.ndarray]]
    inputs: Callable[[Any], np.ndarray]


@dataclass(frozen=True, eq=False)
class Model:
    """A model that answers.

    Attributes:
        predict: features to labels, shape (n,), or to numbers for regression.
        classes: labels in the order of the columns of `scores`; empty where the model does not say.
        scores: features to class probabilities, shape (n, k); None where it gives none.
        gradient: (x, codes) to the gradient of the cross-entropy with respect to x, same shape as x; x is an array of
            numbers, columns in the order of `columns` where the model has names.
        decision: features to the values whose largest one is the answer, shape (n, k), where they say more than
            probabilities do; None where there are none.
        inside: what the model consists of, for proofs; None where that is unknown.
        columns: names of the inputs; features arrive as a frame with exactly these columns. Empty: an array arrives.
        n_inputs: number of values in a row where the model says so.
        flat: whether a single text column arrives as an array of shape (n,), as text vectorisers want it.
        spaces_as_underscores: whether the format wrote spaces in names as underscores; names of the data are then
            matched so.
        frames: whether a frame with all features arrives although the model names no columns.
        objects: whether an array may hold text beside numbers.
        numbered: whether `predict` answers positions 0..k-1 because the file holds no labels; declared classes then
            name them.
        undecided: whether only an answer tells if there are probabilities; `scores` then raises NotMeasurable if not.
    """

    predict: Callable[[Any], np.ndarray]
    classes: tuple[Any, ...] = ()
    scores: Callable[[Any], np.ndarray] | None = None
    gradient: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    decision: Callable[[Any], np.ndarray] | None = None
    inside: Inside | None = None
    columns: tuple[str, ...] = ()
    n_inputs: int | None = None
    flat: bool = False
    objects: bool = False
    frames: bool = False
    spaces_as_underscores: bool = False
    numbered: bool = False
    undecided: bool = False


def formats() -> tuple[str, ...]:
    """Names of all formats, sorted."""
    return plugins.names(PACKAGE)


@cache
def suffixes() -> Mapping[str, str]:
    """Format by file suffix, of every format that reads files. Imports the format files, but no library."""
    return {suffix: name for name in formats() for suffix in plugins.load(PACKAGE, name).SUFFIXES}


def format_of(path: Path | str, declared: str | None = None) -> str:
    """Name of the format of a model file.

    Args:
        path: its suffix decides.
        declared: the `format` key of audit.yaml, which wins.

    Raises:
        UnknownName: the declared format, or the suffix, is unknown.
    """
    if declared is not None:
        if declared not in formats():
            raise plugins.unknown("model format", declared, formats())
        return declared
    suffix = Path(path).suffix.lower()
    if suffix not in suffixes():
        raise plugins.unknown("model format for the suffix", suffix, sorted(suffixes()))
    return suffixes()[suffix]


def format_module(name: str) -> ModuleType:
    """The file of one format.

    Raises:
        UnknownName: there is no such format.
    """
    return plugins.load(PACKAGE, name)


def runs_code(name: str) -> bool:
    """Whether opening a file of this format can run code that the file chose."""
    return bool(format_module(name).RUNS_CODE)


def load(source: Source, name: str) -> Model:
    """Open a model in this process. For files, `audit.isolation` calls it in a process of its own, after the scan.

    Raises:
        SubjectError: the bytes are no model of that format.
        MissingExtra: the library that reads the format is not installed.
    """
    model = format_module(name).load(source)
    if not isinstance(model, Model):
        raise SubjectError(f'the format "{name}" returned {type(model).__name__} instead of a Model')
    return model


def named(model: Model, classes: tuple[Any, ...]) -> Model:
    """The model with declared classes, in the order of its outputs.

    Raises:
        SubjectError: the model names other classes itself, or has another number of them.
    """
    import numpy as np

    if not model.numbered:
        if model.classes and model.classes != classes:
            raise SubjectError(f"the model names its classes itself: {list(model.classes)}; leave `classes` out")
        return replace(model, classes=classes)
    if model.classes and len(model.classes) != len(classes):
        raise SubjectError(f"{len(classes)} classes are declared, and the model has {len(model.classes)} outputs")
    labels = np.empty(len(classes), dtype=object)
    labels[:] = classes

    def predict(x: Any) -> np.ndarray:
        positions = np.asarray(model.predict(x))
        if len(positions) and positions.max() >= len(labels):
            raise SubjectError(f"{len(labels)} classes are declared, and the model answered class {positions.max()}")
        return np.asarray(labels[positions])

    return replace(model, predict=predict, classes=classes, numbered=False)


def as_float32(matrix: Any) -> np.ndarray:
    """Numbers as float32, for formats that compute in it.

    Raises:
        SubjectError: a value does not fit, and would become infinity.
    """
    import numpy as np

    values = np.asarray(matrix, dtype=np.float64)
    bad = np.abs(values) > LARGEST_FLOAT32  # NaN compares false and stays: some models take missing values
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        raise SubjectError(
            f"row {row} holds a number beyond the range of float32 (3.4e38), in which the model computes"
        )
    return values.astype(np.float32)
