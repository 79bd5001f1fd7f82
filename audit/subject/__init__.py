"""What is audited: a model and its tables, opened on first use, every opened file hashed.

`Subject.load` reads an audit.yaml and finds all its mistakes before anything is opened; `Subject.in_memory` takes
objects of a notebook. Everything that a check asks of the model passes through here, so features go by name, and every
answer is looked at once: length, shape, finiteness, sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from audit import models
from audit.data import Table
from audit.errors import NotMeasurable, SubjectError
from audit.isolation import Isolated
from audit.isolation.recipe import Fit
from audit.models import Model
from audit.plugins import unknown
from audit.subject.answers import Answering
from audit.subject.declaration import ROLES, Declaration, Task
from audit.subject.features import FeatureSpec
from audit.subject.file import read_declaration
from audit.subject.memory import table_of
from audit.subject.opener import Opener

__all__ = ["FeatureSpec", "Subject"]


class Subject(Answering):
    """A model and its data. See `Declared` for its attributes and tables, `Answering` for what can be asked."""

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        allow_outside: bool = False,
        isolation: str = "best_effort",
        trusted_types: tuple[str, ...] = (),
        memory_bytes: int | None = None,
    ) -> Subject:
        """The subject of an audit.yaml, or of a bare data or model file.

        A bare data file is both `data.test` and `data.train`: the same rows. A bare file of another kind is the model.

        Args:
            path: audit.yaml, the folder that holds it, a data file or a model file.
            allow_outside: whether paths may leave the folder of audit.yaml.
            isolation: what has to separate the model from the auditor: `required`, `best_effort` or `off`.
            trusted_types: names beyond the list of the static scan that a model file may use.
            memory_bytes: how much the process of the model may take; None for most of what this machine has.

        Raises:
            SubjectError: every mistake of the file, one a line, each with `file:line:column`.
        """
        read = read_declaration(Path(path), allow_outside=allow_outside)
        isolated = Isolated(isolation, trusted_types, memory_bytes)
        return cls(read.declaration, path=read.path, opener=read.opener, isolated=isolated)

    @classmethod
    def in_memory(
        cls,
        *,
        model: Any = None,
        task: Task = "classification",
        target: str | None = "target",
        positive: Any = None,
        train: Any = None,
        test: Any = None,
        reference: Any = None,
        current: Any = None,
        trusted: Any = None,
        recipe: Fit | None = None,
        features: Mapping[str, FeatureSpec] | None = None,
        rules: tuple[str, ...] = (),
        groups: tuple[str, ...] = (),
        name: str = "in-memory",
        version: str = "",
        folder: Path | None = None,
    ) -> Subject:
        """A subject of objects that are in memory, for notebooks and tests.

        Args:
            model: an estimator, a function from features to labels, or a `Model`.
            target: name of the target column in the frames.
            train: a frame with the target, or a pair (x, y) of features and labels; the other tables likewise.
            recipe: `fit(x, y, seed)` that returns an estimator, where checks retrain.

        Raises:
            SubjectError: a table is empty or has two columns of one name.
        """
        given = {"train": train, "test": test, "reference": reference, "current": current, "trusted": trusted}
        tables = {role: table_of(rows, role, target) for role, rows in given.items() if rows is not None}
        place = Path.cwd() if folder is None else folder
        declaration = Declaration(
            name=name, version=version, task=task, target=target, positive=positive, groups=tuple(groups),
            features=dict(features or {}), rules=tuple(rules),
        )  # fmt: skip
        wrapped = None if model is None else models.load(models.Source(estimator=model), "callable")
        return cls(declaration, path=place, opener=Opener(place), model=wrapped, tables=tables, fit=recipe)

    @property
    def baseline(self) -> Subject | None:
        """The release before this one, None where none is declared."""
        path = self.declaration.baseline
        if path is None:
            return None
        read = read_declaration(self.folder / path, allow_outside=self._opener.allow_outside)
        return Subject(read.declaration, path=read.path, opener=read.opener, isolated=self._isolated)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reviewer should know of how the subject was read, such as labels that are spelled differently."""
        return tuple(self._notes)

    def retrained(self, table: Table, seed: int) -> Subject:
        """A copy of this subject whose model was trained on another table by the recipe.

        Raises:
            NotMeasurable: there is no recipe, or the table has no labels.
            SubjectError: the recipe cannot be read, ends the process or returns no model.
        """
        x, y = table.features, self._labels(table)
        if self._fit is not None:
            try:
                trained = self._fit(x, y, seed)
            except SystemExit as error:
                # a recipe is a script to its author, and scripts end so; here it would end the audit
                raise SubjectError("the training recipe ended its process; fit has to return a model") from error
            return self.replaced(model=models.load(models.Source(estimator=trained), "callable"))
        if self.declaration.recipe is None:
            raise NotMeasurable('the subject cannot be trained again; name its recipe under "training:"')
        path, _, function = self.declaration.recipe.rpartition(":")
        content = self._opener.read(path, "training").content
        return self.replaced(model=self._isolated.train(content, path, function, x, y, seed))

    def replaced(self, *, model: Model | None = None, **tables: Table) -> Subject:
        """A copy of this subject with another model or other tables, for planting faults.

        Raises:
            UnknownName: a table has a name that no role has.
        """
        for role in tables:
            if role not in ROLES:
                raise unknown("table", role, ROLES)
        renamed = {role: replace(table, role=f"data.{role}") for role, table in tables.items()}
        copy = Subject(
            self.declaration, path=self.path, opener=self._opener, model=model or self._model, fit=self._fit,
            tables={**self._tables, **renamed}, isolated=self._isolated,
        )  # fmt: skip
        if model is None:
            copy._classes = self._classes
        return copy
