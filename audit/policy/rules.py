"""Looks up what the words of a rule mean: its check, parameters, measures and controls, and makes a `Rule` of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit import plugins, signature
from audit.errors import AuditError
from audit.policy import controls
from audit.policy.attached import Attached
from audit.policy.draft import DraftRule, Placed
from audit.policy.params import Values
from audit.policy.problems import Problems, is_secret, shown
from audit.records import Limit, Rule
from audit.signature import CheckSpec

MIN_POWER = 0.9
"""Share of planted faults that a pass has to find where the policy says nothing."""
_TRUSTED_TYPES = "list the names under the key trusted_types of the whole policy, each with owner and expires"


def read_rule(
    rule: DraftRule, values: Values, problems: Problems, *, known: Mapping[str, object], attached: Attached
) -> Rule | None:
    """Make a rule of what the files say.

    Args:
        known: ids of the rules that this policy extends, to guess what a rule without a check was meant to change.
        attached: reads the files that parameters name.

    Returns:
        None where a mistake was noted.
    """
    before = len(problems)
    _check_controls(rule, problems)
    spec = _spec(rule, problems, known)
    if spec is None:
        return None
    params = _params(rule, spec, values, problems)
    unread = len(problems)
    files = _files(rule, spec, params, attached)
    if len(problems) == before:
        spec = signature.with_files(spec, params, files)
    limits = tuple(_limits(rule, spec, values, problems, all_known=len(problems) == unread))
    if not limits and "require" not in rule.damaged and not rule.limits:
        problems.add(
            rule.place, "requires nothing, so it can never fail; give it a measure under require", rule=rule.id
        )
    min_power = _min_power(rule, spec, problems)
    if len(problems) > before or rule.damaged:
        return None
    fields = {name: placed.value for name, placed in rule.fields.items() if name != "min_power"}
    fields["controls"] = tuple(control.value for control in fields.get("controls", ()))
    return Rule(
        id=rule.id, params=params, limits=limits, min_power=min_power, location=rule.place, files=files, **fields
    )


def _spec(rule: DraftRule, problems: Problems, known: Mapping[str, object]) -> CheckSpec | None:
    check = rule.fields.get("check")
    if check is None:
        if "check" not in rule.damaged:
            near = plugins.near(rule.id, known)
            hint = f'; did you mean to change "{near[0]}"?' if near else ""
            problems.add(rule.place, f'key "check" is missing{hint}', rule=rule.id)
        return None
    try:
        return signature.describe(check.value)
    except AuditError as error:
        problems.add(check.place, str(error), rule=rule.id)
    except (ImportError, AttributeError, TypeError, ValueError, SyntaxError) as error:
        problems.add(check.place, f'check "{check.value}" cannot be loaded: {error}', rule=rule.id)
    return None


def _params(rule: DraftRule, spec: CheckSpec, values: Values, problems: Problems) -> dict[str, Any]:
    given = {}
    for name, placed in rule.params.items():
        value = values.fill(placed.value, placed.place, rule.id)
        parameter = spec.parameters.get(name)
        if is_secret(name) and isinstance(value, str):
            problems.add(placed.key_place, f'"{name}" looks like a secret; keep secrets out of a policy', rule=rule.id)
        if parameter is not None and parameter.kind in (str, tuple):
            value = _as_text(value, placed)
        given[name] = value
    fit = signature.fit(spec, given)
    for problem in fit.problems:
        origin = rule.params.get(problem.key)
        if isinstance(given.get(problem.key), str) and "${" in given[problem.key]:
            continue  # the reference that could not be filled has been noted
        place = rule.place if origin is None else origin.place
        if origin is not None and problem.key not in spec.parameters:
            place = origin.key_place
        hidden = is_secret(problem.key) and problem.key in spec.parameters
        message = f'"{problem.key}" does not fit' if hidden else problem.message
        if problem.key == "trusted_types" and problem.key not in spec.parameters:
            message = '"trusted_types" is no parameter; ' + _TRUSTED_TYPES
        problems.add(place, message, rule=rule.id)
    return fit.values


def _files(rule: DraftRule, spec: CheckSpec, params: Mapping[str, Any], attached: Attached) -> dict[str, str]:
    """Text of the files that parameters name, by parameter; without those in which a mistake was noted."""
    found = {}
    for name, parameter in spec.parameters.items():
        word = params.get(name)
        if parameter.reader is not None and isinstance(word, str) and name in rule.params:
            text = attached.text(parameter, word, rule.params[name].place, rule.id)
            found.update({name: text} if text is not None else {})
    return found


def _as_text(value: Any, placed: Placed) -> Any:
    """Text as written where text is expected: an unquoted 1.10 or 007 was read as a number."""
    if isinstance(value, bool | int | float):
        return placed.text if value == placed.value else str(value)
    if isinstance(value, list) and len(value) == len(placed.texts):
        plain = zip(value, placed.texts, strict=True)
        return [text if isinstance(item, bool | int | float) else item for item, text in plain]
    return value


def _limits(
    rule: DraftRule, spec: CheckSpec, values: Values, problems: Problems, *, all_known: bool = True
) -> list[Limit]:
    """Limits of a rule.

    Args:
        all_known: whether every file that may add measures could be read.
    """
    found = []
    for measure, bounds in rule.limits.items():
        place = rule.measure_places[measure]
        if measure not in spec.measures:
            if all_known:
                unknown = plugins.unknown(f"{spec.name} measure", measure, spec.measures)
                problems.add(place, str(unknown), rule=rule.id)
            continue
        ends = {
            name: _bound(values.fill(bound.value, bound.place, rule.id), bound, measure, rule, spec, problems)
            for name, bound in bounds.items()
        }
        limit = Limit(measure, ends.get("min"), ends.get("max"))
        if not bounds:
            problems.add(place, f"{measure} needs min or max, such as {{min: 0.6}}", rule=rule.id)
        elif limit.min is not None or limit.max is not None:
            found.append(limit)
            _check_sense(limit, place, rule, spec, problems)
    if (
        rule.limits
        and not rule.damaged
        and not found
        and all(b.value is None for bounds in rule.limits.values() for b in bounds.values())
    ):
        problems.add(rule.place, "requires nothing once its limits are taken away", rule=rule.id)
    return found


def _bound(
    value: Any, bound: Placed, measure: str, rule: DraftRule, spec: CheckSpec, problems: Problems
) -> float | str | None:
    scale = spec.scales.get(measure)
    if value is None:
        return None
    if scale is not None:
        if value in scale:
            return str(value)
        near = plugins.near(str(value), scale)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        expected = f"one of {', '.join(scale)}{hint}"
    else:
        try:
            return signature.number(value)
        except ValueError:
            expected = "a finite number"
    if not (isinstance(value, str) and "${" in value):  # else its reference has been noted already
        problems.add(bound.place, f"limit of {measure} is {shown(value)}; expected {expected}", rule=rule.id)
    return None


def _check_sense(limit: Limit, place: str, rule: DraftRule, spec: CheckSpec, problems: Problems) -> None:
    scale = spec.scales.get(limit.measure)
    low, high = position(limit.min, scale), position(limit.max, scale)
    if low is not None and high is not None and low > high:
        message = f"{limit.measure} has min {shown(limit.min)} above max {shown(limit.max)}; no value can satisfy it"
        problems.add(place, message, rule=rule.id)
    elif scale and low in (None, 0) and high in (None, len(scale) - 1):
        message = f"{limit.measure} allows every word of its scale, so it can never fail"
        problems.add(place, message, rule=rule.id)


def position(end: float | str | None, scale: tuple[str, ...] | None) -> float | None:
    """A limit as a number: itself, or the place of the word on its scale."""
    if isinstance(end, str):
        return float(scale.index(end)) if scale else None
    return end


def _min_power(rule: DraftRule, spec: CheckSpec, problems: Problems) -> float | None:
    given = rule.fields.get("min_power")
    if given is None:
        return MIN_POWER if spec.plants else None
    if not spec.plants:
        message = f'check "{spec.name}" plants no fault, so no power can be asked of it; leave min_power out'
        problems.add(given.key_place, message, rule=rule.id)
    return float(given.value)


def _check_controls(rule: DraftRule, problems: Problems) -> None:
    placed = rule.fields.get("controls")
    for control in placed.value if placed is not None else ():
        try:
            controls.find(control.value)
        except AuditError as error:
            problems.add(control.place, str(error), rule=rule.id)
