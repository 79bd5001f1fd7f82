"""`params` of a policy: values that rules name as `${name}` and that the command line can set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit import plugins, signature
from audit.policy.draft import Placed
from audit.policy.problems import Problems, is_secret, shown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")


@dataclass
class Values:
    """Parameters of a policy with their values.

    Attributes:
        given: value by name.
        used: names that a rule has asked for.
    """

    given: Mapping[str, Any]
    problems: Problems
    used: set[str] = field(default_factory=set)

    def fill(self, value: Any, place: str, rule: str) -> Any:
        """Replace `${name}` in a value or in the items of a list.

        A scalar that is nothing but one reference takes the value with its type; inside longer text it is written out.
        """
        if isinstance(value, list):
            return [self.fill(item, place, rule) for item in value]
        if not isinstance(value, str) or "${" not in value:
            return value
        names = _REFERENCE.findall(value)
        if len(names) != value.count("${") or not all(_NAME.fullmatch(name) for name in names):
            self.problems.add(place, f"{shown(value)} is no reference; write ${{name}}", rule=rule)
            return value
        for name in names:
            if name not in self.given:
                self.problems.add(place, str(plugins.unknown("param", name, self.given)), rule=rule)
                return value
        self.used.update(names)
        if _REFERENCE.fullmatch(value):
            return self.given[names[0]]
        return _REFERENCE.sub(lambda match: _written(self.given[match[1]]), value)


def names_in(value: Any) -> set[str]:
    """Names of the parameters that a value refers to."""
    if isinstance(value, list):
        return {name for item in value for name in names_in(item)}
    return set(_REFERENCE.findall(value)) if isinstance(value, str) else set()


def collect(declared: Mapping[str, Placed], overrides: Mapping[str, str], problems: Problems) -> Values:
    """Values of all parameters of a policy.

    Args:
        declared: as the files give them.
        overrides: words of the command line by name; each takes the type of the value that it replaces.
    """
    values = {}
    for name, placed in declared.items():
        mistake = _mistake(name, placed.value)
        if mistake:
            problems.add(placed.key_place, f'param "{name}" {mistake}')
        values[name] = placed.value
    for name, text in overrides.items():
        if name not in declared:
            problems.extend([f"--set {name}: {plugins.unknown('param', name, declared)}"])
            continue
        try:
            values[name] = _typed(text, values[name])
        except ValueError as error:
            problems.extend([f"--set {name}: {shown(text, key=name)} does not fit; expected {error}"])
    return Values(values, problems)


def _mistake(name: str, value: Any) -> str:
    if not _NAME.fullmatch(name):
        return "is no name; use letters, digits and _"
    if is_secret(name) and isinstance(value, str):
        return "looks like a secret; a policy is copied into every bundle, so keep secrets out of it"
    items = value if isinstance(value, list) else [value]
    if any(item is None or isinstance(item, dict | list) for item in items):
        return f"is {shown(value)}; expected text, a number, true, false, or a list of words"
    if isinstance(value, list) and not all(isinstance(item, str) for item in items):
        return "is a list that holds more than words; expected a list of words"
    if any(isinstance(item, str) and "${" in item for item in items):
        return "refers to another param; write the value out"
    return ""


def _typed(text: str, model: Any) -> Any:
    if isinstance(model, bool):
        if text not in ("true", "false"):
            raise ValueError("true or false")
        return text == "true"
    if isinstance(model, int | float):
        try:
            number = signature.number(text)
        except ValueError:
            raise ValueError("a number") from None
        return int(number) if isinstance(model, int) and number.is_integer() else number
    if isinstance(model, list):
        return [word.strip() for word in text.split(",") if word.strip()]
    if "${" in text:
        raise ValueError("a value, not a reference")
    return text


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)
