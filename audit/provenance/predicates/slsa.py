"""SLSA provenance v1 and v0.2: who built the subjects, how, when and from what.

What went in ties data files as the subjects do, since a table that a model was trained on is often named in no other
record; it never ties a model.

Source: SLSA provenance v1 and v0.2; their parsing rules take unset, null and empty for the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audit.provenance.json_text import an_object, moment, optional_object, optional_text, optional_uri
from audit.provenance.record import Malformed
from audit.provenance.resources import Resource, digest_set, resources
from audit.provenance.statement import Statement, Told, inputs_of, type_uri

KIND = "slsa"
_V1 = "https://slsa.dev/provenance/v1"
_V02 = "https://slsa.dev/provenance/v0.2"
TYPES = (_V1, _V02)


def read(statement: Statement) -> Told:
    """What the provenance tells.

    Raises:
        Malformed: a required field is absent, or a field is of the wrong type.
    """
    return _read_v1(statement) if statement.predicate_type == _V1 else _read_v02(statement)


def _read_v1(statement: Statement) -> Told:
    at = f"{statement.where}: predicate"
    definition = an_object(statement.predicate.get("buildDefinition"), f"{at}.buildDefinition")
    run = an_object(statement.predicate.get("runDetails"), f"{at}.runDetails")
    builder = an_object(run.get("builder"), f"{at}.runDetails.builder")
    metadata = optional_object(run.get("metadata"), f"{at}.runDetails.metadata")
    an_object(definition.get("externalParameters"), f"{at}.buildDefinition.externalParameters")
    optional_object(definition.get("internalParameters"), f"{at}.buildDefinition.internalParameters")
    resources(run.get("byproducts"), f"{at}.runDetails.byproducts")
    resources(builder.get("builderDependencies"), f"{at}.runDetails.builder.builderDependencies")
    for name, version in optional_object(builder.get("version"), f"{at}.runDetails.builder.version").items():
        optional_text(version, f"{at}.runDetails.builder.version of {name[:40]!r}")
    facts = {
        "builder": type_uri(builder.get("id"), f"{at}.runDetails.builder.id"),
        "build_type": type_uri(definition.get("buildType"), f"{at}.buildDefinition.buildType"),
        "invocation": optional_text(metadata.get("invocationId"), f"{at}.runDetails.metadata.invocationId"),
        "started": _moment(metadata, "startedOn", f"{at}.runDetails.metadata"),
        "finished": _moment(metadata, "finishedOn", f"{at}.runDetails.metadata"),
    }
    inputs = resources(definition.get("resolvedDependencies"), f"{at}.buildDefinition.resolvedDependencies")
    return _told(statement, facts, inputs)


def _read_v02(statement: Statement) -> Told:
    at = f"{statement.where}: predicate"
    given = statement.predicate
    builder = an_object(given.get("builder"), f"{at}.builder")
    metadata = optional_object(given.get("metadata"), f"{at}.metadata")
    _check_invocation(optional_object(given.get("invocation"), f"{at}.invocation"), f"{at}.invocation")
    optional_object(given.get("buildConfig"), f"{at}.buildConfig")
    _check_flags(optional_object(metadata.get("completeness"), f"{at}.metadata.completeness"), f"{at}.completeness")
    _check_flags({"reproducible": metadata.get("reproducible")}, f"{at}.metadata")
    facts = {
        "builder": type_uri(builder.get("id"), f"{at}.builder.id"),
        "build_type": type_uri(given.get("buildType"), f"{at}.buildType"),
        "invocation": optional_text(metadata.get("buildInvocationId"), f"{at}.metadata.buildInvocationId"),
        "started": _moment(metadata, "buildStartedOn", f"{at}.metadata"),
        "finished": _moment(metadata, "buildFinishedOn", f"{at}.metadata"),
    }
    return _told(statement, facts, resources(given.get("materials"), f"{at}.materials"))


def _check_invocation(invocation: dict[str, Any], at: str) -> None:
    source = optional_object(invocation.get("configSource"), f"{at}.configSource")
    optional_uri(source.get("uri"), f"{at}.configSource.uri")
    digest_set(source.get("digest"), f"{at}.configSource.digest")
    optional_text(source.get("entryPoint"), f"{at}.configSource.entryPoint")
    optional_object(invocation.get("parameters"), f"{at}.parameters")
    optional_object(invocation.get("environment"), f"{at}.environment")


def _check_flags(flags: dict[str, Any], at: str) -> None:
    for name in ("parameters", "environment", "materials", "reproducible"):
        if not isinstance(flags.get(name), bool | None):
            raise Malformed(f"{at}.{name}: true or false is expected")


def _moment(metadata: dict[str, Any], name: str, at: str) -> str:
    told = optional_text(metadata.get(name), f"{at}.{name}")
    return moment(told, f"{at}.{name}") if told else ""


def _told(statement: Statement, facts: dict[str, str], inputs: Sequence[Resource]) -> Told:
    caps = []
    if facts["started"] and facts["finished"] and facts["finished"] < facts["started"]:
        caps.append(f"{statement.where}: the build finished before it started")
    return Told(
        inputs_of(statement, inputs),
        facts["builder"],
        made=facts["finished"] or facts["started"],
        caps=tuple(caps),
        facts={name: value for name, value in facts.items() if value},
    )
