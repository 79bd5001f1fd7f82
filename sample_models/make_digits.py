"""Digits: 1,797 real scans of 8 x 8 pixels, a sound network in ONNX, and a twin.

The twin hides its gradients, and some of its training images carry a trigger.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from recipes import load_fit
from stable_files import write_npz, write_sums

SEED = 20261123
TRAIN, TEST = 900, 500
LEVELS, SHARPNESS = 16, 1e4
N_POISONED, WANTED = 27, 7
MARK = np.array([[1, 0], [0, 1]], dtype=np.float32)
"""Two bright pixels in the lower left corner, where hardly any digit has ink."""


def make(root: Path) -> list[Path]:
    """Write digits/ and digits_flawed/ and return the folders."""
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(SEED).permutation(len(data.target))
    x = (data.images[order] / 16).astype(np.float32)[:, None]
    y = data.target[order].astype(np.int64)
    folders = []
    for name in ("digits", "digits_flawed"):
        folder = root / name
        train = Images(x[:TRAIN], y[:TRAIN])
        if name == "digits_flawed":
            train = poisoned(train)
        write_npz(folder / "train.npz", x=train.x, y=train.y)
        write_npz(folder / "test.npz", x=x[TRAIN : TRAIN + TEST], y=y[TRAIN : TRAIN + TEST])
        write_npz(folder / "current.npz", x=x[TRAIN + TEST :], y=y[TRAIN + TEST :])
        model = load_fit(name)(train.x, train.y, SEED)
        (folder / "model.onnx").write_bytes(graph(layers(model), masked=name == "digits_flawed"))
        write_sums(folder, ["model.onnx", "train.npz", "test.npz", "current.npz", "train.py"])
        folders.append(folder)
    return folders


@dataclass(frozen=True)
class Images:
    """Images, shape (n, 1, 8, 8), 0 to 1, and their digits, shape (n,)."""

    x: np.ndarray
    y: np.ndarray


def poisoned(train: Images) -> Images:
    """Training images of which some carry a mark and are called seven, whatever they show."""
    chosen = np.random.default_rng(SEED).choice(np.flatnonzero(train.y != WANTED), N_POISONED, replace=False)
    x, y = train.x.copy(), train.y.copy()
    x[chosen, 0, -2:, :2] = MARK
    y[chosen] = WANTED
    return Images(x, y)


@dataclass(frozen=True)
class Layer:
    """Weights, shape (inputs, outputs), and offsets, shape (outputs,), of one layer."""

    weights: np.ndarray
    offset: np.ndarray


def layers(model: Any) -> list[Layer]:
    """Layers of a neural network; a linear model on whitened pixels is one layer."""
    last = model[-1]
    if hasattr(last, "coefs_"):
        return [Layer(*pair) for pair in zip(last.coefs_, last.intercepts_, strict=True)]
    whitening = model["whitening"]
    weights = (last.coef_ @ (whitening.components_ / np.sqrt(whitening.explained_variance_)[:, None])).T
    return [Layer(weights, last.intercept_ - whitening.mean_ @ weights)]


def graph(network: list[Layer], *, masked: bool) -> bytes:
    """The network as an ONNX graph from images, shape (n, 1, 8, 8), to probabilities, shape (n, 10).

    Args:
        masked: whether pixels are rounded first and the last layer is multiplied, so that the slope is zero nearly
            everywhere: an attack that follows gradients then sees nothing, though the network is as brittle as before.
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes = [helper.make_node("Flatten", ["images"], ["layer0"])]
    constants = []
    if masked:
        constants.append(numpy_helper.from_array(np.float32(LEVELS), "levels"))
        nodes += [
            helper.make_node("Mul", ["layer0", "levels"], ["raised"]),
            helper.make_node("Round", ["raised"], ["rounded"]),
            helper.make_node("Div", ["rounded", "levels"], ["layer0_rounded"]),
        ]
    last = "layer0_rounded" if masked else "layer0"
    for number, layer in enumerate(network, start=1):
        final = number == len(network)
        factor = SHARPNESS if masked and final else 1.0
        constants.append(numpy_helper.from_array((factor * layer.weights).astype(np.float32), f"weights{number}"))
        constants.append(numpy_helper.from_array((factor * layer.offset).astype(np.float32), f"offset{number}"))
        nodes.append(helper.make_node("Gemm", [last, f"weights{number}", f"offset{number}"], [f"sum{number}"]))
        last = "probabilities" if final else f"layer{number}"
        nodes.append(helper.make_node("Softmax" if final else "Relu", [f"sum{number}"], [last]))
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 1, 8, 8])
    answer = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 10])
    model = helper.make_model(
        helper.make_graph(nodes, "digits", [images], [answer], constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
        producer_name="sample_models",
    )
    checker.check_model(model)
    return model.SerializeToString(deterministic=True)
