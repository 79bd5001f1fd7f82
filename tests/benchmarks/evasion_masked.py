"""Masked networks: what the audit says of each, and what an attacker who knows the mask would do to it.

Run it with `python -m tests.benchmarks.evasion_masked [MASK ...]`. A line for each mask, format and norm: the verdict
at a limit half way between the truth and the clean accuracy, the robust accuracy that the audit measured, the truth,
and doubts. The truth is an upper bound as well: the masked network attacked with the gradient of the plain one. No
line may say PASS where the truth is below the limit; at the end stands their number. Two more lines rank an
adversarially trained network and its plain twin.

Source of the truth: Athalye, Carlini and Wagner, "Obfuscated Gradients Give a False Sense of Security", ICML 2018.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from attacks.evasion import apgd
from attacks.target import Target
from audit import api, models
from audit.checks import evasion
from audit.models import Source
from audit.subject import Subject
from tests.benchmarks.masks import MASKS, TRAINED, digits, plain_network, save_onnx, save_torch

EPSILONS = {"linf": 0.12, "l2": 0.8}
ROWS = 200
FORMATS = ("torch", "torch images", "onnx")
TRIES = 4
QUERIES = 200


@dataclass(frozen=True)
class Seen:
    """What an audit said."""

    verdict: str
    robust: float
    rows: int
    doubts: tuple[str, ...]


def write(folder: Path, network: Any, mask: str, format: str) -> bool:
    """The masked network with its data; False where the format has no such mask."""
    data = digits()
    shape = (-1, 1, 8, 8) if format == "torch images" else (-1, 64)
    name = "model.onnx" if format == "onnx" else "model.pt"
    if format != "onnx":
        save_torch(folder / name, network, mask, images=format == "torch images")
    elif not save_onnx(folder / name, network, mask):
        return False
    test = slice(TRAINED, TRAINED + ROWS)
    np.savez(folder / "test.npz", x=data.x[test].reshape(shape), y=data.y[test])
    np.savez(folder / "train.npz", x=data.x[:TRAINED].reshape(shape), y=data.y[:TRAINED])
    (folder / "audit.yaml").write_text(
        "subject: masked\nversion: '1'\ntask: classification\ntarget: digit\n"
        f"model: {{path: {name}, classes: {list(range(10))}}}\n"
        "data:\n  train: {path: train.npz}\n  test: {path: test.npz}\n"
    )
    return True


@cache
def truth(mask: str, norm: Any) -> float:
    """Robust accuracy of the masked network under the gradient of the plain one, the best of several attempts."""
    data = digits()
    x, y = data.x[TRAINED : TRAINED + ROWS], data.y[TRAINED : TRAINED + ROWS]
    with tempfile.TemporaryDirectory() as name:
        both = []
        for one in (mask, "none"):
            save_torch(Path(name) / "model.pt", plain_network(), one)
            both.append(_loaded(Path(name) / "model.pt"))
    masked, plain = both
    standing = np.asarray(masked.predict(x)) == y
    for seed in range(TRIES):
        # half of the attempts follow the plain network alone, and are only shown to the masked one
        scores = plain.scores if seed % 2 else None
        target = Target(masked.predict, 10, scores=scores, gradient=plain.gradient, max_rows=QUERIES * ROWS)
        rows = np.flatnonzero(standing)
        found = apgd.run(target, x[rows], y[rows], epsilon=EPSILONS[norm], norm=norm, seed=seed)
        standing[rows[found.success]] = False
    return float(standing.mean())


def _loaded(path: Path) -> models.Model:
    return models.load(Source(path=path, content=path.read_bytes()), models.format_of(path))


def audited(folder: Path, norm: Any, limit: float) -> Seen:
    """A whole audit from files, with the usual effort."""
    policy = folder / "policy.yaml"
    policy.write_text(
        "policy: trial\nversion: 1.0.0\nowner: tester@example.org\nrules:\n  - id: rule\n    check: evasion\n"
        f"    with: {{epsilon: {EPSILONS[norm]}, norm: {norm}, max_rows: {ROWS}}}\n"
        f"    require: {{robust_accuracy: {{min: {limit:.3f}}}}}\n    why: To be tried.\n"
    )
    (entry,) = api.run(Subject.load(folder / "audit.yaml"), policy).entries
    robust = entry.measures.get("robust_accuracy")
    return Seen(
        str(entry.verdict), float("nan" if robust is None else robust.value), 0 if robust is None else robust.n,
        (entry.error,) if entry.error else tuple(str(doubt) for doubt in entry.doubts),
    )  # fmt: skip


def trial(mask: str, format: str, norm: Any) -> bool:
    """Prints one line; whether it says PASS."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not write(folder, plain_network(), mask, format):
            return False
        known = truth(mask, norm)
        seen = audited(folder, norm, (known + _clean(folder)) / 2)
    words = "; ".join(text[:60] for text in seen.doubts)
    share = f"measured {seen.robust:.3f} of {seen.rows} rows, truth {known:.3f}"
    print(f"{mask:24}{format:14}{norm:6}{seen.verdict:14}{share}  {words}", flush=True)
    return seen.verdict == "PASS"


def _clean(folder: Path) -> float:
    model, rows = _loaded(next(folder.glob("model.*"))), np.load(folder / "test.npz")
    return float((np.asarray(model.predict(rows["x"])) == rows["y"]).mean())


def ranked() -> None:
    """The adversarially trained network above its plain twin."""
    norms: tuple[Any, ...] = tuple(EPSILONS)
    for norm in norms:
        found = []
        for network in (plain_network(), plain_network(0.12)):
            with tempfile.TemporaryDirectory() as name:
                write(Path(name), network, "none", "torch")
                subject = Subject.load(Path(name) / "audit.yaml")
                *_, last = evasion.run(
                    subject, seed=1, confidence=0.95, epsilon=EPSILONS[norm], norm=norm, max_rows=ROWS
                )
                found.append(float(last.measures["robust_accuracy"].value))
        print(f"robust accuracy, {norm}: plain {found[0]:.3f}, adversarially trained {found[1]:.3f}, bar above plain")


def main() -> None:
    """Prints the table and the ranking."""
    masks = sys.argv[1:] or MASKS[1:]
    passed = sum(trial(mask, kind, norm) for mask in masks for norm in EPSILONS for kind in FORMATS)
    print(f"masked networks that pass: ours {passed}, bar 0")
    ranked()


if __name__ == "__main__":
    main()
