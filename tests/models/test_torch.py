"""TorchScript and torch.export files answer as the network that wrote them; gradients are those of autograd."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from audit.errors import SubjectError
from audit.models import Model, Source, load
from audit.subject import Subject

RNG = np.random.default_rng(0)
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
X = RNG.normal(size=(40, 5))
CODES = RNG.integers(0, 3, 40)


class Network(torch.nn.Module):
    """A linear layer; with dropout, which evaluation has to switch off."""

    def __init__(self, outputs: int = 3, soft: bool = False) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(5, outputs)
        self.dropout = torch.nn.Dropout(0.5)
        self.soft = soft

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = self.dropout(self.layer(x))
        if self.soft:
            return torch.softmax(z, dim=1)
        return z


def network(outputs: int = 3, soft: bool = False) -> Network:
    torch.manual_seed(0)
    return Network(outputs, soft)


def scripted(module: torch.nn.Module) -> bytes:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    return buffer.getvalue()


def opened(content: bytes, name: str = "model.pt", **settings: Any) -> Model:
    format = "torch_export" if name.endswith(".pt2") else "torch"
    return load(Source(path=Path(name), content=content, **settings), format)


def logits_of(module: Network) -> np.ndarray:
    weights, bias = module.layer.weight.detach().numpy(), module.layer.bias.detach().numpy()
    return np.asarray(X @ weights.T.astype(float) + bias)


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("soft", [False, True])
def test_round_trip_and_gradient(soft: bool) -> None:
    module = network(soft=soft)
    model = opened(scripted(module.train()))
    expected = softmax(logits_of(module))
    assert model.scores is not None
    assert model.gradient is not None
    np.testing.assert_allclose(model.scores(X), expected, atol=1e-5)
    np.testing.assert_array_equal(model.predict(X), expected.argmax(axis=1))
    error = expected.copy()
    error[np.arange(40), CODES] -= 1
    np.testing.assert_allclose(model.gradient(X, CODES), error @ module.layer.weight.detach().numpy(), atol=1e-5)


def test_one_output_is_the_logit_of_the_second_class() -> None:
    module = network(outputs=1)
    model = opened(scripted(module))
    second = 1 / (1 + np.exp(-logits_of(module)[:, 0]))
    assert model.scores is not None
    assert model.gradient is not None
    np.testing.assert_allclose(model.scores(X), np.column_stack([1 - second, second]), atol=1e-5)
    codes = CODES % 2
    expected = (second - codes)[:, None] * module.layer.weight.detach().numpy()
    np.testing.assert_allclose(model.gradient(X, codes), expected, atol=1e-5)


def test_one_row_is_answered_as_many_are() -> None:
    model = opened(scripted(network()))
    alone = opened(scripted(network()))
    assert model.scores is not None
    assert alone.scores is not None
    np.testing.assert_allclose(alone.scores(X[:1]), model.scores(X)[:1], atol=1e-7)


@pytest.fixture(scope="module")
def exported() -> bytes:
    buffer = io.BytesIO()
    rows = torch.export.Dim("rows")
    program = torch.export.export(network().eval(), (torch.zeros(2, 5),), dynamic_shapes={"x": {0: rows}})
    torch.export.save(program, buffer)
    return buffer.getvalue()


def test_exported_program(exported: bytes) -> None:
    model = opened(exported, "model.pt2")
    expected = softmax(logits_of(network()))
    assert model.scores is not None
    assert model.gradient is not None
    np.testing.assert_allclose(model.scores(X), expected, atol=1e-5)
    error = expected.copy()
    error[np.arange(40), CODES] -= 1
    np.testing.assert_allclose(model.gradient(X, CODES), error @ network().layer.weight.detach().numpy(), atol=1e-5)


def rewritten(content: bytes, part: str, change: Callable[[bytes], bytes], extra: str = "") -> bytes:
    """The archive with one part changed, or another part added."""
    new = io.BytesIO()
    changed = 0
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(new, "w") as archive:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(part):
                data, changed = change(data), changed + 1
            archive.writestr(name, data)
        if extra:
            archive.writestr(f"{old.namelist()[0].partition('/')[0]}/{extra}", b"x")
    assert changed
    return new.getvalue()


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("model.json", replacing(b"torch.ops.aten.linear.default", b"torch.hub.load"), "operator"),
        ("model.json", replacing(b"torch.ops.aten.linear.default", b"torch.ops.aten.from_file.default"), "operator"),
        ("model.json", replacing(b"torch.ops.aten.linear.default", b"_operator.methodcaller"), "operator"),
        ("model.json", replacing(b"Symbol('s", b"__import__('s"), "shape"),
        ("model.json", replacing(b"positive=True", b"positive=().__class__"), "shape"),
        ("model.json", replacing(b'"guards_code": []', b'"guards_code": ["import os"]'), "guards_code"),
        ("model.json", replacing(b"builtins.tuple", b"os.path"), "container"),
        ("weights_config.json", replacing(b'"use_pickle": false', b'"use_pickle": true'), "pickle"),
        ("sample_inputs/model.pt", lambda data: b"\x80\x02cos\nsystem\n.", "pickle"),
        ("model.json", lambda data: data[:-5], "JSON"),
    ],
)
def test_an_exported_program_holds_tensor_operators_only(
    exported: bytes, part: str, change: Callable[[bytes], bytes], words: str
) -> None:
    with pytest.raises(SubjectError, match=f"not opened: .*{words}"):
        opened(rewritten(exported, part, change), "model.pt2")


@pytest.mark.parametrize("extra", ["data/aotinductor/model/a.so", "data/constants/custom_obj_0", "extra/x.py"])
def test_an_exported_program_has_no_other_parts(exported: bytes, extra: str) -> None:
    with pytest.raises(SubjectError, match="neither weights nor a graph"):
        opened(rewritten(exported, "model.json", lambda data: data, extra), "model.pt2")


def test_regression_and_the_columns_of_a_frame(tmp_path: Path) -> None:
    import pandas as pd

    module = network(outputs=1)
    frame = pd.DataFrame(X, columns=list("abcde"))
    subject = Subject.in_memory(
        model=opened(scripted(module), regression=True),
        train=frame.assign(y=0.0),
        test=frame[list("edcba")].assign(y=0.0),
        target="y",
        task="regression",
    )
    np.testing.assert_allclose(subject.predict(subject.test), logits_of(module)[:, 0], atol=1e-5)


def test_gradient_through_the_subject() -> None:
    subject = Subject.in_memory(model=opened(scripted(network())), test=(X, CODES))
    assert subject.has_gradient
    assert subject.classes == (0, 1, 2)
    assert subject.gradient(X, CODES).shape == X.shape


def test_state_dict_and_pickled_modules_are_refused_with_a_hint() -> None:
    for thing in (network().state_dict(), network()):
        buffer = io.BytesIO()
        torch.save(thing, buffer)
        with pytest.raises(SubjectError, match=r"torch\.jit\.script"):
            opened(buffer.getvalue())
        with pytest.raises(SubjectError, match=r"torch\.export"):
            opened(buffer.getvalue(), "model.pt2")


@pytest.mark.parametrize("name", ["model.pt", "model.pt2"])
def test_damaged_files_are_errors(name: str) -> None:
    whole = scripted(network())
    for content in (b"", b"\x80\x02.", whole[: len(whole) // 2]):
        with pytest.raises(SubjectError, match=name):
            opened(content, name)


def test_row_21_and_wrong_shapes_are_errors() -> None:
    model = opened(scripted(network()))
    with pytest.raises(SubjectError, match="float32"):
        model.predict(np.full((2, 5), 1e39))
    with pytest.raises(SubjectError, match="shape"):
        model.predict(np.zeros((2, 4)))
