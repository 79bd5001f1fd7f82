"""A subject from one file without an audit.yaml."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from audit import models
from audit.data import Layout, files
from audit.data.content import DOCUMENTS, SUFFIXES
from audit.errors import SubjectError
from audit.plugins import near
from audit.subject.declaration import DataEntry, Declaration, ModelEntry
from audit.subject.opener import Opener

Kind = Literal["file", "folder", "bare"]
_YAML = (".yaml", ".yml")


def found_kind(path: Path) -> Kind:
    """What was given: an audit.yaml, a folder that holds one, or a bare file.

    Raises:
        SubjectError: there is nothing at the path, or a folder without anything to audit.
    """
    if path.is_symlink():
        raise SubjectError(f'"{path}" is a symbolic link; only regular files are opened')
    if path.is_dir():
        if (path / "audit.yaml").exists():
            return "folder"
        if any(name.endswith((".parquet", ".pq")) for name in os.listdir(path)):
            return "bare"
        raise SubjectError(f'"{path}" is a folder without an audit.yaml or Parquet files; run: audit init {path}')
    if not path.exists():
        there = os.listdir(path.parent) if path.parent.is_dir() else []
        similar = near(path.name, there)
        hint = f'; did you mean "{path.parent / similar[0]}"?' if similar else ""
        raise SubjectError(f'"{path}" does not exist{hint}')
    return "file" if path.suffix.lower() in _YAML else "bare"


def bare_declaration(path: Path, opener: Opener) -> Declaration:
    """The declaration of a bare file.

    A data file is `data.test` and `data.train`, so that checks of either can look at it. Columns that cannot be decided
    are kept as text, since nobody can declare them. Any other file is the model: a check that only reads its bytes
    needs no format. A text, JSON or image file is both, because some models are such files.

    Raises:
        SubjectError: it is no regular file.
    """
    name = path.name
    folder = files.is_folder(opener.folder, name)
    suffix = path.suffix.lower()
    if folder or suffix in SUFFIXES:
        form = "parquet" if folder else SUFFIXES[suffix]
        entry = DataEntry(name, form, layout=Layout(strict=False), folder=folder, place=name)
        return Declaration(name=name, data={"test": entry, "train": entry})
    model = ModelEntry(name, models.suffixes().get(suffix, suffix.lstrip(".")), place=name)
    if suffix not in DOCUMENTS:
        return Declaration(name=name, model=model)
    entry = DataEntry(name, DOCUMENTS[suffix], layout=Layout(strict=False), place=name)
    return Declaration(name=name, data={"test": entry, "train": entry}, model=model)
