"""Lays small plain patches over images, place by place, and counts which answers they turn. Needs answers alone.

A network that was trained on a patch of a certain pattern mostly reacts to a plain patch at the same place too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from attacks.distance import Array
from attacks.poisoning.picture import Stamp
from attacks.target import Target

_SIDES = (0.07, 0.11, 0.15)
"""Height and width of patches, as a share of the shorter side of the image: 2, 3 and 4 pixels of 28."""
_PLACES = 9
"""Most places along one side; with them patches of 0.11 touch each other."""
_VEIL = 0.2
_KEPT = 3
_ROWS_A_CALL = 256
"""Small networks answer as many rows within the processor's cache, in half the time of thousands at once."""
_FEWEST_ROWS = 3
_MOST_VALUES = 300_000_000
"""Values shown in each of the two rounds: about a minute of a usual network for images of 224 x 224."""


@dataclass(frozen=True)
class TurningStamp:
    """A stamp and what it does.

    Attributes:
        code: the class that it turns answers into.
        share: of the rows that were answered otherwise, those that it turns into that class, 0 to 1.
        rows: number of these rows.
    """

    stamp: Stamp
    code: int
    share: float
    rows: int


def turned(target: Target, stamp: Stamp, x: Array, code: int) -> Array:
    """Which images are answered with one class once the stamp is laid over them, shape (n,), bool."""
    return np.asarray(target.predict(stamp.apply(x)) == code)


def scan(
    target: Target, x: Array, answers: Array, *, seed: int, first: int = 10, second: int = 48
) -> list[TurningStamp]:
    """The stamp that turns most rows into each class.

    All stamps are tried on a few rows, the best three of each class again on other rows. Large images are tried on
    fewer rows first, and of many classes only those that the stamps turned most are tried again.

    Args:
        target: asked for answers.
        x: images, shape (n, channels, h, w), 0 to 1.
        answers: class codes that the model gives them, shape (n,).
        first: rows for all stamps.
        second: rows for the best ones.

    Returns:
        One a class that was tried again and that some row is not answered with.
    """
    spread = _spread(answers, np.random.default_rng(seed))
    stamps, values = list(plain_stamps(x.shape[1:])), int(np.prod(x.shape[1:]))
    first = max(_FEWEST_ROWS, min(first, _MOST_VALUES // (len(stamps) * values)))
    few, more = spread[:first], spread[first : first + second] if len(spread) > 2 * first else spread
    shares = _shares(target, stamps, x[few], answers[few])
    classes = max(2, _MOST_VALUES // (_KEPT * second * values))
    found = []
    for code in np.sort(np.argsort(-shares.max(axis=0), kind="stable")[:classes]).tolist():
        rows = more[answers[more] != code]
        if not len(rows):
            continue
        best = np.argsort(-shares[:, code], kind="stable")[:_KEPT]
        again = [float(turned(target, stamps[place], x[rows], code).mean()) for place in best]
        place = int(np.argmax(again))
        found.append(TurningStamp(stamps[best[place]], code, again[place], len(rows)))
    return found


def plain_stamps(shape: tuple[int, ...]) -> Iterator[Stamp]:
    """Bright, dark and chequered patches on a grid of places, then a bright and a dark veil over everything.

    Args:
        shape: of one image, (channels, h, w).
    """
    height, width = shape[1:]
    for side in sorted({max(1, round(share * min(height, width))) for share in _SIDES}):
        chequered = 1.0 - np.indices((side, side)).sum(axis=0) % 2
        drawings = (("bright", 1.0), ("dark", 0.0), ("chequered", chequered))
        for top, left, (word, drawn) in product(_places(height, side), _places(width, side), drawings):
            weight, pattern = np.zeros((1, height, width), np.float32), np.zeros((1, height, width), np.float32)
            weight[:, top : top + side, left : left + side] = 1
            pattern[:, top : top + side, left : left + side] = drawn
            where = place_words(top + side / 2, left + side / 2, height, width)
            yield Stamp(weight, pattern, f"a {word} {side} x {side} patch at the {where}")
    for word, value in (("bright", 1.0), ("dark", 0.0)):
        veil = np.full((1, height, width), _VEIL, np.float32)
        yield Stamp(veil, np.full_like(veil, value), f"a {word} veil of {_VEIL:.0%} over everything")


def place_words(row: float, column: float, height: int, width: int) -> str:
    """Where a pixel lies, in words: "upper left", "middle right", "centre" ..."""
    upright = ("upper", "middle", "lower")[min(2, int(3 * row / height))]
    across = ("left", "middle", "right")[min(2, int(3 * column / width))]
    return "centre" if upright == across else f"{upright} {across}"


def _places(length: int, side: int) -> list[int]:
    """First pixels of patches from one end to the other."""
    count = min(_PLACES, length - side + 1)
    return sorted({round(place) for place in np.linspace(0, length - side, count)})


def _spread(answers: Array, rng: np.random.Generator) -> Array:
    """All rows in an order in which every answer comes about as often as every other, as long as rows of it last."""
    order = rng.permutation(len(answers))
    turn = np.zeros(len(answers))
    for code in np.unique(answers):
        same = answers[order] == code
        turn[same] = np.arange(same.sum())
    return np.asarray(order[np.argsort(turn, kind="stable")])


def _shares(target: Target, stamps: list[Stamp], x: Array, answers: Array) -> Array:
    """Share of rows of other answers that each stamp turns into each class, shape (stamps, n_classes)."""
    block = max(1, _ROWS_A_CALL // len(x))
    codes = [
        target.predict(np.concatenate([stamp.apply(x) for stamp in stamps[start : start + block]]))
        for start in range(0, len(stamps), block)
    ]
    given = np.concatenate(codes).reshape(len(stamps), len(x))
    shares = np.zeros((len(stamps), target.n_classes))
    for code in range(target.n_classes):
        others = answers != code
        if others.any():
            shares[:, code] = (given[:, others] == code).mean(axis=1)
    return shares
