"""TorchScript models (.pt, .pth, .ts): PyTorch models that bring their own code.

A file of weights alone, or a pickled module, is refused: it cannot be used without Python code that the file does not
hold.
"""

from __future__ import annotations

import io
import zipfile

from audit.errors import MissingExtra, SubjectError
from audit.models import Model, Source
from audit.models._torch_network import HINT, first_line, model_of

SUFFIXES = (".pt", ".pth", ".ts")
RUNS_CODE = True
"""TorchScript runs its own `__setstate__` while it is opened, and its operators can read and write files."""


def load(source: Source) -> Model:
    """A network that takes one array of floats and answers (n, classes), or numbers for regression.

    Raises:
        SubjectError: the file is a state dict or a pickled module, or is damaged.
        MissingExtra: torch is not installed.
    """
    try:
        import torch
    except ModuleNotFoundError:
        raise MissingExtra("torch", "torch", "to open PyTorch models") from None

    name = source.path.name
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            members = archive.namelist()
    except zipfile.BadZipFile:
        raise SubjectError(f"{name} is no TorchScript file; {HINT}") from None
    if not any("/code/" in member for member in members):
        raise SubjectError(f"{name} holds weights or a pickled module, without the code that uses them; {HINT}")
    try:
        module = torch.jit.load(io.BytesIO(source.content), map_location="cpu")
    except (RuntimeError, ValueError, OSError) as error:
        raise SubjectError(f"{name} is no readable TorchScript file: {first_line(error)}") from error
    module.eval()
    return model_of(module, regression=source.regression)
