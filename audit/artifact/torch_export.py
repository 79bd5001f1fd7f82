"""torch.export archives (.pt2): a graph of operators as JSON, raw weights, and example inputs that PyTorch unpickles.

PyTorch looks operators up by any name below `torch`, and evaluates shapes and guards as Python; so every operator,
shape and container type in the graph is compared with what a graph of tensors needs.

Source: archive version 0 as PyTorch 2.8 to 2.13 write it (torch/export/pt2_archive, torch/_export/serde).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from audit.artifact import strict_json
from audit.artifact.archives import Member
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

MAX_GRAPH = 64 << 20
_RAW = re.compile(r"data/weights/weight_\d+|data/constants/tensor_\d+")
_WORDS = re.compile(r"archive_format|archive_version|byteorder|version|\.data/(?:version|serialization_id)")
_WORD = re.compile(rb"[\w.\n-]{0,64}")
_EXAMPLES = re.compile(r"data/sample_inputs/\w+\.pt")
_JSON = re.compile(r"models/\w+\.json|data/(?:weights|constants)/\w+_config\.json")
_TENSOR_OPERATOR = re.compile(r"torch\.ops\.aten\.(?!from_file\b)\w+\.\w+|torch\.sym_\w+|math\.\w+")
_NUMBER_OPERATOR = re.compile(
    r"_operator\.(?:add|sub|mul|floordiv|truediv|mod|neg|pos|pow|getitem|eq|ne|lt|le|gt|ge|and_|or_|not_)"
)
_CODE = ("guards_code", "treespec_namedtuple_fields", "custom_obj_values")
"""Entries that PyTorch evaluates or unpickles; empty in a graph of tensors."""
_PLAIN_TYPES = frozenset({None, "builtins.tuple", "builtins.list", "builtins.dict"})
_SHAPE = re.compile(r"[\w\s+\-*/%(),.=<>&|~']{0,10000}", re.ASCII)
_SHAPE_WORD = re.compile(
    r"[suz]\w*\d|Symbol|integer|positive|nonnegative|negative|True|False|Max|Min|Mod|FloorDiv|CeilDiv|CleanDiv"
    r"|PythonMod|ModularIndexing|Integer|Eq|Ne|Lt|Le|Gt|Ge|And|Or|Not"
)


def is_export(members: list[Member]) -> bool:
    """Whether the members are those of a torch.export archive."""
    folders = {member.name.partition("/")[0] for member in members}
    return len(folders) == 1 and any(member.name == f"{next(iter(folders))}/archive_format" for member in members)


def scan(members: list[Member], findings: Findings, place: str) -> list[Member]:
    """Read the graphs and settings.

    Returns:
        The example inputs, which are torch files of their own.

    Raises:
        Unreadable: a member is of a kind that is not known, or holds more than a graph of tensor operators.
    """
    files = []
    for member in members:
        inner, where = member.name.partition("/")[2], f"{place}/{member.name}"
        if _JSON.fullmatch(inner):
            _graph(member.content, findings, where)
        elif _EXAMPLES.fullmatch(inner):
            files.append(member)
        elif not _RAW.fullmatch(inner) and not (_WORDS.fullmatch(inner) and _WORD.fullmatch(member.content[:100])):
            raise Unreadable(f"{where} is of a kind that is not known")
    return files


def _graph(content: View, findings: Findings, where: str) -> None:
    if len(content) > MAX_GRAPH:
        raise Unreadable(f"{where} is larger than {MAX_GRAPH:,} bytes")
    for key, value in _entries(strict_json.parse(content[:], where), findings):
        if key in ("target", "as_operator") and isinstance(value, str) and not _harmless(value):
            findings.named(value, where)
        elif key == "expr_str" and not _plain_shape(value):
            raise Unreadable(f"a shape in {where} is more than arithmetic")
        elif key == "use_pickle" and value is not False:
            raise Unreadable(f"weights of {where} are a pickle")
        elif key in _CODE and value:
            raise Unreadable(f'the entry "{key}" of {where} may be code')
        elif key in ("in_spec", "out_spec") and isinstance(value, str):
            _container(value, findings, where)


def _container(text: str, findings: Findings, where: str) -> None:
    types = (value for key, value in _entries(strict_json.parse(text, where), findings) if key == "type")
    if any(not (name is None or isinstance(name, str)) or name not in _PLAIN_TYPES for name in types):
        raise Unreadable(f"{where} holds a container of a type of its own")


def _entries(document: Any, findings: Findings) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    waiting = [document]
    while waiting:
        findings.spend(operations=1)
        found = waiting.pop()
        if isinstance(found, dict):
            yield from found.items()
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _harmless(target: str) -> bool:
    return bool(_TENSOR_OPERATOR.fullmatch(target) or _NUMBER_OPERATOR.fullmatch(target))


def _plain_shape(text: Any) -> bool:
    """Whether an expression is arithmetic on sizes: numbers, sizes by name and a few functions, no attributes."""
    if not isinstance(text, str) or not _SHAPE.fullmatch(text) or re.search(r"\.\s*[A-Za-z_]", text):
        return False
    return all(_SHAPE_WORD.fullmatch(word) for word in re.findall(r"[A-Za-z_]\w*", text))
