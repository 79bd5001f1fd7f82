"""Reads what is known of a model's inside for proofs, and believes it only where it answers as the model does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.checks._evasion.unit_box import UnitBox
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.structure import Structure

_PROBES = 2000
_FLOOR = 1e-9
_MARKS = (0.0, 1.0, -1.0, 99.0, -99.0, 999.0, -999.0)


@dataclass(frozen=True)
class Known:
    """What proofs can rest on.

    Attributes:
        structure: the model's inside; None where nothing is known.
        note: why there is none, in words; empty where that is the nature of the model.
    """

    structure: Structure | None
    note: str = ""


def known_structure(subject: Subject, box: UnitBox, x: np.ndarray, *, epsilon: float, seed: int) -> Known:
    """The inside of a subject's model in terms of stored values.

    The structure has to give the model's answer on every drawn row, on 2,000 rows whose cells are mixed from them and
    on as many that lie within epsilon of them, wherever its own scores are not tied.

    Args:
        x: drawn rows as stored values, shape (n, ...).
    """
    import numpy as np

    from attacks.structure import read

    arrays = subject.arrays_inside() if x.ndim == 2 and len(x) else {}
    if not arrays:
        return Known(None)
    places = np.array(list(box.inputs))
    behind, coded = (np.asarray(arrays.get(name, "")) for name in ("source", "coded"))
    if behind.dtype.kind not in "iu" or behind.ndim != 1 or coded.dtype.kind != "b" or coded.shape != behind.shape:
        return Known(None, "the model's inside could not be read: its inputs are not told")
    if not len(behind) or behind.min() < 0 or behind.max() >= len(places):
        return Known(None, "the model's inside could not be read: it has inputs that the model does not take")
    source = places[behind.astype(np.int64)]
    if _numbers_as_categories(box, source[coded]):
        return Known(None, "the model takes numbers that can be changed as categories, so nothing is proven")
    rows = np.concatenate([x, _mixed(box, x, seed), _near(box, x, epsilon, seed)])
    try:
        structure = read(arrays, lambda rows: subject.inputs(box.decode(rows)), source)
        inputs = structure.inputs(rows)
    except (NotMeasurable, ValueError) as problem:
        return Known(None, f"the model's inside could not be read: {problem}")
    if inputs.shape[1] != len(source):
        return Known(None, "the model's inside could not be read: its inputs are not as many as it says")
    whole = np.isfinite(inputs).all(axis=1)
    rows, inputs = rows[whole], inputs[whole]
    if not len(rows):
        return Known(None, "every row has a missing value, for which nothing is proven")
    scores = structure.kind.scores(inputs)
    if scores.shape[1] != len(subject.classes):
        return Known(None, f"the model's inside has {scores.shape[1]} classes, and the model {len(subject.classes)}")
    best = np.sort(scores, axis=1)[:, -2:]
    sure = best[:, 1] - best[:, 0] > _FLOOR + structure.slack * np.abs(scores).max()
    wrong = int((scores.argmax(axis=1) != subject.predict(box.decode(rows)))[sure].sum())
    if wrong:
        return Known(
            None, f"what was read of the model's inside answers {wrong} of {int(sure.sum())} rows otherwise than the "
            "model, so nothing is proven from it",
        )  # fmt: skip
    return Known(structure)


def _numbers_as_categories(box: UnitBox, coded: np.ndarray) -> bool:
    """Whether a number that can be changed reaches the model as the code of a category, which does not rise with it."""
    if box.constraints is None:
        return len(coded) > 0
    columns = [box.constraints.columns[place] for place in coded]
    return any(column.kind == "number" and column.mutable for column in columns)


def _mixed(box: UnitBox, x: np.ndarray, seed: int) -> np.ndarray:
    """Rows whose every cell comes from some drawn row, half of them moved a little where they can be."""
    import numpy as np

    rng = np.random.default_rng([seed, 3])
    found = x[rng.integers(0, len(x), (_PROBES, x.shape[1])), np.arange(x.shape[1])]
    moved = found + rng.normal(0, 0.05, found.shape) * (np.arange(_PROBES) % 2 == 0)[:, None]
    if box.constraints is None:
        return np.asarray(np.clip(moved, box.low, box.high).astype(x.dtype))
    return box.constraints.project(found, moved.astype(x.dtype))


def _near(box: UnitBox, x: np.ndarray, epsilon: float, seed: int) -> np.ndarray:
    """Rows within epsilon of drawn ones, half of them at its ends; every fourth has a usual mark for a gap."""
    import numpy as np

    rng = np.random.default_rng([seed, 4])
    chosen = x[rng.integers(0, len(x), _PROBES)]
    step = rng.uniform(-1, 1, chosen.shape)
    step = epsilon * np.where((np.arange(_PROBES) % 2 == 0)[:, None], np.sign(step), step)
    wanted = (chosen + step).astype(x.dtype)
    if box.constraints is None:
        return np.asarray(np.clip(wanted, box.low, box.high))
    for row in range(0, _PROBES, 4):
        place = int(rng.integers(x.shape[1]))
        column = box.constraints.columns[place]
        if column.kind == "number":
            wanted[row, place] = (rng.choice(_MARKS) - column.origin) / column.unit
    return box.constraints.project(chosen, wanted)
