"""Pickled estimators (.joblib, .pkl, .pickle). Opening such a file runs what it says, so it is scanned first."""

from __future__ import annotations

import io
import lzma
import pickle
import zlib
from typing import Any

from audit.errors import MissingExtra, SubjectError
from audit.models import Model, Source
from audit.models.callable import wrap

SUFFIXES = (".joblib", ".pkl", ".pickle")
RUNS_CODE = True


def load(source: Source) -> Model:
    """Unpickle an estimator; joblib's compressed files and plain pickles alike.

    Raises:
        SubjectError: the bytes cannot be unpickled, or hold no estimator.
        MissingExtra: a module that the file names is not installed.
    """
    import joblib

    try:
        estimator: Any = joblib.load(io.BytesIO(source.content))
    except ModuleNotFoundError as error:
        package = (error.name or "a package").partition(".")[0]
        raise MissingExtra(package, "all", f"to open {source.path.name}") from error
    except RUNTIME_FAULTS as error:
        raise SubjectError(
            f"{source.path.name} cannot be unpickled: {type(error).__name__}: {error}; was it saved with other "
            "versions of its libraries?"
        ) from error
    return wrap(estimator)


# what pickle is documented to raise on damaged input, and what constructors of other versions raise
RUNTIME_FAULTS = (
    AttributeError, EOFError, ImportError, IndexError, KeyError, TypeError, ValueError, OSError, MemoryError,
    RuntimeError, pickle.PickleError, zlib.error, lzma.LZMAError,
)  # fmt: skip
