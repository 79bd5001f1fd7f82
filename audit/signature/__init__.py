"""Reads a check's parameters from the signature of its `run`, and fits the values of a rule to them.

The signature is the schema: keyword-only parameters with types from `int`, `float`, `str`, `bool`, `Literal[...]` and
`tuple[str, ...]`, each also with `| None`. A parameter without a default is required. `seed`, `confidence`, `today`
(the day of the audit) and `limited` (the names of the measures that the rule limits) come from the runner and are no
policy parameters. A parameter in `FILES` names a file beside the policy: `audit.signature.files`.
"""

from __future__ import annotations

import inspect
import math
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from audit import plugins
from audit.errors import UnknownName
from audit.records import Rule
from audit.signature.files import FileReader, arguments, with_files
from audit.signature.wording import argument_texts, range_of, sections_of

__all__ = [
    "CHECKS",
    "FROM_RUNNER",
    "CheckSpec",
    "Fit",
    "ParameterSpec",
    "Problem",
    "arguments",
    "check_names",
    "describe",
    "fit",
    "number",
    "of_rule",
    "with_files",
]

CHECKS = "audit.checks"
FROM_RUNNER = ("seed", "confidence", "limited", "today")
_FRACTION = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(?:/\s*([0-9.]+))?\s*")


@dataclass(frozen=True)
class ParameterSpec:
    """One parameter that a policy may set.

    Attributes:
        kind: one of `int`, `float`, `str`, `bool`, `tuple`.
        choices: the words allowed, empty where any is.
        optional: whether None is allowed.
        package: where its words have to be plugins, the package of those; from the `CHOICES` of the check.
        reader: where it names a file beside the policy, who reads that; from the `FILES` of the check.
    """

    name: str
    kind: type
    default: Any
    required: bool
    choices: tuple[str, ...]
    optional: bool
    text: str
    package: str = ""
    reader: FileReader | None = None

    @property
    def expected(self) -> str:
        """What a value has to be, in words."""
        if self.reader is not None:
            return "the name of a file beside the policy"
        if self.choices:
            return "one of " + ", ".join(self.choices)
        return {int: "a whole number", float: "a number", str: "text", bool: "true or false", tuple: "a list of words"}[
            self.kind
        ]


@dataclass(frozen=True)
class CheckSpec:
    """What one check file declares.

    Attributes:
        needs: inputs that must be there; `a|b` means either.
        measures: what it may return, each with unit and range in words.
        scales: for measures that are words, the words, weakest first.
        plants: whether it can show its power by planting a fault.
        volatile: whether its numbers may change though no declared file did (`VOLATILE = True`), because it looks at a
            clock or at files that nobody declared; nothing that it measured serves another run.
        summary: first line of its docstring.
        sections: the paragraphs `Why`, `Blind to` and `Source` of its docstring.
        ranges: smallest and largest value that a measure can take, read off its text, None for an end that is open;
            a measure whose text gives no range is absent. Of several ranges the ends that hold all.
    """

    name: str
    module: ModuleType
    needs: tuple[str, ...]
    measures: Mapping[str, str]
    scales: Mapping[str, tuple[str, ...]]
    parameters: Mapping[str, ParameterSpec]
    plants: bool
    summary: str
    sections: Mapping[str, str]
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    volatile: bool = False


@dataclass(frozen=True)
class Problem:
    """One mistake in the values of a rule: the key that it concerns and what to do."""

    key: str
    message: str


@dataclass(frozen=True)
class Fit:
    """The values of a rule, converted and completed with defaults, or the problems that they have."""

    values: dict[str, Any]
    problems: tuple[Problem, ...]


def check_names() -> tuple[str, ...]:
    """Names of all checks, sorted, without importing one."""
    return plugins.names(CHECKS)


def describe(check: str) -> CheckSpec:
    """Import a check and read what it declares.

    Raises:
        UnknownName: there is no such check.
    """
    return _described(check, plugins.load(CHECKS, check))


@cache
def _described(check: str, module: ModuleType) -> CheckSpec:
    """A policy of hundreds of rules asks again and again for the same few checks."""
    summary, sections = sections_of(inspect.getdoc(module) or "")
    return CheckSpec(
        name=check,
        module=module,
        needs=tuple(module.NEEDS),
        measures=dict(module.MEASURES),
        scales=dict(getattr(module, "SCALES", {})),
        parameters=_parameters(module),
        plants=hasattr(module, "plant"),
        volatile=getattr(module, "VOLATILE", False),
        summary=summary,
        sections=sections,
        ranges={name: found for name, text in module.MEASURES.items() if (found := range_of(text)) is not None},
    )


def of_rule(rule: Rule) -> CheckSpec:
    """The check of a rule, with all measures that it returns for this rule.

    Raises:
        AuditError: there is no such check, or a file that the rule names is wrong.
    """
    return with_files(describe(rule.check), rule.params, rule.files)


def fit(spec: CheckSpec, given: Mapping[str, Any], *, from_text: bool = False) -> Fit:
    """Fit values to the parameters of a check.

    Args:
        given: values by parameter name, as a YAML file holds them.
        from_text: whether all values are words of a command line, such as `"0.1"` or `"a,b"`.
    """
    values: dict[str, Any] = {}
    problems = [Problem(key, str(_unknown_parameter(spec, key))) for key in given if key not in spec.parameters]
    for name, parameter in spec.parameters.items():
        if name not in given:
            if parameter.required:
                problems.append(Problem("", f'parameter "{name}" of check "{spec.name}" is missing; {parameter.text}'))
            else:
                values[name] = parameter.default
            continue
        try:
            values[name] = _convert(_from_text(given[name], parameter) if from_text else given[name], parameter)
            problems += [Problem(name, str(error)) for error in _unknown_words(values[name], parameter)]
        except ValueError:
            problems.append(Problem(name, f'"{name}" is {given[name]!r}; expected {parameter.expected}'))
    return Fit(values, tuple(problems))


def number(value: object) -> float:
    """A finite number from a number or from words such as `8/255` or `1e-3`.

    Raises:
        ValueError: it is not a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"not a number: {value!r}")
    if isinstance(value, str):
        match = _FRACTION.fullmatch(value)
        if match is None:
            raise ValueError(f"not a number: {value!r}")
        divisor = float(match[2]) if match[2] else 1.0
        if divisor == 0:
            raise ValueError(f"division by zero: {value!r}")
        value = float(match[1]) / divisor
    if not math.isfinite(value):
        raise ValueError(f"not finite: {value!r}")
    return float(value)


def _unknown_words(value: Any, parameter: ParameterSpec) -> list[UnknownName]:
    """Words that name no plugin, where the parameter takes names of plugins."""
    if not parameter.package or value is None:
        return []
    known = plugins.names(parameter.package)
    kind = parameter.name.removesuffix("s")
    return [
        plugins.unknown(kind, word, known)
        for word in ((value,) if isinstance(value, str) else value)
        if word not in known
    ]


def _unknown_parameter(spec: CheckSpec, key: str) -> UnknownName:
    return plugins.unknown(f'parameter of check "{spec.name}"', key, spec.parameters)


def _parameters(module: ModuleType) -> dict[str, ParameterSpec]:
    hints = get_type_hints(module.run)
    packages, readers = getattr(module, "CHOICES", {}), getattr(module, "FILES", {})
    texts = argument_texts(inspect.getdoc(module.run) or "")
    found = {}
    for name, parameter in inspect.signature(module.run).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or name in FROM_RUNNER:
            continue
        # of a file only its name is in the policy, whatever the check gets of it
        kind, choices, optional = (str, (), True) if name in readers else _kind(hints[name])
        required = parameter.default is inspect.Parameter.empty
        default = None if required else parameter.default
        text, package = texts.get(name, ""), packages.get(name, "")
        found[name] = ParameterSpec(name, kind, default, required, choices, optional, text, package, readers.get(name))
    return found


def _kind(hint: Any) -> tuple[type, tuple[str, ...], bool]:
    if get_origin(hint) in (Union, types.UnionType):
        members = [member for member in get_args(hint) if member is not type(None)]
        kind, choices, _ = _kind(members[0])
        return kind, choices, True
    if get_origin(hint) is Literal:
        return str, get_args(hint), False
    if get_origin(hint) is tuple:
        return tuple, (), False
    if hint in (int, float, str, bool):
        return hint, (), False
    raise TypeError(f"a check's parameter cannot have the type {hint}")


def _convert(value: Any, parameter: ParameterSpec) -> Any:
    if value is None and parameter.optional:
        return None
    if parameter.kind is float:
        return number(value)
    if parameter.kind is int:
        whole = number(value)
        if whole != int(whole):
            raise ValueError(value)
        return int(whole)
    if parameter.kind is tuple:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise ValueError(value)
        return tuple(items)
    if not isinstance(value, parameter.kind) or (parameter.choices and value not in parameter.choices):
        raise ValueError(value)
    return value


def _from_text(value: str, parameter: ParameterSpec) -> Any:
    if parameter.optional and value in ("", "none", "null"):
        return None
    if parameter.kind is bool:
        if value not in ("true", "false"):
            raise ValueError(value)
        return value == "true"
    if parameter.kind is tuple:
        return [item for item in value.split(",") if item]
    return value
