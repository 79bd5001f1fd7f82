"""A bundle that can be written nowhere is found out before hours of measuring, not after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.bundle import check_target
from audit.errors import AuditError, BundleError


def places(folder: Path) -> dict[str, Path]:
    (folder / "file").write_text("x")
    (folder / "foreign").mkdir()
    (folder / "foreign" / "thesis.tex").write_text("x")
    (folder / "link").symlink_to(folder / "foreign")
    return {
        "below a file": folder / "file" / "x",
        "far below a file": folder / "file" / "x" / "y" / "z",
        "a file": folder / "file",
        "below a device": Path("/dev/null/x"),
        "a folder with something else": folder / "foreign",
        "a link": folder / "link",
    }


@pytest.mark.parametrize("what", ["below a file", "far below a file", "a file", "below a device", "a link"])
def test_where_no_bundle_can_be_written(what: str, tmp_path: Path) -> None:
    with pytest.raises(AuditError) as raised:
        check_target(places(tmp_path)[what])
    assert not isinstance(raised.value, BundleError), "that would read as an audit that could not decide"


def test_where_one_can_nothing_is_left_behind(tmp_path: Path, written: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "new", tmp_path / "new" / "deep" / "er", tmp_path / "empty", written):
        check_target(target)
    (tmp_path / "empty").rmdir()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("what", ["below a file", "below a device", "a folder with something else"])
def test_the_command_line_exits_2_before_anything_runs(
    what: str,
    tmp_path: Path,
    write_policy: Callable[..., Path],
    command: Callable[..., Any],
    foreign_check: Callable[[str, str], None],
) -> None:
    trace = tmp_path / "it-ran"
    foreign_check(
        "trial",
        "def run(subject: Subject) -> CheckResult:\n"
        f"    open({str(trace)!r}, 'w').close()\n"
        "    return CheckResult({'share': Measure(0.9, n=9)})\n",
    )
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    target = places(tmp_path)[what]
    policy = write_policy("trial", "share: {min: 0.5}")
    ended = command("run", "rows.csv", "--policy", policy, "--out", target)
    assert ended.code == 2, ended.error
    assert str(target) in ended.error
    assert "Traceback" not in ended.error
    assert "PASS" not in ended.output + ended.error
    assert not trace.exists()
    assert command("run", "rows.csv", "--policy", policy, "--out", "good").code == 0
