"""The JSON in which Keras describes a model: every class and function that building the model would look up.

Keras imports the module that an entry names and calls the class with the configuration beside it, decodes Python
bytecode for a Lambda layer, and opens a path given as a vocabulary. Each class and function is therefore compared
with exact pairs of module and name, and each path counts as an unknown name.

Source: serialisation of Keras 3 (`serialize_keras_object`) and of Keras 2 (HDF5). `keras_names.json` holds the public
layers, losses and so on of one release of Keras with the modules that define them, without those that take code or
other files: Lambda, TFSMLayer, TorchModuleWrapper, JaxLayer and FlaxLayer, and without the abstract ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from audit.artifact import strict_json
from audit.artifact.report import Findings, Unreadable

DATA = Path(__file__).with_name("keras_names.json")
_PLAIN = frozenset({
    "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__", "__keras_tensor__", "__tuple__", "TensorShape",
})  # fmt: skip
"""Entries that stand for values."""
_BY_NAME = ("TFOpLambda", "SlicingOpLambda")
"""Layers of Keras 2 that call a function of TensorFlow by its name."""
_FUNCTION_MODULES = frozenset({None, "builtins", "keras.activations", "keras.losses", "keras.metrics"})
_FUNCTION_KEYS = frozenset({"activation", "recurrent_activation", "fn"})
_PATH_KEYS = frozenset({"vocabulary", "vocabulary_file", "idf_weights", "filepath"})
"""Settings in which a text is a path that Keras opens."""


@dataclass(frozen=True)
class _Names:
    """Pairs of module and class, all classes whatever their module, functions, and those of TensorFlow."""

    pairs: frozenset[tuple[str, str]]
    classes: frozenset[str]
    functions: frozenset[str]
    tensorflow: frozenset[str]


@lru_cache(maxsize=1)
def _names() -> _Names:
    document = json.loads(DATA.read_text(encoding="utf-8"))
    pairs = frozenset((module, name) for module, names in document["classes"].items() for name in names)
    classes = {name for _, name in pairs} | set(document["legacy"])
    return _Names(pairs, frozenset(classes), frozenset(document["functions"]), frozenset(document["tensorflow"]))


def scan(data: bytes, findings: Findings, place: str) -> None:
    """Note every class, function and path that building the model of this JSON would use.

    Raises:
        Unreadable: it is no JSON with one meaning, or names things in a way that is not known.
    """
    for entry in _entries(strict_json.parse(data, place), findings):
        if "class_name" in entry:
            _class(entry, findings, place)
        for key, value in entry.items():
            if key in _FUNCTION_KEYS and isinstance(value, str) and value not in _names().functions | _names().classes:
                findings.named(f"keras.{key}.{value}", place)
            if key in _PATH_KEYS and isinstance(value, str):
                findings.named(f"keras.{key}.{value}", place)


def _entries(document: Any, findings: Findings) -> Iterator[dict[str, Any]]:
    """Every JSON object, at any depth."""
    waiting = [document]
    while waiting:
        findings.spend(operations=1)
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _class(entry: dict[str, Any], findings: Findings, place: str) -> None:
    name, module, registered = entry["class_name"], entry.get("module"), entry.get("registered_name")
    if not isinstance(name, str) or not all(word is None or isinstance(word, str) for word in (module, registered)):
        raise Unreadable(f"{place} names a class in an unusual way")
    if name in _PLAIN and module is None and registered is None:
        return
    if name in _BY_NAME and module in (None, "keras.layers") and registered in (None, name):
        _operation(entry.get("config"), findings, place)
    elif name == "function":
        _function(entry, findings, place)
    elif registered is not None and registered != name:
        findings.named(registered, place)
    elif module is None:
        if name not in _names().classes:
            findings.named(name if ">" in name else f"keras.{name}", place)
    elif (module, name) not in _names().pairs:
        findings.named(f"{module}.{name}", place)


def _operation(config: Any, findings: Findings, place: str) -> None:
    function = config.get("function") if isinstance(config, dict) else None
    if not isinstance(function, str):
        raise Unreadable(f"{place} names a function in an unusual way")
    if function not in _names().tensorflow:
        findings.named(f"tensorflow.{function}", place)


def _function(entry: dict[str, Any], findings: Findings, place: str) -> None:
    function, module = entry.get("config"), entry.get("module")
    if isinstance(function, dict):
        function = function.get("function_name", function.get("name"))
    if not isinstance(function, str):
        raise Unreadable(f"{place} names a function in an unusual way")
    registered = entry.get("registered_name")
    if registered not in (None, "function", function):
        findings.named(str(registered), place)
    if module not in _FUNCTION_MODULES or function not in _names().functions:
        prefix = "" if ">" in function else f"{module or 'keras'}."
        findings.named(f"{prefix}{function}", place)
