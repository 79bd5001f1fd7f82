"""Finds images that carry one planted trigger, by the small windows that they share, and marks out the trigger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from audit.statistics.residual_patches import LEAST_CARRIERS, Residuals, label_alarm, place_alarm
from audit.statistics.window_patterns import VIEWS, Patterns, levels, repeated

Array = NDArray[Any]
# A quarter of the larger of two classes is under this share; what more images carry is scenery.
MAX_SHARE = 0.15
_MOST_LOOKS = 5
_ROUNDS = 5
_FALSE_ALARMS = 0.01
# A pixel belongs to the trigger if four in five of its images, and at most a quarter as many others, have one grey.
_CONSTANT = 0.8
_UNUSUAL = 4
# Such pixels on a tenth of the image and in no compact place are a picture laid over it.
_PICTURE = 10
# One pixel that an object covers takes the four smallest windows around it away at once.
_ABSENT = 0.25


@dataclass(frozen=True)
class Box:
    """A part of an image, pixels."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, eq=False)
class Trigger:
    """Images that share patterns which nothing but a trigger explains.

    Attributes:
        images: shape (m,), int.
        label: code of their label.
        z: standard errors of the strongest pattern.
        strength: the same in multiples of its alarm level, 1 upwards.
        purity: share of the carriers of the strongest pattern that have the label.
        window: where the strongest pattern lies.
    """

    images: Array
    label: int
    z: float
    strength: float
    purity: float
    window: Box


@dataclass(frozen=True, eq=False)
class Mined:
    """What mining found.

    Attributes:
        scores: for each image, shape (n,), float: 1 upwards for those of a trigger, in multiples of the alarm level;
            under 1, in the order of their strongest patterns, for the others.
        triggers: the strongest first; empty in clean data.
        z: standard errors of the strongest pattern, also where it is no alarm.
        alarm: level for the labels of carriers.
    """

    scores: Array
    triggers: tuple[Trigger, ...]
    z: float
    alarm: float


def mine(images: Array, labels: Array, expected: Array, *, seed: int, alarm: float | None = None) -> Mined:
    """Look at all small windows that repeat at one place.

    Two things are unlike real pictures. Labels: the carriers of a pattern have one label that a plain model does not
    expect of them (a stamp with a changed label). Place: a pattern of one class, which true labels explain, is common
    at one place and missing one or two pixels off, where the shapes of real things would show it as often (a stamp
    with true labels). The images of the strongest pattern gather those of all patterns that the same images carry;
    what is left is searched again.

    Args:
        images: 0 to 1, no image twice, shape (n, channels, h, w), float.
        labels: codes, shape (n,), int in 0..k-1.
        expected: probabilities from a model of low capacity that did not see the row, shape (n, k), float. A stronger
            model would learn the trigger from the other images that carry it and find it normal.
        alarm: level for the labels of carriers; None sets it by labels drawn from the plain model.

    Source:
        Our own.
    """
    grey, most = levels(images), int(MAX_SHARE * len(images))
    patterns = [part for view in VIEWS for part in repeated(grey, view, least=LEAST_CARRIERS, most=most)]
    tables = [Residuals(part, labels, expected) for part in patterns]
    level = label_alarm(tables, expected, seed=seed) if alarm is None else alarm
    look = first = _look(tables, level, len(labels))
    scores = first.raw / (1 + first.raw)
    triggers: list[Trigger] = []
    found = np.zeros(len(labels), dtype=bool)
    for _ in range(_MOST_LOOKS):
        if look.table is None or look.strength < 1:
            break
        trigger = _trigger(look, look.table, patterns, labels)
        triggers = _with(triggers, trigger)
        found[trigger.images] = True
        scores[trigger.images] = np.maximum(first.raw[trigger.images], look.strength)
        left = [part.without(found, LEAST_CARRIERS) for part in patterns]
        look = _look([Residuals(part, labels, expected) for part in left], level, len(labels))
    return Mined(scores, tuple(triggers), first.z, level)


def marked(images: Array, trigger: Trigger) -> Box:
    """Where the images of a trigger look alike and others do not: a patch, or the whole image.

    Args:
        images: 0 to 1, shape (n, channels, h, w), float.
    """
    grey = np.rint(images * 255).astype(np.int16)
    others = np.delete(grey, trigger.images, axis=0)
    usual = np.median(grey[trigger.images], axis=0).astype(np.int16)
    constant = (grey[trigger.images] == usual).mean(axis=0)
    alike = ((constant >= _CONSTANT) & (constant >= _UNUSUAL * (others == usual).mean(axis=0))).any(axis=0)
    if not alike.any():
        return trigger.window
    rows, columns = np.flatnonzero(alike.any(axis=1)), np.flatnonzero(alike.any(axis=0))
    box = Box(int(rows[0]), int(columns[0]), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1)
    area = box.height * box.width
    if 2 * int(alike.sum()) >= area and 2 * area <= alike.size:
        return box
    return Box(0, 0, *alike.shape) if _PICTURE * alike.sum() >= alike.size else trigger.window


@dataclass(frozen=True, eq=False)
class _Look:
    """The strongest pattern, and for each image that of its label, in multiples of the alarm levels."""

    raw: Array
    table: Residuals | None = None
    pattern: int = 0
    label: int = 0
    z: float = 0.0
    strength: float = 0.0


def _look(tables: list[Residuals], level: float, n: int) -> _Look:
    placed = [table.in_place() for table in tables]
    place_level = place_alarm(sum(part.compared for part in placed))
    raw, best = np.zeros(n), _Look(np.zeros(n))
    for table, part in zip(tables, placed, strict=True):
        for z, unit in ((table.surplus(table.labels), level), (part.z, place_level)):
            raw = np.maximum(raw, table.strongest_of_own_label(z) / unit)
            top = float(z.max(initial=0.0))
            if top / unit > best.strength:
                pattern, label = divmod(int(z.argmax()), z.shape[1])
                best = _Look(raw, table, pattern, label, top, top / unit)
    return replace(best, raw=raw)


def _trigger(look: _Look, table: Residuals, patterns: list[Patterns], labels: Array) -> Trigger:
    source, own = table.patterns, labels == look.label
    carriers = source.carriers(look.pattern)
    members = np.zeros(len(labels), dtype=bool)
    members[carriers[own[carriers]]] = True
    side = source.view.side
    window = Box(int(source.top[look.pattern]), int(source.left[look.pattern]), side, side)
    purity = float(own[carriers].mean())
    images = np.flatnonzero(_gathered(members, own, patterns))
    return Trigger(images, look.label, look.z, look.strength, purity, window)


def _with(triggers: list[Trigger], new: Trigger) -> list[Trigger]:
    """A weaker pattern with the label of a stronger one is the rest of the same trigger, say where objects cover it."""
    for place, known in enumerate(triggers):
        if known.label == new.label:
            joined = replace(known, images=np.union1d(known.images, new.images))
            return [*triggers[:place], joined, *triggers[place + 1 :]]
    return [*triggers, new]


def _gathered(core: Array, own: Array, patterns: list[Patterns]) -> Array:
    """The core and the images of its label that carry, pattern by pattern, what its images carry and others do not.

    Naive Bayes: a pattern speaks for an image by how much more common it is among the members, and a missing one speaks
    against it. The members are found anew until they stay the same.

    Args:
        core: images that are members whatever else they carry, shape (n,), bool.
        own: which images have the label, shape (n,), bool.

    Returns:
        Shape (n,), bool.
    """
    chance = _FALSE_ALARMS / max(sum(len(part.counts) for part in patterns), 1)
    members = core
    for _ in range(_ROUNDS):
        others = own & ~members
        evidence = np.full(len(own), float(np.log(members.sum() / max(others.sum(), 1))))
        for part in patterns:
            evidence += _evidence(part, members, others, chance)
        again = core | (own & (evidence > 0))
        if (again == members).all():
            break
        members = again
    return members


def _evidence(part: Patterns, members: Array, others: Array, chance: float) -> Array:
    """Log-likelihood ratio of membership by the patterns that are tied to the members, shape (n,), float."""
    n, size, rest = len(members), int(members.sum()), int(others.sum())
    known = np.bincount(part.pattern[members[part.images]], minlength=len(part.counts))
    of_label = np.bincount(part.pattern[others[part.images]], minlength=len(part.counts))
    inside = (known + 0.5) / (size + 1)
    # What is common among all images or among those of the label is no sign, whichever is more.
    outside = np.maximum((part.counts - known + 0.5) / (n - size + 1), (of_label + 0.5) / (rest + 1))
    tied = (inside >= _UNUSUAL * outside) & (binom.sf(known - 1, part.counts, size / n) < chance)
    present = np.where(tied, np.log(inside / outside), 0.0)
    absent = np.where(tied, _ABSENT * np.log((1 - inside) / (1 - np.minimum(outside, 0.5))), 0.0)
    return np.asarray(absent.sum() + np.bincount(part.images, (present - absent)[part.pattern], minlength=n))
