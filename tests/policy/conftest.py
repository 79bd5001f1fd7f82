"""Policies written from text, and a check with every kind of parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from audit import policy
from audit.errors import PolicyError

Write = Callable[..., Path]
Mistakes = Callable[..., list[str]]

TRUST = '''
MEASURES = {"level": "how far it can be trusted", "files": "files that were read, 0 upwards"}
SCALES = {"level": ("absent", "present", "signed")}

def run(subject: Subject, *, seed: int, label: str = "x", words: tuple[str, ...] = (), count: int = 3,
        strict: bool = False, share: float | None = None) -> CheckResult:
    """Look.

    Args:
        label: a word.
    """
    return CheckResult({})
'''


@pytest.fixture
def trust(foreign_check: Callable[[str, str], None]) -> str:
    """A check without a plant, with a measure that is a word."""
    foreign_check("trust", TRUST)
    return "trust"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file into the temporary folder, which is the working folder too; `rules` gets its opening lines."""
    monkeypatch.chdir(tmp_path)

    def to_disk(text: str = "", *, name: str = "p.yaml", rules: str = "", head: str = "") -> Path:
        if rules:
            text = f"policy: trial\nversion: 1.0.0\n{head}rules:\n{rules}"
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return to_disk


@pytest.fixture
def mistakes() -> Mistakes:
    """Every mistake of a policy; the test fails where it has none."""

    def found(path: Path, **overrides: str) -> list[str]:
        with pytest.raises(PolicyError) as caught:
            policy.load(path, overrides=overrides)
        return list(caught.value.problems)

    return found


def places(found: Sequence[str]) -> list[str]:
    """`line:column` of each mistake."""
    return [":".join(line.split(":")[1:3]) for line in found]
