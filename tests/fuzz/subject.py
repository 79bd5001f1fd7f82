"""Fuzzes the reader of audit.yaml, its paths and its tables: `python -m tests.fuzz.subject`."""

from __future__ import annotations

import contextlib
import json
import os
import random
import tempfile
from pathlib import Path
from typing import Any

from audit.errors import AuditError, SubjectError
from audit.subject import Subject
from audit.subject.declaration import NEEDS, ROLES
from audit.subject.features_file import KEYS as FEATURE_KEYS
from audit.subject.file import KEYS
from audit.subject.labels import coded, ordered
from tests.fuzz import Target, main
from tests.fuzz import policy as policies
from tests.fuzz.table import npz

WORDS = [*KEYS, *ROLES, *FEATURE_KEYS]
WORDS += [
    "path",
    "url",
    "command",
    "format",
    "sha256",
    "encoding",
    "delimiter",
    "classes",
    "recipe",
    "headers_from_env",
    "protocol",
    "model_card",
]
WORDS += [
    "test.csv",
    "t.jsonl",
    "t.npz",
    "model.onnx",
    "train.py:fit",
    "train.py",
    "a/../..",
    ".",
    "a",
    "b",
    "kind",
    "integer",
    "category",
    "any",
    "up",
    "csv",
]
WORDS += [
    "utf-8",
    "utf-16",
    "idna",
    "rot13",
    "hex",
    ";",
    "http://h:99999/",
    "http://[",
    "https://u:p@h/",
    "timeout_seconds",
    "query_budget",
    "yes",
]
WORDS += ["a <= 2 * b", "0" * 64]
ODD: list[Any] = [None, True, 0, -1, 1, 2.5, 2**53, 2**70, 1e308, "", " ", "\u202e", "x" * 300, "\0", "\ud800"]
WHOLE: dict[str, Any] = {
    "subject": "s", "version": "1", "task": "classification", "model": {"path": "model.onnx", "classes": ["x", "y"]},
    "data": {"test": {"path": "test.csv"}, "train": {"path": "t.jsonl"}, "current": {"path": "t.npz"}},
    "target": "kind", "positive": "x", "groups": ["a"], "rules": ["a <= 2 * b"], "training": {"recipe": "train.py:fit"},
    "features": {"a": {"type": "integer", "range": [0, 5], "step": 1, "direction": "up"}, "b": {"type": "number"}},
    "provenance": ["train.py"], "documents": {"model_card": "train.py"},
}  # fmt: skip
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-subject-"))


def read(content: bytes) -> None:
    """Load an audit.yaml of these bytes beside some files, and open all that it names but the model."""
    folder = _FOLDER / str(os.getpid())
    if not folder.exists():
        folder.mkdir()
        (folder / "test.csv").write_text("a,b,kind\n1,2.5,x\n3,4.5,y\n")
        (folder / "t.jsonl").write_text('{"a": 1, "b": 2, "kind": "x"}\n{"a": 3, "kind": "y"}\n')
        (folder / "t.npz").write_bytes(npz(x=[[1.0, 2.0], [3.0, 4.0]], y=[0, 1]))
        (folder / "model.onnx").write_bytes(b"no model")
        (folder / "train.py").write_text("def fit(x, y, seed):\n    return None\n")
    path = folder / "audit.yaml"
    path.write_bytes(content)
    try:
        subject = Subject.load(path)
    except SubjectError as error:
        if not all("audit.yaml" in line for line in str(error).splitlines()):
            raise ValueError(f"a mistake without its place: {error}") from error
        raise
    subject.missing(NEEDS)
    subject.digests()
    for role in ROLES:
        with contextlib.suppress(AuditError):
            labels, model = subject.table(role).labels, subject.declaration.model
            classes = (
                model.classes if model is not None and model.classes else ordered([] if labels is None else labels)
            )
            coded([] if labels is None else labels, classes, where=role)
        with contextlib.suppress(AuditError):
            subject.values(subject.table(role))


def value(chance: random.Random, depth: int = 0) -> Any:
    """Any value that JSON can hold, mostly of the words of an audit.yaml."""
    kind = chance.randrange(9 if depth < 4 else 6)
    if kind < 4:
        return chance.choice(WORDS)
    if kind < 7:
        return chance.choice(ODD)
    if kind < 8:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(WORDS): value(chance, depth + 1) for _ in range(chance.randrange(5))}


def invent(chance: random.Random) -> bytes:
    """A whole audit.yaml with one to three values replaced."""
    whole: Any = WHOLE
    for _ in range(chance.randint(1, 3)):
        whole = policies.replaced(whole, chance, value)
    return json.dumps(whole, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


TARGET = Target(
    read,
    [json.dumps(WHOLE).encode(), json.dumps(WHOLE, indent=2).encode(), b"subject: x\ndata: {test: {path: test.csv}}\n"],
    words=[word.encode() for word in WORDS] + policies.YAML,
    invent=invent,
)

if __name__ == "__main__":
    main(TARGET, "subject")
