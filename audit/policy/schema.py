"""The shape of policy and waiver files, and of the cases of `audit policy test`.

The models say what may stand where; what words mean (checks, parameters, measures, controls) is looked up later, in
`audit.policy.rules`. A child policy repeats only what it changes, so nearly every key may be absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from audit import plugins, signature
from audit.policy.problems import Problems, shown
from audit.yaml_file import Document, KeyPath

NUMBER_PATTERN = r"^\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*(/\s*[0-9.]+)?\s*$"
ID_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$"
_ID_WORDS = 'letters, digits, ".", "_" and "-", at most 64, beginning with a letter or digit'


@dataclass(frozen=True, eq=False)  # typing hashes what stands in Annotated
class _Number:
    """Marks a field that takes a number, also written as `8/255`.

    Attributes:
        expected: what messages ask for.
        holds: whether a number is in range.
        schema: the same range as JSON Schema keywords.
    """

    expected: str
    holds: Callable[[float], bool] = lambda value: True
    schema: Mapping[str, float] = field(default_factory=dict)

    def convert(self, value: object) -> float:
        try:
            number = signature.number(value)
        except ValueError:
            raise ValueError(self.expected) from None
        if not self.holds(number):
            raise ValueError(self.expected)
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.convert, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "number", **self.schema}, {"type": "string", "pattern": NUMBER_PATTERN}]}


Id = Annotated[str, Field(pattern=ID_PATTERN)]
Severity = Literal["low", "medium", "high", "critical"]
Line = Annotated[str, Field(min_length=1)]
Confidence = Annotated[
    float,
    _Number("a number above 0.5 and below 1", lambda v: 0.5 < v < 1, {"exclusiveMinimum": 0.5, "exclusiveMaximum": 1}),
]
Power = Annotated[float, _Number("a number from 0 to 1", lambda v: 0 <= v <= 1, {"minimum": 0, "maximum": 1})]
Seconds = Annotated[float, _Number("a number of seconds above 0", lambda v: v > 0, {"exclusiveMinimum": 0})]
Finite = Annotated[float, _Number("a number")]
Scalar = Annotated[Any, WithJsonSchema({"type": ["number", "string", "null"]})]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)


class LimitFile(_File):
    """What one measure has to satisfy; a number, or a word of the measure's scale."""

    min: Scalar = Field(None, description="The pessimistic end of the interval has to be at least this.")
    max: Scalar = Field(None, description="The pessimistic end of the interval has to be at most this.")


class RuleFile(_File):
    """One rule: a check, its parameters and what its measures have to satisfy."""

    id: Id = Field(description="Names the rule in reports, waivers and child policies.")
    check: str = Field("", description="What is measured: the name of a check.")
    with_: dict[str, Any] = Field({}, alias="with", description="Parameters of the check.")
    require: dict[str, LimitFile | None] = Field({}, description="Limits by measure.")
    severity: Severity = Field("medium", description="How grave a failure is.")
    blocking: bool = Field(True, description="Whether a failure fails the audit.")
    waivable: bool = Field(True, description="Whether a waiver can excuse a failure.")
    min_power: Power = Field(0.9, description="Smallest share of planted faults that the check has to find for a pass.")
    timeout_seconds: Seconds = Field(600.0, description="Longest time that the rule may take.")
    why: Line = Field("", description="Why the rule exists, for a reader who knows no ML.")
    controls: list[str] = Field([], description="References such as NIST-AI-RMF/MEASURE 2.7.")
    allow_loosen: bool = Field(False, description="Whether a policy that extends this one may loosen this rule.")


class TrustedTypeFile(_File):
    """One name that somebody reviewed, so that a model file may use it."""

    name: Line = Field(description="Exact dotted name, such as mypackage.layers.Gate.")
    owner: Line = Field(description="Who reviewed it and answers for it.")
    expires: Line = Field(description="Last day on which it counts, in UTC, such as 2026-12-31.")
    why: Line = Field("", description="Why the model needs it.")


class PolicyFile(_File):
    """A policy: rules, and how sure an audit has to be."""

    policy: Line = Field(description="Name of the policy.")
    version: Line = Field("0", description="Version of the policy; its text is kept as written.")
    owner: str = Field("", description="Who answers for the policy.")
    extends: list[Line] = Field([], description="Policies to start from: paths relative to this file, or builtin:NAME.")
    params: dict[str, Any] = Field({}, description="Values that rules use as ${name} and --set can replace.")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Start of every random choice.")
    confidence: Confidence = Field(0.95, description="Confidence of every interval that a verdict rests on.")
    on_inconclusive: Literal["fail", "warn"] = Field("fail", description="What an undecided blocking rule does.")
    max_waiver_days: Annotated[int, Field(ge=0)] = Field(90, description="Longest time that a waiver may cover.")
    isolation: Literal["required", "best_effort", "off"] = Field(
        "best_effort", description="What has to keep the model from network, files and other programs."
    )
    trusted_types: list[dict[str, Any]] = Field(
        [], description="Names that a model file may use beyond the list of the static scan."
    )
    allow_trusted_types: bool = Field(
        False, description="Whether a policy that extends this one may trust more names, or for longer."
    )
    rules: list[dict[str, Any]] = Field([], description="What is measured and required.")


class WaiverFile(_File):
    """A signed exception to one rule."""

    rule: Line
    reason: Line
    owner: Line
    approved_by: Line
    created: Line
    expires: Line
    model_sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] = ""


class WaiversFile(_File):
    """A file of waivers."""

    waivers: list[dict[str, Any]]


class MeasureFile(_File):
    """One measure of a case: what a check might have returned."""

    value: Scalar
    low: Finite | None = None
    high: Finite | None = None
    n: Annotated[int, Field(ge=0)] = 1


class CaseFile(_File):
    """A case of `audit policy test`: numbers that a check might return, and the verdicts that they should lead to."""

    policy: Line
    params: dict[str, Any] = {}
    measures: dict[str, dict[str, Any]] = {}
    power: dict[str, Power] = {}
    doubts: dict[str, list[Line]] = {}
    errors: dict[str, Line] = {}
    waived: list[Line] = []
    expect: dict[str, Literal["PASS", "FAIL", "INCONCLUSIVE", "ERROR", "WAIVED"]] = {}
    exit_code: Literal[0, 1, 3] | None = None


_Model = TypeVar("_Model", bound=_File)


def validate(
    model: type[_Model], value: Any, document: Document, problems: Problems, *, at: KeyPath = (), rule: str = ""
) -> _Model | None:
    """Fit a part of a file to its model; note every mistake, and go on with what is left.

    Args:
        value: what stands at `at`.
        rule: id of the rule that messages name.

    Returns:
        The model without the keys that were wrong; None where not even that is possible.
    """
    if not isinstance(value, dict):
        problems.add(document.mark(at), f"expected a mapping of keys, found {shown(value)}", rule=rule)
        return None
    value = _with_texts(model, value, document, at)
    for _ in range(2):
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for mistake in reversed(error.errors()):  # from the end, so that positions in lists stay true
                _note(model, mistake, document, problems, at=at, rule=rule)
                value = _without(value, tuple(mistake["loc"]))
    return None


def _with_texts(model: type[_File], value: dict[str, Any], document: Document, at: KeyPath) -> dict[str, Any]:
    """Give back to text fields the text that was written: a version 1.10 is not the number 1.1."""
    texts = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        if info.annotation is str and isinstance(value.get(key), bool | int | float):
            texts[key] = document.source_text((*at, key))
    return {**value, **texts}


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    """A copy of nested values without the one at `path`."""
    if isinstance(value, dict) and path and path[0] in value:
        if len(path) == 1:
            return {key: inner for key, inner in value.items() if key != path[0]}
        return {**value, path[0]: _without(value[path[0]], path[1:])}
    if isinstance(value, list) and path and isinstance(path[0], int) and path[0] < len(value):
        keep = [] if len(path) == 1 else [_without(value[path[0]], path[1:])]
        return [*value[: path[0]], *keep, *value[path[0] + 1 :]]
    return value


def _note(model: type[_File], mistake: Any, document: Document, problems: Problems, *, at: KeyPath, rule: str) -> None:
    path, kind = tuple(mistake["loc"]), mistake["type"]
    key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    if kind == "extra_forbidden":
        message = str(plugins.unknown("key", key, known_keys(model, path[:-1])))
        problems.add(document.key_mark((*at, *path)), message, rule=rule)
    elif kind == "missing":
        problems.add(document.mark((*at, *path[:-1])), f'key "{key}" is missing', rule=rule)
    else:
        expected = _expected(mistake, key)
        if kind == "literal_error" and isinstance(mistake["input"], str):
            near = plugins.near(mistake["input"], _choices(mistake)) or [
                choice for choice in _choices(mistake) if choice.casefold() == mistake["input"].casefold()
            ]
            expected += f'; did you mean "{near[0]}"?' if near else ""
        place = document.mark((*at, *path))
        problems.add(place, f'"{key}" is {shown(mistake["input"], key=key)}; expected {expected}', rule=rule)


def _expected(mistake: Any, key: str) -> str:
    kind, context = mistake["type"], mistake.get("ctx", {})
    if kind in ("model_type", "model_attributes_type") and "require" in mistake["loc"]:
        return "min or max, such as {min: 0.6}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return "one of " + ", ".join(_choices(mistake))
    if kind == "string_pattern_mismatch":
        return "64 hexadecimal digits" if key == "model_sha256" else _ID_WORDS
    words = {
        "bool_type": "true or false",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "greater_than_equal": f"a whole number from {context.get('ge', 0)} up",
        "string_type": "text",
        "string_too_short": "text",
        "list_type": "a list",
    }
    return words.get(kind, "a mapping of keys")


def _choices(mistake: Any) -> list[str]:
    return [part.strip(" '") for part in mistake["ctx"]["expected"].replace(" or ", ",").split(",")]


def known_keys(model: type[_File], path: tuple[Any, ...]) -> list[str]:
    """Keys that may stand at a path below a model."""
    annotation: Any = model
    for part in path:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = {info.alias or name: info for name, info in annotation.model_fields.items()}
            annotation = fields[part].annotation
        else:
            annotation = get_args(annotation)[-1] if get_origin(annotation) in (list, dict) else None
        members = [member for member in get_args(annotation) if member is not type(None)]
        if get_origin(annotation) not in (list, dict, Literal) and members:
            annotation = members[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [info.alias or name for name, info in annotation.model_fields.items()]
    return []
