"""scikit-learn models in the skops format (.skops): a zip of JSON and arrays, with a list of types to be trusted."""

from __future__ import annotations

import zipfile
from typing import Any

from audit.errors import SubjectError
from audit.models import Model, Source
from audit.models.callable import wrap

SUFFIXES = (".skops",)
RUNS_CODE = True
"""Only the types in `Source.trusted` are built, but they are built by name, so the static scan decides first."""


def load(source: Source) -> Model:
    """Build the estimator, allowing the types in `source.trusted` beside those that skops trusts itself.

    Raises:
        SubjectError: the file is no skops file, or needs a type that is not trusted.
    """
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        estimator: Any = skops.io.loads(source.content, trusted=list(source.trusted))
    except UntrustedTypesFoundException as error:
        raise SubjectError(f"{source.path.name} needs types that are not trusted: {error}") from error
    except FAULTS as error:
        raise SubjectError(f"{source.path.name} is no readable skops file: {type(error).__name__}: {error}") from error
    return wrap(estimator)


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
