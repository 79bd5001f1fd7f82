"""A trigger in images: a small patch at one place or a faint picture over all, always with one label.

Blind to: triggers that move or differ from image to image, most of those images where a small translucent stamp lies
over a textured object, and stamps under true labels with noise laid over the stamp itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.checks._poisoned_data.finding import Finding, Planted
from audit.checks._poisoned_data.rows import Rows
from audit.checks._trigger import Kind, draw_trigger
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

    from audit.statistics.planted_patterns import Mined, Trigger

_FEWEST_IMAGES = 50
_ALWAYS = 0.99
_MOST_NAMED = 3


def applies(rows: Rows) -> bool:
    """Images, whatever way they are stored."""
    return rows.images is not None


def blind(rows: Rows) -> str:
    """Copies of a few images share every window of them."""
    different = len(_different(rows))
    if different < _FEWEST_IMAGES:
        return (
            f"only {different} images are different from each other; a trigger cannot be told from what copies share "
            f"with fewer than {_FEWEST_IMAGES}"
        )
    return ""


def search(rows: Rows, *, seed: int, alarm: float | None = None) -> Finding:
    """Look for small windows that repeat at one place in images of one label, against all that images naturally share.

    An image that is stored more than once counts once.
    """
    import numpy as np

    from audit.checks._poisoned_data.image_expectation import image_expectation
    from audit.statistics import planted_patterns

    copies = _different(rows)
    images, labels = _values(rows), rows.labels
    firsts = np.array([members[0] for members in copies])
    expected = image_expectation(images[firsts], labels[firsts], seed)
    mined = planted_patterns.mine(images[firsts], labels[firsts], expected, seed=seed, alarm=alarm)
    scores = np.zeros(rows.n)
    for members, score in zip(copies, mined.scores, strict=True):
        scores[members] = score
    return Finding(
        scores=scores,
        alarm=mined.alarm,
        z=mined.z,
        sentence=_sentence(rows, mined, images[firsts], copies),
        reason="shows a pattern that other images with this label share and hardly any other image has",
        note=f"image_trigger: strongest repeated pattern z {mined.z:.1f}, alarm from {mined.alarm:.1f} for its labels",
    )


def plant(rows: Rows, *, share: float, seed: int) -> Planted:
    """Stamp images of other labels with a patch or blend a picture into them, and give them one label."""
    import numpy as np

    rng = np.random.default_rng([seed, 3])
    label = int(rng.integers(len(rows.classes)))
    others = np.flatnonzero(rows.labels != label)
    chosen = rng.choice(others, size=min(max(2, round(share * rows.n)), len(others) // 2), replace=False)
    labels = rows.labels.copy()
    labels[chosen] = label
    if len(chosen) == 0 or len(np.unique(labels)) < len(rows.classes):
        raise NotMeasurable("too few images of other labels to plant a trigger")
    kinds: tuple[Kind, ...] = ("patch", "blend")
    trigger = draw_trigger(rows.subject, rows.table, rng, kind=kinds[seed % 2])
    table = trigger.stamp(rows.table, chosen, rng)
    return Planted(rows.changed(table=table, labels=labels, seed=int(rng.integers(2**31))), chosen)


def _values(rows: Rows) -> np.ndarray:
    assert rows.images is not None
    return rows.images.values


def _different(rows: Rows) -> list[list[int]]:
    """Positions of the rows that hold the same image with the same label, in order of their first row."""
    copies: dict[tuple[int, bytes], list[int]] = {}
    for place, (label, image) in enumerate(zip(rows.labels.tolist(), _values(rows), strict=True)):
        copies.setdefault((label, image.tobytes()), []).append(place)
    return list(copies.values())


def _sentence(rows: Rows, mined: Mined, images: np.ndarray, copies: list[list[int]]) -> str:
    named = [_named(rows, trigger, images, copies) for trigger in mined.triggers[:_MOST_NAMED]]
    more = len(mined.triggers) - len(named)
    return " and ".join([*named, f"{more} more patterns"] if more else named)


def _named(rows: Rows, trigger: Trigger, images: np.ndarray, copies: list[list[int]]) -> str:
    from audit.statistics.planted_patterns import marked

    count = sum(len(copies[place]) for place in trigger.images)
    box = marked(images, trigger)
    how = "always" if trigger.purity >= _ALWAYS else f"in {trigger.purity:.0%} of the cases"
    if (box.height, box.width) == images.shape[2:]:
        return f"{count} images that share the same faint picture are {how} labelled {rows.classes[trigger.label]}"
    return (
        f"{count} images that carry the same {box.height} x {box.width} patch at row {box.top}, column {box.left} are "
        f"{how} labelled {rows.classes[trigger.label]}"
    )
