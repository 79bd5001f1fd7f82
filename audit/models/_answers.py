"""Rows to JSON and answers back, for models that answer from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.errors import NotMeasurable, SubjectError
from audit.models import Model, checked_scores

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Answer:
    """What a remote model said of some rows: labels or numbers, or class probabilities; the other is None."""

    predictions: list[Any] | None = None
    probabilities: list[list[float]] | None = None


Ask = Callable[[Any], Answer]
"""A frame or an array of at most `rows_per_request` rows to an answer about each."""


@dataclass
class Budget:
    """Rows that may still be asked about; None for no limit."""

    left: int | None

    def take(self, rows: int) -> None:
        """Count rows before they are sent.

        Raises:
            NotMeasurable: more than what is left.
        """
        if self.left is None:
            return
        if rows > self.left:
            raise NotMeasurable(
                f"the query budget is used up: {rows} more rows are needed and {self.left} are left; raise query_budget"
            )
        self.left -= rows


@dataclass(frozen=True, eq=False)
class Remote:
    """A model behind `ask`, asked in batches within a budget."""

    ask: Ask
    budget: Budget
    rows_per_request: int
    regression: bool
    classes: tuple[Any, ...] = ()

    def model(self) -> Model:
        """As a Model; whether it gives probabilities is known only once it has answered."""
        if self.regression:
            return Model(predict=self.predictions, frames=True)
        return Model(predict=self.predictions, scores=self.probabilities, frames=True, undecided=True)

    def predictions(self, x: Any) -> np.ndarray:
        """Labels or numbers, shape (n,); positions of the largest probability where only probabilities come."""
        import numpy as np

        found: list[Any] = []
        for answer in self._answers(x):
            if answer.predictions is not None:
                found.extend(answer.predictions)
            elif answer.probabilities is not None:
                found.extend(self._most_probable(answer.probabilities))
        return np.array(found, dtype=np.float64 if self.regression else object)

    def probabilities(self, x: Any) -> np.ndarray:
        """Class probabilities, shape (n, k).

        Raises:
            NotMeasurable: the model answers labels only.
        """
        import numpy as np

        found: list[list[float]] = []
        for answer in self._answers(x):
            if answer.probabilities is None:
                raise NotMeasurable("the model answers labels without probabilities")
            found.extend(answer.probabilities)
        try:
            return np.array(found, dtype=np.float64)
        except (TypeError, ValueError):
            raise SubjectError(
                "the model answered probabilities of different length, or that are not numbers"
            ) from None

    def _most_probable(self, probabilities: list[list[float]]) -> list[Any]:
        scores = checked_scores(probabilities, len(probabilities), len(self.classes) or None)
        positions: list[int] = scores.argmax(axis=1).tolist()
        return [self.classes[position] for position in positions] if self.classes else positions

    def _answers(self, x: Any) -> list[Answer]:
        self.budget.take(len(x))
        answers = []
        for start in range(0, len(x), self.rows_per_request):
            part = x[start : start + self.rows_per_request]
            answer = self.ask(part)
            given = answer.predictions if answer.predictions is not None else answer.probabilities
            if given is None or len(given) != len(part):
                raise SubjectError(f"the model answered {len(given or [])} predictions for {len(part)} rows")
            answers.append(answer)
        return answers


def columns_of(x: Any) -> dict[str, list[Any]]:
    """A frame as plain lists by column; a missing value is None."""
    import pandas as pd

    return {
        str(name): [
            None if gap else value for value, gap in zip(x[name].tolist(), pd.isna(x[name]).tolist(), strict=True)
        ]
        for name in x.columns
    }


def rows_of(x: Any) -> list[Any]:
    """A frame as one mapping a row, an array as one nested list a row."""
    import numpy as np
    import pandas as pd

    if not isinstance(x, pd.DataFrame):
        rows: list[Any] = np.asarray(x).tolist()
        return rows
    columns = columns_of(x)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8.

    Raises:
        SubjectError: a value has no JSON form, such as NaN in an array or a date.
    """
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False, default=str).encode(
            "utf-8"
        )
    except (ValueError, UnicodeError) as error:
        raise SubjectError(f"a row cannot be sent to the model as JSON: {error}") from None


def from_json(content: bytes | str) -> Any:
    """An answer as plain values.

    Raises:
        SubjectError: it is not JSON, or holds NaN or infinity.
    """
    try:
        return json.loads(content, parse_constant=_refused)
    except RecursionError:
        raise SubjectError("the model's answer is nested too deeply") from None
    except (ValueError, UnicodeError) as error:
        raise SubjectError(f"the model's answer is not JSON: {error}") from None


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
