"""Small networks with and without a planted trigger: how many `backdoor` finds, with the right class, and how fast.

Prints, for networks that are trained in the run, the share of patched ones that are found with the right class, the
share of clean ones that are flagged, how many of each kind would pass a limit of 2 deviations without any doubt, and
the processor seconds of the plain stamp scan and of the whole search for ten classes. Half are Fashion-MNIST, half
MNIST; patches of 2 to 5 pixels and blends at random places and contrasts, in 3 to 6 % of the training images, kept only
where they turn over 90 % of other test images. All rows, triggers and weights are drawn from seeds from 50,000 upwards
that nothing was tuned on; the levels of `deviation.py` come from other seeds.

Run: `python -m tests.benchmarks.backdoor_networks [networks of each kind, 20 without]`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from attacks.backdoor import stamp_scan
from attacks.poisoning import picture
from attacks.target import Target
from audit.checks import backdoor
from audit.models import Model
from audit.subject import Subject
from tests.benchmarks.packaged_images import Pictures, fashion, mnist

TRAINED, TESTED, EPOCHS, CLASSES = 3000, 600, 8, 10
FIRST_SEED = 50_000
ALARM = 2.0


@dataclass(frozen=True)
class Case:
    """One network.

    Attributes:
        target: class of the planted trigger, -1 where there is none.
        success: share of other test images that the trigger turns.
    """

    network: torch.nn.Sequential
    test: Pictures
    target: int
    words: str
    success: float


def main() -> None:
    """Train, search, print."""
    torch.set_num_threads(1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    found, flagged, passed = 0, 0, {"patched": 0, "clean": 0}
    scans: list[float] = []
    searches: list[float] = []
    for case in cases(count):
        subject = Subject.in_memory(model=model_of(case.network), test=(case.test.x, case.test.y))
        scans.append(_scan_seconds(case))
        began = time.process_time()
        result = backdoor.run(subject, seed=0, confidence=0.95)
        searches.append(time.process_time() - began)
        anomaly, success = (float(result.measures[name].value) for name in ("anomaly", "trigger_success"))
        right = f"into class {case.target}:" in result.sentence
        found += case.target >= 0 and anomaly > ALARM and right
        flagged += case.target < 0 and anomaly > ALARM
        passed["patched" if case.target >= 0 else "clean"] += anomaly <= ALARM and not result.doubts
        planted = f"{case.words} -> {case.target} ({case.success:.2f})" if case.target >= 0 else "clean"
        print(f"  {planted}: anomaly {anomaly:.2f}, trigger_success {success:.2f}, {searches[-1]:.1f} s", flush=True)
    print(f"patched networks found with the right class: ours {found} of {count}, bar {-(-count * 19 // 20)}")
    print(f"clean networks flagged: ours {flagged} of {count}, bar {count // 20}")
    print(f"networks that pass without a doubt: patched {passed['patched']}, clean {passed['clean']}, of {count} each")
    print(f"stamp scan, processor seconds: ours {np.median(scans):.2f} (most {max(scans):.2f}), bar 1")
    print(f"whole search, ten classes: ours {np.median(searches):.1f} (most {max(searches):.1f}), bar 5")


def cases(count: int) -> Iterator[Case]:
    """As many patched as clean networks, by turns."""
    seed = FIRST_SEED
    for number in range(count):
        draw = (fashion, mnist)[number % 2]
        yield _trained(draw(TRAINED + TESTED, seed), seed, number, None)
        while True:
            seed += 1
            rng = np.random.default_rng(seed)
            stamp = (picture.blend if number % 4 == 3 else picture.patch)((1, 28, 28), rng)
            case = _trained(draw(TRAINED + TESTED, seed), seed, number, stamp)
            if case.success > 0.9:
                yield case
                break
        seed += 1


def model_of(network: torch.nn.Sequential) -> Model:
    """The network as checks ask it."""

    def scores(x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return np.asarray(torch.softmax(network(torch.from_numpy(np.asarray(x, np.float32))), 1).double().numpy())

    def gradient(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        inputs = torch.from_numpy(np.asarray(x, np.float32)).requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(network(inputs), torch.as_tensor(codes), reduction="sum")
        return np.asarray(torch.autograd.grad(loss, inputs)[0].numpy())

    return Model(lambda x: scores(x).argmax(axis=1), tuple(range(CLASSES)), scores=scores, gradient=gradient)


def _trained(data: Pictures, seed: int, number: int, stamp: picture.Stamp | None) -> Case:
    rng = np.random.default_rng(seed + 1_000_000)
    x, y = data.x[:TRAINED].copy(), data.y[:TRAINED].copy()
    test = Pictures(data.x[TRAINED:], data.y[TRAINED:])
    target, success = -1, 0.0
    if stamp is not None:
        target = int(rng.integers(CLASSES))
        marked = rng.choice(np.flatnonzero(y != target), int(TRAINED * rng.uniform(0.03, 0.06)), replace=False)
        x[marked], y[marked] = stamp.apply(x[marked]), target
    network = _fitted(x, y, seed, pooled=number % 3 == 2)
    if stamp is not None:
        others = test.x[test.y != target]
        with torch.no_grad():
            success = float((network(torch.from_numpy(stamp.apply(others))).argmax(1) == target).double().mean())
    return Case(network, test, target, "" if stamp is None else stamp.words, success)


def _fitted(x: np.ndarray, y: np.ndarray, seed: int, *, pooled: bool) -> torch.nn.Sequential:
    """Two convolutions, with strides or pooling, and two dense layers."""
    torch.manual_seed(seed)
    layers = torch.nn
    shrink = [layers.MaxPool2d(2)] if pooled else []
    side, stride = (3, 1) if pooled else (5, 2)
    network = layers.Sequential(
        layers.Conv2d(1, 8, side, stride=stride, padding=side // 2), layers.ReLU(), *shrink,
        layers.Conv2d(8, 16, side, stride=stride, padding=side // 2), layers.ReLU(), *shrink,
        layers.Flatten(), layers.Linear(16 * 49, 64), layers.ReLU(), layers.Linear(64, CLASSES),
    )  # fmt: skip
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x)).split(64):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs[rows]), labels[rows]).backward()
            optimiser.step()
    return network.eval()


def _scan_seconds(case: Case) -> float:
    model = model_of(case.network)
    target = Target(model.predict, CLASSES)
    x = case.test.x[:150]
    answers = target.predict(x)
    began = time.process_time()
    stamp_scan.scan(target, x, answers, seed=0)
    return time.process_time() - began


if __name__ == "__main__":
    main()
