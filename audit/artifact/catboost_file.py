"""CatBoost's binary models: recognised, so that the reader learns what to do, and not read."""

from __future__ import annotations

from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

MAGIC = b"CBM1"


def is_catboost(data: View) -> bool:
    """Whether the file starts with the mark of CatBoost."""
    return data[:4] == MAGIC


def scan(data: View, findings: Findings, place: str) -> str:
    """Nothing is read.

    Raises:
        Unreadable: always.
    """
    raise Unreadable(f"{place} is a binary CatBoost model, which is not read here (CatBoost itself writes ONNX)")
