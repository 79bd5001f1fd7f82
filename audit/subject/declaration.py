"""What audit.yaml says, as frozen records: nothing is opened yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from audit.data import Layout
from audit.subject.features import FeatureSpec

Task = Literal["classification", "regression"]
ROLES = ("train", "test", "reference", "current", "trusted")
NEEDS = ("model", *(f"data.{role}" for role in ROLES), "training", "provenance", "baseline", "documents")


@dataclass(frozen=True)
class ModelEntry:
    """The key `model`: a file, an endpoint or a program.

    Attributes:
        path: checked path of a file, None for endpoints and programs.
        format: name of the format.
        sha256: digest that the file has to have, None where none is given.
        classes: labels in the order of the model's outputs, where the file does not hold them.
        settings: the other keys, for the format.
        place: `file:line:column`.
    """

    path: str | None
    format: str
    sha256: str | None = None
    classes: tuple[Any, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True)
class DataEntry:
    """One key under `data`: a file, or a folder of Parquet files.

    Attributes:
        path: checked path.
        format: name of the format; `parquet` for a folder.
        folder: whether the path is a folder.
        place: `file:line:column`.
    """

    path: str
    format: str
    layout: Layout = field(default_factory=Layout)
    sha256: str | None = None
    folder: bool = False
    place: str = ""


@dataclass(frozen=True)
class Declaration:
    """Everything that is said about a subject.

    Attributes:
        recipe: `FILE.py:FUNCTION`, None where the subject cannot be trained again.
        baseline: checked path of the audit.yaml of an earlier release.
    """

    name: str
    version: str = ""
    task: Task = "classification"
    model: ModelEntry | None = None
    data: Mapping[str, DataEntry] = field(default_factory=dict)
    target: str | None = None
    positive: Any = None
    groups: tuple[str, ...] = ()
    features: Mapping[str, FeatureSpec] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    recipe: str | None = None
    provenance: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    baseline: str | None = None
