"""Networks that hide their weakness: a plain one on the digits, and what may stand before, inside and behind it.

Each mask is written once for TorchScript, and once as nodes of an ONNX graph where ONNX has such nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.fft import dct
from sklearn.datasets import load_digits

TRAINED = 1200
WIDTH = 48


@dataclass(frozen=True)
class Digits:
    """Rows of shape (n, 64) in 0..1, and their classes."""

    x: np.ndarray
    y: np.ndarray


@cache
def digits() -> Digits:
    """All rows in random order; the first 1,200 are for training."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    return Digits((x[order] / 16).astype(np.float32), y[order])


@cache
def plain_network(epsilon: float = 0.0) -> torch.nn.Sequential:
    """A network of one hidden layer; trained on rows that five gradient steps within epsilon made worse."""
    data = digits()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = torch.nn.Sequential(torch.nn.Linear(64, WIDTH), torch.nn.ReLU(), torch.nn.Linear(WIDTH, 10))
    optimiser = torch.optim.Adam(network.parameters(), 5e-3)
    x, y = torch.tensor(data.x[:TRAINED]), torch.tensor(data.y[:TRAINED])
    for _ in range(60 if epsilon else 25):
        for rows in torch.randperm(TRAINED).split(100):
            inputs = _worse(network, x[rows], y[rows], epsilon) if epsilon else x[rows]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs), y[rows]).backward()
            optimiser.step()
    return network.eval()


def _worse(network: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, epsilon: float) -> torch.Tensor:
    change = torch.zeros_like(x)
    for _ in range(5):
        change.requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(network(x + change), y)
        (slope,) = torch.autograd.grad(loss, change)
        change = ((change + epsilon / 2 * slope.sign()).clamp(-epsilon, epsilon) + x).clamp(0, 1).detach() - x
    return x + change


class Masked(torch.nn.Module):
    """The plain network behind one mask.

    Args:
        network: the plain network.
        mask: its name, a key of `MASKS`.
        images: whether rows arrive as images of shape (n, 1, 8, 8).
    """

    def __init__(self, network: torch.nn.Sequential, mask: str, images: bool = False) -> None:
        super().__init__()
        self.first, self.last = network[0], network[2]
        self.mask, self.images = mask, images
        waves = dct(np.eye(8), norm="ortho", axis=0)
        self.register_buffer("waves", torch.tensor(np.kron(waves, waves), dtype=torch.float32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, or what the mask makes of them, shape (n, 10)."""
        if self.images:
            x = x.flatten(1)
        hidden = torch.relu(self.first(self.before(x)))
        if self.mask == "dropout left on":
            hidden = torch.nn.functional.dropout(hidden, 0.3, True)
        if self.mask == "hidden layer in steps":
            hidden = torch.round(hidden * 2) / 2
        return self.behind(self.last(hidden))

    def before(self, x: torch.Tensor) -> torch.Tensor:
        """Masks of the input."""
        if self.mask == "rounded to 16 levels":
            return torch.round(x * 16) / 16
        if self.mask == "rounded to 8 levels":
            return torch.round(x * 8) / 8
        if self.mask == "rounded to 4 levels":
            return torch.round(x * 4) / 4
        if self.mask == "threshold":
            return (torch.sign(x - 0.5) + 1) / 2
        if self.mask == "noise":
            return x + 0.1 * torch.randn_like(x)
        if self.mask == "random shift":
            step = int(torch.randint(0, 2, (1,)).item())
            return torch.roll(x.reshape(-1, 8, 8), step, 2).flatten(1)
        if self.mask == "random size":
            size = int(torch.randint(7, 12, (1,)).item())
            wide = torch.nn.functional.interpolate(x.reshape(-1, 1, 8, 8), [size, size], mode="bilinear")
            return torch.nn.functional.interpolate(wide, [8, 8], mode="bilinear").flatten(1)
        if self.mask == "waves in steps":
            return (torch.round(x @ self.waves.T * 5) / 5) @ self.waves
        if self.mask == "shattered":
            return x + 0.02 * torch.sin(400 * x)
        if self.mask == "noise of the input's own":
            return x + 0.2 * (torch.frac(torch.sin(900 * x) * 43758.5) - 0.5)
        return x

    def behind(self, logits: torch.Tensor) -> torch.Tensor:
        """Masks of the output."""
        if self.mask == "logits times 1e4":
            return logits * 1e4
        if self.mask == "logits times 1e8":
            return logits * 1e8
        if self.mask == "temperature 1e-3":
            return torch.softmax(logits / 1e-3, 1)
        if self.mask == "saturated softmax":
            return torch.softmax(logits * 1e4, 1)
        if self.mask == "one-hot":
            return torch.nn.functional.one_hot(logits.argmax(1), 10).float()
        if self.mask == "deep sigmoids":
            logits = torch.softmax(logits, 1)
            for _ in range(4):
                logits = torch.sigmoid(12 * (logits - 0.4))
        return logits


MASKS = (
    "none", "rounded to 16 levels", "rounded to 8 levels", "rounded to 4 levels", "threshold", "logits times 1e4",
    "logits times 1e8", "temperature 1e-3", "saturated softmax", "one-hot", "noise", "dropout left on", "random shift",
    "random size", "hidden layer in steps", "waves in steps", "shattered", "noise of the input's own",
    "deep sigmoids",
)  # fmt: skip


def save_torch(path: Path, network: torch.nn.Sequential, mask: str, *, images: bool = False) -> None:
    """Write the masked network as TorchScript."""
    torch.jit.script(Masked(network, mask, images).eval()).save(str(path))


def save_onnx(path: Path, network: torch.nn.Sequential, mask: str) -> bool:
    """Write the masked network as an ONNX graph over vectors; False where ONNX has no such nodes."""
    import onnx
    from onnx import helper

    if mask not in ONNX:
        return False
    graph = _Graph()
    value = ONNX[mask](graph, graph.input) if mask in BEFORE else graph.input
    value = graph.node("Relu", graph.layer(value, network[0]))
    value = ONNX[mask](graph, value) if mask in INSIDE else value
    value = graph.layer(value, network[2])
    value = value if mask in (*BEFORE, *INSIDE) else ONNX[mask](graph, value)
    graph.nodes.append(helper.make_node("Identity", [value], ["y"]))
    kind = onnx.TensorProto.FLOAT
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "net", [helper.make_tensor_value_info("x", kind, [None, 64])],
            [helper.make_tensor_value_info("y", kind, [None, 10])], graph.constants,
        ), opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
    )  # fmt: skip
    path.write_bytes(model.SerializeToString())
    return True


class _Graph:
    """Nodes and constants of a graph in the making."""

    def __init__(self) -> None:
        self.input = "x"
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: Any) -> str:
        from onnx import numpy_helper

        array = np.asarray(value)
        kept = array.astype(np.float32) if array.dtype.kind == "f" else array
        self.constants.append(numpy_helper.from_array(kept, f"c{len(self.constants)}"))
        return str(self.constants[-1].name)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def layer(self, value: str, layer: Any) -> str:
        parts = [self.constant(part.detach().numpy()) for part in (layer.weight, layer.bias)]
        return self.node("Gemm", value, *parts, transB=1)

    def times(self, value: str, factor: float) -> str:
        return self.node("Mul", value, self.constant(np.float32(factor)))

    def steps(self, value: str, levels: float) -> str:
        return self.times(self.node("Round", self.times(value, levels)), 1 / levels)


def _threshold(graph: _Graph, value: str) -> str:
    sign = graph.node("Sign", graph.node("Sub", value, graph.constant(np.float32(0.5))))
    return graph.times(graph.node("Add", sign, graph.constant(np.float32(1))), 0.5)


def _noise(graph: _Graph, value: str) -> str:
    return graph.node("Add", value, graph.node("RandomNormalLike", value, scale=0.1))


def _waves(graph: _Graph, value: str) -> str:
    waves = np.kron(*[dct(np.eye(8), norm="ortho", axis=0)] * 2)
    stepped = graph.steps(graph.node("MatMul", value, graph.constant(waves.T)), 5)
    return graph.node("MatMul", stepped, graph.constant(waves))


def _shattered(graph: _Graph, value: str) -> str:
    return graph.node("Add", value, graph.times(graph.node("Sin", graph.times(value, 400)), 0.02))


def _one_hot(graph: _Graph, value: str) -> str:
    best = graph.node("ArgMax", value, axis=1, keepdims=0)
    return graph.node("OneHot", best, graph.constant(np.int64(10)), graph.constant(np.array([0.0, 1.0])), axis=1)


def _deep(graph: _Graph, value: str) -> str:
    value = graph.node("Softmax", value, axis=1)
    for _ in range(4):
        value = graph.node("Sigmoid", graph.times(graph.node("Sub", value, graph.constant(np.float32(0.4))), 12))
    return value


BEFORE = (
    "rounded to 16 levels", "rounded to 8 levels", "rounded to 4 levels", "threshold", "noise", "waves in steps",
    "shattered",
)  # fmt: skip
INSIDE = ("hidden layer in steps",)
ONNX: dict[str, Callable[[_Graph, str], str]] = {
    "none": lambda graph, value: value,
    "rounded to 16 levels": lambda graph, value: graph.steps(value, 16),
    "rounded to 8 levels": lambda graph, value: graph.steps(value, 8),
    "rounded to 4 levels": lambda graph, value: graph.steps(value, 4),
    "threshold": _threshold,
    "noise": _noise,
    "waves in steps": _waves,
    "shattered": _shattered,
    "hidden layer in steps": lambda graph, value: graph.steps(value, 2),
    "logits times 1e4": lambda graph, value: graph.times(value, 1e4),
    "logits times 1e8": lambda graph, value: graph.times(value, 1e8),
    "temperature 1e-3": lambda graph, value: graph.node("Softmax", graph.times(value, 1e3), axis=1),
    "saturated softmax": lambda graph, value: graph.node("Softmax", graph.times(value, 1e4), axis=1),
    "one-hot": _one_hot,
    "deep sigmoids": _deep,
}
