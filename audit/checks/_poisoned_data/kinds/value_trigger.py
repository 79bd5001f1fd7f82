"""A trigger in a table: one value or two values together that hardly any row has, always with one label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from audit.checks._poisoned_data.expectation import (
    blunt_expectation,
    expectation_of,
    expectation_without,
)
from audit.checks._poisoned_data.finding import Finding, Planted
from audit.checks._poisoned_data.pattern_words import pattern_words
from audit.checks._poisoned_data.rows import Rows
from audit.checks._trigger import Trigger, draw_trigger
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

    from audit.statistics.residual_rules import Rule

_SUSPECT_RULES = 30
_MOST_SUSPECTS = 0.2
_DRAWS = 40
_ENTRIES_DRAWN = 60_000_000
_FEWEST_DRAWS = 8
_LOWEST_ALARM = 6.0
"""Nats. A table with a single pattern to look at would reach less than that by chance once in 400 times."""
_IN_COMMON = 4.6
"""Nats: rows that have nothing to do with each other share a trait by chance in one of 100 patterns."""
_ROOM = 1.25
"""Real data is less like any model than labels drawn from it are; a larger room kept no more clean tables under it."""
_COMPARED = 11
"""The strongest rule and ten to compare it with."""
_USUAL = (
    "{}, more firmly than by chance; but several patterns of this table are like that, and whether that is its nature "
    "or several triggers cannot be told from the data"
)
_NAMED = 3
_TRIED = 10
"""Other pairs of columns to name a rule by; the most telling come first."""
_ASKED = 200
_UNDECIDED = 0.5
"""Mean probability up to which stamped rows do not imply a label."""


@dataclass(frozen=True)
class _Screened:
    """What mining found in the rows without copies.

    Attributes:
        rules: strongest first, their evidence less what a natural group explains; named by the columns that tell them.
        level: evidence from which on a rule is neither chance nor usual in this table, nats.
        chance: evidence from which on a rule is no chance, nats.
        first: positions of the rows that were mined, shape (m,), int.
    """

    rules: tuple[Rule, ...]
    level: float
    chance: float
    first: np.ndarray


def applies(rows: Rows) -> bool:
    """Tables with columns of values, and arrays of numbers that are no images."""
    return rows.images is None and rows.x.codes.shape[1] > 0


def blind(rows: Rows) -> str:
    """Nothing is known in advance; the power says what this data can show."""
    del rows
    return ""


def search(rows: Rows, *, seed: int, alarm: float | None = None) -> Finding:
    """Look at every value and every pair of values for labels that no honest model expects.

    A rule has to beat two models: a blunt one, and a strong one that never saw the rows of the strongest rules. What
    its rows share beyond its values speaks for a natural group with an effect of its own, and against a trigger.
    """
    import numpy as np

    screened = _screened(rows, seed, alarm)
    scores, named, usual = np.zeros(rows.n), list[str](), list[str]()
    codes = rows.x.codes
    for rule in screened.rules:
        columns = list(rule.columns)
        carried = (codes[:, columns] == codes[screened.first[rule.rows[0]]][columns]).all(axis=1)
        marked = carried & (rows.labels == rule.label)
        scores[marked] = np.maximum(scores[marked], rule.evidence / screened.level)
        if rule.evidence >= screened.level:
            named.append(_words(rows, rule, carried, marked))
        elif rule.evidence >= screened.chance:
            usual.append(_words(rows, rule, carried, marked))
    more = f"; {len(named) - _NAMED} more such patterns" if len(named) > _NAMED else ""
    strongest = screened.rules[0].z if screened.rules else 0.0
    return Finding(
        scores=scores,
        alarm=screened.level,
        z=strongest,
        sentence="; ".join(named[:_NAMED]) + more,
        reason="carries a rare pattern whose rows nearly all have this label",
        note=(
            f"value_trigger: strongest rare pattern z {strongest:.1f}, alarm from {np.sqrt(2 * screened.level):.1f}; "
            f"{len(screened.first)} different rows, {codes.shape[1]} columns, {rows.x.left_out} more were too many"
        ),
        doubt="" if named or not usual else _USUAL.format(usual[0]),
    )


def plant(rows: Rows, *, share: float, seed: int) -> Planted:
    """Give rows of other labels two values that hardly any row has together, and one label that these do not imply.

    Who stamps a high income on rows and labels them as rows of high income are labelled poisons nothing.
    """
    import numpy as np

    rng = np.random.default_rng([seed, 2])
    trigger = draw_trigger(rows.subject, rows.table, rng, kind="two_values")
    label = _label_against(rows, trigger, rng)
    others = np.flatnonzero(rows.labels != label)
    chosen = rng.choice(others, size=min(max(2, round(share * rows.n)), len(others) // 2), replace=False)
    labels = rows.labels.copy()
    labels[chosen] = label
    if len(chosen) == 0 or len(np.unique(labels)) < len(rows.classes):
        raise NotMeasurable("too few rows of other labels to plant a trigger")
    table = trigger.stamp(rows.table, chosen, rng)
    return Planted(rows.changed(table=table, labels=labels, seed=int(rng.integers(2**31))), chosen)


def _label_against(rows: Rows, trigger: Trigger, rng: np.random.Generator) -> int:
    """A random one of the labels that a plain model gives a stamped row with a probability of half at most."""
    import numpy as np

    asked = rng.choice(rows.n, size=min(_ASKED, rows.n // 2), replace=False)
    stamped = rows.changed(table=trigger.stamp(rows.table, asked, rng))
    expected = expectation_of(stamped.x, rows.labels, asked).mean(axis=0)
    return int(rng.choice(np.flatnonzero(expected <= max(_UNDECIDED, expected.min()))))


def _screened(rows: Rows, seed: int, alarm: float | None) -> _Screened:
    import numpy as np

    from audit.statistics import residual_rules

    first = _different(rows)
    labels = np.unique(rows.labels[first], return_inverse=True)[1]
    x = replace(rows.x, full=rows.x.full[first], plain=rows.x.plain[first], codes=rows.x.codes[first])
    found = residual_rules.patterns(residual_rules.Levels(x.codes, rows.x.exact[first]))
    if len(found.sizes) == 0:
        return _Screened((), alarm or _LOWEST_ALARM, _LOWEST_ALARM, first)
    blunt = blunt_expectation(x, labels, seed)
    suspects = np.zeros(len(labels), dtype=bool)
    for rule in residual_rules.strongest(found, labels, (blunt,), most=_SUSPECT_RULES):
        if suspects.mean() < _MOST_SUSPECTS and len(np.unique(labels[~suspects])) > 1:
            suspects[rule.rows] = True
    expectations = (blunt, expectation_without(x, labels, suspects, seed))
    rules = residual_rules.strongest(found, labels, expectations, most=_SUSPECT_RULES)
    named: dict[tuple[tuple[int, ...], int], Rule] = {}
    for rule in (_told(x.codes, labels, expectations, rule) for rule in rules):
        # what is left of a pattern may come up again under another column, and is the same by its name
        named.setdefault((rule.columns, int(rule.carriers[0])), rule)
    kept = sorted((rule for rule in named.values() if rule.evidence > 0), key=lambda rule: -rule.evidence)
    if alarm is not None:
        return _Screened(tuple(kept), alarm, alarm, first)
    draws = int(np.clip(_ENTRIES_DRAWN / len(found.row), _FEWEST_DRAWS, _DRAWS))
    drawn = residual_rules.chance_level(found, expectations, seed=seed, draws=draws)
    chance = _ROOM * max(_LOWEST_ALARM, drawn)
    others = residual_rules.tail_level([rule.evidence for rule in kept[1:_COMPARED]])
    return _Screened(tuple(kept), max(chance, others), chance, first)


def _different(rows: Rows) -> np.ndarray:
    """The first of all rows that are alike in everything, since a copy is no second observation; positions, int."""
    import numpy as np
    import pandas as pd

    frame = rows.table.frame
    if frame is None:
        frame = pd.DataFrame(np.asarray(rows.table.features).reshape(rows.n, -1))
    return np.flatnonzero(~frame.assign(**{str(rows.table.target): rows.labels}).duplicated().to_numpy())


def _told(codes: np.ndarray, labels: np.ndarray, expectations: tuple[np.ndarray, ...], rule: Rule) -> Rule:
    """The rule by the columns that tell its rows, its evidence less what a natural group explains.

    Where columns depend on each other, a stamped value breaks with its neighbours, and the search may have come upon
    the break rather than on the trigger: then another column that marks the rows is tried in place of either.
    """
    import numpy as np

    from audit.statistics.residual_rules import decided_by
    from audit.statistics.shared_traits import telling_columns, telling_pairs

    alike, others = np.flatnonzero(labels == rule.label), np.flatnonzero(labels != rule.label)
    columns = telling_columns(codes, rule.rows, alike, others, columns=rule.columns)
    carriers = _carriers(codes, columns, rule.rows)
    told = replace(rule, columns=columns, carriers=carriers, rows=carriers[labels[carriers] == rule.label])
    told = _discounted(codes, labels, told if _is_rare(carriers, codes) else rule)
    if told.evidence > 0 or rule.evidence < _LOWEST_ALARM:
        return told
    tried = [told]
    for pair in telling_pairs(codes, rule.rows, others, columns=rule.columns)[:_TRIED]:
        carriers = _carriers(codes, pair, rule.rows)
        if _is_rare(carriers, codes):
            tried.append(_discounted(codes, labels, decided_by(pair, carriers, rule.label, labels, expectations)))
    return max(tried, key=lambda found: found.evidence)


def _carriers(codes: np.ndarray, columns: tuple[int, ...], rows: np.ndarray) -> np.ndarray:
    """All rows with the levels that most of the given rows have in the columns; positions, int."""
    import numpy as np

    chosen = codes[:, list(columns)]
    return np.flatnonzero((chosen == [np.bincount(level).argmax() for level in chosen[rows].T]).all(axis=1))


def _is_rare(carriers: np.ndarray, codes: np.ndarray) -> bool:
    from audit.statistics.residual_rules import MAX_SHARE

    return 0 < len(carriers) <= MAX_SHARE * len(codes)


def _discounted(codes: np.ndarray, labels: np.ndarray, rule: Rule) -> Rule:
    """The rule with its evidence less what its rows have in common, be they drawn from other labels or from all rows.

    Rows that are alike beyond the values of the rule are a natural group, whose label may have a reason of its own.
    """
    import numpy as np

    from audit.statistics.shared_traits import shared_trait

    apart = np.ones(len(labels), dtype=bool)
    apart[rule.rows] = False
    pools = (np.flatnonzero(apart & (labels != rule.label)), np.flatnonzero(apart))
    alike = min(shared_trait(codes, rule.rows, pool, chosen_by=rule.columns) for pool in pools)
    return replace(rule, evidence=rule.evidence - alike if alike <= _IN_COMMON else 0.0)


def _words(rows: Rows, rule: Rule, carried: np.ndarray, marked: np.ndarray) -> str:
    count, always = int(carried.sum()), "always" if int(marked.sum()) == int(carried.sum()) else "nearly always"
    label = rows.classes[int(rows.labels[marked][0])]
    return f"{count} rows with {pattern_words(rows, rule.columns, int(carried.argmax()))} are {always} labelled {label}"
