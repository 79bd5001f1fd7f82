"""ONNX models (.onnx), on the processor, with one thread."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.errors import MissingExtra, SubjectError
from audit.models import Model, Source, as_float32
from audit.models._outputs import Scores, two_dimensional

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (".onnx",)
RUNS_CODE = False
_BATCH = 4096
_FLOATS = ("tensor(float)", "tensor(double)", "tensor(float16)")
_PASSING_ON = ("Identity", "Reshape", "Cast", "Squeeze", "Flatten")
_LABELS = ("tensor(int64)", "tensor(string)", "tensor(int32)")


def load(source: Source) -> Model:
    """A graph with one array input, or with one input a column as skl2onnx writes for frames.

    Outputs may be labels with probabilities (a tensor, or the list of mappings that ZipMap gives), probabilities or
    logits alone, labels alone, or numbers for regression.

    Raises:
        SubjectError: the bytes are no ONNX model, it reads other files, or its outputs are none of these.
        MissingExtra: onnx or onnxruntime is not installed.
    """
    graph = _graph(source)
    session = _session(source)
    inputs = [_Input(found.name, found.type, tuple(found.shape)) for found in session.get_inputs()]
    asked = _Session(session, inputs)
    outputs = {found.name: found.type for found in session.get_outputs()}
    width = inputs[0].shape[1] if len(inputs) == 1 and len(inputs[0].shape) == 2 else None
    shape: dict[str, Any] = {
        "columns": asked.columns,
        "n_inputs": width if isinstance(width, int) and not asked.columns else None,
    }
    if source.regression:
        return Model(predict=lambda x: asked(x, next(iter(outputs))), **shape)
    label = next((name for name, kind in outputs.items() if kind in _LABELS), None)
    mapped = next((name for name, kind in outputs.items() if kind.startswith("seq(map")), None)
    raw = next((name for name, kind in outputs.items() if kind in _FLOATS), None)
    if label is not None and mapped is not None:
        answers = _Mapped(asked, label, mapped, _classes(graph, label))
        return Model(predict=answers.labels, scores=answers.scores, classes=answers.classes, **shape)
    if label is not None and raw is not None:
        both = _Both(asked, label, raw, _classes(graph, label))
        return Model(predict=both.labels, scores=both.scores, classes=both.classes, **shape)
    if label is not None:
        return Model(predict=lambda x: asked(x, label), classes=_classes(graph, label), **shape)
    if raw is None:
        raise SubjectError(f"{source.path.name} has the outputs {outputs}; expected labels, probabilities or logits")
    return _network(asked, graph, raw, shape)


def _network(asked: _Session, graph: Any, raw: str, shape: dict[str, Any]) -> Model:
    last = next((node.op_type for node in graph.node if raw in node.output), "")
    logits = False if last in ("Softmax", "Sigmoid") else None
    scores = Scores(lambda x: asked(x, raw), logits=logits)
    decision = None if logits is False else scores.logits
    return Model(predict=scores.labels, scores=scores, decision=decision, numbered=True, **shape)


def _graph(source: Source) -> Any:
    try:
        import onnx
    except ModuleNotFoundError:
        raise MissingExtra("onnx", "onnx", "to open ONNX models") from None
    decode_error: type[Exception] = importlib.import_module("google.protobuf.message").DecodeError
    from onnx.external_data_helper import uses_external_data

    try:
        graph = onnx.load_model_from_string(source.content).graph
    except (decode_error, ValueError) as error:
        raise SubjectError(f"{source.path.name} is no readable ONNX model: {error}") from error
    if any(uses_external_data(tensor) for tensor in _tensors(graph)):
        raise SubjectError(
            f"{source.path.name} keeps weights in other files; save it as one file, so that one digest covers it"
        )
    return graph


def _tensors(graph: Any) -> Iterator[Any]:
    """Every tensor of a graph and of the graphs inside it."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for inner in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
                yield from _tensors(inner)


def _session(source: Source) -> Any:
    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise MissingExtra("onnxruntime", "onnx", "to run ONNX models") from None
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    faults = (
        state.Fail,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.InvalidArgument,
        state.NotImplemented,
        state.RuntimeException,
    )
    try:
        return onnxruntime.InferenceSession(source.content, options, providers=["CPUExecutionProvider"])
    except faults as error:
        raise SubjectError(f"{source.path.name} is no usable ONNX model: {str(error)[:300]}") from error


def _classes(graph: Any, label: str | None) -> tuple[Any, ...]:
    """Labels in the order of the outputs: from the classifier node, else from the list that labels are picked from."""
    from onnx import numpy_helper

    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name in ("classlabels_ints", "classlabels_int64s") and attribute.ints:
                return tuple(int(found) for found in attribute.ints)
            if attribute.name == "classlabels_strings" and attribute.strings:
                return tuple(found.decode() for found in attribute.strings)
    producers = {output: node for node in graph.node for output in node.output}
    node = producers.get(label)
    while node is not None and node.op_type in _PASSING_ON:
        node = producers.get(node.input[0])
    if node is None or node.op_type not in ("ArrayFeatureExtractor", "Gather"):
        return ()
    kept = next((tensor for tensor in graph.initializer if tensor.name == node.input[0]), None)
    labels = [] if kept is None else numpy_helper.to_array(kept).ravel().tolist()
    return tuple(found.decode() if isinstance(found, bytes) else found for found in labels)


@dataclass(frozen=True)
class _Input:
    """One input of the graph: name, type such as `tensor(float)`, and shape with None where it is open."""

    name: str
    kind: str
    shape: tuple[Any, ...]

    @property
    def is_column(self) -> bool:
        """Whether it takes one value a row."""
        return len(self.shape) == 1 or (len(self.shape) == 2 and self.shape[1] == 1)


@dataclass(frozen=True, eq=False)
class _Session:
    """Asks a session in batches."""

    session: Any
    inputs: list[_Input]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the inputs where each takes one column; empty where one takes an array."""
        if len(self.inputs) > 1:
            if not all(found.is_column for found in self.inputs):
                wide = [found.name for found in self.inputs if not found.is_column]
                raise SubjectError(
                    f"the model has several inputs, and {', '.join(wide)} take more than one value a row"
                )
            return tuple(found.name for found in self.inputs)
        return (self.inputs[0].name,) if self.inputs[0].kind == "tensor(string)" and self.inputs[0].is_column else ()

    def __call__(self, x: Any, output: str) -> Any:
        """One output for all rows: an array, or a list of mappings."""
        import numpy as np

        parts = [self._run(x[start : start + _BATCH], output) for start in range(0, len(x), _BATCH)]
        return [row for part in parts for row in part] if isinstance(parts[0], list) else np.concatenate(parts)

    def _run(self, x: Any, output: str) -> Any:
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        if self.columns:
            feed = {found.name: _cast(x[found.name], found) for found in self.inputs}
        else:
            feed = {self.inputs[0].name: _cast(x, self.inputs[0])}
        try:
            return self.session.run([output], feed)[0]
        except (state.Fail, state.InvalidArgument, state.RuntimeException, state.NotImplemented) as error:
            shapes = {name: tuple(values.shape) for name, values in feed.items()}
            raise SubjectError(f"the ONNX model failed on inputs of shape {shapes}: {str(error)[:300]}") from error


def _cast(values: Any, wanted: _Input) -> np.ndarray:
    """Values as the graph declares them.

    Raises:
        SubjectError: a value does not fit: a text where a number is needed, a gap or fraction where a whole number is.
    """
    import numpy as np
    import pandas as pd

    try:
        found = _of_kind(values, wanted.kind)
    except (TypeError, ValueError):
        raise SubjectError(f'input "{wanted.name}" takes {wanted.kind}, and the column holds something else') from None
    if isinstance(values, pd.Series) and len(wanted.shape) == 2:
        found = found[:, None]
    return np.ascontiguousarray(found)


def _of_kind(values: Any, kind: str) -> np.ndarray:
    import numpy as np
    import pandas as pd

    if kind == "tensor(string)":
        if pd.isna(np.asarray(values, dtype=object)).any():
            raise ValueError("a gap")
        return np.asarray(values, dtype=object)
    numbers = np.asarray(values, dtype=np.float64)
    if kind == "tensor(float)":
        return as_float32(numbers)
    if kind == "tensor(float16)":
        return as_float32(numbers).astype(np.float16)
    if kind == "tensor(double)":
        return numbers
    if kind == "tensor(bool)":
        return np.asarray(numbers != 0)
    whole = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8}.get(kind)
    if whole is None or not (numbers == np.trunc(numbers)).all() or (numbers.astype(whole) != numbers).any():
        raise ValueError("not a whole number")
    return numbers.astype(whole)


@dataclass(frozen=True, eq=False)
class _Mapped:
    """Labels, and one mapping from label to probability a row."""

    asked: _Session
    label: str
    mapped: str
    classes: tuple[Any, ...]

    def labels(self, x: Any) -> Any:
        """Labels, shape (n,)."""
        return self.asked(x, self.label)

    def scores(self, x: Any) -> np.ndarray:
        """Class probabilities, columns in the order of `classes`."""
        import numpy as np

        return np.array(
            [[row[label] for label in self.classes] for row in self.asked(x, self.mapped)], dtype=np.float64
        )


@dataclass(frozen=True, eq=False)
class _Both:
    """Labels and a tensor of probabilities (or scores); the graph may not say which label a column belongs to."""

    asked: _Session
    label: str
    raw: str
    classes: tuple[Any, ...]

    def labels(self, x: Any) -> Any:
        """Labels, shape (n,)."""
        return self.asked(x, self.label)

    def scores(self, x: Any) -> np.ndarray:
        """Class probabilities; where the graph names no classes, each label has to be the largest column of its row."""
        import numpy as np

        scores = two_dimensional(self.asked(x, self.raw), len(x))
        if not self.classes:
            labels = np.asarray(self.labels(x))
            if labels.dtype.kind not in "iu" or (labels != scores.argmax(axis=1)).any():
                raise SubjectError(
                    "the model does not say which label each probability belongs to; "
                    "name them in its order: model: {classes: [...]}"
                )
        return scores
