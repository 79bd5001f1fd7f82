"""What was found, in words and as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator

from audit import spreadsheet
from audit.checks._documentation.finding import Field, Finding
from audit.checks._documentation.judged import Judged
from audit.checks._documentation.measurements import Reading
from audit.checks._documentation.stated_facts import Compared
from audit.documents import Place
from audit.documents.metric_names import BOUNDED
from audit.records import Evidence

_NAMES = {
    "auc": "area under the ROC curve", "f1": "F1", "mae": "mean absolute error", "mse": "mean squared error",
    "rmse": "root mean squared error", "r2": "R2", "brier": "Brier score", "gini": "Gini coefficient",
}  # fmt: skip
_LONGEST = 60


def sentence(finding: Finding) -> str:
    """The worst that was found; where nothing was, what was looked at."""
    rest = len(finding.contradicted) + len(finding.wrong) - 1
    more = f" {rest} more {'statement' if rest == 1 else 'statements'} of the documents are wrong." if rest > 0 else ""
    if finding.contradicted:
        worst = next((claim for claim in finding.contradicted if claim.better), finding.contradicted[0])
        return contradiction(worst) + more
    if finding.wrong:
        return _wrong(finding.wrong[0]) + more
    if finding.missing:
        return _missing(finding)
    fitting = sum(claim.state == "fits" for claim in finding.claims)
    fields = f"The documents say something for all {len(finding.fields)} fields that are asked for"
    numbers = f", and the {fitting} numbers that could be compared fit what was measured" if fitting else ""
    left = f"; {len(finding.unchecked)} could not be compared" if finding.unchecked else ""
    return f"{fields}{numbers}{left}."


def contradiction(judged: Judged) -> str:
    """One contradicted claim beside what was measured."""
    claim, reading = judged.claim, judged.reading
    if reading is None:
        return f"{judged.document} claims something else than was measured."
    name = _name(claim.metric)
    share = claim.metric in BOUNDED
    where = f" ({reading.how})" if reading.how else ""
    rows = f"the test data, {reading.part}," if reading.part else "the test data"
    bound = {"min": "at least ", "max": "at most "}.get(claim.number.bound, "")
    said = f"{bound}{_shown(claim.number.text)}{' %' if claim.number.percent else ''}"
    article = "an" if name[0] in "aeFAR" else "a"
    value, low, high = (_value(number, share) for number in (reading.value, reading.low, reading.high))
    return (
        f"{judged.document} claims {article} {name}{where} of {said}{_at(judged.place)}; on {rows} it is {value} "
        f"({low} to {high}), so the document says {'better' if judged.better else 'worse'} than it is."
    )


def evidence(finding: Finding) -> Evidence:
    """Every field, claim and fact with its place and state."""
    header = ("document", "subject", "place", "state", "claimed", "measured", "low", "high", "reason")
    rows = [*_fields(finding), *map(_claim, finding.claims), *map(_fact, finding.facts)]
    return Evidence(
        "documentation.csv",
        spreadsheet.table(header, rows),
        "Every field that is asked for and every number that the documents claim, with what became of it.",
    )


def _fields(finding: Finding) -> Iterator[tuple[object, ...]]:
    for field in finding.fields:
        place = field.found.entries[0].place if field.found.entries else Place()
        yield field.document or f"({field.kind})", field.name, _where(place), field.found.state, "", "", "", "", ""


def _claim(judged: Judged) -> tuple[object, ...]:
    claim, reading = judged.claim, judged.reading
    said = f"{claim.number.text}{' %' if claim.number.percent else ''}"
    name = f"{claim.average} {claim.metric}".strip()
    measured = (_six(reading.value), _six(reading.low), _six(reading.high)) if reading else ("", "", "")
    return judged.document, _shown(name), _where(judged.place), judged.state, said, *measured, _reason(judged, reading)


def _reason(judged: Judged, reading: Reading | None) -> str:
    of = f"{reading.how} {reading.part}".strip() if reading and judged.state != "unchecked" else ""
    direction = ("better than measured" if judged.better else "worse than measured") if reading else ""
    return ", ".join(filter(None, (_shown(judged.reason), of, direction if judged.state == "contradicted" else "")))


def _fact(compared: Compared) -> tuple[object, ...]:
    fact = compared.fact
    said = _shown(" ".join(fact.said))
    return compared.document, fact.kind, _where(fact.place), compared.state, said, compared.real, "", "", ""


def _wrong(compared: Compared) -> str:
    said = _shown(" or ".join(compared.fact.said))
    at = _at(compared.fact.place)
    return f"{compared.document} gives {said} as the {compared.fact.kind}{at}; the subject has {compared.real}."


def _missing(finding: Finding) -> str:
    lacking = finding.missing
    absent = sorted({field.kind for field in lacking if not field.document})
    names = ", ".join(_field(field) for field in lacking[:4])
    more = f" and {len(lacking) - 4} more" if len(lacking) > 4 else ""
    start = f"There is no {' and no '.join(kind.replace('_', ' ') for kind in absent)}. " if absent else ""
    return f"{start}{len(lacking)} of {len(finding.fields)} fields that are asked for say nothing: {names}{more}."


def _field(field: Field) -> str:
    return f"{field.name} ({field.kind.replace('_', ' ')})"


def _name(metric: str) -> str:
    return _NAMES.get(metric, metric.replace("_", " "))


def _value(value: float, share: bool) -> str:
    return f"{100 * value:.1f} %" if share else f"{value:.4g}"


def _six(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def _at(place: Place) -> str:
    return f" in {_where(place)}" if place.line or place.keys else ""


def _where(place: Place) -> str:
    return _shown(".".join(map(str, place.keys))) if place.keys else f"line {place.line}" if place.line else ""


def _shown(text: str) -> str:
    """Foreign text, short and on one line, with nothing that a terminal or a file would act on."""
    return "".join(mark if mark.isprintable() else " " for mark in text)[:_LONGEST]
