"""MLflow's `MLmodel`: what a saved model is made of, which run made it, and when. It holds no digest.

Source: MLflow documentation, "MLflow Models", section "Storage format".
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from audit.provenance.json_text import shown
from audit.provenance.record import Link, Malformed, Record, checked_name
from audit.yaml_file import YamlError
from audit.yaml_file import read as read_yaml

_ID = re.compile(r"[0-9a-f]{32}")
_PATHS = ("data", "model_path", "pickled_model", "model_data", "model_binary", "code")
"""Keys of a flavor whose value is a path below the folder of the `MLmodel`."""
_FACTS = ("run_id", "model_uuid", "model_id", "mlflow_version")


def read_model(path: str, content: bytes, kind: str) -> Record:
    """One saved model.

    Raises:
        Malformed: it is no `MLmodel`, or a path in it leaves its folder.
    """
    try:
        document = read_yaml(path, content).value
    except YamlError as problem:
        raise Malformed(problem.problems[0]) from problem
    facts = {key: _text(document, key, path) for key in _FACTS}
    for key in ("run_id", "model_uuid"):
        if facts[key] and not _ID.fullmatch(facts[key].replace("-", "")):
            raise Malformed(f"{path}: {key} {shown(facts[key])} is not 32 hex digits")
    flavors = _flavors(document, path)
    facts["flavors"] = ", ".join(sorted(flavors))
    parts = dict.fromkeys(part for name, flavor in flavors.items() for part in _parts(flavor, f"{path}: {name}"))
    how = f"MLflow run {facts['run_id']}" if facts["run_id"] else "MLflow"
    return Record(
        path,
        kind,
        (),
        names_are_paths=True,
        notes=(f"{path}: an MLmodel has no digests, so it ties no file",),
        made=_made(document, path),
        links=tuple(Link(facts["run_id"], part, how) for part in parts) if facts["run_id"] else (),
        facts={name: text for name, text in facts.items() if text},
    )


def _flavors(document: Mapping[str, Any], path: str) -> Mapping[str, Mapping[str, Any]]:
    flavors = document.get("flavors")
    if not isinstance(flavors, dict) or not flavors:
        raise Malformed(f"{path}: flavors are expected: the ways in which the model can be loaded")
    if not all(isinstance(flavor, dict) for flavor in flavors.values()):
        raise Malformed(f"{path}: a flavor is no mapping")
    signature = document.get("signature")
    if signature is not None and not isinstance(signature, dict):
        raise Malformed(f"{path}: signature is no mapping")
    return flavors


def _parts(flavor: Mapping[str, Any], where: str) -> Iterator[str]:
    for key in _PATHS:
        if isinstance(flavor.get(key), str):
            yield checked_name(flavor[key], f"{where}: {key}")


def _text(document: Mapping[str, Any], key: str, path: str) -> str:
    value = document.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    raise Malformed(f"{path}: {key} is no text")


def _made(document: Mapping[str, Any], path: str) -> str:
    """When the model was saved; MLflow writes that in UTC and leaves the zone out."""
    text = _text(document, "utc_time_created", path)
    if not text:
        return ""
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError as problem:
        raise Malformed(f"{path}: utc_time_created {shown(text)} is no time") from problem
    return (time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).isoformat()
