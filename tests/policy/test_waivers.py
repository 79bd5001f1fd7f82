"""A waiver without a name, a day or a bound is no waiver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit import policy
from audit.cli import root
from audit.errors import PolicyError
from audit.records import Policy

DIGEST = "AB" * 32
GOOD = {
    "rule": "skill",
    "reason": "small sample, more is on its way",
    "owner": "a.person@example.org",
    "approved_by": "risk-board",
    "created": "2026-11-01",
    "expires": "2027-01-15",
}


@pytest.fixture
def trial(write: Callable[..., Path]) -> Policy:
    rules = "  - {id: skill, check: performance, require: {accuracy: {min: 0.6}}}\n"
    return policy.load(write(rules=rules, head="max_waiver_days: 90\n"))


def waivers(write: Callable[..., Path], *entries: dict[str, str]) -> Path:
    lines = [
        ("  - " if position == 0 else "    ") + f"{key}: {value}\n"
        for entry in entries
        for position, (key, value) in enumerate(entry.items())
    ]
    return write("waivers:\n" + "".join(lines), name="waivers.yaml")


def refused(path: Path, trial: Policy) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        policy.load_waivers(path, trial)
    return list(caught.value.problems)


def test_a_waiver_is_read(write: Callable[..., Path], trial: Policy) -> None:
    plain, bound = policy.load_waivers(waivers(write, GOOD, {**GOOD, "model_sha256": DIGEST}), trial)
    assert (plain.rule, plain.created, plain.expires) == ("skill", "2026-11-01", "2027-01-15")
    assert (plain.owner, plain.approved_by, plain.model_sha256) == ("a.person@example.org", "risk-board", None)
    assert plain.location == "waivers.yaml:2:5"
    assert bound.model_sha256 == DIGEST.lower()  # digests of files are in small letters


@pytest.mark.parametrize("key", ["rule", "reason", "owner", "approved_by", "created", "expires"])
def test_nothing_may_be_missing_or_empty(write: Callable[..., Path], trial: Policy, key: str) -> None:
    assert any(f'key "{key}" is missing' in line for line in refused(waivers(write, _without(key)), trial))
    assert refused(waivers(write, {**GOOD, key: '""'}), trial)
    assert refused(waivers(write, {**GOOD, key: "null"}), trial)
    assert refused(waivers(write, {**GOOD, key: '"  "'}), trial)


def test_no_folder_of_this_machine_is_recorded(
    write: Callable[..., Path], trial: Policy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = waivers(write, GOOD).absolute()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert policy.load_waivers(path, trial)[0].location == "waivers.yaml:2:5"


def _without(key: str) -> dict[str, str]:
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("rule", "skil", 'waivers.yaml:2:11: no rule "skil"; did you mean "skill"?'),
        ("expires", "2027-02-30", "expected a day that exists"),
        ("expires", "31.12.2026", "expected a day that exists, written as 2026-12-31"),
        ("expires", "2026-12-31T00:00:00Z", "expected a day that exists"),
        ("expires", "20261231", "expected a day that exists"),
        ("expires", "2026-W50-1", "expected a day that exists"),
        ("expires", "never", "expected a day that exists"),
        ("expires", "2026-10-31", "expires on 2026-10-31, before it was created on 2026-11-01"),
        ("expires", "2027-01-31", "lasts 91 days; the policy allows 90 (max_waiver_days)"),
        ("created", "yesterday", '"created" is "yesterday"'),
        ("model_sha256", "abc", '"model_sha256" is "abc"; expected 64 hexadecimal digits'),
        ("expries", "2027-01-01", 'no key "expries"; did you mean "expires"?'),
    ],
)
def test_what_does_not_fit_is_an_error(
    write: Callable[..., Path], trial: Policy, key: str, value: str, says: str
) -> None:
    (found,) = refused(waivers(write, {**GOOD, key: value}), trial)
    assert found.startswith("waivers.yaml:")
    assert says in found


def test_the_longest_time_is_allowed(write: Callable[..., Path], trial: Policy) -> None:
    assert policy.load_waivers(waivers(write, {**GOOD, "expires": "2027-01-30"}), trial)
    assert policy.load_waivers(waivers(write, {**GOOD, "expires": "2026-11-01"}), trial)


def test_every_mistake_comes_at_once(write: Callable[..., Path], trial: Policy) -> None:
    path = waivers(write, {**GOOD, "rule": "nobody"}, {**GOOD, "expires": "soon"}, GOOD)
    found = refused(path, trial)
    assert [line.partition(": ")[0] for line in found] == ["waivers.yaml:2:11", "waivers.yaml:13:14"]


@pytest.mark.parametrize("text", ["", "waivers: 3\n", "waiver: []\n", "waivers: [x]\n", "- a\n", "waivers: &a []\n"])
def test_a_file_of_another_shape_is_an_error(write: Callable[..., Path], trial: Policy, text: str) -> None:
    assert refused(write(text, name="waivers.yaml"), trial)


def test_no_waivers_are_no_mistake(write: Callable[..., Path], trial: Policy) -> None:
    assert policy.load_waivers(write("waivers: []\n", name="waivers.yaml"), trial) == ()


def test_a_file_that_is_not_there(trial: Policy) -> None:
    assert refused(Path("nowhere/at-all.txt"), trial) == ["nowhere/at-all.txt: no such file"]


def test_a_digest_of_digits_alone_is_no_number(write: Callable[..., Path], trial: Policy) -> None:
    path = waivers(write, {**GOOD, "model_sha256": "'" + "1" * 64 + "'"})
    assert policy.load_waivers(path, trial)[0].model_sha256 == "1" * 64


def test_who_approves_his_own_waiver_is_told(write: Callable[..., Path]) -> None:
    rules = write(rules="  - {id: skill, check: performance, require: {accuracy: {min: 0.6}}, why: w}\n")
    for approver, told in (("A.Person@example.org", True), ("risk-board", False)):
        path = waivers(write, {**GOOD, "approved_by": approver})
        result = CliRunner().invoke(root, ["policy", "lint", str(rules), "--waivers", str(path)])
        assert result.exit_code == 0, result.output
        assert ("approves the waiver himself" in result.output) is told
