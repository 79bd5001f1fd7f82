"""A model that lives in a process of its own, as the rest of the audit sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from audit.errors import WorkerFailed
from audit.isolation._worker import FLAGS
from audit.isolation.process import ModelProcess
from audit.isolation.wire import Operation, TooLarge
from audit.models import Inside, Model, Source

if TYPE_CHECKING:
    import numpy as np

_MOST_ARRAYS = 32


def loaded(start: Callable[[], ModelProcess], source: Source, format: str) -> Model:
    """A model that a process loads; it is loaded again, in a new process, where the first one died."""
    held = _Loaded(start, source, format)
    return _described(held, held.load())


def trained(process: ModelProcess, *arguments: Any) -> Model:
    """A model that a recipe trained in a process."""
    number, facts = process.new_model(Operation.TRAIN, *arguments)
    held = _Held(process, number)
    process.release(held, number)
    return _described(held, facts)


def _described(held: _Held, facts: dict[str, Any]) -> Model:
    """The model, with what its process says of it; no type in it is believed.

    Raises:
        WorkerFailed: the facts cannot be read.
    """
    try:
        n_inputs = facts["n_inputs"]
        return Model(
            predict=held.predict,
            scores=held.scores if facts["scores"] else None,
            gradient=held.gradient if facts["gradient"] else None,
            decision=held.decision if facts["decision"] else None,
            inside=Inside(held.arrays_inside, held.inputs) if facts["inside"] else None,
            classes=tuple(_label(label) for label in facts["classes"]),
            columns=tuple(str(name) for name in facts["columns"]),
            n_inputs=None if n_inputs is None else int(n_inputs),
            **{name: bool(facts[name]) for name in FLAGS},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WorkerFailed("the process of the model described it in a way that cannot be read") from error


def _label(label: Any) -> Any:
    if not isinstance(label, bool | int | float | str):
        raise TypeError(label)
    return label


class _Held:
    """Asks one model of a process; few rows at a time where all do not fit into the shared memory."""

    def __init__(self, process: ModelProcess | None, number: int) -> None:
        self._process, self._number = process, number

    def predict(self, x: Any) -> np.ndarray:
        """Labels or numbers, as the model gives them."""
        return self._ask(Operation.PREDICT, x)

    def scores(self, x: Any) -> np.ndarray:
        """Class probabilities, as the model gives them."""
        return self._ask(Operation.SCORES, x)

    def gradient(self, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Gradient of the cross-entropy with respect to x, same shape."""
        return self._ask(Operation.GRADIENT, x, codes)

    def decision(self, x: Any) -> np.ndarray:
        """Decision values, as the model gives them."""
        return self._ask(Operation.DECISION, x)

    def inputs(self, x: Any) -> np.ndarray:
        """What the last step of the model is given."""
        return self._ask(Operation.INPUTS, x)

    def arrays_inside(self) -> Mapping[str, np.ndarray]:
        """What the model consists of, by name."""
        process = self._living()
        names = process.ask(Operation.INSIDE, self._number)
        if not isinstance(names, list) or len(names) > _MOST_ARRAYS:
            raise WorkerFailed("the process of the model said nothing readable of the model's inside")
        return {str(name): process.ask(Operation.ARRAY_INSIDE, self._number, str(name)) for name in names}

    def _living(self) -> ModelProcess:
        if self._process is None:
            raise WorkerFailed("the process of the model has ended")
        return self._process

    def _ask(self, operation: Operation, *arguments: Any) -> np.ndarray:
        import numpy as np

        try:
            found = self._living().ask(operation, self._number, *arguments)
        except TooLarge:
            rows = len(arguments[0])
            if rows < 2:
                raise WorkerFailed("one row, or the answer to it, is too large to be passed to the model") from None
            halves = (slice(0, rows // 2), slice(rows // 2, rows))
            return np.concatenate([self._ask(operation, *(part[half] for part in arguments)) for half in halves])
        if isinstance(found, np.ndarray):
            return found
        values = np.empty(len(found) if isinstance(found, list) else 0, dtype=object)
        values[:] = found
        return values


class _Loaded(_Held):
    """A model that can be loaded again."""

    def __init__(self, start: Callable[[], ModelProcess], source: Source, format: str) -> None:
        super().__init__(None, 0)
        self._start, self._source, self._format = start, source, format

    def load(self) -> dict[str, Any]:
        """Start a process and load the model there; what it says of the model."""
        self._process = self._start()
        self._number, facts = self._process.new_model(Operation.LOAD, self._source, self._format)
        return facts

    def _living(self) -> ModelProcess:
        if self._process is None or self._process.ended:
            self.load()
        return super()._living()
