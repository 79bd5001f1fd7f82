"""Whether the training data was poisoned: flipped labels, a planted trigger, copies of one row, a relabelled subgroup.

Why: who can write a few rows of training data can make a model answer as he likes, and its accuracy on clean data will
not show it.
Blind to: flips in data so noisy that they drown in honest errors, and flips of one class alone; a subgroup whose labels
were changed by majority where no trusted data is given; triggers of values or words that are common, that differ from
row to row, or that stand on rows which are alike anyway; faint small stamps; in tables and texts changed features under
true labels. The power is that of what was planted, single triggers and scattered flips, and says how much of it this
data can show at all.
Source: out-of-bag disagreement of a forest (Breiman 2001) under a mixture of honest and random labels; our own searches
for rare patterns that a plain model cannot explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

from audit import plugins, spreadsheet
from audit.checks._poisoned_data.finding import Finding
from audit.checks._poisoned_data.rows import FEWEST_OF_CLASS, MOST_ROWS, Rows, training_rows
from audit.checks._suspect_rows import SuspectRow, suspect_rows
from audit.errors import NotMeasurable
from audit.records import CheckResult, Doubt, Evidence, Measure
from audit.subject import Subject

NEEDS = ("data.train",)
MEASURES = {
    "flagged_share": "share of rows above the alarm level, which is set so that clean data has none, 0 to 1",
    "strongest_z": "standard errors by which the strongest rare pattern exceeds what a plain model expects, 0 upwards",
}
CHOICES = {"kinds": "audit.checks._poisoned_data.kinds"}
_COPIES = 10
_FOUND = 0.5
_MOST_PLANTED = 0.2
_MOST_UNREAD = 0.05


def run(
    subject: Subject, *, seed: int, confidence: float, share: float = 0.02, kinds: tuple[str, ...] = ()
) -> CheckResult:
    """Look for labels that contradict the rest of the data, and for rare patterns whose rows all have one label.

    Args:
        share: share of rows that is poisoned in a copy to show the power, over 0 to 0.2.
        kinds: which kinds of poison a pass has to rule out; none means all. Of these, data is searched for those that
            it can hold: a table holds no patch.

    Raises:
        NotMeasurable: the task has no classes, there are fewer than 50 rows or two classes of 5 rows, such data can
            hold none of the kinds that are named, or share is out of its range.
    """
    import numpy as np

    _refuse_odd(share)
    rows = training_rows(subject, seed)
    searched = _searches(rows, kinds)
    blind = {name: reason for name, kind in searched.items() if (reason := kind.blind(rows))}
    findings = {name: kind.search(rows, seed=seed) for name, kind in searched.items() if name not in blind}
    flagged = np.logical_or.reduce([found.flagged for found in findings.values()] or [np.zeros(rows.n, dtype=bool)])
    measures = {
        "flagged_share": _share(int(flagged.sum()), rows, confidence),
        "strongest_z": Measure(max((found.z for found in findings.values()), default=0.0), "standard errors", rows.n),
    }
    doubts = [*blind.values(), *(found.doubt for found in findings.values() if found.doubt), *_unread(rows)]
    return CheckResult(
        measures,
        evidence=tuple(_evidence(rows, findings)),
        notes=tuple(_notes(rows, findings, [name for name in kinds if name not in searched])),
        doubts=tuple(Doubt(reason) for reason in doubts),
        sentence=_sentence(rows, findings, int(flagged.sum())),
    )


def plant(
    subject: Subject, *, seed: int, confidence: float, share: float = 0.02, kinds: tuple[str, ...] = ()
) -> Measure:
    """Poison copies of the training data and count in how many of them the poison is flagged.

    Ten copies of each kind; a copy counts as found if more than half of its poisoned rows are flagged at the alarm
    level of the data as it is. The power is that of the kind that is found least: a pass has to rule out each.

    Raises:
        NotMeasurable: as `run`.
    """
    from audit.statistics import intervals

    _refuse_odd(share)
    rows = training_rows(subject, seed)
    searched = {name: kind for name, kind in _searches(rows, kinds).items() if not kind.blind(rows)}
    if not searched:
        raise NotMeasurable("none of the kinds can be told from honest data here, so there is nothing to plant")
    found = min(_found(kind, rows, share, seed) for kind in searched.values())
    ends = intervals.share(found, _COPIES, confidence=confidence)
    return Measure(found / _COPIES, "share", _COPIES, ends.low, ends.high)


def _refuse_odd(share: object) -> None:
    if not isinstance(share, int | float) or not 0 < share <= _MOST_PLANTED:
        raise NotMeasurable(f"share is {share}; a share of rows over 0 and at most {_MOST_PLANTED} can be planted")


def _searches(rows: Rows, kinds: tuple[str, ...]) -> dict[str, ModuleType]:
    package = CHOICES["kinds"]
    searched = {name: plugins.load(package, name) for name in kinds or plugins.names(package)}
    fit = {name: kind for name, kind in searched.items() if kind.applies(rows)}
    if not fit:
        raise NotMeasurable(f"{rows.table.role} cannot hold poison of the kind {' or '.join(searched)}; name another")
    return fit


def _found(kind: ModuleType, rows: Rows, share: float, seed: int) -> int:
    """In how many copies the planted poison is found."""
    alarm = kind.search(rows, seed=seed).alarm
    found = 0
    for copy in range(_COPIES):
        planted = kind.plant(rows, share=share, seed=seed + copy)
        again = kind.search(planted.rows, seed=planted.rows.seed, alarm=alarm)
        found += bool(again.flagged[planted.poisoned].mean() > _FOUND)
    return found


def _share(count: int, rows: Rows, confidence: float) -> Measure:
    """An exact share where every row was looked at, else one with its interval."""
    from audit.statistics import intervals

    if rows.total <= MOST_ROWS:
        return Measure(count / rows.n, "share", rows.n)
    ends = intervals.share(count, rows.n, confidence=confidence)
    return Measure(count / rows.n, "share", rows.n, ends.low, ends.high)


def _evidence(rows: Rows, findings: dict[str, Finding]) -> Iterator[Evidence]:
    suspects = []
    for place, position in enumerate(rows.positions):
        worst = max(findings.values(), key=lambda found: float(found.scores[place]), default=None)
        if worst is not None and worst.scores[place] >= 1:
            suspects.append(SuspectRow(int(position), float(worst.scores[place]), worst.reason))
    if suspects:
        yield suspect_rows(suspects, "Training rows whose label somebody should look at.")
    cells = [
        [int(position), *(f"{found.scores[place]:.4g}" for found in findings.values())]
        for place, position in enumerate(rows.positions)
    ]
    yield Evidence(
        "row_scores.csv",
        spreadsheet.table(("row", *findings), cells),
        "How suspicious each row is to each search, in multiples of its alarm level.",
    )


def _notes(rows: Rows, findings: dict[str, Finding], unfit: list[str]) -> Iterator[str]:
    yield from (found.note for found in findings.values())
    if unfit:
        yield f"not looked for, since {rows.table.role} is no data of that kind: {', '.join(unfit)}"
    if rows.total > MOST_ROWS:
        yield f"{rows.n} of {rows.total} rows were read, a random part"
    elif rows.n < rows.total:
        yield f"{rows.n} of {rows.total} rows were read, without classes of under {FEWEST_OF_CLASS} rows"


def _unread(rows: Rows) -> Iterator[str]:
    unread = min(rows.total, MOST_ROWS) - rows.n
    if unread > _MOST_UNREAD * rows.total:
        yield f"{unread} rows lie in classes of under {FEWEST_OF_CLASS} rows, too few to learn what labels to expect"


def _sentence(rows: Rows, findings: Mapping[str, Finding], count: int) -> str:
    if not findings:
        return f"Poison could not be told from honest data in any of {rows.n} training rows, so none was looked for."
    what = "; ".join(found.sentence for found in findings.values() if found.sentence)
    looked_for = ", ".join(name.replace("_", " ") for name in findings)
    return f"{count} of {rows.n} training rows are suspect: {what or f'no sign of what was looked for ({looked_for})'}."
