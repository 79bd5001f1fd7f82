"""Questions and answers of the protocols that HTTP endpoints speak.

`mlflow` sends `{"dataframe_split": ...}` (arrays: `{"inputs": ...}`) and reads `{"predictions": ...}`; `v2` is the Open
Inference Protocol; `json` sends `{"inputs": [{column: value}, ...]}` and reads `predictions` or `probabilities`.
"""

from __future__ import annotations

from typing import Any

from audit.errors import SubjectError
from audit.models._answers import Answer, columns_of, rows_of


def question(x: Any, protocol: str) -> dict[str, Any]:
    """A frame or an array as the protocol sends it.

    Raises:
        SubjectError: the protocol has no way to send a value.
    """
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


def answer(document: Any, protocol: str) -> Answer:
    """What an answer says of each row.

    Raises:
        SubjectError: it is not what the protocol answers; nothing of it is shown.
    """
    if not isinstance(document, dict):
        raise SubjectError("the model's answer is no JSON object")
    return _of_outputs(document.get("outputs")) if protocol == "v2" else _of_predictions(document)


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


def _of_predictions(document: dict[str, Any]) -> Answer:
    predictions, probabilities = document.get("predictions"), document.get("probabilities")
    if probabilities is not None and not isinstance(probabilities, list):
        raise SubjectError('the model\'s answer has "probabilities" that are no list')
    if predictions is not None and not isinstance(predictions, list):
        raise SubjectError('the model\'s answer has "predictions" that are no list')
    if probabilities is not None:
        return Answer(None if predictions is None else _flat(predictions), probabilities)
    if predictions is None:
        raise SubjectError('the model\'s answer has neither "predictions" nor "probabilities"')
    if predictions and all(isinstance(row, list) and len(row) > 1 for row in predictions):
        return Answer(probabilities=predictions)
    return Answer(predictions=_flat(predictions))


def _of_outputs(outputs: Any) -> Answer:
    predictions, probabilities = None, None
    for output in outputs if isinstance(outputs, list) else []:
        shape, data = (output.get("shape"), output.get("data")) if isinstance(output, dict) else (None, None)
        if (
            not isinstance(shape, list)
            or not isinstance(data, list)
            or not all(isinstance(size, int) and size >= 0 for size in shape)
        ):
            raise SubjectError("the model's answer has an output without shape and data")
        if len(shape) == 2 and shape[1] > 1:
            flat = data if not data or not isinstance(data[0], list) else [v for row in data for v in _listed(row)]
            if len(flat) != shape[0] * shape[1]:
                raise SubjectError(f"the model's answer claims the shape {shape[:4]} and holds {len(flat)} values")
            probabilities = [flat[row * shape[1] : (row + 1) * shape[1]] for row in range(shape[0])]
        elif predictions is None:
            predictions = _flat(data)
    if predictions is None and probabilities is None:
        raise SubjectError("the model's answer has no outputs")
    return Answer(predictions, probabilities)


def _flat(rows: list[Any]) -> list[Any]:
    return [row[0] if isinstance(row, list) and len(row) == 1 else row for row in rows]


def _listed(row: Any) -> list[Any]:
    if not isinstance(row, list):
        raise SubjectError("the model's answer mixes rows and single values in one output")
    return row
