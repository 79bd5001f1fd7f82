"""Reads the key `features` of audit.yaml."""

from __future__ import annotations

from typing import cast

from audit.data.layout import TYPES
from audit.subject.features import Direction, FeatureSpec, FeatureType, Transitions
from audit.subject.form import Form
from audit.yaml_file import KeyPath

KEYS = ("type", "mutable", "range", "step", "direction", "group", "transitions", "cost", "personal")
_NUMERIC = ("integer", "number")


def read_features(form: Form) -> dict[str, FeatureSpec]:
    """The declared features, by name in the order of the file."""
    return {name: _feature(form, name) for name in form.mapping(("features",))}


def _feature(form: Form, name: str) -> FeatureSpec:
    at: KeyPath = ("features", name)
    given = form.mapping(at, KEYS)
    if "type" not in given:
        form.problem(at, f'feature "{name}" has no type; expected one of {", ".join(TYPES)}', at_key=True)
    kind = form.choice((*at, "type"), TYPES, "text")
    step = form.number((*at, "step"), above=0.0)
    for key in ("range", "step", "direction"):
        if key in given and "type" in given and kind not in _NUMERIC:
            form.problem((*at, key), f'"{key}" is for numbers, and "{name}" is of type {kind}', at_key=True)
    if kind == "integer" and step is not None and step != int(step):
        form.problem((*at, "step"), f'"{name}" holds whole numbers, so its step has to be whole')
    if "transitions" in given and kind in _NUMERIC:
        form.problem(
            (*at, "transitions"), f'"transitions" is for categories, and "{name}" is of type {kind}', at_key=True
        )
    return FeatureSpec(
        name=name,
        type=cast(FeatureType, kind),
        mutable=form.boolean((*at, "mutable"), True),
        range=_range(form, (*at, "range")),
        step=step,
        direction=cast(Direction, form.choice((*at, "direction"), ("up", "down", "both"), "both")),
        group=form.text((*at, "group")),
        transitions=_transitions(form, (*at, "transitions")),
        cost=_cost(form, (*at, "cost")),
        personal=form.boolean((*at, "personal"), False),
    )


def _cost(form: Form, at: KeyPath) -> float:
    found = form.number(at)
    if found is None:
        return 0.0
    if found < 0:
        form.problem(at, f'"cost" is {found:g}; expected a number of at least 0')
        return 0.0
    return found


def _range(form: Form, at: KeyPath) -> tuple[float, float] | None:
    found = form.value(at)
    if found is None:
        return None
    if not isinstance(found, list) or len(found) != 2:
        form.problem(at, '"range" takes two numbers: [smallest, largest]')
        return None
    low, high = form.number((*at, 0)), form.number((*at, 1))
    if low is None or high is None:
        return None
    if low > high:
        form.problem(at, f'"range" is [{low:g}, {high:g}]; the smaller number comes first')
        return None
    return (low, high)


def _transitions(form: Form, at: KeyPath) -> Transitions:
    if not isinstance(form.value(at), dict):
        return "none" if form.choice(at, ("any", "none"), "any") == "none" else "any"
    return {source: _goals(form, (*at, source)) for source in form.mapping(at)}


def _goals(form: Form, at: KeyPath) -> tuple[str, ...]:
    """Categories as they are written; `true` and `false` too need no quotes."""
    given = form.value(at)
    if not isinstance(given, list) or all(isinstance(one, str) for one in given):
        return form.texts(at)
    words = [
        str(one).lower() if isinstance(one, bool) else form.text((*at, place), numbers=True)
        for place, one in enumerate(given)
    ]
    return tuple(word for word in words if word is not None)
