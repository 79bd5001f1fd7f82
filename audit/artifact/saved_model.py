"""TensorFlow SavedModels: a folder or an archive of one, whose graphs are read operator by operator.

A graph runs when the model is loaded (initialisers) or asked. Its operators can read and write files, call Python or
need a native library, so each name is compared with an exact list of operators on tensors. Saving and restoring
variables touches files too, and belongs to every SavedModel: it is allowed where the path is the one that the caller
gives to the function that saves or restores, and nowhere else.

Source: field numbers of saved_model.proto, meta_graph.proto, graph.proto, function.proto, node_def.proto and
saved_object_graph.proto; `tensorflow_operators.txt` was chosen by hand from the operators that TensorFlow 2 registers.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from audit.artifact import keras_config, pickle_stream
from audit.artifact.archives import Member
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View
from audit.artifact.wire import Message

DATA = Path(__file__).with_name("tensorflow_operators.txt")
GRAPH, KERAS = "saved_model.pb", "keras_metadata.pb"
_RAW = re.compile(r"variables/variables\.(?:index|data-\d{5}-of-\d{5})|fingerprint\.pb")
_PATH_INPUTS = {"SaveV2": (0,), "RestoreV2": (0,), "MergeV2Checkpoints": (0, 1)}
"""Operators on checkpoints and which of their inputs are paths."""
_PASSING = frozenset({"Identity", "ShardedFilename"})
_CALLS = frozenset({"StatefulPartitionedCall", "PartitionedCall"})
_ENDINGS = frozenset({b".part", b"_temp/part"})
"""What TensorFlow appends to the path under which it saves."""
_MAX_DEPTH = 40
_LONGEST_TEXT = 64 << 20


@lru_cache(maxsize=1)
def operators() -> frozenset[str]:
    """The operators that compute on tensors and variables, and do nothing else."""
    return frozenset(DATA.read_text(encoding="utf-8").split())


def is_saved_model(members: list[Member]) -> bool:
    """Whether one of the members is the graph of a SavedModel."""
    return any(posixpath.basename(member.name) == GRAPH for member in members)


def is_graph(data: View) -> bool:
    """Whether the file is the graph of a SavedModel by itself: a version, then graphs and nothing else."""
    if data[:3] != b"\x08\x01\x12":
        return False
    try:
        return {*Message(data, 0, len(data), "", Findings.empty()).numbers()} == {1, 2}
    except Unreadable:
        return False


def scan_graph(data: View, findings: Findings, place: str) -> str:
    """Read a graph without the rest of its folder.

    Raises:
        Unreadable: it is damaged.
    """
    _saved_model(Message(data.fast(), 0, len(data), place, findings), findings, place)
    return "saved_model"


def scan(members: list[Member], findings: Findings, place: str) -> list[Member]:
    """Read the graphs.

    Returns:
        The members that are files of their own.

    Raises:
        Unreadable: there are two graphs, or one is damaged.
    """
    graphs = [member for member in members if posixpath.basename(member.name) == GRAPH]
    if len(graphs) > 1:
        raise Unreadable(f"{place} holds {len(graphs)} SavedModels")
    folder = posixpath.dirname(graphs[0].name)
    files = []
    for member in members:
        inner = posixpath.relpath(member.name, folder or ".")
        where = f"{place}/{member.name}"
        if inner in (GRAPH, KERAS):
            top = Message(member.content.fast(), 0, len(member.content), where, findings)
            (_saved_model if inner == GRAPH else _metadata)(top, findings, where)
        elif _RAW.fullmatch(inner):
            pickle_stream.probe(member.content, findings, where)
        elif not inner.startswith("assets/") or not _plain_text(member):
            files.append(member)
    return files


def _plain_text(member: Member) -> bool:
    if len(member.content) > _LONGEST_TEXT:
        return False
    text = member.content[:]
    return b"\0" not in text and not text.startswith(b"\x80") and "\ufffd" not in text.decode("utf-8", "replace")


@dataclass
class _Node:
    """A node: its operator, inputs, the functions it names, and its texts where it is a constant of plain texts."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    functions: tuple[str, ...]
    texts: frozenset[bytes]
    separator: bool


@dataclass
class _Scope:
    """A graph or the body of a function."""

    name: str
    arguments: tuple[str, ...] = ()
    nodes: dict[str, _Node] = field(default_factory=dict)


def _saved_model(top: Message, findings: Findings, where: str) -> None:
    graphs = 0
    for meta in top.children(2):
        scopes = list(_scopes(meta))
        graphs += len(scopes) > 0
        _judge(scopes, findings, where)
        for saved in meta.children(7):
            for item in saved.children(1):
                for user in item.children(4):
                    for text in user.children(3):
                        _description(text, findings, where)
    if not graphs:
        raise Unreadable(f"{where} holds no graph")


def _metadata(top: Message, findings: Findings, where: str) -> None:
    for item in top.children(1):
        for text in item.children(5):
            _description(text, findings, where)


def _description(text: Message, findings: Findings, where: str) -> None:
    """What Keras 2 notes on a layer in a SavedModel; other texts belong to other libraries, which nothing reads."""
    content = text.content()
    if content.lstrip()[:1] == b"{":
        keras_config.scan(content, findings, where)


def _scopes(meta: Message) -> Iterator[_Scope]:
    """The graph itself, without a name, and its functions."""
    for graph in meta.children(2):
        yield _scope(_Scope(""), graph, 1)
        for library in graph.children(2):
            for function in library.children(1):
                signatures = list(function.children(1))
                name = "".join(signature.text(1) for signature in signatures)
                arguments = tuple(item.text(1) for signature in signatures for item in signature.children(2))
                yield _scope(_Scope(name or "?", arguments), function, 3)


def _scope(scope: _Scope, message: Message, number: int) -> _Scope:
    for part in message.children(number):
        node = _node(part)
        if node.name in scope.nodes or node.name in scope.arguments:
            raise Unreadable(f"{message.place} holds two nodes of the name {node.name[:100]!r}")
        scope.nodes[node.name] = node
    return scope


def _node(part: Message) -> _Node:
    functions: list[str] = []
    texts: set[bytes] = set()
    packed = separator = False
    for attribute in part.children(5):
        name = attribute.text(1)
        for value in attribute.children(2):
            functions.extend(_functions(value, 0))
            if name == "value":
                for tensor in value.children(8):
                    texts.update(text.content() for text in tensor.children(8))
                    packed = packed or any(packing.content() for packing in tensor.children(4))
            separator = separator or (name == "separator" and any(text.content() for text in value.children(2)))
    inputs = tuple(item.content().decode("utf-8") for item in part.children(3))
    return _Node(
        part.text(1), part.text(2), inputs, tuple(functions), frozenset() if packed else frozenset(texts), separator
    )


def _functions(value: Message, depth: int) -> Iterator[str]:
    """Names of functions in the value of an attribute, in lists and in the attributes of functions too."""
    if depth > _MAX_DEPTH:
        raise Unreadable(f"{value.place} is nested too deeply")
    holders = [value, *value.children(1)]
    for number, holder in ((10, value), *((9, inner) for inner in holders[1:])):
        for function in holder.children(number):
            yield function.text(1)
            for attribute in function.children(2):
                for inner in attribute.children(2):
                    yield from _functions(inner, depth + 1)


def _judge(scopes: list[_Scope], findings: Findings, where: str) -> None:
    library = {scope.name for scope in scopes if scope.name}
    on_paths: dict[str, str] = {}
    for scope in scopes:
        for node in scope.nodes.values():
            findings.spend(operations=1)
            if node.operator in _PATH_INPUTS:
                ends = {_end(scope, node.inputs[at : at + 1], findings) for at in _PATH_INPUTS[node.operator]}
                if not scope.name or ends != {"argument"}:
                    findings.named(f"tensorflow.{node.operator}", f"{where}, {scope.name or 'graph'}, {node.name}")
                on_paths[scope.name] = node.operator
            elif node.operator not in library and node.operator not in operators():
                findings.named(f"tensorflow.{node.operator}", f"{where}, {scope.name or 'graph'}, {node.name}")
    for scope in scopes:
        for node in scope.nodes.values():
            for name in {*node.functions, node.operator} & on_paths.keys() - {""}:
                plain = node.operator in _CALLS and not scope.name
                if not plain or _end(scope, node.inputs[:1], findings) != "Placeholder":
                    findings.named(f"tensorflow.{on_paths[name]}", f"{where}, {scope.name or 'graph'}, {node.name}")


def _end(scope: _Scope, inputs: tuple[str, ...], findings: Findings) -> str:
    """Where a path comes from: `argument` for the first argument of the function, else an operator."""
    for _ in range(_MAX_DEPTH):
        findings.spend(operations=1)
        if not inputs or inputs[0].startswith("^"):
            return ""
        name = inputs[0].partition(":")[0]
        if name in scope.arguments:
            return "argument" if name == scope.arguments[0] else ""
        node = scope.nodes.get(name)
        if node is None:
            return ""
        inputs = tuple(item for item in node.inputs if not item.startswith("^"))
        if node.operator == "StringJoin":
            if len(inputs) != 2 or node.separator or not _ending(scope, inputs[1]):
                return ""
        elif node.operator == "Pack":
            if len(inputs) != 1:
                return ""
        elif node.operator not in _PASSING:
            return node.operator
    return ""


def _ending(scope: _Scope, name: str) -> bool:
    node = scope.nodes.get(name.partition(":")[0])
    if node is not None and node.operator == "Select":
        choices = [scope.nodes.get(item.partition(":")[0]) for item in node.inputs[1:3]]
    else:
        choices = [node]
    return all(
        choice is not None and choice.operator == "Const" and choice.texts and choice.texts <= _ENDINGS
        for choice in choices
    )
