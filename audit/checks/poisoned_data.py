"""Whether the training data holds labels that were changed on purpose: flipped ones, or a planted trigger.

Why: who can write a few rows of training data can make a model answer as he likes, and its accuracy on clean data will
not show it.
Blind to: flips in data so noisy that they drown in honest errors, a subgroup whose labels were changed by majority, a
trigger of values that are common or differ from row to row, and changed features under true labels. The power says how
much of it this data can show at all.
Source: out-of-bag disagreement of a forest (Breiman 2001) under a mixture of honest and random labels; our own search
for rare values that a plain model cannot explain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from audit.checks._encoding import Encoded, encoded
from audit.checks._label_models import in_doubt, plain_expectation
from audit.checks._suspect_rows import SuspectRow, suspect_rows
from audit.checks._trigger import with_trigger
from audit.errors import NotMeasurable
from audit.records import CheckResult, Evidence, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table
    from audit.statistics.contamination import Contamination
    from audit.statistics.residual_rules import Mined

NEEDS = ("data.train",)
MEASURES = {
    "flagged_share": "share of rows above the alarm level, which is set so that clean data has none, 0 to 1",
    "strongest_z": "standard errors by which the strongest rare pattern exceeds what a plain model expects, 0 upwards",
}
_FEWEST_ROWS = 50
_MOST_ROWS = 20_000
_COPIES = 10
_SUSPECT = 0.5
_FOUND = 0.5
_FEWEST_OF_CLASS = 5
_RULES_DRAWN = 40_000


@dataclass(frozen=True)
class _Data:
    """Training rows as the screening sees them, and where they lie in the file."""

    subject: Subject
    table: Table
    x: Encoded
    labels: np.ndarray
    classes: tuple[str, ...]
    positions: np.ndarray
    total: int


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    trees: int = 200,
    share: float = 0.02,
    plants: Literal["both", "flips", "trigger"] = "both",
) -> CheckResult:
    """Look for labels that contradict the rest of the data, and for rare values whose rows all have one label.

    Args:
        trees: of the forest; more make the scores steadier and the check slower.
        share: share of rows that is poisoned in a copy to show the power, over 0 to 0.2.
        plants: which poisoning a pass has to be able to rule out; on noisy data only a trigger can be.

    Raises:
        NotMeasurable: the task has no classes, or there are fewer than 50 rows or two classes of 5 rows.
    """
    del share, plants
    data = _data(subject, seed)
    expected = plain_expectation(data.x, data.labels, seed)
    found = in_doubt(data.x, data.labels, expected, trees=trees, seed=seed)
    level = _rule_alarm(data, expected, seed)
    mined = _mined(data, expected)
    flagged = _flipped(found) | (mined.scores >= level)
    count = int(flagged.sum())
    measures = {
        "flagged_share": _share(count, len(flagged), data.total > _MOST_ROWS, confidence),
        "strongest_z": Measure(mined.z, "standard errors", len(flagged)),
    }
    evidence: tuple[Evidence, ...] = ()
    if count:
        rows = list(_suspects(data, found, mined, level))
        evidence = (suspect_rows(rows, "Training rows whose label somebody should look at."),)
    return CheckResult(
        measures,
        evidence=evidence,
        notes=tuple(_notes(data, found, mined, level)),
        sentence=_sentence(data, found, mined, level, count),
    )


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    trees: int = 200,
    share: float = 0.02,
    plants: Literal["both", "flips", "trigger"] = "both",
) -> Measure:
    """Poison copies of the training data and count in how many of them the poison is flagged.

    Ten copies a kind. Flips: rows whose label the forest is surest of get another label, as an attacker would choose
    them. Trigger: rows of other labels get two values that hardly any row has together, and one label. A copy counts
    as found if more than half of its poisoned rows are flagged at the alarm levels of the data as it is.

    Raises:
        NotMeasurable: as `run`, or share is not over 0 and at most 0.2.
    """
    from audit.statistics import intervals

    if not 0 < share <= 0.2:
        raise NotMeasurable(f"share is {share}; a share of rows over 0 and at most 0.2 can be planted")
    data = _data(subject, seed)
    count = max(2, round(share * len(data.labels)))
    outcomes: list[bool] = []
    expected = plain_expectation(data.x, data.labels, seed)
    if plants != "trigger":
        found = in_doubt(data.x, data.labels, expected, trees=trees, seed=seed)
        outcomes += [_finds_flips(data, found, count, trees, [seed, 1, copy]) for copy in range(_COPIES)]
    if plants != "flips":
        level = _rule_alarm(data, expected, seed)
        outcomes += [_finds_trigger(data, level, count, [seed, 2, copy]) for copy in range(_COPIES)]
    power = sum(outcomes) / len(outcomes)
    ends = intervals.share(sum(outcomes), len(outcomes), confidence=confidence)
    return Measure(power, "share", len(outcomes), ends.low, ends.high)


def _share(count: int, rows: int, sampled: bool, confidence: float) -> Measure:
    """An exact share where every row was looked at, else one with its interval."""
    from audit.statistics import intervals

    if not sampled:
        return Measure(count / rows, "share", rows)
    ends = intervals.share(count, rows, confidence=confidence)
    return Measure(count / rows, "share", rows, ends.low, ends.high)


def _data(subject: Subject, seed: int) -> _Data:
    """Rows of classes with enough rows; a random part of them where there are very many."""
    import numpy as np

    if subject.task != "classification":
        raise NotMeasurable(f"the task is {subject.task}; only class labels can be screened")
    table, codes = subject.train, subject.codes(subject.train)
    positions = np.arange(table.rows)
    if table.rows > _MOST_ROWS:
        positions = np.sort(table.shuffled(seed)[:_MOST_ROWS])
    counts = np.bincount(codes[positions], minlength=len(subject.classes))
    positions = positions[counts[codes[positions]] >= _FEWEST_OF_CLASS]
    if len(positions) < _FEWEST_ROWS or int((counts >= _FEWEST_OF_CLASS).sum()) < 2:
        raise NotMeasurable(
            f"data.train has {table.rows} rows, {len(positions)} of them in classes of {_FEWEST_OF_CLASS} rows or "
            f"more; {_FEWEST_ROWS} rows and two such classes are needed to learn what labels to expect"
        )
    kept, labels = np.unique(codes[positions], return_inverse=True)
    chosen = table if len(positions) == table.rows else table.take(positions)
    names = tuple(str(subject.classes[code]) for code in kept)
    return _Data(subject, chosen, encoded(subject, chosen), labels, names, positions, table.rows)


def _flipped(found: Contamination) -> np.ndarray:
    import numpy as np

    return found.suspicion > _SUSPECT if found.alarming else np.zeros(len(found.suspicion), dtype=bool)


def _mined(data: _Data, expected: np.ndarray) -> Mined:
    from audit.statistics import residual_rules

    return residual_rules.mine(data.x.codes, data.labels, expected, pairs=not data.x.has_text)


def _rule_alarm(data: _Data, expected: np.ndarray, seed: int) -> float:
    from audit.statistics import residual_rules

    width = data.x.codes.shape[1]
    searched = (width if data.x.has_text else width * (width + 1) // 2) * len(data.classes)
    # More columns and classes cost more a draw, and their larger number of rules varies less from draw to draw.
    draws = int(min(max(_RULES_DRAWN // max(searched, 1), 3), 20))
    return residual_rules.alarm_level(data.x.codes, expected, seed=seed, draws=draws, pairs=not data.x.has_text)


def _finds_flips(data: _Data, found: Contamination, count: int, trees: int, seed: list[int]) -> bool:
    """Flip labels of the rows that are least suspicious, at random among the surer half, and look again."""
    import numpy as np

    rng = np.random.default_rng(seed)
    surest = np.argsort(found.doubt, kind="stable")[: max(len(data.labels) // 2, count)]
    rows = rng.choice(surest, size=count, replace=False)
    labels = data.labels.copy()
    labels[rows] = (labels[rows] + rng.integers(1, len(data.classes), size=count)) % len(data.classes)
    own = int(rng.integers(2**31))
    expected = plain_expectation(data.x, labels, own)
    again = in_doubt(data.x, labels, expected, trees=trees, seed=own, draws=0, alarm=found.alarm)
    return bool(_flipped(again)[rows].mean() > _FOUND)


def _finds_trigger(data: _Data, level: float, count: int, seed: list[int]) -> bool:
    """Give rows of other labels a rare pattern and one label, and look for it."""
    import numpy as np

    rng = np.random.default_rng(seed)
    label = seed[-1] % len(data.classes)
    others = np.flatnonzero(data.labels != label)
    rows = rng.choice(others, size=min(count, len(others) // 2), replace=False)
    labels = data.labels.copy()
    labels[rows] = label
    if len(np.unique(labels)) < len(data.classes) or len(rows) == 0:
        return False
    specs = data.subject.feature_specs(data.table)
    texts = tuple(name for name, spec in specs.items() if spec.type == "text")
    stamped = encoded(data.subject, with_trigger(data.table, rows, rng, texts=texts))
    expected = plain_expectation(stamped, labels, int(rng.integers(2**31)))
    mined = _mined(replace(data, x=stamped, labels=labels), expected)
    return bool((mined.scores[rows] >= level).mean() > _FOUND)


def _suspects(data: _Data, found: Contamination, mined: Mined, level: float) -> Iterator[SuspectRow]:
    flipped = _flipped(found)
    for place, position in enumerate(data.positions):
        row = int(position)
        if mined.scores[place] >= level:
            reason = "carries a rare pattern whose rows nearly all have this label"
            yield SuspectRow(row, float(mined.scores[place]), reason)
        elif flipped[place]:
            reason = "the label contradicts what all similar rows say"
            yield SuspectRow(row, float(found.suspicion[place]), reason)


def _pattern(data: _Data, mined: Mined) -> str:
    rule = mined.strongest
    if rule is None:
        return "no rare pattern"
    names = " and ".join(data.x.names[column] for column in rule.columns)
    return f"one combination of values of {names}, {len(rule.rows)} rows, label {data.classes[rule.label]}"


def _notes(data: _Data, found: Contamination, mined: Mined, level: float) -> Iterator[str]:
    yield (
        f"labels: share set at random {found.share:.2%}, evidence {found.evidence:.1f} nats (alarm over "
        f"{found.alarm:.1f}), {found.resolution:.2f} of the share in single rows (alarm over 0.5)"
    )
    yield f"strongest rare pattern: z {mined.z:.1f}, alarm from {level:.1f}: {_pattern(data, mined)}"
    if data.x.left_out:
        yield f"{data.x.left_out} columns were left out of the search for patterns, which reads {len(data.x.names)}"
    if len(data.positions) < data.total:
        yield f"{len(data.positions)} of {data.total} rows were read (a random part, without classes of under 5 rows)"


def _sentence(data: _Data, found: Contamination, mined: Mined, level: float, count: int) -> str:
    parts = []
    if found.alarming and _flipped(found).any():
        parts.append(f"about {found.share:.1%} of the labels contradict all similar rows")
    if mined.z >= level:
        parts.append(f"a rare pattern decides the label ({_pattern(data, mined)})")
    what = "; ".join(parts) or "no sign of flipped labels or of a planted trigger"
    return f"{count} of {len(data.positions)} training rows are suspect: {what}."
