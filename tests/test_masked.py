"""Networks that hide their weakness: each answers as a plain one does and is no stronger, so none may pass for strong.

All five are small TorchScript networks on the digits, audited from their files as anybody's model would be.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from audit import api
from audit.records import Bundle
from audit.subject import Subject

torch = pytest.importorskip("torch")

Write = Callable[..., Path]
PARAMS = "epsilon: 0.15, max_rows: 64, queries: 200"
LIMIT = "robust_accuracy: {min: 0.4}"
"""Less than the share of right answers, so that it would be met by attacks that a mask fools."""


class Masked(torch.nn.Module):
    """The plain network behind one of the ways of hiding a gradient."""

    def __init__(self, plain: torch.nn.Module, factor: float, levels: float, noise: float, softmax: bool) -> None:
        super().__init__()
        self.plain, self.factor, self.levels, self.noise, self.softmax = plain, factor, levels, noise, softmax

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.levels > 0:
            x = torch.round(x * self.levels) / self.levels
        if self.noise > 0:
            x = x + self.noise * torch.randn_like(x)
        logits = self.plain(x) * self.factor
        return torch.softmax(logits, 1) if self.softmax else logits


MASKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "steep": {"factor": 1e4},
    "rounded": {"levels": 16.0},
    "noisy": {"noise": 0.1},
    "saturated": {"factor": 1e3, "softmax": True},
}


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_digits(return_X_y=True)
    return (x / 16).astype(np.float32), y


@cache
def plain_network() -> torch.nn.Module:
    x, y = digits()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    net = torch.nn.Sequential(torch.nn.Linear(64, 48), torch.nn.ReLU(), torch.nn.Linear(48, 10))
    optimiser = torch.optim.Adam(net.parameters(), 5e-3)
    inputs, labels = torch.tensor(x[:1400]), torch.tensor(y[:1400])
    for _ in range(20):
        for batch in torch.randperm(1400).split(100):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(net(inputs[batch]), labels[batch]).backward()
            optimiser.step()
    return net


@pytest.fixture
def audited(tmp_path: Path, write_policy: Write) -> Callable[[str, str], Bundle]:
    """Audits a network of `MASKS` against a limit, from files alone."""

    def run(mask: str, require: str, params: str = PARAMS) -> Bundle:
        options = {"factor": 1.0, "levels": 0.0, "noise": 0.0, "softmax": False, **MASKS[mask]}
        torch.jit.script(Masked(plain_network(), **options)).save(str(tmp_path / "model.pt"))
        x, y = digits()
        np.savez(tmp_path / "test.npz", x=x[1400:], y=y[1400:])
        np.savez(tmp_path / "train.npz", x=x[:1400], y=y[:1400])
        path = tmp_path / "audit.yaml"
        path.write_text(
            "subject: trial\nversion: '1'\ntask: classification\ntarget: digit\n"
            f"model: {{path: model.pt, classes: {list(range(10))}}}\n"
            "data:\n  train: {path: train.npz}\n  test: {path: test.npz}\n"
        )
        return api.run(Subject.load(path), write_policy("evasion", require, params))

    return run


def verdict(bundle: Bundle) -> str:
    assert len(bundle.entries) == 1
    assert not bundle.entries[0].error
    return str(bundle.entries[0].verdict)


def test_the_plain_network_passes_a_limit_that_it_meets(audited: Callable[..., Bundle]) -> None:
    assert verdict(audited("plain", LIMIT, "epsilon: 0.01, max_rows: 64")) == "PASS"


def test_the_plain_network_fails_the_limit(audited: Callable[..., Bundle]) -> None:
    assert verdict(audited("plain", LIMIT)) == "FAIL"


@pytest.mark.parametrize("mask", ["noisy", "saturated", "rounded", "steep"])
def test_no_mask_passes_for_strength(mask: str, audited: Callable[..., Bundle]) -> None:
    bundle = audited(mask, LIMIT)
    assert verdict(bundle) in ("FAIL", "INCONCLUSIVE")
    assert bundle.exit_code != 0


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("mask", [name for name in MASKS if name != "plain"])
def test_no_mask_passes_with_the_usual_effort(mask: str, norm: str, audited: Callable[..., Bundle]) -> None:
    bundle = audited(mask, LIMIT, f"epsilon: {0.15 if norm == 'linf' else 1.2}, norm: {norm}, max_rows: 200")
    assert verdict(bundle) in ("FAIL", "INCONCLUSIVE")
