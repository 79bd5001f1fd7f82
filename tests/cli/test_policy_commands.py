"""`audit policy`: what it prints, and the exit codes that a pipeline rests on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from audit import policy, shipped, signature
from audit.cli import root

RULES = """rules:
  - id: skill
    check: performance
    require: {accuracy: {min: "${floor}"}}
    severity: high
    why: It has to be right more often than a coin.
    controls: [NIST-AI-RMF/MEASURE 2.5]
  - id: robust
    check: evasion
    with: {epsilon: 8/255, norm: l2}
    require: {robust_accuracy: {min: 0.5}}
    blocking: false
    waivable: false
"""
POLICY = "policy: trial\nversion: 1.10\nowner: o@example.org\nparams: {floor: 0.6}\n" + RULES


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("p.yaml").write_text(POLICY)
    return tmp_path


def audit(*arguments: str) -> Result:
    return CliRunner().invoke(root, ["policy", *arguments])


def test_lint_says_ok(here: Path) -> None:
    done = audit("lint", "p.yaml", "builtin:baseline")
    assert (done.exit_code, done.stdout) == (0, "p.yaml: ok (2 rules)\nbuiltin:baseline: ok (4 rules)\n")
    assert done.stderr == ""


def test_lint_reports_every_file_and_exits_2(here: Path) -> None:
    Path("a.yaml").write_text(POLICY.replace("performance", "performence").replace("high", "hgih"))
    Path("b.yaml").write_text("policy: [\n")
    done = audit("lint", "a.yaml", "p.yaml", "b.yaml")
    assert done.exit_code == 2
    assert done.stdout == "p.yaml: ok (2 rules)\n"
    assert done.stderr.splitlines()[:2] == [
        'a.yaml:7:12: rule "skill": no check "performence"; did you mean "performance"?',
        'a.yaml:9:15: rule "skill": "severity" is "hgih"; expected one of low, medium, high, critical; '
        'did you mean "high"?',
    ]
    assert done.stderr.splitlines()[2].startswith("b.yaml:2:1: not readable as YAML")


def test_lint_warns_and_passes(here: Path) -> None:
    Path("p.yaml").write_text(POLICY.replace("{floor: 0.6}", "{floor: 0.6, spare: 1}"))
    done = audit("lint", "p.yaml")
    assert done.exit_code == 0
    assert done.stderr == 'p.yaml:4:22: warning: no rule uses param "spare"\n'


def test_lint_checks_waivers(here: Path) -> None:
    entry = "{rule: skill, reason: r, owner: o, approved_by: a, created: 2026-01-01, expires: 2026-02-01}"
    Path("w.yaml").write_text(f"waivers:\n  - {entry}\n")
    assert audit("lint", "p.yaml", "--waivers", "w.yaml").stdout.splitlines()[1] == "w.yaml: ok (1 waiver)"
    Path("w.yaml").write_text(f"waivers:\n  - {entry.replace('skill', 'skil')}\n")
    done = audit("lint", "p.yaml", "--waivers", "w.yaml")
    assert (done.exit_code, done.stderr) == (2, 'w.yaml:2:12: no rule "skil"; did you mean "skill"?\n')


@pytest.mark.parametrize("setting", ["flor=1", "floor=high", "floor"])
def test_set_is_checked(here: Path, setting: str) -> None:
    assert audit("lint", "p.yaml", "--set", setting).exit_code == 2


def test_explain_is_for_a_reader_who_knows_no_ml(here: Path) -> None:
    done = audit("explain", "p.yaml", "--set", "floor=0.7")
    assert done.exit_code == 0
    text = " ".join(done.stdout.split())
    assert 'Policy "trial", version 1.10, owned by o@example.org 2 rules; 1 of them can stop a release.' in text
    assert "1. skill (stops the release, severity high)" in text
    assert "Why: It has to be right more often than a coin." in text
    assert "Passes if: accuracy is at least 0.7; that is: share of rows that are answered right" in text
    assert "Proof: the check has to find 90% of the faults that it plants as a trial" in text
    assert "Evidence for: NIST-AI-RMF/MEASURE 2.5: System is shown to be valid and reliable" in text
    assert "2. robust (warns only, severity medium)" in text
    assert "Exceptions: none" in text
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_every_built_in_policy_can_be_explained() -> None:
    for name in policy.builtin_names():
        done = audit("explain", f"builtin:{name}")
        assert done.exit_code == 0
        for rule in policy.load(f"builtin:{name}").rules:
            assert f". {rule.id} (" in done.stdout


def test_schema_accepts_what_loads_and_refuses_what_does_not(here: Path) -> None:
    schema = json.loads(audit("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in [Path("p.yaml"), *shipped.folder("policies").glob("*.yaml")]:
        assert [error.message for error in validator.iter_errors(yaml.safe_load(path.read_text()))] == []
    assert schema["$defs"]["Rule"]["properties"]["check"]["enum"] == list(signature.check_names())
    for good, bad in [
        ("performance", "performence"),
        ("accuracy", "acuracy"),
        ("epsilon", "epsilno"),
        ("norm: l2", "norm: l3"),
        ("severity", "sevrity"),
        ("MEASURE 2.5", "MEASURE 9.9"),
        ("policy:", "polcy:"),
        ("blocking: false", "blocking: 3"),
    ]:
        assert good in POLICY
        assert not validator.is_valid(
            yaml.safe_load(POLICY.replace(good, bad, 1).replace("version: 1.10", "version: a"))
        )


def test_diff_says_stricter_and_looser(here: Path) -> None:
    Path("q.yaml").write_text(
        POLICY.replace("floor: 0.6", "floor: 0.7").replace("severity: high", "severity: low").replace("l2", "linf")
    )
    done = audit("diff", "p.yaml", "q.yaml")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "looser    skill: severity goes from high to low",
        "stricter  skill: min of accuracy goes from 0.6 to 0.7",
        'changed   robust: with norm goes from "l2" to "linf"',
    ]
    assert audit("diff", "p.yaml", "q.yaml", "--fail-on-looser").exit_code == 1
    assert audit("diff", "p.yaml", "p.yaml", "--fail-on-looser").exit_code == 0
    assert audit("diff", "p.yaml", "gone.yaml").exit_code == 2


def test_lock_holds_every_file_and_the_time(here: Path) -> None:
    Path("child.yaml").write_text("policy: child\nversion: 2\nextends: [p.yaml]\n")
    assert audit("lock", "child.yaml", "--out", "policy.lock").exit_code == 0
    lock = json.loads(Path("policy.lock").read_text())
    sources = policy.load("child.yaml").sources
    assert [(s["name"], s["sha256"]) for s in lock["sources"]] == [(s.name, s.sha256) for s in sources]
    assert (lock["policy"], lock["version"], lock["params"]) == ("child", "2", {"floor": 0.6})
    age = datetime.now(UTC) - datetime.fromisoformat(lock["locked_at"])
    assert timedelta(seconds=-1) <= age < timedelta(minutes=5)
    Path("p.yaml").write_text(POLICY + "# one more word\n")
    again = json.loads(audit("lock", "child.yaml").stdout)
    assert again["sources"][0] == lock["sources"][0]
    assert again["sources"][1]["sha256"] != lock["sources"][1]["sha256"]
    assert audit("lock", "child.yaml", "--out", "no/such/folder").exit_code == 2


CASE = """policy: ../p.yaml
measures:
  skill: {accuracy: {value: 0.7, low: 0.65, high: 0.75, n: 300}}
  robust: {robust_accuracy: 0.4}
power: {skill: 0.95, robust: 1}
expect: {skill: PASS, robust: FAIL}
"""


def cases(text: str, run: Callable[..., Result] = audit) -> Result:
    Path("cases").mkdir(exist_ok=True)
    Path("cases/one.yaml").write_text(text)
    return run("test", "cases")


def test_cases_are_judged_without_a_model(here: Path) -> None:
    done = cases(CASE)
    assert done.stdout == "cases/one.yaml: ok (2 verdicts)\n1 of 1 cases judged as expected\n"
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("low: 0.65", "low: 0.55", "Not decided"),
        ("value: 0.7, low: 0.65, high: 0.75", "value: 0.5, low: 0.45, high: 0.55", "Failed"),
        ("skill: 0.95", "skill: 0.5", "Not decided"),
        ("power: {skill: 0.95, ", "power: {", "Not decided"),
        ("expect", "doubts: {skill: [the model hides its gradients]}\nexpect", "Not decided"),
        ("expect", "errors: {skill: it crashed}\nexpect", "Could not be measured"),
        ("accuracy: {value", "f1: {value", "Could not be measured"),
        ("expect", "params: {floor: 0.9}\nexpect", "Failed"),
    ],
)
def test_a_case_that_is_judged_otherwise_exits_1(here: Path, old: str, new: str, verdict: str) -> None:
    assert old in CASE
    done = cases(CASE.replace(old, new, 1))
    assert done.exit_code == 1
    assert f'rule "skill": expected PASS, judged {verdict}' in done.stdout
    assert done.stdout.endswith("0 of 1 cases judged as expected\n")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("expect: {skill: PASS, robust: FAIL}", "expect: {}", "tests nothing"),
        ("skill: PASS", "skil: PASS", 'cases/one.yaml:6:10: no rule "skil"; did you mean "skill"?'),
        ("skill: PASS", "skill: pass", 'did you mean "PASS"?'),
        ("{accuracy:", "{acuracy:", 'no performance measure "acuracy"'),
        ("robust_accuracy: 0.4", "robust_accuracy: low", "needs a value that the check could return"),
        ("skill: 0.95", "skill: 95", "expected a number from 0 to 1"),
        ("n: 300", "m: 300", 'no key "m"'),
        ("../p.yaml", "../gone.yaml", "no such file"),
        ("expect", "params: {flor: 1}\nexpect", 'no param "flor"'),
    ],
)
def test_a_case_that_is_wrong_exits_2(here: Path, old: str, new: str, says: str) -> None:
    assert old in CASE
    done = cases(CASE.replace(old, new, 1))
    assert done.exit_code == 2
    assert says in done.stderr


def test_a_case_may_waive_and_say_how_the_audit_ends(here: Path) -> None:
    failing = CASE.replace("value: 0.7, low: 0.65, high: 0.75", "value: 0.5, low: 0.45, high: 0.55")
    waived = failing.replace("expect: {skill: PASS", "waived: [skill, robust]\nexpect: {skill: WAIVED")
    assert cases(waived + "exit_code: 0\n").exit_code == 0, "robust allows no waiver, and is not blocking"
    assert cases(waived.replace("robust: FAIL", "robust: WAIVED")).exit_code == 1
    assert cases(failing.replace("skill: PASS", "skill: FAIL") + "exit_code: 1\n").exit_code == 0
    ended = cases(waived + "exit_code: 3\n")
    assert ended.exit_code == 1
    assert "the audit: expected exit code 3, found 0" in ended.stdout
    assert cases(waived.replace("[skill, robust]", "[skil]")).exit_code == 2


def test_a_case_may_ask_for_the_exit_code_alone(here: Path) -> None:
    unmeasured = "policy: ../p.yaml\nexit_code: 3\n"
    assert cases(unmeasured).stdout.startswith("cases/one.yaml: ok (1 verdict)")
    assert cases(unmeasured.replace("3", "2")).exit_code == 2


def test_no_cases_are_no_pass(here: Path) -> None:
    Path("none").mkdir()
    assert audit("test", "none").exit_code == 2


def test_lint_warns_of_a_limit_that_cannot_fail(here: Path) -> None:
    done = audit("lint", "p.yaml", "--set", "floor=0")
    assert (done.exit_code, done.stdout) == (0, "p.yaml: ok (2 rules)\n")
    assert done.stderr == (
        'p.yaml:8:15: warning: rule "skill": every possible accuracy meets min 0, so this limit can never fail\n'
    )


PERSONAL = """recognisers:
  - {entity: DESK, pattern: 'desk-[0-9]{3}', examples: [desk-123]}
tests:
  - {text: at desk-123, finds: [DESK]}
"""


def test_the_tests_in_a_file_of_recognisers_are_run(tmp_path: Path) -> None:
    (tmp_path / "personal.yaml").write_text(PERSONAL)
    own = tmp_path / "policy.yaml"
    own.write_text(
        "policy: p\nrules:\n  - {id: pii, check: pii, with: {recognisers: personal.yaml}, "
        "require: {cell_share.DESK: {max: 0}}, why: w}\n"
    )
    done = audit("test", str(own))
    assert (done.exit_code, done.output) == (
        0,
        "personal.yaml: ok (1 test)\n1 of 1 tests in named files found what they expect\n",
    )
    (tmp_path / "personal.yaml").write_text(PERSONAL.replace("at desk-123", "at desk-12"))
    done = audit("test", str(own))
    assert done.exit_code == 1
    assert "personal.yaml:4:5: expected DESK, found nothing" in done.output
    (tmp_path / "personal.yaml").write_text(PERSONAL.replace("-[0-9]{3}", "-([0-9]+)+"))
    done = audit("test", str(own))
    assert done.exit_code == 2
    (tmp_path / "personal.yaml").write_text(PERSONAL.split("tests:")[0])
    done = audit("test", str(own))
    assert done.exit_code == 2
    assert "nothing was tested" in done.output + done.stderr
