"""The JSON Schema of policy files, with the checks that are installed here, so that an editor completes and warns."""

from __future__ import annotations

from typing import Any

from audit import signature
from audit.errors import AuditError
from audit.policy import controls
from audit.policy.schema import PolicyFile, RuleFile, TrustedTypeFile
from audit.policy.trusted import NAME
from audit.signature import CheckSpec, ParameterSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"}


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a policy file; each check brings its own parameters and measures."""
    schema = PolicyFile.model_json_schema(by_alias=True)
    rule = RuleFile.model_json_schema(by_alias=True)
    definitions = {**schema.pop("$defs", {}), **rule.pop("$defs", {}), "Rule": rule, "TrustedType": _trusted_type()}
    specs = _specs()
    check = rule["properties"]["check"]
    check["enum"] = list(signature.check_names())
    check.pop("default", None)
    rule["properties"]["controls"]["items"] = {"enum": _references()}
    rule["allOf"] = [_only_for(spec) for spec in specs]
    for field in [*schema["properties"].values(), *rule["properties"].values()]:
        if field.get("type") == "string" and "enum" not in field:
            field["type"] = ["string", "number", "boolean"]  # an unquoted 1.10 keeps its text
    schema["properties"]["rules"]["items"] = {"$ref": "#/$defs/Rule"}
    schema["properties"]["trusted_types"]["items"] = {"$ref": "#/$defs/TrustedType"}
    return {"$schema": DIALECT, **schema, "title": "Policy of an audit", "$defs": definitions}


def _trusted_type() -> dict[str, Any]:
    schema = TrustedTypeFile.model_json_schema()
    fields = schema["properties"]
    fields["name"]["pattern"] = f"^{NAME.pattern}$"
    fields["expires"]["pattern"] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    for name in ("owner", "why"):
        fields[name]["type"] = ["string", "number", "boolean"]
    return schema


def _specs() -> list[CheckSpec]:
    found = []
    for name in signature.check_names():
        try:
            found.append(signature.describe(name))
        except (AuditError, ImportError):
            continue  # a check whose library is missing is still offered by name
    return found


def _references() -> list[str]:
    return [control.reference for framework in controls.known().values() for control in framework.values()]


def _only_for(spec: CheckSpec) -> dict[str, Any]:
    """What `with` and `require` may hold where the check is this one."""
    parameters = {
        "type": "object",
        "properties": {name: _parameter(parameter) for name, parameter in spec.parameters.items()},
        "additionalProperties": False,
    }
    measures = {
        "type": "object",
        "properties": {
            name: {**_limit(spec.scales.get(name)), "description": text} for name, text in spec.measures.items()
        },
        # a file that a rule names may add measures
        "additionalProperties": any(parameter.reader for parameter in spec.parameters.values()),
    }
    return {
        "if": {"properties": {"check": {"const": spec.name}}, "required": ["check"]},
        "then": {"properties": {"with": parameters, "require": measures}},
    }


def _parameter(parameter: ParameterSpec) -> dict[str, Any]:
    number = {"type": ["number", "string"]}  # 8/255 and ${name} are written as text
    kinds: dict[type, dict[str, Any]] = {
        int: number,
        float: number,
        str: {"type": ["string", "number", "boolean"]},
        bool: {"anyOf": [{"type": "boolean"}, _REFERENCE]},
        tuple: {"anyOf": [{"type": "array"}, {"type": "string"}]},
    }
    form = kinds[parameter.kind]
    if parameter.choices:
        form = {"anyOf": [{"enum": list(parameter.choices)}, _REFERENCE]}
    if parameter.optional:
        form = {"anyOf": [form, {"type": "null"}]}
    return {**form, "description": parameter.text}


def _limit(scale: tuple[str, ...] | None) -> dict[str, Any]:
    if scale is None:
        return {"anyOf": [{"$ref": "#/$defs/LimitFile"}, {"type": "null"}]}
    word = {"anyOf": [{"enum": list(scale)}, _REFERENCE]}
    return {"type": ["object", "null"], "properties": {"min": word, "max": word}, "additionalProperties": False}
