"""Robust accuracy of a convolutional network on Fashion-MNIST: our default attacks, and AutoAttack.

Run it with `python -m tests.benchmarks.evasion_autoattack [FOLDER [SEED]]`. It prints, for each norm, the share of
test rows that stay right under our default attacks and under AutoAttack (both against the same rows and epsilon), the
seconds of both, and the bar: ours may be at most .01 above.

The network is trained here, in about a minute, on rows changed by one gradient step, so that neither breaks all.
The schedule of `apgd` was chosen on SEED 0; another SEED trains another network and draws other test rows.

FOLDER holds the four files of Fashion-MNIST; the Debian package `dataset-fashion-mnist` installs them. The peer is
`torchattacks` 3.5.1 (`pip install --no-deps torchattacks requests tqdm`), with 100 steps each as AutoAttack's authors
chose.
"""

from __future__ import annotations

import gzip
import importlib
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from audit.checks import evasion
from audit.subject import Subject

FOLDER = Path("/usr/share/datasets/fashion-mnist")
EPSILONS = {"linf": 0.1, "l2": 1.5}
TRAINED_AT = 0.05
ROWS = 300
EPOCHS = 2
BATCH = 128
STEPS = 100
BAR = 0.01


@dataclass(frozen=True)
class Images:
    """Images of shape (n, 1, 28, 28), float32 in 0..1, and their classes."""

    x: np.ndarray
    y: np.ndarray


def read(folder: Path, part: str) -> Images:
    """One part of Fashion-MNIST: "train" or "t10k"."""
    paths = [folder / f"{part}-{name}-ubyte.gz" for name in ("images-idx3", "labels-idx1")]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise SystemExit(f"no {', '.join(missing)}: install the package dataset-fashion-mnist, or name its folder")
    pixels, labels = (gzip.decompress(path.read_bytes()) for path in paths)
    x = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 1, 28, 28).astype(np.float32) / 255
    return Images(x, np.frombuffer(labels, np.uint8, offset=8).astype(np.int64))


def trained(images: Images, epsilon: float, *, epochs: int = EPOCHS, seed: int = 0) -> torch.nn.Module:
    """A network trained on rows changed by one step of its gradient from a random point."""
    torch.manual_seed(seed)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 4, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(16, 32, 4, 2, 1), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(32 * 7 * 7, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10),
    )  # fmt: skip
    x, y = torch.from_numpy(images.x), torch.from_numpy(images.y)
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * -(-len(x) // BATCH))
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(BATCH):
            change = torch.empty_like(x[rows]).uniform_(-epsilon, epsilon).requires_grad_(True)
            (slope,) = torch.autograd.grad(_loss(network, x[rows] + change, y[rows]), change)
            step = (change + 1.25 * epsilon * slope.sign()).clamp(-epsilon, epsilon).detach()
            optimiser.zero_grad()
            _loss(network, (x[rows] + step).clamp(0, 1), y[rows]).backward()
            optimiser.step()
            schedule.step()
    return network.eval()


def _loss(network: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(network(x), y)


@dataclass(frozen=True)
class Result:
    """Robust accuracy, and what it cost."""

    robust: float
    seconds: float


def ours(network: torch.nn.Module, rows: Images, norm: Any) -> Result:
    """The whole check with its default attacks, on a TorchScript file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        torch.jit.script(network).save(str(folder / "model.pt"))
        np.savez(folder / "test.npz", x=rows.x, y=rows.y)
        (folder / "audit.yaml").write_text(
            "subject: fashion\nversion: '1'\ntask: classification\ntarget: kind\n"
            f"model: {{path: model.pt, classes: {list(range(10))}}}\ndata:\n  test: {{path: test.npz}}\n"
        )
        subject = Subject.load(folder / "audit.yaml")
        started = time.perf_counter()
        *_, last = evasion.run(
            subject, seed=1, confidence=0.95, epsilon=EPSILONS[norm], norm=norm, max_rows=len(rows.x)
        )
        seconds = time.perf_counter() - started
    print(f"  {last.notes[0]}")
    for doubt in last.doubts:
        print(f"  doubt: {doubt.text}")
    return Result(float(last.measures["robust_accuracy"].value), seconds)


def autoattack(network: torch.nn.Module, rows: Images, norm: Any) -> Result:
    """AutoAttack's standard version: APGD on the cross-entropy, targeted APGD, targeted FAB and Square."""
    try:
        peer: Any = importlib.import_module("torchattacks")
    except ModuleNotFoundError as error:
        raise SystemExit(f"no {error.name}: pip install --no-deps torchattacks==3.5.1 requests tqdm") from None
    kind = {"linf": "Linf", "l2": "L2"}[norm]
    attack = peer.AutoAttack(network, norm=kind, eps=EPSILONS[norm], n_classes=10, seed=1)
    for member in attack._autoattack.attacks[:3]:
        member.steps = STEPS
    x, y = torch.from_numpy(rows.x), torch.from_numpy(rows.y)
    started = time.perf_counter()
    changed = attack(x, y)
    seconds = time.perf_counter() - started
    with torch.no_grad():
        right = (network(x).argmax(1) == y) & (network(changed).argmax(1) == y)
    return Result(float(right.double().mean()), seconds)


def main() -> None:
    """Prints both sides for both norms."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    test = read(folder, "t10k")
    chosen = np.random.default_rng(seed).permutation(len(test.x))[:ROWS] if seed else np.arange(ROWS)
    rows = Images(test.x[chosen], test.y[chosen])
    torch.set_num_threads(1)
    started = time.perf_counter()
    network = trained(read(folder, "train"), TRAINED_AT, seed=seed)
    with torch.no_grad():
        clean = float((network(torch.from_numpy(test.x)).argmax(1).numpy() == test.y).mean())
    print(f"network: {clean:.3f} right on {len(test.x)} test rows, trained in {time.perf_counter() - started:.0f} s")
    for norm, epsilon in EPSILONS.items():
        own, peer = ours(network, rows, norm), autoattack(network, rows, norm)
        print(
            f"robust accuracy, {norm} {epsilon:g}, {ROWS} rows: ours {own.robust:.3f}, AutoAttack {peer.robust:.3f}, "
            f"bar {peer.robust + BAR:.3f}"
        )
        print(f"seconds, {norm}: ours {own.seconds:.1f}, AutoAttack {peer.seconds:.1f}")


if __name__ == "__main__":
    main()
