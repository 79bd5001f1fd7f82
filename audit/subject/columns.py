"""Holds the names in audit.yaml against the columns that its tables have, before anything runs."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from audit.data.header import columns
from audit.errors import may_be_told, told
from audit.plugins import near
from audit.subject.declaration import DataEntry, Declaration
from audit.subject.form import Form
from audit.subject.opener import Opener
from audit.yaml_file import KeyPath

_WITH_TARGET = ("train", "test")
_SIGNS = (ast.LtE, ast.Lt, ast.GtE, ast.Gt, ast.Eq)


def check_columns(form: Form, declaration: Declaration, opener: Opener) -> None:
    """Note every name that no table has.

    A target has to be in `train` and in `test`. Any other name is wrong only where all tables are known and none has
    it; arrays have no names, so beside them nothing is.
    """
    named = _named(form, declaration)
    given = form.value(("data",))
    if not named or not isinstance(given, dict) or len(given) > len(declaration.data):
        return  # there is no table, or one is declared so wrongly that nobody knows its columns
    known = {role: _columns(entry, opener) for role, entry in declaration.data.items()}
    _check_target(form, declaration, known)
    everywhere = [names for names in known.values() if names is not None]
    if len(everywhere) < len(known):
        return
    union = tuple(dict.fromkeys(name for names in everywhere for name in names))
    for path, name, at_key in named:
        if name not in union and path != ("target",):
            form.problem(path, f'"{name}" is no column of the data{_hint(name, union)}', at_key=at_key)


def rule_names(rule: str) -> tuple[str, ...]:
    """Columns that a relation such as `amount <= 40 * 'a b'` names; none where it is no relation."""
    try:
        tree = ast.parse(rule.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: dict[str, None] = {}
    relation = isinstance(tree, ast.Compare) and all(isinstance(sign, _SIGNS) for sign in tree.ops)
    for node in ast.walk(tree) if relation else ():
        match node:
            case ast.Name(id=name) | ast.Constant(value=str() as name):
                found[name] = None
    return tuple(found)


def _named(form: Form, declaration: Declaration) -> list[tuple[KeyPath, str, bool]]:
    """Every name of a column in the file, with its place and whether it is a key there."""
    found: list[tuple[KeyPath, str, bool]] = []
    if declaration.target is not None:
        found.append((("target",), declaration.target, False))
    found += [(("groups", position), name, False) for position, name in _listed(form, "groups").items()]
    found += [(("features", name), name, True) for name in declaration.features]
    rules = _listed(form, "rules").items()
    return found + [(("rules", position), name, False) for position, rule in rules for name in rule_names(rule)]


def _listed(form: Form, key: str) -> Mapping[int, str]:
    found = form.value((key,))
    items = enumerate(found) if isinstance(found, list) else ()
    return {position: item for position, item in items if isinstance(item, str)}


def _columns(entry: DataEntry, opener: Opener) -> tuple[str, ...] | None:
    return columns(opener.folder, entry.path, format=entry.format, layout=entry.layout)


def _check_target(form: Form, declaration: Declaration, known: Mapping[str, tuple[str, ...] | None]) -> None:
    target = declaration.target
    lacking = [
        (role, names)
        for role, names in known.items()
        if role in _WITH_TARGET and names is not None and target is not None and target not in names
    ]
    if lacking:
        where = " and ".join(f"data.{role} ({declaration.data[role].path})" for role, _ in lacking)
        form.problem(("target",), f'"{target}" is no column of {where}{_hint(str(target), lacking[0][1])}')


def _hint(name: str, known: Sequence[str]) -> str:
    folded = [word for word in known if word.casefold() == name.casefold()]
    similar = [word for word in folded or near(name, known) if may_be_told(word)]
    if similar:
        return f'; did you mean "{similar[0]}"?'
    shown = told(known[:10]) + (", ..." if len(known) > 10 else "")
    return f"; there are {shown}"
