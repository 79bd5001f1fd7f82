"""A few seconds of each fuzzer, always the same inputs, and proof that the fuzzers see what they look for."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.errors import SubjectError
from tests.fuzz import Target, attempt, mutated, policy, records, run, subject, table

INPUTS = {
    "policy": (policy.TARGET, 150),
    "records": (records.TARGET, 600),
    "subject": (subject.TARGET, 25),
    "table": (table.TARGET, 1000),
}


@pytest.mark.parametrize("name", INPUTS)
def test_broken_files_are_refused_in_words(name: str) -> None:
    """Anything but an answer or the product's own error would be raised here."""
    target, count = INPUTS[name]
    chance, said = random.Random(1), set()
    for number in range(count):
        if target.invent is not None and number % 2:
            content = target.invent(chance)
        else:
            content = mutated(chance.choice(target.seeds), target, chance)
        said.add(attempt(target, content))
    assert "read" in said, "some are read"
    assert len(said) > count / 100, "and others refused, for different reasons"


def breaks(content: bytes) -> None:
    if len(content) != 4:
        raise KeyError("broken")


def dies(content: bytes) -> None:
    if len(content) != 4:
        os._exit(7)


def hangs(content: bytes) -> None:
    while len(content) != 4:
        time.sleep(0 if content else 0.001)


def refuses(content: bytes) -> None:
    raise SubjectError("no")


@pytest.mark.parametrize(
    ("read", "says"), [(breaks, "KeyError"), (dies, "died: 7"), (hangs, "no answer"), (refuses, "")]
)
def test_a_fuzzer_finds_errors_deaths_and_endless_work(
    read: Callable[[bytes], None], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fuzz.SECONDS", 0.1)
    found = run(Target(read, [b"seed"]), minutes=1 / 120, seed=1, keep=tmp_path)
    assert bool(found) == bool(says)
    assert all(says in finding.what for finding in found)
    assert len(list(tmp_path.iterdir())) >= bool(says)
