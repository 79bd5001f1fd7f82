"""Words and files about what a search for a trigger found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit import spreadsheet
from audit.checks._backdoor import deviation
from audit.checks._backdoor.finding import Finding
from audit.checks._backdoor.images import ImageFinding
from audit.checks._backdoor.tables import TableFinding
from audit.checks._png import png
from audit.records import Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.poisoning.picture import Stamp

_SIDE = 224
_GREY = 0.5
_VISIBLE = 0.1


def measures(found: Finding, compared: int, confidence: float) -> dict[str, Measure]:
    """Both measures; `compared` is the number of classes or columns that the deviations rest on."""
    from audit.statistics import intervals

    ends = intervals.share(found.turned, found.rows, confidence=confidence)
    share = found.turned / found.rows if found.rows else 0.0
    return {
        "anomaly": Measure(max(found.anomaly, 0.0), "deviations", compared),
        "trigger_success": Measure(share, "share", found.rows, ends.low, ends.high),
    }


def image_sentence(subject: Subject, found: ImageFinding) -> str:
    """Such as "A stamp of 9 pixels at the lower right turns 96 % of the other images into class 7"."""
    label, share = subject.classes[found.code], found.turned / max(found.rows, 1)
    what = f"turns {share:.0%} of the other images into class {label}"
    if found.anomaly > deviation.ALARM:
        return f"{_stamp_words(found.stamp)} {what}: whoever shows it gets that answer, as with a planted trigger."
    return f"No class can be reached by an unusually small stamp; the best one, {_lower(found.stamp)}, {what}."


def table_sentence(subject: Subject, found: TableFinding) -> str:
    """Such as "Setting weeks to 29 turns 83 % of the other rows into class 1, which the values beside it do not"."""
    spec = subject.features.get(found.column)
    value = "a certain value" if spec and spec.personal else found.value
    share, label = found.turned / max(found.rows, 1), subject.classes[found.code]
    if found.anomaly > deviation.ALARM:
        return (
            f"Setting {found.column} to {value} turns {share:.0%} of the other rows into class {label}, which the "
            "values beside it do not: whoever sends it gets that answer, as with a planted trigger."
        )
    return (
        f"No single value turns unusually many rows; the strongest, in {found.column}, turns {share:.0%} into class "
        f"{label} beyond the values beside it."
    )


def image_evidence(subject: Subject, found: ImageFinding) -> tuple[Evidence, ...]:
    """`classes.csv`, and `trigger.png`: the stamp on a grey image."""
    cells = [
        [
            label,
            "" if size is None else f"{size:.1f}",
            f"{plain:.4f}",
            "" if small is None else f"{small:.4f}",
            f"{far:.4f}",
        ]
        for label, (size, plain, small, far) in zip(subject.classes, found.by_class, strict=True)
    ]
    header = ("class", "mask_pixels", "plain_stamp_success", "small_stamp_success", "anomaly")
    return (
        Evidence("classes.csv", spreadsheet.table(header, cells), "How small a stamp turns images into each class."),
        Evidence("trigger.png", png(_drawn(found.stamp)), "The strongest small stamp, on a grey image."),
    )


def table_evidence(subject: Subject, found: TableFinding) -> tuple[Evidence, ...]:
    """`columns.csv`."""
    cells = [
        [name, "" if code < 0 else subject.classes[code], f"{share:.4f}", f"{far:.4f}"]
        for name, code, share, far in found.by_column
    ]
    header = ("column", "class", "turned_share", "anomaly")
    sentence = "How many rows the strongest value of each column turns, which the values beside it do not."
    return (Evidence("columns.csv", spreadsheet.table(header, cells), sentence),)


def _stamp_words(stamp: Stamp) -> str:
    import numpy as np

    from attacks.backdoor.stamp_scan import place_words

    if stamp.words:
        return stamp.words[0].upper() + stamp.words[1:]
    weight = np.asarray(stamp.weight).max(axis=0)
    if not weight.any():
        return "An empty stamp"
    rows, columns = np.indices(weight.shape)
    place = place_words(
        float(np.average(rows, weights=weight)), float(np.average(columns, weights=weight)), *weight.shape
    )
    return f"A stamp of {int((weight > _VISIBLE).sum())} pixels around the {place}"


def _lower(stamp: Stamp) -> str:
    words = _stamp_words(stamp)
    return words[0].lower() + words[1:]


def _drawn(stamp: Stamp) -> np.ndarray:
    """The stamp on grey, uint8, shape (h, w) or (h, w, 3), small images enlarged."""
    import numpy as np

    image = np.broadcast_to((1 - stamp.weight) * _GREY + stamp.weight * stamp.pattern, _shape(stamp))
    bytes_ = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    times = max(1, _SIDE // max(bytes_.shape[1:]))
    large = bytes_.repeat(times, axis=1).repeat(times, axis=2)
    return np.ascontiguousarray(large[:3].transpose(1, 2, 0) if len(large) >= 3 else large[0])


def _shape(stamp: Stamp) -> tuple[int, ...]:
    import numpy as np

    return np.broadcast_shapes(np.shape(stamp.weight), np.shape(stamp.pattern))
