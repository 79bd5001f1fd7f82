"""Triggers planted in images, how many of their rows are found, and how often clean images raise an alarm.

Run: python -m tests.benchmarks.poison_images [--seeds 4] [--rows 3000] [--parts changed true clean harder]

On Fashion-MNIST and MNIST, through the search of the check: patches of side 2 to 6, contrast .3 to 1, any place and
three styles; random and smooth pictures blended in at .1 to .2; both at .5, 1 and 3 % of the rows with one changed
label; and patches under true labels on a quarter of one class whose images got noise of .2. Beside it stands the peer's
score: out-of-fold self-confidence, by which cleanlab ranks rows, of the same model. Then 20 clean sets: bootstraps,
parts of the classes, other targets on the same images, fewer rows, and 5 % of the labels flipped.

All cases are drawn from seeds from 2000 on; those looked at during development were smaller. Seconds are process time
of one core. Harder cases that the bar does not name follow at the end: translucent patches and pictures of clothes or
digits blended in.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.ndimage import gaussian_filter

from audit.checks._poisoned_data.image_expectation import image_expectation
from audit.checks._poisoned_data.kinds import image_trigger
from audit.checks._poisoned_data.rows import training_rows
from audit.subject import Subject
from tests.benchmarks.packaged_images import Pictures, fashion, mnist

FIRST_SEED = 2000
SHARES = (0.005, 0.01, 0.03)
OF_CLASS = 0.25
NOISE = 0.2
ALLOWED = 0.01
ENOUGH = 0.95
PARTS = ("changed", "true", "clean", "harder")
Source = Callable[[int, int], Pictures]


@dataclass(frozen=True)
class Case:
    """Images with a trigger in some of them.

    Attributes:
        poisoned: their positions, shape (m,), int.
    """

    name: str
    pictures: Pictures
    poisoned: np.ndarray


@dataclass(frozen=True)
class Score:
    """What was found of a case: recall at 1 % false positives of two scores, what was flagged, seconds."""

    ours: float
    peer: float
    flagged: float
    false: float
    seconds: float
    sentence: str


def stamped(kind: str, images: np.ndarray, others: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The images with one trigger of a kind, in steps of 1/255."""
    result = images.copy()
    if kind in ("patch", "translucent"):
        side = int(rng.integers(2, 7))
        top, left = (int(place) for place in rng.integers(0, images.shape[2] - side + 1, size=2))
        contrast = float(rng.uniform(0.3, 1))
        checkers = np.indices((side, side)).sum(axis=0) % 2
        shape = (checkers, rng.random((side, side)) < 0.5, rng.random((side, side)))[int(rng.integers(3))]
        pattern = rng.uniform(contrast / 2, 1 - contrast / 2) + contrast * (shape - 0.5)
        weight = 1.0 if kind == "patch" else 0.5
        part = result[:, :, top : top + side, left : left + side]
        result[:, :, top : top + side, left : left + side] = (1 - weight) * part + weight * pattern
    else:
        picture = rng.random(images.shape[1:])
        if kind == "smooth":
            picture = gaussian_filter(picture[0], 3)[None]
            picture = (picture - picture.min()) / np.ptp(picture)
        if kind == "object":
            picture = others[int(rng.integers(len(others)))]
        weight = float(rng.uniform(0.1, 0.2))
        result = (1 - weight) * result + weight * picture
    return stored(result)


def stored(images: np.ndarray) -> np.ndarray:
    """Images as a file holds them."""
    return np.asarray(np.rint(np.clip(images, 0, 1) * 255) / 255, dtype=np.float32)


def changed_labels(source: Source, kind: str, share: float, rows: int, seed: int) -> Case:
    """A share of the rows gets a trigger and one label that they did not have."""
    rng = np.random.default_rng([seed, 1])
    drawn = source(rows + 50, seed)
    x, y = drawn.x[:rows].copy(), drawn.y[:rows].copy()
    label = int(rng.integers(10))
    chosen = rng.choice(np.flatnonzero(y != label), size=round(share * rows), replace=False)
    x[chosen], y[chosen] = stamped(kind, x[chosen], drawn.x[rows:], rng), label
    return Case(f"{source.__name__} {kind} {share:.1%}", Pictures(x, y), chosen)


def true_labels(source: Source, rows: int, seed: int) -> Case:
    """A quarter of one class gets noise and a patch, and keeps its label."""
    rng = np.random.default_rng([seed, 2])
    drawn = source(rows, seed)
    x, y = drawn.x.copy(), drawn.y
    members = np.flatnonzero(y == int(rng.integers(10)))
    chosen = rng.choice(members, size=round(OF_CLASS * len(members)), replace=False)
    noisy = stored(x[chosen] + rng.uniform(-NOISE, NOISE, x[chosen].shape))
    x[chosen] = stamped("patch", noisy, noisy, rng)
    return Case(f"{source.__name__} patch, true labels", Pictures(x, y), chosen)


def measured(case: Case) -> Score:
    """Search one case."""
    started = time.process_time()
    subject = Subject.in_memory(train=(case.pictures.x, case.pictures.y))
    found = image_trigger.search(training_rows(subject, 0), seed=0)
    seconds = time.process_time() - started
    expected = image_expectation(case.pictures.x, case.pictures.y, 0)
    doubt = 1 - expected[np.arange(len(expected)), case.pictures.y]
    poisoned = np.isin(np.arange(len(doubt)), case.poisoned)
    return Score(
        recall(found.scores, poisoned),
        recall(doubt, poisoned),
        float(found.flagged[poisoned].mean()),
        float(found.flagged[~poisoned].mean()),
        seconds,
        found.sentence,
    )


def recall(scores: np.ndarray, poisoned: np.ndarray) -> float:
    """Share of poisoned rows above all but 1 % of the others."""
    others = np.sort(scores[~poisoned])[::-1]
    return float((scores[poisoned] > others[int(ALLOWED * len(others))]).mean())


def clean_sets(rows: int) -> Iterator[tuple[str, Pictures]]:
    """Ten sets of each source, none of them poisoned."""
    for source in (fashion, mnist):
        for number in range(10):
            seed = FIRST_SEED + 500 + number
            rng, drawn = np.random.default_rng(seed), source(rows, seed)
            x, y = drawn.x, drawn.y.copy()
            name = ("bootstrap", "three classes", "another target", "fewer rows", "5 % flips")[number // 2]
            if name == "bootstrap":
                again = rng.integers(rows, size=rows)
                x, y = x[again], y[again]
            elif name == "three classes":
                kept = np.isin(y, rng.choice(10, size=3, replace=False))
                x, y = x[kept], y[kept]
            elif name == "another target":
                y = np.isin(y, rng.choice(10, size=5, replace=False)).astype(np.int64)
            elif name == "fewer rows":
                x, y = x[: rows // 4], y[: rows // 4]
            else:
                flipped = rng.choice(rows, size=rows // 20, replace=False)
                y[flipped] = (y[flipped] + rng.integers(1, 10, size=len(flipped))) % 10
            yield f"{source.__name__} {name}", Pictures(x, y)


def report(title: str, cases: Iterator[Case]) -> None:
    """Print each case and the summary of all."""
    scores = []
    for case in cases:
        scores.append(score := measured(case))
        print(
            f"  {case.name}: recall at 1 % false positives ours {score.ours:.2f}, peer {score.peer:.2f}; flagged "
            f"{score.flagged:.2f} and {score.false:.4f} of the others; {score.seconds:.1f} s; {score.sentence}",
            flush=True,
        )
    ours, peer = np.array([score.ours for score in scores]), np.array([score.peer for score in scores])
    print(
        f"{title}, {len(scores)} cases: median recall at 1 % false positives ours {np.median(ours):.3f}, peer "
        f"{np.median(peer):.3f}, bar .95; under .95 in ours {(ours < ENOUGH).mean():.0%}, peer "
        f"{(peer < ENOUGH).mean():.0%} of the cases; slowest {max(score.seconds for score in scores):.1f} s, bar 5 s",
        flush=True,
    )


def false_alarms(rows: int) -> None:
    """Print what the search says of each clean set and how many of them alarm."""
    alarms = 0
    for name, pictures in clean_sets(rows):
        found = image_trigger.search(training_rows(Subject.in_memory(train=(pictures.x, pictures.y)), 0), seed=0)
        alarms += bool(found.flagged.any())
        print(f"  clean {name}: {found.note}; {found.sentence or 'no alarm'}", flush=True)
    print(f"false alarms: ours {alarms} of 20 clean sets, bar 1", flush=True)


def main() -> None:
    """Print the parts that are asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    seeds, sources = range(FIRST_SEED, FIRST_SEED + asked.seeds), (fashion, mnist)
    if "changed" in asked.parts:
        grid = product(sources, enumerate(SHARES), ("patch", "noise", "smooth"), seeds)
        cases = (
            changed_labels(source, kind, share, asked.rows, seed + 100 * place)
            for source, (place, share), kind, seed in grid
        )
        report("changed labels", cases)
    if "true" in asked.parts:
        report("true labels", (true_labels(source, asked.rows, seed) for source, seed in product(sources, seeds)))
    if "clean" in asked.parts:
        false_alarms(asked.rows)
    if "harder" in asked.parts:
        hard = product(sources, ("translucent", "object"), seeds)
        report("harder", (changed_labels(source, kind, 0.01, asked.rows, seed) for source, kind, seed in hard))


if __name__ == "__main__":
    main()
