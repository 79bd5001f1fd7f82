"""What leads an attack on a network whose probabilities end at 0 and 1: logits, and slopes that float32 still holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audit.errors import NotMeasurable
from audit.models import Model, Source, load

torch = pytest.importorskip("torch")

from tests.benchmarks.masks import digits, plain_network, save_onnx, save_torch  # noqa: E402

ROWS = 24


def opened(folder: Path, mask: str, format: str) -> Model:
    if format == "torch":
        save_torch(folder / "model.pt", plain_network(), mask)
        return load(Source(path=folder / "model.pt", content=(folder / "model.pt").read_bytes()), "torch")
    assert save_onnx(folder / "model.onnx", plain_network(), mask)
    return load(Source(path=folder / "model.onnx", content=(folder / "model.onnx").read_bytes()), "onnx")


@pytest.mark.parametrize("format", ["torch", "onnx"])
def test_logits_lead_where_probabilities_end(tmp_path: Path, format: str) -> None:
    steep, plain = opened(tmp_path, "logits times 1e8", format), opened(tmp_path, "none", format)
    x = digits().x[:ROWS]
    assert steep.scores is not None
    assert steep.decision is not None
    assert plain.decision is not None
    assert np.isin(steep.scores(x), (0.0, 1.0)).all(), "a case that is not saturated would show nothing"
    np.testing.assert_allclose(steep.decision(x) / 1e8, plain.decision(x), rtol=1e-5, atol=1e-5)
    assert (steep.decision(x).argmax(axis=1) == steep.predict(x)).all()


@pytest.mark.parametrize("format", ["torch", "onnx"])
def test_probabilities_are_no_decision_values(tmp_path: Path, format: str) -> None:
    model = opened(tmp_path, "temperature 1e-3", format)
    if model.decision is None:
        return
    with pytest.raises(NotMeasurable, match="not logits"):
        model.decision(digits().x[:ROWS])


def test_an_answer_without_a_slope_has_a_gradient_of_zero(tmp_path: Path) -> None:
    model = opened(tmp_path, "one-hot", "torch")
    x = digits().x[:ROWS]
    assert model.gradient is not None
    assert (model.gradient(x, digits().y[:ROWS]) == np.zeros_like(x)).all()


def test_the_slope_towards_another_class_outlives_that_of_the_own(tmp_path: Path) -> None:
    """Softmax in single precision: the own class reads 1, others down to 1e-37 still say where they lie."""
    network = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Softmax(1))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([[30.0, 0, 0, 0], [0, 30.0, 0, 0], [0, 0, 30.0, 0]]))
        network[0].bias.zero_()
    torch.jit.script(network).save(str(tmp_path / "model.pt"))
    model = load(Source(path=tmp_path / "model.pt", content=(tmp_path / "model.pt").read_bytes()), "torch")
    x = np.array([[2.0, 0.0, 0.1, 0.0]], dtype=np.float32)
    assert model.gradient is not None
    assert np.abs(model.gradient(x, np.array([0]))).max() < 1e-9
    np.testing.assert_allclose(model.gradient(x, np.array([1])), [[30.0, -30.0, 0.0, 0.0]], rtol=1e-4, atol=1e-3)
