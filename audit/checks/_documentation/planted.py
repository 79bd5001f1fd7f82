"""Copies of documents with one known fault each: a field that says nothing, or a number that was not measured."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audit.checks._documentation.finding import Field, Finding
from audit.checks._documentation.judged import Judged
from audit.checks._documentation.measurements import CLASSIFICATION, REGRESSION, Measurements
from audit.checks._documentation.parts import Unmeasured
from audit.documents import Claim, Document, Entry, Keys, Number, Place
from audit.documents.metric_names import BOUNDED

_HOLDERS = ("", "TBD", "[More Information Needed]")
_SENTENCES = (
    "On the test data, {name} is {value}.",
    "- {name}: {value}",
    "| Metric | Value |\n|---|---|\n| {name} | {value} |",
    "## Results with {name} {value}",
)
_ANY = Number("0.5", 0.5, 0.5, 0.05, False)
_SPOKEN = {"auc": "AUC", "f1": "F1", "mae": "MAE", "mse": "MSE", "rmse": "RMSE", "r2": "R2"}


@dataclass(frozen=True)
class Planted:
    """One faulty copy.

    Attributes:
        kind: of the document.
        content: of the copy.
        field: the field that says nothing there; None where a number is wrong.
    """

    kind: str
    content: bytes
    field: Field | None = None


def faults(
    read: Mapping[str, Document], finding: Finding, measurements: Measurements, *, fewest: int, seed: int
) -> list[Planted]:
    """Every field emptied, every number moved; sentences with wrong numbers where those are too few or none is checked.

    Args:
        fewest: how many faults there should be, as far as there is something to plant them in.
    """
    planted = [fault for field in finding.fields for fault in _emptied(read, field)]
    numbers = [fault for judged in finding.claims for fault in _moved(read, judged, measurements)]
    planted += numbers
    if read and (not numbers or len(planted) < fewest):
        kind = "model_card" if "model_card" in read else next(iter(read))
        sentences = list(_sentences(kind, read[kind], measurements))
        random.Random(seed).shuffle(sentences)
        planted += sentences[: max(fewest - len(planted), 8)]
    return planted


def _emptied(read: Mapping[str, Document], field: Field) -> Iterator[Planted]:
    """The document without what says something for a field, and with words in its place that say nothing."""
    if field.found.state == "said":
        for holder in _HOLDERS[:2] if field.found.entries[0].place.keys else _HOLDERS:
            yield Planted(field.kind, _without(read[field.kind], field.found.entries, holder), field)


def _without(document: Document, entries: tuple[Entry, ...], holder: str) -> bytes:
    if entries[0].place.keys:
        return _json_with(document, {entry.place.keys: holder for entry in entries})
    lines = document.text.split("\n")
    front = lines[0].rstrip() == "---" and entries[0].level == 1
    for entry in entries:
        first, last = entry.place.line, entry.place.last_line
        lines[first - 1 : last] = [""] * (last - first + 1)
        if holder and not front:
            lines[first - 1] = f"## {entry.title}" if last > first else f"{entry.title}: {holder}"
            lines[min(first, last - 1)] = holder if last > first else lines[first - 1]
    return "\n".join(lines).encode()


def _moved(read: Mapping[str, Document], judged: Judged, measurements: Measurements) -> Iterator[Planted]:
    """The document with a number above what was measured, and with one below it."""
    if judged.state != "fits":
        return
    claim, number = judged.claim, judged.claim.number
    kind = next(kind for kind, document in read.items() if document.path == judged.document)
    document = read[kind]
    barred = {"min": "low", "max": "high"}.get(number.bound)  # "at least 0.1" is right whatever was measured above
    for side, value in _outside(measurements, claim).items():
        if side == barred:
            continue
        written = f"{100 * value:.1f}" if number.percent else f"{value:.4g}"
        if claim.place.keys:
            old = _at(json.loads(document.text), claim.place.keys)
            new = written if not isinstance(old, str) else old.replace(number.text, written, 1)
            yield Planted(kind, _json_with(document, {claim.place.keys: new}))
            continue
        lines = document.text.split("\n")
        line = lines[claim.place.line - 1]
        if number.text in line:
            lines[claim.place.line - 1] = line.replace(number.text, written, 1)
            yield Planted(kind, "\n".join(lines).encode())


def _outside(measurements: Measurements, claim: Claim) -> dict[str, float]:
    """A value well above and one well below all that the claim can be read as, where there is room."""
    readings = measurements.readings(claim)
    low, high = min(reading.low for reading in readings), max(reading.high for reading in readings)
    if claim.metric in BOUNDED:
        ends = {"high": (high + 1) / 2, "low": low / 2}
        return {side: end for side, end in ends.items() if 0.02 < end < 0.98}
    width = max(high - low, abs(readings[0].value) / 10, 1e-6)
    return {"high": high + width, "low": low - width}


def _sentences(kind: str, document: Document, measurements: Measurements) -> Iterator[Planted]:
    """The document with one more statement, in several wordings, about a metric that was measured."""
    if measurements.missing:
        return
    known = CLASSIFICATION if measurements.subject.task == "classification" else REGRESSION
    for metric in known:
        try:
            values = _outside(measurements, Claim(metric, _ANY, Place())).values()
        except Unmeasured:
            continue
        for value in values:
            if document.text.lstrip().startswith("{"):
                entry = {"type": metric, "value": f"{value:.4g}"}
                yield Planted(kind, _json_with(document, {("performance_metrics",): [entry]}))
                continue
            name = _SPOKEN.get(metric, metric.replace("_", " "))
            for wording in _SENTENCES:
                said = wording.format(name=name, value=f"{value:.4g}")
                yield Planted(kind, f"{document.text}\n\n# Further results\n\n{said}\n".encode())


def _json_with(document: Document, changed: Mapping[Keys, Any]) -> bytes:
    """The document with other values at some keys; an empty one takes the key away."""
    value = json.loads(document.text)
    for keys, new in changed.items():
        holder = _at(value, keys[:-1])
        if new == "" and isinstance(holder, dict):
            holder.pop(keys[-1], None)
        else:
            holder[keys[-1]] = new
    return json.dumps(value).encode()


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value[key]
    return value
