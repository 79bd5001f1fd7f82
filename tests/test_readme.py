"""The README is run: each of its commands, in a copy of the shipped samples, as a reader would type them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audit import policy, signature

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.S | re.M)


def commands() -> list[str]:
    return [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]


def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    for sample in ("credit", "credit_flawed", "tickets", "tickets_flawed"):
        shutil.copytree(ROOT / "sample_models" / sample, tmp_path / "sample_models" / sample)
    assert len(commands()) >= 8
    for command in commands():
        program, *arguments = shlex.split(command)
        assert program == "audit"
        done = subprocess.run(
            [sys.executable, "-m", "audit", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip(), command


def test_the_policy_of_the_readme_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(blocks("yaml")[0])
    assert "robust" in [rule.id for rule in policy.load(path).rules]


def test_the_help_text_of_the_readme_is_the_real_one() -> None:
    done = subprocess.run([sys.executable, "-m", "audit", "--help"], capture_output=True, text=True, timeout=60)
    assert done.stdout.replace("python -m audit", "audit") == blocks("text")[0]


def test_the_check_of_the_contributing_guide_runs(tmp_path: Path, foreign_check: object) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    source = re.findall(r"^```python\n(.*?)^```$", text, flags=re.S | re.M)[0]
    site = tmp_path / "site"
    (site / "foreign_missing.py").write_text(source)
    with (site / "foreign_checks-2.0.dist-info" / "entry_points.txt").open("a") as points:
        points.write("missing = foreign_missing\n")
    table = tmp_path / "rows.csv"
    table.write_text("a,b\n1,\n2,3\n")
    import audit

    assert audit.measure("missing", table).measures["missing_share"].value == 0.5


@pytest.mark.parametrize("name", signature.check_names())
def test_the_changelog_names_every_check(name: str) -> None:
    assert name in (ROOT / "CHANGELOG.md").read_text("utf-8")
