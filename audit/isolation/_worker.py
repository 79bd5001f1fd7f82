"""The process that alone opens a model: `python -m audit.isolation._worker SETTINGS`.

It restricts itself, says how far it got, and then answers what its parent asks until the pipe closes. An error that a
user can act on is an answer; anything else ends the process, and the parent reads the traceback.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from audit import models
from audit.errors import AuditError, NotMeasurable
from audit.isolation import recipe
from audit.isolation.restrict import Restrictions, die_with_parent
from audit.isolation.wire import Exchange, Kind, Operation, Question
from audit.models import Model
from audit.records import Isolation

_RAW = "biufU"
"""Kinds of arrays that go as they are; others, such as labels of mixed kinds, go as plain values."""
_ANSWERED_BY_ARRAYS = (
    Operation.PREDICT, Operation.SCORES, Operation.GRADIENT, Operation.DECISION, Operation.INPUTS,
    Operation.ARRAY_INSIDE,
)  # fmt: skip


class _Worker:
    """Holds the models of one parent and answers for them."""

    def __init__(self, exchange: Exchange, content: int) -> None:
        self._exchange, self._content = exchange, content
        self._models: dict[int, Model] = {}
        self._arrays: dict[int, Mapping[str, Any]] = {}

    def serve(self, question: Question) -> None:
        """Answer one question."""
        answer: Callable[..., Any] = getattr(self, f"_{question.operation.name.lower()}")
        try:
            found = answer(question.model, *question.arguments)
        except AuditError as error:
            named = {"type": type(error).__name__, "message": str(error)}
            self._exchange.answer_values(named, Kind.ERROR)
            return
        if question.operation in _ANSWERED_BY_ARRAYS:
            self._answer(found)
        else:
            self._exchange.answer_values(found)

    def _answer(self, found: Any) -> None:
        import numpy as np

        array = np.asarray(found)
        if (array.dtype.kind in _RAW and array.dtype.itemsize <= 8) or array.dtype.kind == "U":
            self._exchange.answer_array(array.astype(array.dtype.newbyteorder("<"), copy=False))
        else:
            self._exchange.answer_values(_plain(array))

    def _load(self, number: int, source: models.Source, format: str) -> dict[str, Any]:
        with os.fdopen(self._content, "rb") as file:
            source = replace(source, content=file.read())
        if format == "skops":
            from audit.models.skops import untrusted_types

            # the scan knew every type of the file as harmless, so skops' own, shorter list may be widened
            source = replace(source, trusted=untrusted_types(source.content))
        return self._keep(number, models.load(source, format))

    def _train(self, number: int, content: bytes, path: str, function: str, *arguments: Any) -> dict[str, Any]:
        fit = recipe.function(content, path, function)
        return self._keep(number, models.load(models.Source(estimator=fit(*arguments)), "callable"))

    def _predict(self, number: int, x: Any) -> Any:
        return self._models[number].predict(x)

    def _scores(self, number: int, x: Any) -> Any:
        scores = self._models[number].scores
        if scores is None:
            raise NotMeasurable("the model gives no probabilities")
        return scores(x)

    def _gradient(self, number: int, x: Any, codes: Any) -> Any:
        gradient = self._models[number].gradient
        if gradient is None:
            raise NotMeasurable("the model gives no gradients")
        return gradient(x, codes)

    def _decision(self, number: int, x: Any) -> Any:
        decision = self._models[number].decision
        if decision is None:
            raise NotMeasurable("the model gives no decision values")
        return decision(x)

    def _inputs(self, number: int, x: Any) -> Any:
        return self._known_inside(number).inputs(x)

    def _inside(self, number: int) -> list[str]:
        self._arrays[number] = self._known_inside(number).arrays()
        return list(self._arrays[number])

    def _array_inside(self, number: int, name: str) -> Any:
        return self._arrays[number][name]

    def _known_inside(self, number: int) -> models.Inside:
        inside = self._models[number].inside
        if inside is None:
            raise NotMeasurable("nothing is known of the model's inside")
        return inside

    def _forget(self, number: int) -> None:
        self._models.pop(number, None)
        self._arrays.pop(number, None)

    def _keep(self, number: int, model: Model) -> dict[str, Any]:
        self._models[number] = model
        return {
            "classes": [_label(label) for label in model.classes],
            "columns": list(model.columns),
            "n_inputs": model.n_inputs,
            "scores": model.scores is not None,
            "gradient": model.gradient is not None,
            "decision": model.decision is not None,
            "inside": model.inside is not None,
            **{name: bool(getattr(model, name)) for name in FLAGS},
        }


FLAGS = ("flat", "frames", "objects", "spaces_as_underscores", "numbered", "undecided")
"""Fields of a Model that are true or false."""


def _label(label: Any) -> Any:
    return label if isinstance(label, bool | int | float | str) else str(label)


def _plain(array: Any) -> Any:
    """An array of objects as nested lists of plain values."""
    values = array.tolist()
    return json.loads(json.dumps(values, default=lambda value: getattr(value, "item", lambda: str(value))()))


def main() -> None:
    """Restrict this process, then serve its parent."""
    settings = json.loads(sys.argv[1])
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupted audit does
    os.chdir(settings["folder"])
    exchange = Exchange(settings["memory"], settings["incoming"], settings["outgoing"])
    isolation = Isolation("process")
    restrictions = Restrictions() if settings["restricted"] else None
    if restrictions is not None:
        restrictions.before_imports(settings["packages"])
    for name in settings["imports"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)  # a missing one is reported by the format that needs it
    if restrictions is not None:
        isolation = restrictions.before_loading(settings["memory_bytes"])
    exchange.answer_values(asdict(isolation))
    worker = _Worker(exchange, settings["content"])
    while (question := exchange.question()) is not None:
        worker.serve(question)


if __name__ == "__main__":
    main()
