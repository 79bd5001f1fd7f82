"""scikit-learn models in the skops format (.skops): a zip of JSON and arrays, with a list of types to be trusted."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError
from audit.models import Model, Source
from audit.models.callable import wrap

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (".skops",)
RUNS_CODE = True
"""Only the types in `Source.trusted` are built, but they are built by name, so the static scan decides first."""


def load(source: Source) -> Model:
    """Build the estimator, allowing the types in `source.trusted` beside those that skops trusts itself.

    Raises:
        SubjectError: the file is no skops file, needs a type that is not trusted, or holds an object with parts
            missing. The last can also show when the model is first asked.
    """
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        estimator: Any = skops.io.loads(source.content, trusted=list(source.trusted))
    except UntrustedTypesFoundException as error:
        raise SubjectError(f"{source.path.name} needs types that are not trusted: {error}") from error
    except FAULTS as error:
        raise SubjectError(f"{source.path.name} is no readable skops file: {type(error).__name__}: {error}") from error
    try:
        model = wrap(estimator)
    except FAULTS as error:
        raise _broken(source.path.name, error) from error
    name = source.path.name
    scores, decision = (None if one is None else _asked(one, name) for one in (model.scores, model.decision))
    return replace(model, predict=_asked(model.predict, name), scores=scores, decision=decision)


def _asked(answer: Callable[[Any], np.ndarray], name: str) -> Callable[[Any], np.ndarray]:
    """The function of an estimator that may lack attributes, as a file can name any object and leave it empty."""

    @wraps(answer)
    def asked(features: Any) -> np.ndarray:
        try:
            return answer(features)
        except (AttributeError, TypeError) as error:
            raise _broken(name, error) from error

    return asked


def _broken(name: str, error: Exception) -> SubjectError:
    return SubjectError(f"the model in {name} is damaged or incomplete: {type(error).__name__}: {error}")


def untrusted_types(content: bytes) -> tuple[str, ...]:
    """Types that the file needs beside those that skops trusts itself; reads without building anything.

    Raises:
        SubjectError: the file is no skops file.
    """
    import skops.io

    try:
        return tuple(sorted(skops.io.get_untrusted_types(data=content)))
    except FAULTS as error:
        raise SubjectError(f"this is no readable skops file: {type(error).__name__}: {error}") from error


FAULTS = (
    AttributeError, EOFError, ImportError, IndexError, KeyError, TypeError, ValueError, OSError, RuntimeError,
    RecursionError, zipfile.BadZipFile,
)  # fmt: skip
