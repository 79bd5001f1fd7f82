"""Compares what audit.yaml declares about features with what the data shows."""

from __future__ import annotations

from collections.abc import Mapping

from audit.checks._evasion.frame_columns import group_sizes, is_numeric, precision
from audit.checks._evasion.unit_box import known_features
from audit.subject import Subject

_RULE_SLACK = 1e-9


def contradictions(subject: Subject) -> tuple[str, ...]:
    """What audit.yaml declares and the data belies, in words; none for arrays.

    These are rules and ranges that real test rows break, with the share of rows, and changes to categories that no row
    has. An attack keeps to what is declared, so that a wrong rule forbids changes that somebody can make.
    """
    if subject.test.frame is None:
        return ()
    import numpy as np

    from attacks.constraints import parse_rule

    frame = subject.test.features
    groups = group_sizes(subject.feature_specs(subject.test))
    values = {
        name: frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name, spec in subject.feature_specs(subject.test).items()
        if name in frame.columns and is_numeric(spec, frame[name], groups)
    }
    found = []
    for text in subject.rules:
        broken = np.zeros(len(frame), dtype=bool)
        for rule in parse_rule(text):
            parts = {name: factor * values[name] for name, factor in rule.coefficients.items()}
            excess = sum(parts.values()) - rule.bound
            slack = _RULE_SLACK * (1 + abs(rule.bound))
            # what single precision rounds is no contradiction
            slack = slack + sum(2 * precision(frame[name].dtype) * np.abs(part) for name, part in parts.items())
            broken |= (excess >= 0) if rule.strict else (excess > slack)
        found.append((f'the rule "{text}"', broken))
    for name, column in values.items():
        low, high = subject.feature_specs(subject.test)[name].range or (-np.inf, np.inf)
        found.append((f"the declared range of {name}, {low:g} to {high:g},", (column < low) | (column > high)))
    broken_words = tuple(
        f"{words} does not hold in {broken.mean():.1%} of {len(broken)} test rows; it keeps attacks from changes that "
        "real rows show"
        for words, broken in found
        if broken.any()
    )
    return (*broken_words, *_unknown_goals(subject))


def _unknown_goals(subject: Subject) -> tuple[str, ...]:
    """Declared changes to categories that no attack can try, since no row shows how they are written."""
    frames = known_features(subject)
    found = []
    for name, spec in subject.feature_specs(subject.test).items():
        if not spec.mutable or not isinstance(spec.transitions, Mapping) or name not in frames[0].columns:
            continue
        known = {str(value).casefold() for frame in frames if name in frame for value in frame[name].dropna().unique()}
        goals = dict.fromkeys(goal for goals in spec.transitions.values() for goal in goals)
        found += [
            f'the transitions of {name} lead to "{goal}", which no row of the data has; attacks cannot try it'
            for goal in goals
            if goal.casefold() not in known
        ]
    return tuple(found)
