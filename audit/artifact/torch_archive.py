"""torch's zip archives: a pickle of the structure beside raw tensors, and for TorchScript the code of the model."""

from __future__ import annotations

import ast
import contextlib
import re
import warnings

from audit.artifact import pickle_stream
from audit.artifact.archives import Member
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

_RAW = re.compile(r"(?:data|constants|tensors|traced_inputs|\.data)/(?:\d+|serialization_id)|extra/.*")
_WORDS = re.compile(r"version|\.data/version|byteorder|\.format_version|\.storage_alignment")
_WORD = re.compile(rb"[\w.\n-]{0,64}")
MAX_CODE = 4 << 20
_SCRIPT_TYPES = "__torch__"
_FILE_FUNCTIONS = frozenset({"from_file", "save", "load", "rpc_sync", "rpc_async", "rpc_remote", "remote"})
"""TorchScript functions that reach a file or the network; the language itself can do neither."""


def is_torch(members: list[Member]) -> bool:
    """Whether the members are those of an archive that `torch.save` writes."""
    return _has_pickle(members) and not is_script(members)


def is_script(members: list[Member]) -> bool:
    """Whether the members are those of a TorchScript archive, which has constants and code beside the structure."""
    names = {member.name.partition("/")[2] for member in members}
    return _has_pickle(members) and "constants.pkl" in names and any(name.startswith("code/") for name in names)


def _has_pickle(members: list[Member]) -> bool:
    folders = {member.name.partition("/")[0] for member in members}
    return len(folders) == 1 and any(member.name == f"{next(iter(folders))}/data.pkl" for member in members)


def scan(members: list[Member], findings: Findings, place: str) -> list[Member]:
    """Read every member of a torch archive.

    Types that TorchScript code defines (`__torch__...`) are known once that code, which is read here too, lies in the
    archive; torch runs it in an interpreter of its own, whose only ways out are the functions listed above.

    Returns:
        No members: none of them is a file of its own.

    Raises:
        Unreadable: a member is damaged or of a kind that is not known.
    """
    folder = members[0].name.partition("/")[0]
    inner = {member.name.removeprefix(f"{folder}/"): member.content for member in members}
    scripted = is_script(members)
    names = Findings(findings.allowed, operations=findings.operations)
    for name, content in inner.items():
        where = f"{place}/{folder}/{name}"
        if name.endswith((".pkl", ".debug_pkl")):
            pickle_stream.torch_archive_pickle(content, names, where)
        elif _RAW.fullmatch(name):
            _raw(content, findings, where)
        elif name.startswith("code/") and name.endswith(".py"):
            _script(content, findings, where)
        elif not (_WORDS.fullmatch(name) and _WORD.fullmatch(content[:100])):
            raise Unreadable(f"{where} is of a kind that is not known")
    findings.spend(operations=findings.operations - names.operations)
    findings.globals |= names.globals
    for name, where in names.unknown.items():
        if not (scripted and name.startswith(f"{_SCRIPT_TYPES}.")):
            findings.unknown.setdefault(name, where)
    return []


def _raw(content: View, findings: Findings, where: str) -> None:
    """Numbers of a tensor, which torch never unpickles; names in a pickle in their place are noted all the same."""
    if len(content) < 2 or content[0] != 0x80 or content[1] > 5:
        return
    trial = Findings(findings.allowed, operations=findings.operations)
    with contextlib.suppress(Unreadable):  # most numbers are no pickle
        pickle_stream.scan(content, trial, where)
    findings.spend(operations=findings.operations - trial.operations)
    findings.globals |= trial.globals
    findings.unknown.update(trial.unknown)


def _script(content: View, findings: Findings, where: str) -> None:
    """TorchScript has the grammar of Python: the names that it calls are read from the syntax tree."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if len(content) > MAX_CODE:
                raise Unreadable(f"the code in {where} is longer than {MAX_CODE:,} bytes")
            tree = ast.parse(content[:])
    except (SyntaxError, ValueError, MemoryError) as problem:
        raise Unreadable(f"the code in {where} cannot be read") from problem
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        if isinstance(owner, ast.Name) and owner.id == "torch" and node.attr in _FILE_FUNCTIONS:
            findings.named(f"torch.{node.attr}", where)
        elif (
            isinstance(owner, ast.Attribute)
            and isinstance(owner.value, ast.Name)
            and owner.value.id == "ops"
            and (owner.attr not in ("aten", "prim") or node.attr in _FILE_FUNCTIONS)
        ):
            findings.named(f"torch.ops.{owner.attr}.{node.attr}", where)
