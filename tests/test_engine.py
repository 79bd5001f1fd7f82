"""What happens to a rule whose check crashes, hangs, dies or talks nonsense: ERROR, on each engine, never a pass."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit import runner
from audit.engine.inline import InlineEngine
from audit.engine.local import LocalEngine
from audit.records import Limit, Policy, Rule
from audit.subject import Subject

Install = Callable[[str, str], None]
PASSES = "return CheckResult({'share': Measure(1.0, n=9)})"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    return path


@contextmanager
def engine(kind: str, table: Path, jobs: int = 1) -> Iterator[InlineEngine | LocalEngine]:
    opened = InlineEngine(Subject.load(table)) if kind == "inline" else LocalEngine(table, jobs=jobs)
    try:
        yield opened
    finally:
        opened.close()


def outcome_of(kind: str, table: Path, check: str, **more: object) -> runner.Outcome:
    rule = Rule("r", check, limits=(Limit("share", min=0.5),), **{"min_power": None, **more})
    with engine(kind, table) as opened:
        return runner.run(Policy("p", "1", "o", (rule,)), opened, missing=lambda needs: ())[0]


@pytest.mark.parametrize("kind", ["inline", "local"])
@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        (PASSES, "PASS", "Passed"),
        ("raise ValueError('could not convert j.smith@example.org')", "ERROR", "ValueError"),
        ("raise NotMeasurable('there is nothing to see')", "ERROR", "nothing to see"),
        ("return CheckResult({})", "ERROR", "was not measured"),
        ("return CheckResult({'other': Measure(1.0, n=9)})", "ERROR", "does not declare: other"),
        ("return CheckResult({'share': Measure(float('nan'), n=9)})", "ERROR", "not a finite number"),
        ("return None", "ERROR", ""),
        ("return iter(())", "ERROR", "without a result"),
        ("return CheckResult({'share': Measure(1.0, n=9)}, doubts=(Doubt('nothing moved'),))", "INCONCLUSIVE", "moved"),
        ("import numpy as n; return CheckResult({'share': Measure(n.float64(1), n=n.int64(9))})", "PASS", "Passed"),
    ],
)
def test_verdict_of_what_a_check_does(
    kind: str, table: Path, foreign_check: Install, body: str, verdict: str, words: str
) -> None:
    foreign_check("trial", f"def run(subject: Subject) -> CheckResult:\n    {body}\n")
    outcome = outcome_of(kind, table, "trial")
    assert outcome.entry.verdict == verdict
    assert words in outcome.entry.sentence
    assert "j.smith" not in f"{outcome}"
    assert outcome.entry.version == "foreign-checks 2.0"


def test_a_crash_leaves_its_traceback(table: Path, foreign_check: Install) -> None:
    foreign_check("trial", "def run(subject: Subject) -> CheckResult:\n    return {}['no']\n")
    for kind in ("inline", "local"):
        evidence = {file.name: file.content.decode() for file in outcome_of(kind, table, "trial").evidence}
        assert "in run" in evidence["traceback.txt"]
        assert "KeyError" in evidence["traceback.txt"]


def test_a_check_that_hangs_is_killed_and_keeps_what_it_learned(table: Path, foreign_check: Install) -> None:
    foreign_check(
        "trial",
        """
        def run(subject: Subject):
            yield CheckResult({"share": Measure(0.5, n=9, low=0.1, high=0.9)})
            while True:
                time.sleep(60)
        """,
    )
    started = time.monotonic()
    outcome = outcome_of("local", table, "trial", timeout_seconds=1.0)
    assert time.monotonic() - started < 60
    assert outcome.entry.verdict == "ERROR"
    assert "not finished within 1 seconds" in outcome.entry.sentence
    assert outcome.entry.measures["share"].value == 0.5


@pytest.mark.parametrize("death", ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.abort()"])
def test_a_process_that_dies_is_an_error_and_the_next_rule_runs(
    table: Path, foreign_check: Install, death: str
) -> None:
    foreign_check("dies", f"def run(subject: Subject) -> CheckResult:\n    {death}\n")
    foreign_check("lives", f"def run(subject: Subject) -> CheckResult:\n    {PASSES}\n")
    limits = (Limit("share", min=0.5),)
    rules = tuple(Rule(name, name, limits=limits, min_power=None) for name in ("dies", "lives"))
    with engine("local", table) as opened:
        outcomes = runner.run(Policy("p", "1", "o", rules), opened, missing=lambda needs: ())
    assert [outcome.entry.verdict for outcome in outcomes] == ["ERROR", "PASS"]


def test_what_a_check_prints_disturbs_nothing(table: Path, foreign_check: Install) -> None:
    body = "    print('{\"kind\": \"result\"}', flush=True)\n    os.write(1, b'noise')\n"
    foreign_check("trial", f"def run(subject: Subject) -> CheckResult:\n{body}    {PASSES}\n")
    assert outcome_of("local", table, "trial").entry.verdict == "PASS"


@pytest.mark.parametrize("kind", ["inline", "local"])
def test_reading_stops_once_decided(kind: str, table: Path, foreign_check: Install) -> None:
    foreign_check(
        "trial",
        """
        def run(subject: Subject):
            for n in range(1, 1000):
                yield CheckResult({"share": Measure(0.8, n=n, low=0.8 - 1 / n, high=0.8 + 1 / n)})
        """,
    )
    entry = outcome_of(kind, table, "trial").entry
    assert entry.verdict == "PASS"
    assert entry.measures["share"].n == 4


@pytest.mark.parametrize("kind", ["inline", "local"])
@pytest.mark.parametrize(
    ("plant", "verdict"),
    [
        ("return Measure(0.95, n=20)", "PASS"),
        ("return Measure(0.5, n=20)", "INCONCLUSIVE"),
        ("raise NotMeasurable('no fault fits in here')", "INCONCLUSIVE"),
        ("raise KeyError('x')", "ERROR"),
    ],
)
def test_a_pass_shows_its_power(kind: str, table: Path, foreign_check: Install, plant: str, verdict: str) -> None:
    body = f"def run(subject: Subject) -> CheckResult:\n    {PASSES}\n"
    foreign_check("trial", f"{body}def plant(subject: Subject) -> Measure:\n    {plant}\n")
    assert outcome_of(kind, table, "trial", min_power=0.9).entry.verdict == verdict


@pytest.mark.parametrize("kind", ["inline", "local"])
def test_what_planting_showed_beside_the_share_reaches_the_bundle(
    kind: str, table: Path, foreign_check: Install
) -> None:
    body = f"def run(subject: Subject) -> CheckResult:\n    {PASSES}\n"
    plant = "return Power(Measure(0.95, n=20), ('flips 0.9',), (Evidence('kinds.csv', b'kind\\n', 'Each kind.'),))"
    foreign_check(
        "trial",
        f"from audit.records import Evidence, Power\n{body}def plant(subject: Subject) -> Power:\n    {plant}\n",
    )
    outcome = outcome_of(kind, table, "trial", min_power=0.9)
    assert (outcome.entry.verdict, outcome.entry.notes) == ("PASS", ("flips 0.9",))
    assert [(file.name, file.content) for file in outcome.evidence] == [("kinds.csv", b"kind\n")]


def test_missing_input_is_an_error(table: Path, foreign_check: Install) -> None:
    foreign_check("trial", f"NEEDS = ('model',)\ndef run(subject: Subject) -> CheckResult:\n    {PASSES}\n")
    rule = Rule("r", "trial", limits=(Limit("share", min=0.5),), min_power=None)
    subject = Subject.load(table)
    outcome = runner.run(Policy("p", "1", "o", (rule,)), InlineEngine(subject), missing=subject.missing)[0]
    assert outcome.entry.verdict == "ERROR"
    assert "no model" in outcome.entry.sentence


def test_engines_and_jobs_give_the_same_results(table: Path, foreign_check: Install) -> None:
    foreign_check(
        "trial",
        """
        def run(subject: Subject, *, seed: int) -> CheckResult:
            import numpy
            return CheckResult({"share": Measure(float(numpy.random.default_rng(seed).random()), n=subject.test.rows)})
        """,
    )
    rules = tuple(Rule(f"r{i}", "trial", limits=(Limit("share", min=0.0),), min_power=None) for i in range(5))
    policy = Policy("p", "1", "o", rules, seed=3)
    seen = []
    for kind, jobs in (("inline", 1), ("local", 1), ("local", 3)):
        with engine(kind, table, jobs) as opened:
            outcomes = runner.run(policy, opened, missing=lambda needs: ())
        seen.append([outcome.entry for outcome in outcomes])
    assert seen[0] == seen[1] == seen[2]
    assert len({entry.measures["share"].value for entry in seen[0]}) == 5


def test_a_shipped_check_cannot_be_replaced(foreign_check: Install) -> None:
    from audit import signature

    foreign_check("performance", "def run(subject: Subject) -> CheckResult:\n    return None\n")
    assert signature.describe("performance").module.__name__ == "audit.checks.performance"


NETWORK = """
def run(subject: Subject) -> CheckResult:
    import errno, socket
    refused = 0
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.socket(family).close()
        except PermissionError:
            refused += 1
    return CheckResult({'share': Measure(refused / 2, n=2)})
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel of Linux refuses")
def test_a_check_has_no_network(foreign_check: Install, table: Path) -> None:
    foreign_check("curious", NETWORK)
    assert outcome_of("local", table, "curious").entry.measures["share"].value == 1.0
    assert outcome_of("inline", table, "curious").entry.measures["share"].value == 0.0


def test_a_worker_imports_nothing_from_the_folder_that_it_is_started_in(
    foreign_check: Install, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("audit", "numpy", "json"):
        (table.parent / f"{name}.py").write_text("raise SystemExit('code of a stranger')")
    monkeypatch.chdir(table.parent)
    foreign_check("plain", f"def run(subject: Subject) -> CheckResult:\n    {PASSES}\n")
    assert outcome_of("local", table, "plain").entry.verdict == "PASS"


def test_an_answer_that_comes_too_late_is_never_taken_for_another(
    foreign_check: Install, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, share in (("first", 0.75), ("second", 0.25)):
        foreign_check(
            name,
            f"def run(subject: Subject) -> CheckResult:\n    return CheckResult({{'share': Measure({share}, n=9)}})\n",
        )
    rules = tuple(
        Rule(f"{name}-{number}", name, limits=(Limit("share", min=0.5),), min_power=None)
        for number in range(4)
        for name in ("first", "second")
    )
    with engine("local", table) as opened:
        monkeypatch.setattr("audit.engine.local._START_SECONDS", 0.01)
        late = runner.run(Policy("p", "1", "o", rules[:2]), opened, missing=lambda needs: ())
        assert all("could not be opened within" in outcome.entry.error for outcome in late)
        monkeypatch.setattr("audit.engine.local._START_SECONDS", 120.0)
        for outcome in runner.run(Policy("p", "1", "o", rules), opened, missing=lambda needs: ()):
            assert outcome.entry.verdict == ("PASS" if outcome.entry.check == "first" else "FAIL")
