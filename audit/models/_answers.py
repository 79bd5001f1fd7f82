"""Rows to JSON and answers back, for models that answer from elsewhere."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit import strict_json
from audit.errors import NotMeasurable, SubjectError
from audit.models import Model, checked_labels, checked_numbers, checked_scores
from audit.models._budget import Budget
from audit.models._pace import Batch

if TYPE_CHECKING:
    import numpy as np

_LONGEST_LABEL = 1_000
_MOST_BYTES, _MOST_BYTES_A_ROW = 256 << 20, 1 << 20
_QUOTED = re.compile(r'".*"|(?<=the number )\S+', re.DOTALL)
"""What a message of the JSON reader repeats of the document."""


@dataclass(frozen=True)
class Answer:
    """What a remote model said of some rows: labels or numbers, or class probabilities; the other is None."""

    predictions: list[Any] | None = None
    probabilities: list[Any] | None = None


class TooManyRows(SubjectError):
    """A model refused, or did not manage, so many rows at a time; fewer may do.

    Args:
        for_ever: whether so many are too many each time.
    """

    def __init__(self, message: str, *, for_ever: bool) -> None:
        self.for_ever = for_ever
        super().__init__(message)


Ask = Callable[[Any], Answer]
"""A frame or an array of at most `batch.rows` rows to an answer about each; counts them in the budget."""


@dataclass(frozen=True, eq=False)
class Remote:
    """A model behind `ask`, asked in batches. What it answers does not depend on their size."""

    ask: Ask
    budget: Budget
    batch: Batch
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

        found = [np.empty(0, dtype=np.float64 if self.regression else object)]
        found += self._checked(x, self._numbers if self.regression else self._labels)
        return np.concatenate(found)

    def probabilities(self, x: Any) -> np.ndarray:
        """Class probabilities, shape (n, k).

        Raises:
            NotMeasurable: the model answers labels only.
        """
        import numpy as np

        found = list(self._checked(x, self._scores))
        if len({part.shape[1] for part in found}) > 1:
            raise SubjectError("the model answered another number of probabilities for some rows than for others")
        return np.concatenate(found) if found else np.zeros((0, len(self.classes)))

    def _checked(self, x: Any, check: Callable[[Answer, int], np.ndarray]) -> Iterator[np.ndarray]:
        """Each answer as soon as it came, so that a model that answers nonsense is not asked for more of it."""
        done = 0
        for answer in self._answers(x):
            given = answer.predictions if answer.predictions is not None else answer.probabilities or []
            try:
                yield check(answer, len(given))
            except SubjectError as error:
                raise SubjectError(f"after {done} usable rows: {error}" if done else str(error)) from None
            done += len(given)

    def _numbers(self, answer: Answer, rows: int) -> np.ndarray:
        if answer.predictions is None:
            raise SubjectError("the model answered probabilities, and the task is a regression")
        return checked_numbers(answer.predictions, rows)

    def _labels(self, answer: Answer, rows: int) -> np.ndarray:
        import numpy as np

        labels = answer.predictions if answer.predictions is not None else self._most_probable(answer, rows)
        for label in labels:
            if not isinstance(label, str | int | float | None):
                raise SubjectError("the model answered a list or a mapping where one label is expected")
            if isinstance(label, str) and len(label) > _LONGEST_LABEL:
                raise SubjectError(f"the model answered a label of {len(label)} characters")
        return checked_labels(np.array(labels, dtype=object), rows)

    def _scores(self, answer: Answer, rows: int) -> np.ndarray:
        if answer.probabilities is None:
            raise NotMeasurable("the model answers labels without probabilities")
        lengths = {len(row) for row in answer.probabilities if isinstance(row, list)}
        if len(lengths) > 1:
            raise SubjectError("the model answered another number of probabilities for some rows than for others")
        return checked_scores(answer.probabilities, rows, len(self.classes) or None)

    def _most_probable(self, answer: Answer, rows: int) -> list[Any]:
        positions: list[int] = self._scores(answer, rows).argmax(axis=1).tolist()
        return [self.classes[position] for position in positions] if self.classes else positions

    def _answers(self, x: Any) -> Iterator[Answer]:
        self.budget.check(len(x))  # rather than stop half-way, with the rows that were asked about lost
        done = 0
        while done < len(x):
            part = x[done : done + self.batch.rows]
            began = time.monotonic()
            try:
                answer = self.ask(part)
            except TooManyRows as refusal:
                self.batch.refused(len(part), for_ever=refusal.for_ever)
                continue
            self.batch.answered(len(part), time.monotonic() - began)
            for given in (answer.predictions, answer.probabilities):
                if given is not None and len(given) != len(part):
                    raise SubjectError(f"the model answered {len(given)} predictions for {len(part)} rows")
            done += len(part)
            yield answer


def most_bytes(rows: int) -> int:
    """How long an answer about so many rows may be."""
    return min(_MOST_BYTES, _MOST_BYTES_A_ROW * (rows + 1))


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


def from_json(content: bytes) -> Any:
    """An answer as plain values.

    Raises:
        SubjectError: it is not JSON, repeats a key, or holds NaN, infinity or a number beyond 64 bits; nothing of it is
            shown.
    """
    try:
        return strict_json.loads(content)
    except json.JSONDecodeError as error:
        reason = f"{error.msg} at line {error.lineno}, column {error.colno}"
    except UnicodeError:
        reason = "it is not UTF-8"
    except ValueError as error:
        reason = _QUOTED.sub("...", str(error))
    raise SubjectError(f"the model's answer is not JSON: {reason}")
