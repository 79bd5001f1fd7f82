"""Reads the keys `model` and `data` of audit.yaml."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from audit import models
from audit.data import FORMATS, Layout, files, format_of
from audit.data.csv import DELIMITERS
from audit.data.files import checked_path
from audit.errors import SubjectError, UnknownName
from audit.subject.declaration import DataEntry, ModelEntry
from audit.subject.form import Form
from audit.subject.opener import Opener
from audit.yaml_file import KeyPath

_ALWAYS = ("classes",)
_FILE = ("path", "format", "sha256")
_ENDPOINT = (
    "url", "protocol", "headers_from_env", "query_from_env", "timeout_seconds", "query_budget", "rows_per_request",
    "requests_per_second",
)  # fmt: skip
_PROGRAM = ("command", "timeout_seconds", "query_budget", "rows_per_request")
_KINDS = {"path": (*_FILE, *_ALWAYS), "url": (*_ENDPOINT, *_ALWAYS), "command": (*_PROGRAM, *_ALWAYS)}
_DATA = ("path", "format", "sha256", "encoding", "delimiter")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r"[A-Za-z0-9._~-]+")
PROTOCOLS = ("mlflow", "v2", "json")


def read_model(form: Form, opener: Opener) -> ModelEntry | None:
    """The model entry; None where there is none, or where it is too wrong to go on with."""
    at: KeyPath = ("model",)
    if isinstance(form.value(at), str):
        text = form.value(at)
        # an address is not repeated: it may hold a password
        hint = "{url: ADDRESS}" if "://" in text else f"{{path: {text}}}"
        form.problem(at, f'"model" is a text; write it as a mapping: {hint}')
        return None
    given = form.mapping(at)
    if not given:
        return None
    kinds = [key for key in _KINDS if key in given]
    if len(kinds) != 1:
        known = tuple(dict.fromkeys(key for keys in _KINDS.values() for key in keys))
        form.mapping(at, known)
        form.problem(
            at, f"a model is given by one of path, url and command; found {' and '.join(kinds) or 'none'}", at_key=True
        )
        return None
    form.mapping(at, _KINDS[kinds[0]])
    classes = form.scalars((*at, "classes"))
    if kinds[0] == "path":
        return _model_file(form, at, classes, opener)
    settings = _endpoint(form, at) if kinds[0] == "url" else _program(form, at)
    name = "http" if kinds[0] == "url" else "command"
    return ModelEntry(None, name, classes=classes, settings=settings, place=form.document.mark(at))


def _model_file(form: Form, at: KeyPath, classes: tuple[Any, ...], opener: Opener) -> ModelEntry | None:
    path = _path(form, at)
    sha256 = _sha256(form, at)
    declared = form.text((*at, "format"))
    if path is None:
        return None
    try:
        if sha256 is not None:
            opener.check(path, sha256)
        elif files.is_folder(opener.folder, path):
            raise SubjectError(f'"{path}" is a folder; a file is expected')
    except SubjectError as error:  # said first: a mistyped name often has a mistyped suffix too
        form.problem((*at, "path"), str(error))
        return None
    try:
        name = models.format_of(path, declared)
    except UnknownName as error:
        form.problem((*at, "format" if declared else "path"), f"{error}; or declare it: format: NAME")
        return None
    return ModelEntry(path, name, sha256=sha256, classes=classes, place=form.document.mark((*at, "path")))


def _endpoint(form: Form, at: KeyPath) -> dict[str, Any]:
    url = form.text((*at, "url")) or ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:  # a broken port or IPv6 address
        parts, usable = urlsplit(""), None
    if url and not usable:
        form.problem(
            (*at, "url"), '"url" has to start with http:// or https:// and name a host, such as https://host:8080/score'
        )
    if parts.username or parts.password:
        form.problem(
            (*at, "url"), '"url" holds a user or a password; put them in an environment variable: headers_from_env'
        )
    protocol = form.choice((*at, "protocol"), PROTOCOLS, "json")
    headers = _variables(form, (*at, "headers_from_env"), _HEADER, "a header", "{Authorization: API_TOKEN}")
    query = _variables(form, (*at, "query_from_env"), _PARAMETER, "a query parameter", "{api_key: API_KEY}")
    return {
        "url": url, "protocol": protocol, "headers_from_env": headers, "query_from_env": query, **_limits(form, at),
    }  # fmt: skip


def _variables(form: Form, at: KeyPath, names: re.Pattern[str], kind: str, example: str) -> dict[str, str]:
    """Names of environment variables; what stands there is not repeated, for it may be the secret itself."""
    wrong = f'"{at[-1]}" maps {kind} to the NAME of an environment variable, such as {example}'
    given, found = form.value(at), {}
    if given is not None and not isinstance(given, dict):
        form.problem(at, wrong)
        return {}
    for name, variable in (given or {}).items():
        if names.fullmatch(name) and isinstance(variable, str) and _VARIABLE.fullmatch(variable):
            found[name] = variable
        else:
            form.problem((*at, name), wrong)
    return found


def _program(form: Form, at: KeyPath) -> dict[str, Any]:
    command = form.words((*at, "command"))
    if not command:
        form.problem((*at, "command"), '"command" has to be a list: [program, argument, ...]')
    return {"command": command, **_limits(form, at)}


def _limits(form: Form, at: KeyPath) -> dict[str, Any]:
    limits: dict[str, Any] = {
        key: form.number((*at, key), above=0.0) for key in ("timeout_seconds", "requests_per_second")
    }
    for key in ("query_budget", "rows_per_request"):
        found = form.number((*at, key), above=0.0)
        if found is not None and found != int(found):
            form.problem((*at, key), f'"{key}" has to be a whole number')
        limits[key] = None if found is None else int(found)
    return {key: value for key, value in limits.items() if value is not None}


def read_data(form: Form, role: str, types: Mapping[str, str], opener: Opener) -> DataEntry | None:
    """One entry under `data`; None where it is too wrong to go on with."""
    at: KeyPath = ("data", role)
    if isinstance(form.value(at), str):
        form.problem(at, f'"{role}" is a text; write it as a mapping: {{path: {form.value(at)}}}')
        return None
    given = form.mapping(at, _DATA)
    if "path" not in given:
        form.problem(at, f'"{role}" has no path', at_key=True)
        return None
    path = _path(form, at)
    layout = Layout(encoding=_encoding(form, at), delimiter=_delimiter(form, at), types=types)
    sha256, declared = _sha256(form, at), form.text((*at, "format"))
    if path is None:
        return None
    try:
        folder = files.is_folder(opener.folder, path)
        if folder and sha256 is not None:
            form.problem((*at, "sha256"), '"sha256" is for one file, and the path is a folder')
        if folder and not any(name.endswith((".parquet", ".pq")) for name in files.members(opener.folder, path)):
            raise SubjectError(f'"{path}" is a folder without Parquet files')
        name = "parquet" if folder else format_of(path, declared)
    except UnknownName as error:
        form.problem((*at, "format" if declared else "path"), f"{error}; declare one: format: {'|'.join(FORMATS)}")
        return None
    except SubjectError as error:
        form.problem((*at, "path"), str(error))
        return None
    place = form.document.mark((*at, "path"))
    return DataEntry(path, name, layout=layout, sha256=None if folder else sha256, folder=folder, place=place)


def _path(form: Form, at: KeyPath) -> str | None:
    given = form.text((*at, "path"))
    if given is None:
        return None
    try:
        return checked_path(given, allow_outside=form.allow_outside)
    except SubjectError as error:
        form.problem((*at, "path"), str(error))
        return None


def _sha256(form: Form, at: KeyPath) -> str | None:
    digest = form.text((*at, "sha256"), numbers=True)
    if digest is None:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        form.problem((*at, "sha256"), '"sha256" has to be 64 hexadecimal digits')
        return None
    return digest.lower()


def _encoding(form: Form, at: KeyPath) -> str:
    encoding = form.text((*at, "encoding"), "utf-8") or "utf-8"
    try:
        codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, UnicodeError, ValueError):
        form.problem((*at, "encoding"), f'"{encoding}" is no text encoding; such are utf-8, latin-1, cp1252, utf-16')
        return "utf-8"
    return encoding


def _delimiter(form: Form, at: KeyPath) -> str | None:
    found = form.value((*at, "delimiter"))
    if found is not None and found not in DELIMITERS:
        form.problem((*at, "delimiter"), '"delimiter" has to be one of "," ";" "|" and "\\t"')
        return None
    return None if found is None else str(found)
