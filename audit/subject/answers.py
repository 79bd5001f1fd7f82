"""What a subject's model answers: codes, probabilities and gradients, each answer looked at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit import models
from audit.data import Table
from audit.errors import NotMeasurable, SubjectError
from audit.models import Model
from audit.subject.declaration import ROLES
from audit.subject.inputs import answers_with_probabilities, listed, names_in_data, prepared
from audit.subject.labels import coded, ordered
from audit.subject.opening import open_model
from audit.subject.tables import Declared

if TYPE_CHECKING:
    import numpy as np


class Answering(Declared):
    """A declared subject whose model can be asked. Features go by name, never by position."""

    _classes: tuple[Any, ...] | None = None
    _gives_probabilities: bool | None = None

    @property
    def classes(self) -> tuple[Any, ...]:
        """Labels in the order of the model; without a model that names them, the sorted labels of the data.

        Raises:
            NotMeasurable: the task has no classes, or nothing tells them.
        """
        if self.task != "classification":
            raise NotMeasurable(f"the task is {self.task}, which has no classes")
        if self._classes is None:
            self._classes = self._find_classes()
        return self._classes

    @property
    def positive_code(self) -> int | None:
        """Position of the positive label in `classes`; None where none is declared or there are not two classes."""
        if self.positive is None or self.task != "classification" or len(self.classes) != 2:
            return None
        return int(self._codes([self.positive], "positive")[0])

    def codes(self, table: Table) -> np.ndarray:
        """Labels of a table as positions in `classes`, shape (n,), int64.

        Raises:
            NotMeasurable: the table has no labels.
            SubjectError: a label is missing or is none of the classes; the message shows both sets.
        """
        return self._codes(self._labels(table), table.role)

    def values(self, table: Table) -> np.ndarray:
        """Target values of a table for regression, shape (n,), float64.

        Raises:
            NotMeasurable: the table has no target.
            SubjectError: a value is missing or no finite number.
        """
        import numpy as np

        labels = self._labels(table)
        try:
            values = labels.astype(np.float64)
        except (TypeError, ValueError):
            raise SubjectError(f"{table.role}: the target holds text, and the task is a regression") from None
        bad = ~np.isfinite(values)
        if bad.any():
            raise SubjectError(
                f"{table.role}: {int(bad.sum())} rows have no target value, the first is row {bad.argmax()}"
            )
        return values

    @property
    def model(self) -> Model:
        """The model, opened on first use; a file that could run code passes the static scan first.

        Raises:
            NotMeasurable: the subject has no model.
            SubjectError: the file cannot be opened, or is refused by the scan.
        """
        if self._model is None:
            if self.declaration.model is None:
                raise NotMeasurable('the subject has no model; add it under "model:"')
            self._model = open_model(self.declaration, self._opener, self._isolated)
        return self._model

    @property
    def model_path(self) -> Path | None:
        """Where the model file lies, None where there is none."""
        entry = self.declaration.model
        return None if entry is None or entry.path is None else self.folder / entry.path

    @property
    def model_columns(self) -> tuple[str, ...]:
        """Columns that the model takes, by name and in its order; empty for arrays."""
        if not self.model.columns:
            return self._order()
        role = next((role for role in ROLES if self.has(f"data.{role}")), None)
        known = self.table(role).columns if self.model.spaces_as_underscores and role is not None else ()
        return names_in_data(self.model, known)

    @property
    def has_probabilities(self) -> bool:
        """Whether the model gives class probabilities; an endpoint is asked about one row to find out."""
        if self.task != "classification" or self.model.scores is None:
            return False
        if self.model.undecided and self._gives_probabilities is None:
            self._gives_probabilities = answers_with_probabilities(self.model, self._sample())
        return self._gives_probabilities is not False

    @property
    def has_gradient(self) -> bool:
        """Whether `gradient` works."""
        return self.task == "classification" and self.model.gradient is not None

    def predict(self, features: Any) -> np.ndarray:
        """Ask the model.

        Args:
            features: a table, a frame or an array.

        Returns:
            Codes, shape (n,), int64, positions in `classes`; for regression numbers, float64.

        Raises:
            SubjectError: the features do not fit, or the answer is not usable.
        """
        inputs = prepared(self.model, features, self._order())
        if self.task == "regression":
            return models.checked_numbers(self.model.predict(inputs) if len(inputs) else [], len(inputs))
        labels = models.checked_labels(self.model.predict(inputs) if len(inputs) else [], len(inputs))
        return self._codes(labels, "answers of the model")

    def probabilities(self, features: Any) -> np.ndarray:
        """Class probabilities, shape (n, k), float64, columns in the order of `classes`, each row sums to 1.

        Raises:
            NotMeasurable: the model gives none.
            SubjectError: the features do not fit, or the answer is not finite, negative or does not sum to 1.
        """
        import numpy as np

        if self.task != "classification" or self.model.scores is None:
            raise NotMeasurable("the model gives no probabilities")
        inputs = prepared(self.model, features, self._order())
        if len(inputs) == 0:
            return np.zeros((0, len(self.classes)))
        return models.checked_scores(self.model.scores(inputs), len(inputs), len(self.classes))

    @property
    def has_decision(self) -> bool:
        """Whether `decision` works."""
        return self.task == "classification" and self.model.decision is not None

    def decision(self, features: Any) -> np.ndarray:
        """Decision values, shape (n, k), float64, columns in the order of `classes`; no probabilities.

        Raises:
            NotMeasurable: the model gives none, or not one for each class.
            SubjectError: the features do not fit, or a value is not finite.
        """
        import numpy as np

        if self.model.decision is None:
            raise NotMeasurable("the model gives no decision values")
        inputs = prepared(self.model, features, self._order())
        if len(inputs) == 0:
            return np.zeros((0, len(self.classes)))
        values = models.checked_matrix(self.model.decision(inputs), len(inputs), "decision values")
        if values.shape[1] != len(self.classes):
            raise NotMeasurable(f"the model gives {values.shape[1]} decision values for {len(self.classes)} classes")
        return values

    def arrays_inside(self) -> Mapping[str, np.ndarray]:
        """What the model consists of, by the names of `attacks.structure`; empty where nothing is known."""
        inside = None if self.task != "classification" else self.model.inside
        return {} if inside is None else inside.arrays()

    def inputs(self, features: Any) -> np.ndarray:
        """What the last step of the model is given, shape (n, d), float64; NaN where a value is missing.

        Raises:
            NotMeasurable: nothing is known of the model's inside.
            SubjectError: the features do not fit.
        """
        if self.model.inside is None:
            raise NotMeasurable("nothing is known of the model's inside")
        inputs = prepared(self.model, features, self._order())
        return models.checked_matrix(self.model.inside.inputs(inputs), len(inputs), "inputs", missing=True)

    def gradient(self, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Gradient of the cross-entropy with respect to the input.

        Args:
            x: numbers, shape (n, ...); columns in the order of `model_columns`.
            codes: shape (n,), positions in `classes`.

        Returns:
            Same shape as x, float64, finite.

        Raises:
            NotMeasurable: the model has no gradient.
            SubjectError: the gradient has another shape or is not finite.
        """
        import numpy as np

        if not self.has_gradient or self.model.gradient is None:
            raise NotMeasurable("the model gives no gradients")
        found = np.asarray(self.model.gradient(x, codes), dtype=np.float64)
        if found.shape != np.shape(x) or not np.isfinite(found).all():
            raise SubjectError(
                f"the model's gradient has shape {found.shape} for inputs of {np.shape(x)}"
                if found.shape != np.shape(x)
                else "the model's gradient is not finite"
            )
        return found

    def _codes(self, labels: Any, where: str) -> np.ndarray:
        found = coded(labels, self.classes, where=where)
        if found.note:
            self._notes[found.note] = None
        return found.codes

    def _labels(self, table: Table) -> np.ndarray:
        if table.labels is None:
            hint = listed([table.target], table.columns) if table.target else "no target is declared"
            raise NotMeasurable(f"{table.role} has no labels: {hint}")
        return table.labels

    def _order(self) -> tuple[str, ...]:
        """Names of the inputs for a model that names none: the declared features, else all columns but the target."""
        if self.features:
            return tuple(self.features)
        role = next((role for role in ROLES if self.has(f"data.{role}")), None)
        if role is None:
            return ()
        table = self.table(role)
        return () if table.frame is None else tuple(name for name in table.columns if name != table.target)

    def _find_classes(self) -> tuple[Any, ...]:
        if self.has("model"):
            if self.model.classes:
                return self.model.classes
            if self.has_probabilities:
                return tuple(range(self._count_classes()))
        tables = [self.table(role) for role in ("train", "test", "trusted") if self.has(f"data.{role}")]
        labels = [label for table in tables if table.labels is not None for label in ordered(table.labels)]
        if not labels:
            raise NotMeasurable("nothing tells the classes: the model does not name them, and no table has labels")
        return ordered(labels)

    def _count_classes(self) -> int:
        """Number of columns of the model's probabilities, from one row."""
        if self.model.scores is None:
            raise NotMeasurable("the model gives no probabilities")
        return int(models.checked_scores(self.model.scores(self._sample()), 1, None).shape[1])

    def _sample(self) -> Any:
        """One row of the data, as the model takes it."""
        role = next((role for role in ROLES if self.has(f"data.{role}")), None)
        if role is None:
            raise NotMeasurable("the model does not say what it answers, and there is no row of data to ask it with")
        return prepared(self.model, self.table(role).take([0]), self._order())
