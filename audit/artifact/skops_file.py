"""skops files: a zip with `schema.json`, a tree of nodes that each name a class or function to import."""

from __future__ import annotations

from typing import Any

from audit.artifact import numpy_file, strict_json
from audit.artifact.archives import Member, is_zip
from audit.artifact.report import Findings, Unreadable

SCHEMA = "schema.json"
PROTOCOLS = (0, 1, 2)
"""Versions of the format whose nodes are known here; skops itself refuses those that it does not know."""

_NAMED_ONLY = frozenset({"ObjectNode", "TypeNode", "FunctionNode", "JsonNode", "CachedNode", "MethodNode"})
"""Loaders that import the name or create an empty object of it; every other loader calls it."""
_CONTAINERS = frozenset({"DictNode", "ListNode", "SetNode"})
_LOADERS = _NAMED_ONLY | {
    "DictNode", "DefaultDictNode", "ListNode", "SetNode", "TupleNode", "PartialNode", "SliceNode", "BytesNode",
    "BytearrayNode", "OperatorFuncNode", "ConstructorFromReduceNode", "NdArrayNode", "MaskedArrayNode", "DTypeNode",
    "RandomStateNode", "RandomGeneratorNode", "TreeNode", "SGDNode", "LossNode", "_DictWithDeprecatedKeysNode",
    "SparseMatrixNode", "QuantileForestNode",
}  # fmt: skip


def is_skops(members: list[Member]) -> bool:
    """Whether the members are those of a skops file."""
    return any(member.name == SCHEMA for member in members)


def scan(members: list[Member], findings: Findings, place: str) -> list[Member]:
    """Note every name in the tree of nodes.

    Returns:
        The arrays, which are files of their own and still have to be read.

    Raises:
        Unreadable: the tree is damaged, no tree of a model, of an unknown version, or holds a node of a kind that is
            not known.
    """
    schema = next(member for member in members if member.name == SCHEMA)
    where = f"{place}/{SCHEMA}"
    top = strict_json.parse(schema.content[:], where)
    waiting: list[Any] = [top]
    kinds: dict[Any, tuple[Any, ...]] = {}
    while waiting:
        findings.spend(operations=1)
        part = waiting.pop()
        if isinstance(part, dict):
            _node(part, findings, where)
            _one_meaning(part, kinds, where)
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    _check_top(top, where)
    return [member for member in members if member is not schema and _to_read(member)]


def _check_top(top: Any, where: str) -> None:
    """The file has to hold an object that skops can build; checked last, so that every name has been noted before."""
    if not isinstance(top, dict) or not isinstance(top.get("__loader__"), str):
        raise Unreadable(f"{where} describes no object")
    protocol = top.get("protocol")
    if isinstance(protocol, bool) or not isinstance(protocol, int) or protocol not in PROTOCOLS:
        raise Unreadable(f"{where} has the protocol {str(protocol)[:20]}, which is not known")
    content = top.get("content")
    if top["__loader__"] == "ObjectNode" and not (isinstance(content, dict) and "__loader__" in content):
        raise Unreadable(f"the object in {where} has no content")


def _to_read(member: Member) -> bool:
    # bytes objects of the model are stored as they are, and skops never opens them as anything else
    return not member.name.endswith(".bin") or is_zip(member.content) or member.content.startswith(numpy_file.MAGIC)


def _node(node: dict[str, Any], findings: Findings, where: str) -> None:
    loader, module, name = node.get("__loader__"), node.get("__module__"), node.get("__class__")
    if isinstance(node.get("module_path"), str):
        findings.named(f"{node['module_path']}.{node.get('function')}", where)
    if not isinstance(module, str) or not isinstance(name, str):
        if isinstance(loader, str):
            raise Unreadable(f"a node of {where} names no class")
        return
    if loader is not None and loader not in _LOADERS:
        raise Unreadable(f"a node of {where} has the kind {str(loader)[:60]!r}, which is not known")
    if node.get("content", "") is None:
        raise Unreadable(f"a node of {where} has no content")
    full = f"{module}.{name}"
    if loader is None or loader in _NAMED_ONLY:
        findings.named(full, where)
    elif loader in _CONTAINERS and full in findings.allowed.filled:
        findings.filled(full, where)
    else:
        findings.called(full, where)
    content = node.get("content")
    if loader == "MethodNode":
        findings.named(f"{full}.{content.get('func') if isinstance(content, dict) else ''}", where)
    if loader == "RandomGeneratorNode":
        findings.called(f"numpy.random.{_bit_generator(content, where)}", where)
    if loader == "DictNode":
        _key_types(node.get("key_types"), findings, where)


def _one_meaning(node: dict[str, Any], kinds: dict[Any, tuple[Any, ...]], where: str) -> None:
    """skops takes a node from its memory by number, whatever the node says: one number, one kind."""
    number = node.get("__id__")
    if not isinstance(number, int):
        return
    kind = (node.get("__loader__"), node.get("__module__"), node.get("__class__"))
    if kind[0] != "CachedNode" and kinds.setdefault(number, kind) != kind:
        raise Unreadable(f"two different nodes of {where} have the number {number}")


def _key_types(types: Any, findings: Findings, where: str) -> None:
    """The types of a dict's keys are called with each key."""
    for kind in types.get("content", []) if isinstance(types, dict) else []:
        if isinstance(kind, dict) and kind.get("__loader__") == "TypeNode":
            findings.called(f"{kind.get('__module__')}.{kind.get('__class__')}", where)
        else:
            raise Unreadable(f"a dict of {where} has keys of an unusual type")


def _bit_generator(content: Any, where: str) -> str:
    """Name of the generator class, which skops takes from the state of the generator."""
    try:
        word = strict_json.parse(content["bit_generator"]["content"]["bit_generator"]["content"], where)
    except (KeyError, TypeError) as problem:
        raise Unreadable(f"a random generator of {where} is described in an unusual way") from problem
    if not isinstance(word, str) or not word.isidentifier():
        raise Unreadable(f"a random generator of {where} is described in an unusual way")
    return word
