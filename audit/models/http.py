"""A model behind an HTTP endpoint that answers JSON.

Three protocols: `mlflow` posts `{"dataframe_split": ...}` (arrays: `{"inputs": ...}`) and reads `{"predictions": ...}`;
`v2` is the Open Inference Protocol; `json` posts `{"inputs": [{column: value}, ...]}` and reads `predictions` or
`probabilities`. Redirects are not followed: they would carry the credentials elsewhere. No message shows a header or an
answer's body.
"""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from audit.errors import SubjectError
from audit.models import Model, Source
from audit.models._answers import Answer, Budget, Remote, columns_of, from_json, rows_of, to_json

SUFFIXES: tuple[str, ...] = ()
RUNS_CODE = False
MAX_ANSWER = 256 << 20
_WAITS_SECONDS = (0.2, 0.8, 2.0)
_PASSING = (429, 502, 503, 504)
"""Status codes that may be another one a moment later."""


def load(source: Source) -> Model:
    """The endpoint that `source.settings` describes, with the keys that audit.yaml has for it.

    Raises:
        SubjectError: an environment variable that a header needs is not set.
    """
    settings = source.settings
    headers = {}
    for header, variable in settings.get("headers_from_env", {}).items():
        if variable not in os.environ:
            raise SubjectError(
                f'the environment variable "{variable}" for the header "{header}" of the model is not set'
            )
        value = os.environ[variable]
        if any(ord(mark) < 32 for mark in value):
            raise SubjectError(f'the environment variable "{variable}" holds a line end or another control character')
        headers[header] = value
    endpoint = _Endpoint(
        settings["url"], settings.get("protocol", "json"), headers, settings.get("timeout_seconds", 30.0)
    )
    budget = Budget(settings.get("query_budget"))
    return Remote(
        endpoint.ask, budget, settings.get("rows_per_request", 100), source.regression, source.classes
    ).model()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Turns a redirect into an error."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """No new request."""


@dataclass(frozen=True)
class _Endpoint:
    """Posts rows and reads answers."""

    url: str
    protocol: str
    headers: dict[str, str]
    timeout_seconds: float

    def ask(self, x: Any) -> Answer:
        """One request, tried again where the fault may pass."""
        content = self._post(to_json(_question(x, self.protocol)))
        answer = from_json(content)
        if not isinstance(answer, dict):
            raise SubjectError(f"{self.url} answered {type(answer).__name__}; expected a JSON object")
        return _read_v2(answer) if self.protocol == "v2" else _read(answer)

    def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json", **self.headers}
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")
        opener = urllib.request.build_opener(_NoRedirect)
        for wait_seconds in (*_WAITS_SECONDS, None):
            try:
                with opener.open(request, timeout=self.timeout_seconds) as response:
                    content: bytes = response.read(MAX_ANSWER + 1)
                if len(content) > MAX_ANSWER:
                    raise SubjectError(f"{self.url} answered more than {MAX_ANSWER} bytes")
                return content
            except urllib.error.HTTPError as error:
                error.close()
                reason = f"status {error.code}"
                if error.code not in _PASSING:
                    break
            except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
                reason = type(getattr(error, "reason", error)).__name__
            if wait_seconds is not None:
                time.sleep(wait_seconds)
        raise SubjectError(f"{self.url} gave no answer: {reason}")


def _question(x: Any, protocol: str) -> dict[str, Any]:
    import numpy as np
    import pandas as pd

    frame = isinstance(x, pd.DataFrame)
    if protocol == "mlflow" and frame:
        columns = columns_of(x)
        return {
            "dataframe_split": {
                "columns": list(columns),
                "data": [list(row) for row in zip(*columns.values(), strict=True)],
            }
        }
    if protocol != "v2":
        return {"inputs": rows_of(x)}
    if frame:
        return {"inputs": [_tensor(name, values, [len(values), 1]) for name, values in columns_of(x).items()]}
    array = np.asarray(x, dtype=np.float64)
    return {
        "inputs": [{"name": "input", "shape": list(array.shape), "datatype": "FP64", "data": array.ravel().tolist()}]
    }


def _tensor(name: str, values: list[Any], shape: list[int]) -> dict[str, Any]:
    kinds = {type(value) for value in values}
    if None in values and kinds - {type(None)} <= {int, float}:
        raise SubjectError(f'column "{name}" has empty cells, and the v2 protocol has no way to send them')
    datatype = (
        {bool: "BOOL", int: "INT64", float: "FP64"}.get(next(iter(kinds)), "BYTES") if len(kinds) == 1 else "BYTES"
    )
    if datatype == "BYTES":
        values = ["" if value is None else str(value) for value in values]
    return {"name": name, "shape": shape, "datatype": datatype, "data": values}


def _read(answer: dict[str, Any]) -> Answer:
    if isinstance(answer.get("probabilities"), list):
        return Answer(predictions=_list(answer.get("predictions")), probabilities=answer["probabilities"])
    predictions = _list(answer.get("predictions"))
    if predictions is None:
        raise SubjectError(
            f'the model\'s answer has the keys {sorted(answer)[:5]}; expected "predictions" or "probabilities"'
        )
    if predictions and all(isinstance(row, list) and len(row) > 1 for row in predictions):
        return Answer(probabilities=predictions)
    return Answer(predictions=[row[0] if isinstance(row, list) and len(row) == 1 else row for row in predictions])


def _list(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else None


def _read_v2(answer: dict[str, Any]) -> Answer:
    predictions, probabilities = None, None
    outputs = answer.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        shape, data = (output.get("shape"), output.get("data")) if isinstance(output, dict) else (None, None)
        if (
            not isinstance(shape, list)
            or not isinstance(data, list)
            or not all(isinstance(size, int) for size in shape)
        ):
            raise SubjectError("the model's answer has an output without shape and data")
        if len(shape) == 2 and shape[1] > 1:
            flat = data if not data or not isinstance(data[0], list) else [value for row in data for value in row]
            if len(flat) != shape[0] * shape[1]:
                raise SubjectError(f"the model's answer claims the shape {shape} and holds {len(flat)} values")
            probabilities = [flat[row * shape[1] : (row + 1) * shape[1]] for row in range(shape[0])]
        elif predictions is None:
            predictions = [row[0] if isinstance(row, list) and len(row) == 1 else row for row in data]
    if predictions is None and probabilities is None:
        raise SubjectError("the model's answer has no outputs")
    return Answer(predictions, probabilities)
