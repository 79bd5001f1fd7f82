"""An audit that is killed, or whose disk is full, at any moment: nothing finished is lost, no half bundle appears."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import bundle
from audit.errors import BundleError
from audit.memory.journal import Journal
from audit.records import Measured

pytestmark = pytest.mark.slow
Install = Callable[[str, str], None]
WRAPPER = Path(__file__).parent / "killed.py"
RULES = ("first", "second", "third")
CHECK = """
MEASURES = {"share": "of something, 0 to 1"}
def run(subject: Subject) -> CheckResult:
    with open(%(log)r, "a") as file:
        file.write("%(name)s started\\n")
    return CheckResult({"share": Measure(0.75, n=40)}, evidence=(Evidence("rows.csv", b"row\\n1\\n", "one row"),))
"""
POLICY = "policy: trial\nversion: '1'\nowner: somebody\nseed: {seed}\nrules:\n"
RULE = "  - {{id: {name}, check: {name}, require: {{share: {{min: 0.5}}}}}}\n"


@pytest.fixture
def place(tmp_path: Path, foreign_check: Install) -> Path:
    """Three quick checks that leave a trace when they run, a policy, data, and an older bundle at `out`."""
    for name in RULES:
        foreign_check(name, CHECK % {"log": str(tmp_path / "log"), "name": name})
    rules = "".join(RULE.format(name=name) for name in RULES)
    (tmp_path / "policy.yaml").write_text(POLICY.format(seed=1) + rules)
    (tmp_path / "older.yaml").write_text(POLICY.format(seed=2) + rules)
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    assert run(tmp_path, "older.yaml").returncode == 0
    (tmp_path / "log").unlink()
    return tmp_path


def run(
    place: Path, policy: str = "policy.yaml", *more: str, watch: tuple[str, int] | None = None, out: str = "out"
) -> subprocess.CompletedProcess[str]:
    """One audit, in a process of its own."""
    command = [sys.executable, "-m", "audit"] if watch is None else [sys.executable, str(WRAPPER), *map(str, watch)]
    words = ["run", "rows.csv", "--policy", policy, "--out", out, "--engine", "inline", *more]
    environment = {**os.environ, "AUDITGATE_CACHE": str(place / "cache")}
    return subprocess.run(
        [*command, *words], cwd=place, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def start_over(place: Path) -> None:
    """The older bundle at `out`, an empty cache, and no trace of what ran."""
    kept = place / "older"
    if not kept.exists():
        shutil.copytree(place / "out", kept)
    for folder in (place / "out", place / "cache"):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, place / "out")
    (place / "log").unlink(missing_ok=True)


def moments(place: Path) -> int:
    """How many there are in a whole run that finds nothing in the cache."""
    counted = run(place, watch=("count", 0))
    assert counted.returncode == 0
    start_over(place)
    return int(counted.stderr.rpartition("moments: ")[2])


def finished(place: Path) -> set[str]:
    """Rules that the journal holds as finished."""
    journal = place / ".out.journal"
    lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
    return {line["rule"] for line in map(json.loads, lines) if line["event"] == "finished"}


def started(place: Path) -> list[str]:
    """Rules that ran, in their order."""
    log = place / "log"
    return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


def seed_at(out: Path) -> int:
    """Which of the two policies made the bundle at a place; it has to be whole."""
    assert bundle.verify(out).problems == ()
    content = json.loads((out / "bundle.json").read_text())
    seed: int = content["policy"]["seed"]
    return seed


def chosen(total: int, at_least: int) -> list[int]:
    """Moments spread over the whole run."""
    step = max(1, total // at_least)
    return sorted({*range(1, total + 1, step), total})


@pytest.mark.slow
def test_killed_at_any_moment_and_resumed(place: Path) -> None:
    whole = run(place, "policy.yaml", "--no-cache", out="whole")
    assert whole.returncode == 0
    expected = (place / "whole" / "bundle.json").read_bytes()
    start_over(place)
    total = moments(place)
    tried = chosen(total, 32)
    assert len(tried) >= 30
    for moment in tried:
        killed = run(place, watch=("kill", moment))
        assert killed.returncode == -signal.SIGKILL
        before, ran = finished(place), started(place)
        left = seed_at(place / "out")
        resumed = run(place, "policy.yaml", "--no-cache", "--resume")
        assert resumed.returncode == 0, resumed.stderr
        assert (place / "out" / "bundle.json").read_bytes() == expected
        if left == 2:  # else it was killed after the bundle was there, and all was finished
            again = started(place)[len(ran) :]
            assert not set(again) & before
            assert set(again) | before == set(RULES)
        assert not list(place.glob(".out.*")), "something was left behind"
        start_over(place)
    for moment in chosen(total, 6):
        assert run(place, watch=("kill", moment)).returncode == -signal.SIGKILL
        assert run(place).returncode == 0, "what it left in the cache does no harm"
        assert (place / "out" / "bundle.json").read_bytes() == expected
        start_over(place)


@pytest.mark.slow
def test_a_disk_that_fills_at_any_moment(place: Path) -> None:
    start_over(place)
    total = moments(place)
    for moment in chosen(total, 25):
        full = run(place, watch=("full", moment))
        seed = seed_at(place / "out")
        assert "Traceback" not in full.stderr
        if full.returncode == 0:
            assert seed == 1, "only the cache, which an audit can do without, was touched after the bundle"
        else:
            assert full.returncode == 3, (moment, full.stderr)
            assert seed == 2
            assert os.strerror(28) in full.stderr
            assert ("--resume" in full.stderr) == bool(finished(place))
            assert not list(place.glob(".out.partial-*"))
        start_over(place)
    assert run(place, watch=("full", total // 2)).returncode == 3
    assert run(place, "policy.yaml", "--resume").returncode == 0
    assert seed_at(place / "out") == 1


SLOW = """
MEASURES = {"share": "of something, 0 to 1"}
def run(subject: Subject) -> CheckResult:
    with open(%(log)r, "a") as file:
        file.write("slow %%d\\n" %% os.getpid())
    time.sleep(300)
    return CheckResult({"share": Measure(0.75, n=40)})
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("engine", [pytest.param("inline", marks=pytest.mark.slow), "local"])
def test_a_signal_leaves_something_to_resume(
    place: Path, foreign_check: Install, number: signal.Signals, engine: str
) -> None:
    foreign_check("slow", SLOW % {"log": str(place / "log")})
    text = (place / "policy.yaml").read_text()
    slow = RULE.format(name="slow")
    (place / "long.yaml").write_text(text + slow + slow.replace("id: slow", "id: slower"))
    words = ["run", "rows.csv", "--policy", "long.yaml", "--out", "out", "--engine", engine, "--jobs", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "audit", *words, "--no-cache"],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while "slow" not in started(place) or len(finished(place)) < 3:
        assert time.monotonic() < deadline, process.communicate(timeout=1)
        time.sleep(0.05)
    sent = time.monotonic()
    process.send_signal(number)
    _, words_left = process.communicate(timeout=30)
    assert time.monotonic() - sent < 10
    assert process.returncode == 3
    assert f"interrupted by {number.name}" in words_left
    assert "--resume" in words_left
    assert "Traceback" not in words_left
    assert finished(place) == set(RULES)
    assert seed_at(place / "out") == 2
    workers = [int(line.split()[1]) for line in (place / "log").read_text().splitlines() if line.startswith("slow")]
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_no_worker_outlives_an_audit_that_was_killed(place: Path, foreign_check: Install) -> None:
    foreign_check("slow", SLOW % {"log": str(place / "log")})
    (place / "long.yaml").write_text((place / "policy.yaml").read_text() + RULE.format(name="slow"))
    words = ["run", "rows.csv", "--policy", "long.yaml", "--out", "out", "--no-cache"]
    process = subprocess.Popen([sys.executable, "-m", "audit", *words], cwd=place, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while "slow" not in started(place):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    lines = (place / "log").read_text().splitlines()
    (worker,) = [int(line.split()[1]) for line in lines if line.startswith("slow")]
    assert worker != process.pid
    while Path(f"/proc/{worker}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_second_audit_of_the_same_place_is_refused(place: Path, foreign_check: Install) -> None:
    foreign_check("slow", SLOW % {"log": str(place / "log")})
    (place / "long.yaml").write_text((place / "policy.yaml").read_text() + RULE.format(name="slow"))
    words = ["run", "rows.csv", "--policy", "long.yaml", "--out", "out", "--engine", "inline", "--no-cache"]
    process = subprocess.Popen([sys.executable, "-m", "audit", *words], cwd=place, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while "slow" not in started(place):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    refused = run(place)
    assert refused.returncode == 2
    assert f"process {process.pid}" in refused.stderr
    assert run(place, out="elsewhere").returncode == 0
    process.kill()
    process.wait()
    anew = run(place)
    assert anew.returncode == 0
    assert "did not finish" in anew.stderr


def test_two_audits_at_once_share_the_cache(place: Path) -> None:
    words = ["run", "rows.csv", "--policy", "policy.yaml", "--engine", "inline"]
    environment = {**os.environ, "AUDITGATE_CACHE": str(place / "cache")}
    both = [
        subprocess.Popen([sys.executable, "-m", "audit", *words, "--out", out], cwd=place, env=environment,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for out in ("one", "two")
    ]  # fmt: skip
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert (place / "one" / "bundle.json").read_bytes() == (place / "two" / "bundle.json").read_bytes()


def site(place: Path, name: str) -> Path:
    """The file of an installed check."""
    (found,) = (place / "site").glob(f"foreign_{name}_*.py")
    return found


def test_what_has_not_changed_is_not_measured_again(place: Path, command: Callable[..., Any]) -> None:
    def ran(policy: str, *more: str) -> list[str]:
        (place / "log").unlink(missing_ok=True)
        ended = run(place, policy, *more, out="again")
        assert ended.returncode == 0, ended.stderr
        assert bundle.verify(place / "again").problems == ()
        return started(place)

    assert run(place, "policy.yaml", "--no-cache", out="whole").returncode == 0
    assert ran("policy.yaml") == list(RULES), "nothing was stored by --no-cache"
    assert ran("policy.yaml") == []
    again, whole = place / "again", place / "whole"
    assert (again / "bundle.json").read_bytes() == (whole / "bundle.json").read_bytes()
    assert (again / "evidence/first/rows.csv").read_bytes() == (whole / "evidence/first/rows.csv").read_bytes()
    assert [entry["cached"] for entry in json.loads((again / "run.json").read_text())["entries"].values()] == [True] * 3
    assert ran("policy.yaml", "--no-cache") == list(RULES)
    text = (place / "policy.yaml").read_text()
    (place / "policy.yaml").write_text(text.replace("min: 0.5}}}", "min: 0.4}}, severity: high}", 1))
    assert ran("policy.yaml") == ["first"], "a limit decides when a check stops"
    with site(place, "second").open("a") as file:
        file.write("# changed\n")
    assert ran("policy.yaml") == ["second"]
    (place / "rows.csv").write_text("a,b\n1,2\n3,5\n")
    assert ran("policy.yaml") == list(RULES)
    assert ran("policy.yaml") == []
    assert command("keygen", "--out", "key").code == 0
    assert ran("policy.yaml", "--sign", "key.pem") == list(RULES), "a signed bundle rests on what its own run measured"


def test_what_could_not_be_decided_is_measured_again(place: Path, foreign_check: Install) -> None:
    share = "CheckResult({'share': Measure(float('nan'), n=9)})"
    foreign_check(
        "nan", CHECK.partition("    return")[0] % {"log": str(place / "log"), "name": "nan"} + f"    return {share}\n"
    )
    (place / "policy.yaml").write_text(POLICY.format(seed=1) + RULE.format(name="first") + RULE.format(name="nan"))
    for _ in range(2):
        assert run(place).returncode == 3
    assert started(place) == ["first", "nan", "nan"]


@pytest.mark.parametrize("engine", ["inline", "local"])
def test_a_check_that_fills_the_disk_ends_the_audit(place: Path, foreign_check: Install, engine: str) -> None:
    foreign_check(
        "full", "def run(subject: Subject) -> CheckResult:\n    raise OSError(28, os.strerror(28), 'spool')\n"
    )
    with (place / "policy.yaml").open("a") as policy:
        policy.write(RULE.format(name="full"))
    ended = run(place, "policy.yaml", "--engine", engine, "--jobs", "1")
    assert ended.returncode == 3
    assert os.strerror(28) in ended.stderr
    assert "3 rules were finished" in ended.stderr
    assert "--resume" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert seed_at(place / "out") == 2
    assert finished(place) == set(RULES)


def test_a_second_signal_ends_it_at_once(place: Path, foreign_check: Install) -> None:
    foreign_check(
        "stubborn",
        f"""
        def run(subject: Subject) -> CheckResult:
            for _ in range(2):
                try:
                    with open({str(place / "log")!r}, "a") as file:
                        file.write("stubborn\\n")
                    time.sleep(300)
                except KeyboardInterrupt:
                    pass
        """,
    )
    (place / "long.yaml").write_text((place / "policy.yaml").read_text() + RULE.format(name="stubborn"))
    words = ["run", "rows.csv", "--policy", "long.yaml", "--out", "out", "--engine", "inline", "--no-cache"]
    process = subprocess.Popen([sys.executable, "-m", "audit", *words], cwd=place, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    for signals in (1, 2):
        while started(place).count("stubborn") < signals:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == -signal.SIGINT
    assert finished(place) == set(RULES)
    assert seed_at(place / "out") == 2


def test_a_bundle_that_was_put_aside_comes_back(place: Path) -> None:
    (place / "out").rename(place / ".out.partial-0123.old")  # killed where a system cannot swap two folders
    (place / ".out.partial-0123").mkdir()
    assert run(place, watch=("full", 40)).returncode == 3
    assert seed_at(place / "out") == 2
    assert not list(place.glob(".out.partial-*"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the size of files")
def test_a_line_that_does_not_fit_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    import resource

    journal = Journal(tmp_path / "out")
    journal.keep("one", "1" * 64, Measured())
    whole = journal.path.read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 50, before[1]))
    try:
        with pytest.raises(BundleError, match="cannot be written"):
            journal.keep("two", "2" * 64, Measured())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert journal.path.read_bytes() == whole
    journal.keep("three", "3" * 64, Measured())
    journal.close(finished=False)
    again = Journal(tmp_path / "out", resume=True)
    assert (again.finished, again.ignored) == (2, 0)
    again.close(finished=True)
