"""Fuzzes the readers of policies, waivers and their YAML: `python -m tests.fuzz.policy`."""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audit import policy, shipped, yaml_file
from audit.errors import AuditError, PolicyError
from audit.policy.schema import PolicyFile, RuleFile, WaiverFile
from tests.fuzz import Target, main

KEYS = [*PolicyFile.model_fields, *RuleFile.model_fields, *WaiverFile.model_fields, "with", "min", "max", "waivers"]
WORDS = [*KEYS, "performance", "evasion", "accuracy", "robust_accuracy", "epsilon", "${a}", "a", "high", "8/255"]
WORDS += ["GDPR/Article 5", "builtin:baseline", "p.yaml", "2026-01-01", "fail", "linf", "norm", "leakage", "1e-3"]
ODD: list[Any] = [None, True, 0, -1, 1, 0.5, 2**70, 1e-300, "", " ", "\u202e", "x" * 3000, "../..", "\ud800"]
YAML = b"&a |*a|<<: |!!str |!!python/object:os.system |---\n|...\n|? |- |: |{|}|>-\n|.nan|.inf|0o17|012|1e999".split(
    b"|"
)
YAML += [b"|\n", b"[" * 60, b"\t", b"\r\n", b"\xef\xbb\xbf", b"%YAML 1.1\n", b"'", b'"', b'"\\ud800"', b"# ", b"no"]
YAML += [b"12:30:00", b"9" * 400, b"\xe2\x80\xae", b"\xc2\x85"]
WHOLE: dict[str, Any] = {
    "policy": "p", "version": 1.10, "params": {"a": 0.1}, "extends": ["builtin:baseline"], "seed": 1,
    "rules": [
        {"id": "r", "check": "performance", "require": {"accuracy": {"min": "${a}"}}, "why": "w", "severity": "high"},
        {"id": "s", "check": "evasion", "with": {"epsilon": "8/255"}, "require": {"robust_accuracy": {"min": 0.5}}},
    ],
}  # fmt: skip
WAIVER = {
    "rule": "r",
    "reason": "x",
    "owner": "o",
    "approved_by": "b",
    "created": "2026-01-01",
    "expires": "2026-02-01",
}
WAIVERS = {"waivers": [WAIVER]}
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-policy-"))


def read(content: bytes) -> None:
    """Read the bytes as YAML, as a policy and as waivers of a good policy."""
    folder = _FOLDER / str(os.getpid())
    folder.mkdir(exist_ok=True)
    path, good = folder / "p.yaml", folder / "good.yaml"
    path.write_bytes(content)
    good.write_text(json.dumps(WHOLE))
    refused: list[AuditError] = []
    for attempt in (
        lambda: yaml_file.read("p.yaml", content),
        lambda: policy.load_waivers(path, policy.load(good)) if b"waivers" in content else None,
        lambda: policy.inspect(path),
    ):
        try:
            attempt()
        except AuditError as error:
            refused.append(error)
    for error in refused:
        if not all(error.problems if isinstance(error, PolicyError) else [str(error)]):
            raise ValueError("an error without a word")
    if refused:
        raise refused[-1]


def value(chance: random.Random, depth: int = 0) -> Any:
    """Any value that JSON can hold, mostly of the words of a policy."""
    kind = chance.randrange(9 if depth < 4 else 6)
    if kind < 3:
        return chance.choice(WORDS)
    if kind < 6:
        return chance.choice(ODD)
    if kind < 7:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(WORDS): value(chance, depth + 1) for _ in range(chance.randrange(5))}


def replaced(whole: Any, chance: random.Random, value: Callable[[random.Random], Any]) -> Any:
    """A copy in which one value, at any depth, is another one or gone."""
    if isinstance(whole, dict) and whole and chance.random() < 0.85:
        key = chance.choice(list(whole))
        changed = {**whole, key: replaced(whole[key], chance, value)}
        return changed if chance.random() < 0.9 else {k: v for k, v in whole.items() if k != key}
    if isinstance(whole, list) and whole and chance.random() < 0.8:
        place = chance.randrange(len(whole))
        return [*whole[:place], replaced(whole[place], chance, value), *whole[place + 1 :]]
    return value(chance)


def invent(chance: random.Random) -> bytes:
    """A whole policy or waiver file with one to three values replaced."""
    whole: Any = WAIVERS if chance.random() < 0.2 else WHOLE
    for _ in range(chance.randint(1, 3)):
        whole = replaced(whole, chance, value)
    return json.dumps(whole, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


TARGET = Target(
    read,
    [path.read_bytes() for path in sorted(shipped.folder("policies").glob("*.yaml"))]
    + [json.dumps(WHOLE).encode(), json.dumps(WAIVERS, indent=1).encode(), b"a: &a {b: *a}", b""],
    words=[word.encode() for word in WORDS] + YAML,
    invent=invent,
)

if __name__ == "__main__":
    main(TARGET, "policy")
