"""Reads audit.yaml: every mistake of the file at once, each with its place, before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from audit.data import files
from audit.data.files import checked_path
from audit.errors import SubjectError
from audit.plugins import near
from audit.subject.bare import bare_declaration, found_kind
from audit.subject.columns import check_columns
from audit.subject.declaration import ROLES, DataEntry, Declaration, ModelEntry, Task
from audit.subject.features import FeatureSpec
from audit.subject.features_file import read_features
from audit.subject.form import Form
from audit.subject.opener import Opener
from audit.subject.sources import read_data, read_model
from audit.yaml_file import KeyPath, YamlError
from audit.yaml_file import read as read_yaml

KEYS = (
    "subject", "version", "task", "model", "data", "target", "positive", "groups", "features", "rules", "training",
    "provenance", "documents", "baseline",
)  # fmt: skip
_RECIPE = re.compile(r"([^:]+\.py):([A-Za-z_][A-Za-z0-9_]*)")
_RELATION = re.compile(r"<=|>=|==|<|>")


@dataclass(frozen=True)
class ReadDeclaration:
    """What was read, the file that was read, and the opener of its folder."""

    declaration: Declaration
    path: Path
    opener: Opener


def read_declaration(path: Path, *, allow_outside: bool) -> ReadDeclaration:
    """The declaration of an audit.yaml, of the folder that holds one, or of a bare data or model file.

    Raises:
        SubjectError: every mistake, one a line.
    """
    kind = found_kind(path)
    if kind == "folder":
        path, kind = path / "audit.yaml", "file"
    opener = Opener(path.absolute().parent, allow_outside=allow_outside)
    if kind == "bare":
        return ReadDeclaration(bare_declaration(path, opener), path, opener)
    form = _form(path.name, opener, allow_outside=allow_outside)
    declaration = _declaration(form, opener)
    check_columns(form, declaration, opener)
    if form.problems:
        raise SubjectError("\n".join(sorted(dict.fromkeys(form.problems), key=_by_place)))
    return ReadDeclaration(declaration, path, opener)


def _form(name: str, opener: Opener, *, allow_outside: bool) -> Form:
    """The document; where its YAML holds mistakes, what could be read of it, to find the other mistakes too."""
    content = opener.read(name, "subject").content
    try:
        return Form(read_yaml(name, content), allow_outside=allow_outside)
    except YamlError as error:
        if error.document is None:
            raise SubjectError(str(error)) from error
        return Form(error.document, allow_outside=allow_outside, unreadable=error.problems)


def _declaration(form: Form, opener: Opener) -> Declaration:
    form.mapping((), KEYS)
    if form.value(("subject",)) is None:
        form.problem((), 'the key "subject" is missing; give the subject a name')
    if form.value(("model",)) is None and form.value(("data",)) is None:
        form.problem((), 'neither "model" nor "data" is given, so there is nothing to audit')
    task = cast(Task, form.choice(("task",), ("classification", "regression"), "classification"))
    features = read_features(form)
    model = read_model(form, opener)
    target = form.text(("target",))
    if target is not None and target in features:
        form.problem(("features", target), f'"{target}" is the target and cannot be a feature', at_key=True)
    return Declaration(
        name=form.text(("subject",), "", numbers=True) or "",
        version=form.text(("version",), "", numbers=True) or "",
        task=task,
        model=model,
        data=_data(form, features, opener),
        target=target,
        positive=_positive(form, task, model),
        groups=form.texts(("groups",)),
        features=features,
        rules=_rules(form),
        recipe=_recipe(form, opener),
        provenance=tuple(_paths(form, ("provenance",), opener)),
        documents=_documents(form, opener),
        baseline=_baseline(form, opener),
    )


def _data(form: Form, features: dict[str, FeatureSpec], opener: Opener) -> dict[str, DataEntry]:
    form.mapping(("data",), ROLES)
    types = {name: spec.type for name, spec in features.items()}
    entries = {role: read_data(form, role, types, opener) for role in ROLES if form.value(("data", role)) is not None}
    found = {role: entry for role, entry in entries.items() if entry is not None}
    for role, entry in found.items():
        if not entry.folder:
            _file(form, ("data", role, "path"), entry.path, opener, entry.sha256)
    return found


def _positive(form: Form, task: str, model: ModelEntry | None) -> Any:
    positive = form.scalar(("positive",))
    classes = () if model is None else model.classes
    if positive is not None and classes and str(positive) not in map(str, classes):
        similar = near(str(positive), map(str, classes))
        hint = f'did you mean "{similar[0]}"?' if similar else f"classes: {', '.join(map(str, classes))}"
        form.problem(("positive",), f'"{positive}" is none of the classes of the model; {hint}')
    if positive is not None and task == "regression":
        form.problem(("positive",), '"positive" names a class, and the task is a regression; leave it out', at_key=True)
    return positive


def _rules(form: Form) -> tuple[str, ...]:
    rules = form.items(("rules",))
    for position, rule in rules.items():
        if len(_RELATION.findall(rule)) != 1:
            form.problem(("rules", position), f'"{rule}" is no relation, such as "amount <= 40 * duration"')
    return tuple(rules.values())


def _recipe(form: Form, opener: Opener) -> str | None:
    form.mapping(("training",), ("recipe",))
    path: KeyPath = ("training", "recipe")
    recipe = form.text(path)
    if recipe is None:
        return None
    match = _RECIPE.fullmatch(recipe)
    if match is None:
        form.problem(path, f'"{recipe}" names no recipe; expected FILE.py:FUNCTION, such as "train.py:fit"')
        return None
    checked = _path(form, path, match[1])
    if checked is None or not _file(form, path, checked, opener):
        return None
    return f"{checked}:{match[2]}"


def _paths(form: Form, at: KeyPath, opener: Opener) -> list[str]:
    found = []
    for position, given in form.items(at).items():
        checked = _path(form, (*at, position), given)
        if checked is not None and _file(form, (*at, position), checked, opener):
            found.append(checked)
    return found


def _documents(form: Form, opener: Opener) -> dict[str, str]:
    found = {}
    for kind in form.mapping(("documents",)):
        given = form.text(("documents", kind))
        checked = None if given is None else _path(form, ("documents", kind), given)
        if checked is not None and _file(form, ("documents", kind), checked, opener):
            found[kind] = checked
    return found


def _baseline(form: Form, opener: Opener) -> str | None:
    given = form.text(("baseline",))
    checked = None if given is None else _path(form, ("baseline",), given)
    return checked if checked is not None and _file(form, ("baseline",), checked, opener) else None


def _path(form: Form, at: KeyPath, given: str) -> str | None:
    try:
        return checked_path(given, allow_outside=form.allow_outside)
    except SubjectError as error:
        form.problem(at, str(error))
        return None


def _file(form: Form, at: KeyPath, path: str, opener: Opener, sha256: str | None = None) -> bool:
    """Whether a regular file is there; where a digest is declared, whether it has it."""
    try:
        if sha256 is not None:
            opener.check(path, sha256)
        elif files.is_folder(opener.folder, path):
            raise SubjectError(f'"{path}" is a folder; a file is expected')
    except SubjectError as error:
        form.problem(at, str(error))
        return False
    return True


def _by_place(problem: str) -> tuple[int, int]:
    match = re.match(r"[^:]*:(\d+):(\d+): ", problem)
    return (int(match[1]), int(match[2])) if match else (0, 0)
