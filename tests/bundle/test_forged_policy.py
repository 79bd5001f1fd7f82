"""A forger who also rewrites the resolved policy, waivers or the list of files: what the bundle keeps tells on him."""

from __future__ import annotations

import datetime
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audit import judge
from audit import policy as policies
from audit.bundle import Verification, policy_file, verify, write
from audit.bundle.canonical import Seal, encode, load
from audit.bundle.finding import Finding
from audit.bundle.layout import RESOLVED_POLICY
from audit.bundle.write import WRITTEN_BY, render_reports
from audit.dsse import new_private_key
from audit.records import (
    Bundle,
    Entry,
    FileRecord,
    Limit,
    Measure,
    Policy,
    PolicySummary,
    Rule,
    RunFacts,
    SubjectSummary,
    TrustedType,
    TrustedTypeUse,
    Waiver,
    WaiverUse,
)

Reseal = Callable[[Path], None]
Change = Callable[[Bundle], Bundle]

SINGLE = """policy: release
version: 1.10
owner: risk@example.org
seed: 7
params: {least: 0.6, words: [a, b]}
isolation: required
trusted_types:
  - {name: mypackage.layers.Gate, owner: ann@example.org, expires: 2026-12-31, why: Weighs the branches.}
  - {name: mypackage.old.Gate, owner: bob@example.org, expires: 2026-11-22}
rules:
  - id: accuracy
    check: performance
    require: {accuracy: {min: "${least}"}}
    why: Wrong answers cost money.
"""
DAY = datetime.date(2026, 11, 23)
KEY = new_private_key()
PARENT = SINGLE.replace("policy: release", "policy: house")
CHILD = """policy: release
version: 1.10
owner: risk@example.org
extends: ["../house/policy.yaml", '{builtin}']
rules:
  - {id: accuracy, severity: critical}
"""


def said(found: Verification, message: str) -> Finding:
    """The one finding with this message."""
    (finding,) = [finding for finding in found.findings if finding.message == message]
    return finding


def judged(entry: Entry) -> Entry:
    found = judge.decide(
        entry.limits,
        entry.measures,
        power=entry.power,
        min_power=entry.min_power,
        finding=entry.finding,
        waived=entry.waiver is not None,
    )
    return replace(entry, verdict=found.verdict, sentence=found.sentence, reasons=found.reasons)


def bundle_of(policy: Policy) -> Bundle:
    settings = ("name", "version", "owner", "seed", "confidence", "on_inconclusive", "max_waiver_days", "isolation")
    entries = tuple(
        judged(
            Entry(
                rule.id, rule.check, "auditgate 0", rule.params, rule.severity, rule.blocking, judge.Verdict.PASS, "",
                {"accuracy": Measure(0.74, "share", 400, 0.69, 0.78)}, rule.limits,
                Measure(1.0, "share", 20, 0.83, 1.0),
                rule.min_power, (), (), (), rule.controls, (), judge.seed_of(policy.seed, rule.id), rule.why,
                location=rule.location,
            )
        )
        for rule in policy.rules
    )  # fmt: skip
    summary = PolicySummary(
        **{name: getattr(policy, name) for name in settings},
        sources=tuple((source.name, source.sha256) for source in policy.sources),
        params=tuple(sorted(policy.params.items())),
        trusted_types=policies.trusted_uses(policy, DAY),
    )
    files = (FileRecord("model.onnx", "model", "1" * 64, 10), FileRecord("test.csv", "data.test", "2" * 64, 10))
    subject = SubjectSummary("credit", "1", "classification", files)
    run = RunFacts("2026-11-23T06:39:00+00:00", 1.0, "host", {})
    return Bundle("1.0", subject, summary, entries, {"python": "3.11"}, run=run)


@pytest.fixture
def single(tmp_path: Path) -> Policy:
    (tmp_path / "release.yaml").write_text(SINGLE)
    return policies.load(tmp_path / "release.yaml", today=DAY)


def rewrite(folder: Path, bundle: Bundle, policy: Policy, reseal: Reseal) -> None:
    """All that follows from a bundle and a resolved policy; the policy files stay."""
    encoded = encode(bundle, Seal(WRITTEN_BY))
    for name, content in {**encoded, **render_reports(load(encoded).bundle)}.items():
        (folder / name).write_bytes(content)
    (folder / RESOLVED_POLICY).write_bytes(policy_file.dump(policy))
    reseal(folder)


def first(bundle: Bundle, **changes: object) -> Bundle:
    return replace(bundle, entries=(judged(replace(bundle.entries[0], **changes)), *bundle.entries[1:]))


def first_rule(policy: Policy, **changes: object) -> Policy:
    return replace(policy, rules=(replace(policy.rules[0], **changes), *policy.rules[1:]))


def with_policy(bundle: Bundle, **changes: object) -> Bundle:
    return replace(bundle, policy=replace(bundle.policy, **changes))


LOOSE = (Limit("accuracy", min=0.1),)


def test_limits_that_the_policy_files_do_not_say(single: Policy, tmp_path: Path, reseal: Reseal) -> None:
    folder = write(bundle_of(single), single, {}, tmp_path / "b")
    found = verify(folder, policy=single)
    assert (found.problems, found.verdict, found.notes) == ((), "PASSED", ("the bundle is not signed",))
    changes: dict[str, tuple[Bundle, Policy]] = {
        "require": (first(bundle_of(single), limits=LOOSE), first_rule(single, limits=LOOSE)),
        "blocking": (first(bundle_of(single), blocking=False), first_rule(single, blocking=False)),
        "min_power": (first(bundle_of(single), min_power=0.1), first_rule(single, min_power=0.1)),
        "timeout_seconds": (bundle_of(single), first_rule(single, timeout_seconds=1.0)),
        "waivable": (bundle_of(single), first_rule(single, waivable=False)),
        "confidence": (
            first(replace(bundle_of(single), policy=replace(bundle_of(single).policy, confidence=0.5))),
            replace(single, confidence=0.5),
        ),
        "isolation": (with_policy(bundle_of(single), isolation="off"), replace(single, isolation="off")),
        "allow_trusted_types": (bundle_of(single), replace(single, allow_trusted_types=True)),
    }
    for what, (bundle, policy) in changes.items():
        rewrite(folder, bundle, policy, reseal)
        assert any(what in problem for problem in verify(folder).problems), what
    rewrite(folder, bundle_of(single), single, reseal)
    assert verify(folder).ok, "else rewriting was found, not the forgery"


@pytest.mark.parametrize("here", [True, False])
def test_policies_that_extend_others(
    here: bool, tmp_path: Path, reseal: Reseal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From outside the working folder all three names are bare ones, and two files have the same."""
    builtin = f"builtin:{policies.builtin_names()[0]}"
    for name, text in (("house", PARENT), ("release", CHILD.replace("{builtin}", builtin))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(text)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path if here else tmp_path / "elsewhere")
    policy = policies.load(tmp_path / "release" / "policy.yaml", today=DAY)
    assert len(policy.sources) >= 3
    folder = write(bundle_of(policy), policy, {}, tmp_path / "b")
    assert not [problem for problem in verify(folder).problems if "polic" in problem]
    assert not any("resolved again" in note for note in verify(folder).notes)
    at = next(place for place, rule in enumerate(policy.rules) if rule.id == "accuracy")
    rules = (*policy.rules[:at], replace(policy.rules[at], limits=LOOSE), *policy.rules[at + 1 :])
    honest = bundle_of(policy)
    entries = (*honest.entries[:at], judged(replace(honest.entries[at], limits=LOOSE)), *honest.entries[at + 1 :])
    rewrite(folder, replace(honest, entries=entries), replace(policy, rules=rules), reseal)
    says = 'rule "accuracy": "require" is not what the policy files in the bundle say'
    assert said(verify(folder), says).file == RESOLVED_POLICY


def test_a_built_in_parent_is_the_one_in_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version may ship another policy of that name; this one does not."""
    name = policies.builtin_names()[0]
    (tmp_path / "p.yaml").write_text(
        f"policy: p\nversion: '1'\nowner: o\nextends: [builtin:{name}]\n"
        "rules: [{id: more, check: performance, require: {accuracy: {min: 0.1}}}]\n"
    )
    loaded = policies.load(tmp_path / "p.yaml")
    content = PARENT.encode()
    other = replace(loaded.sources[1], content=content, sha256=hashlib.sha256(content).hexdigest())
    (tmp_path / "house.yaml").write_bytes(content)
    (tmp_path / "p.yaml").write_text((tmp_path / "p.yaml").read_text().replace(f"builtin:{name}", "house.yaml"))
    wanted = policies.load(tmp_path / "p.yaml", today=DAY)
    rules = tuple(
        replace(rule, location=rule.location.replace("house.yaml", f"builtin:{name}")) for rule in wanted.rules
    )
    policy = replace(wanted, rules=rules, sources=(loaded.sources[0], other))
    bundle = replace(bundle_of(policy), environment={})
    (problem,) = verify(write(bundle, policy, {}, tmp_path / "b")).findings
    assert problem.file == f"policy/builtin-{name}.yaml"
    monkeypatch.setattr(sys.modules["audit.bundle.write"], "WRITTEN_BY", "auditgate 0.0.9")
    found = verify(write(bundle, policy, {}, tmp_path / "o"))
    assert found.ok
    assert any("comes with the version that is installed here" in note for note in found.notes)


def test_params_of_the_command_line_are_recorded_and_named(single: Policy, tmp_path: Path, reseal: Reseal) -> None:
    set_ = policies.load(tmp_path / "release.yaml", overrides={"least": "0.2", "words": "x,y"}, today=DAY)
    folder = write(bundle_of(set_), set_, {}, tmp_path / "b")
    found = verify(folder)
    assert found.ok
    assert "param least was set to 0.2, which no policy file says" in found.notes
    hidden = replace(bundle_of(set_), policy=replace(bundle_of(set_).policy, params=bundle_of(single).policy.params))
    rewrite(folder, hidden, set_, reseal)
    assert not verify(folder).ok
    for params in ((), (("least", 0.2),), (("least", 0.2), ("more", 1), ("words", ("x", "y")))):
        rewrite(folder, replace(hidden, policy=replace(hidden.policy, params=params)), set_, reseal)
        assert not verify(folder).ok, params


@pytest.mark.parametrize("content", [b"", b"- a\n", b"\xff", b"policy: x\n", b"policy: release\nextends: [a.yaml]\n"])
def test_policy_files_that_come_to_nothing(content: bytes, single: Policy, tmp_path: Path) -> None:
    source = replace(single.sources[0], content=content, sha256=hashlib.sha256(content).hexdigest())
    policy = replace(single, sources=(source,))
    assert not verify(write(bundle_of(policy), policy, {}, tmp_path / "b")).ok


def test_a_policy_without_files_and_a_file_that_nobody_extends(single: Policy, tmp_path: Path) -> None:
    for name, sources in (("none", ()), ("two", (*single.sources, replace(single.sources[0], name="more.yaml")))):
        policy = replace(single, sources=sources)
        assert not verify(write(bundle_of(policy), policy, {}, tmp_path / name)).ok


def test_a_bundle_without_rules(single: Policy, tmp_path: Path, reseal: Reseal) -> None:
    folder = write(bundle_of(single), single, {}, tmp_path / "b")
    rewrite(folder, replace(bundle_of(single), entries=()), replace(single, rules=()), reseal)
    assert "bundle.json: entries: no rule was judged" in verify(folder).problems


FORGERIES: dict[str, Change] = {
    "another seed": lambda b: first(b, seed=42),
    "a value outside its interval": lambda b: first(b, measures={"accuracy": Measure(0.1, "share", 400, 0.69, 0.78)}),
    "more power than all": lambda b: first(b, power=Measure(5.0, "share", 20)),
    "power outside its interval": lambda b: first(b, power=Measure(1.0, "share", 20, -5.0, 0.1)),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_numbers_that_no_audit_gives(what: str, single: Policy, tmp_path: Path) -> None:
    found = verify(write(FORGERIES[what](bundle_of(single)), single, {}, tmp_path / "b"))
    assert not found.ok or found.verdict == "NOT DECIDED"


@pytest.mark.parametrize(
    ("created", "expires", "started", "ok"),
    [
        ("2026-11-01", "2026-12-01", "2026-11-23T06:39:00+00:00", True),
        ("2026-11-01", "2027-01-30", "2026-11-23T06:39:00+00:00", True),
        ("2026-11-01", "2027-01-31", "2026-11-23T06:39:00+00:00", False),
        ("2000-01-01", "2999-12-31", "2026-11-23T06:39:00+00:00", False),
        ("0", "9", "2026-11-23T06:39:00+00:00", False),
        ("20261101", "20261201", "2026-11-23T06:39:00+00:00", False),
        ("2026-11-31", "2026-12-01", "2026-11-23T06:39:00+00:00", False),
        ("2026-12-01", "2026-11-01", "2026-11-23T06:39:00+00:00", False),
        ("2026-11-01", "2026-12-01", "", False),
        ("2026-11-01", "2026-12-01", "2026-11-23", False),
        ("2026-11-01", "2026-12-01", "2026-11-23 and some", False),
    ],
)
def test_a_waiver_needs_real_days(
    created: str, expires: str, started: str, ok: bool, single: Policy, tmp_path: Path
) -> None:
    waiver = Waiver("accuracy", "r", "o", "a", created, expires)
    measures = {"accuracy": Measure(0.2, "share", 400, 0.1, 0.3)}
    bundle = first(bundle_of(single), measures=measures, waiver=waiver)
    bundle = replace(bundle, waivers=(WaiverUse(waiver, "applied"),), run=RunFacts(started, 1.0, "h", {}))
    assert verify(write(bundle, single, {}, tmp_path / "b")).ok is ok


def test_a_waiver_without_a_run(single: Policy, tmp_path: Path) -> None:
    waiver = Waiver("accuracy", "r", "o", "a", "2026-11-01", "2026-12-01")
    bundle = first(bundle_of(single), measures={"accuracy": Measure(0.2, "share", 400, 0.1, 0.3)}, waiver=waiver)
    bundle = replace(bundle, waivers=(WaiverUse(waiver, "applied"),), run=None)
    assert any("which day" in problem for problem in verify(write(bundle, single, {}, tmp_path / "b")).problems)


def test_files_that_the_subject_declares_and_the_bundle_leaves_out(single: Policy, tmp_path: Path) -> None:
    bundle = bundle_of(single)
    declared = bundle.subject.files
    folder = write(bundle, single, {}, tmp_path / "all")
    assert verify(folder, declared=declared, files={file.path: file.sha256 for file in declared}).ok
    assert not verify(folder, declared=(*declared, replace(declared[1], role="data.train"))).ok
    assert not verify(folder, declared=(declared[0], replace(declared[1], sha256="3" * 64))).ok
    for kept in ((), declared[:1]):
        some = replace(bundle, subject=replace(bundle.subject, files=kept))
        folder = write(some, single, {}, tmp_path / f"kept{len(kept)}")
        assert not verify(folder, declared=declared, files={}).ok
        assert not verify(folder, declared=declared).ok
    assert not verify(tmp_path / "kept0", files={}).ok


def test_the_timeout_must_be_that_of_the_policy_given(single: Policy, tmp_path: Path) -> None:
    folder = write(bundle_of(single), single, {}, tmp_path / "b")
    found = verify(folder, policy=first_rule(single, timeout_seconds=5.0))
    told = 'policy.resolved.yaml: rule "accuracy": timeout_seconds is not what the policy given says'
    assert found.problems == (f"{told}; expected 5.0, found 600.0",)


def test_nothing_is_left_in_temporary_folders(single: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(bundle_of(single), single, {}, tmp_path / "b")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert verify(folder).ok
    assert os.listdir(tmp_path / "temporary") == []


@pytest.mark.parametrize("content", ["", "rules: 5\n", "[" * 50_000, "policy: x\nrules: [{}]\n", "- a\n"])
def test_a_resolved_policy_that_is_none(content: str, single: Policy, tmp_path: Path) -> None:
    folder = write(bundle_of(single), single, {}, tmp_path / "b")
    (folder / RESOLVED_POLICY).write_text(content)
    assert any(RESOLVED_POLICY in problem for problem in verify(folder).problems)


def test_no_type_in_the_resolved_policy_is_trusted(single: Policy, tmp_path: Path) -> None:
    folder = write(bundle_of(single), single, {}, tmp_path / "b")
    lines = (folder / RESOLVED_POLICY).read_text().splitlines()
    for at, line in enumerate(lines):
        for wrong in ("[a]", "{a: 1}", "null", "5", "x", "[[a]]"):
            changed = [*lines[:at], f"{line.partition(':')[0]}: {wrong}", *lines[at + 1 :]]
            (folder / RESOLVED_POLICY).write_text("\n".join(changed) + "\n")
            assert verify(folder).problems, (line, wrong)


GATE = TrustedType("mypackage.layers.Gate", "ann@example.org", "2026-12-31", "Weighs the branches.")


@pytest.mark.parametrize(
    ("types", "states"),
    [
        ((), ()),
        ((GATE,), ("valid",)),
        ((replace(GATE, expires="2027-01-31"),), ("valid",)),
        ((replace(GATE, owner="carl@example.org"),), ("valid",)),
        ((replace(GATE, why="Another reason."),), ("valid",)),
        ((GATE, replace(GATE, name="a.B")), ("valid", "valid")),
    ],
)
def test_trusted_types_that_the_policy_files_do_not_say(
    types: tuple[TrustedType, ...], states: tuple[str, ...], single: Policy, tmp_path: Path, reseal: Reseal
) -> None:
    folder = write(bundle_of(single), single, {}, tmp_path / "b")
    assert verify(folder, policy=single).ok
    uses = tuple(TrustedTypeUse(trusted, state) for trusted, state in zip(types, states, strict=True))
    rewrite(folder, with_policy(bundle_of(single), trusted_types=uses), replace(single, trusted_types=types), reseal)
    says = '"trusted_types" is not what the policy files in the bundle say'
    assert said(verify(folder), says).file == RESOLVED_POLICY
    says = "the trusted types are not what the policy given says"
    assert said(verify(folder, policy=single), says).place == "policy.trusted_types"


@pytest.mark.parametrize(
    ("trusted", "state", "says"),
    [
        (GATE, "expired", "reads 'expired' on 2026-11-23"),
        (replace(GATE, expires="2026-11-22"), "valid", "was trusted until 2026-11-22"),
        (replace(GATE, expires="2099-12-31"), "valid", "the policy allows 90"),
        (replace(GATE, expires="soon"), "valid", "no day"),
        (replace(GATE, expires="20261231"), "valid", "no day"),
        (replace(GATE, name="os.system"), "valid", "cannot be"),
        (replace(GATE, name="sklearn.*"), "valid", "cannot be"),
    ],
)
def test_trust_that_no_audit_gives_though_no_check_is_known_here(
    trusted: TrustedType, state: str, says: str, single: Policy, tmp_path: Path
) -> None:
    """Where a policy cannot be resolved again for want of its checks, what it trusts is judged all the same."""
    policy = replace(first_rule(single, check="of_another_package"), trusted_types=(trusted,))
    content = SINGLE.replace("performance", "of_another_package").encode()
    source = replace(single.sources[0], content=content, sha256=hashlib.sha256(content).hexdigest())
    policy = replace(policy, sources=(source,))
    bundle = with_policy(bundle_of(policy), trusted_types=(TrustedTypeUse(trusted, state),))
    assert any(says in problem for problem in verify(write(bundle, policy, {}, tmp_path / "b")).problems)


@pytest.mark.parametrize("started", ["", "2026-11-23", "2026-11-23 and some"])
def test_trusted_types_need_the_day_of_the_audit(started: str, single: Policy, tmp_path: Path) -> None:
    for run in (RunFacts(started, 1.0, "h", {}), None):
        bundle = replace(bundle_of(single), run=run)
        folder = tmp_path / ("b" if run else "none")
        assert any("which day" in problem for problem in verify(write(bundle, single, {}, folder)).problems)


@pytest.mark.parametrize(("year", "ok"), [("2026", True), ("2031", False), ("2020", False)])
def test_a_bundle_is_judged_on_its_own_day(year: str, ok: bool, single: Policy, tmp_path: Path) -> None:
    """A reader may come years later; what counted then, counts then."""
    bundle = replace(bundle_of(single), run=RunFacts(f"{year}-11-23T06:39:00+00:00", 1.0, "host", {}))
    assert verify(write(bundle, single, {}, tmp_path / "b")).ok is ok


def test_a_name_that_is_trusted_twice(single: Policy, tmp_path: Path) -> None:
    policy = replace(single, trusted_types=(GATE, GATE))
    bundle = with_policy(bundle_of(single), trusted_types=(TrustedTypeUse(GATE, "valid"),) * 2)
    found = verify(write(bundle, policy, {}, tmp_path / "b"))
    assert any("trusted twice" in problem for problem in found.problems)


class TestChecksOfAnotherPackage:
    """Their rules cannot be resolved again here; all the others can, and the signer must be known."""

    KNOWN = SINGLE.replace(
        "  - id: accuracy", "  - {id: odd, check: of_another_package, require: {x: {min: 1}}, why: w}\n  - id: accuracy"
    )

    def made(self, folder: Path, version: str = "otherpackage 1.0", limits: tuple[Limit, ...] | None = None) -> Path:
        content = self.KNOWN.encode()
        (folder / "p.yaml").write_text(SINGLE)
        policy = policies.load(folder / "p.yaml", today=DAY)
        rule = replace(policy.rules[0], location=policy.rules[0].location.replace(":10:", ":11:"))
        odd = Rule("odd", "of_another_package", limits=(Limit("x", min=1),), why="w", location="p.yaml:10:5")
        source = replace(policy.sources[0], content=content, sha256=hashlib.sha256(content).hexdigest())
        policy = replace(policy, rules=(odd, replace(rule, limits=limits or rule.limits)), sources=(source,))
        bundle = bundle_of(policy)
        first_entry = judged(replace(bundle.entries[0], version=version, measures={"x": Measure(2.0, "share", 9)}))
        return write(
            replace(bundle, entries=(first_entry, bundle.entries[1])), policy, {}, folder / "b", sign_key=KEY.pem()
        )

    def test_a_trusted_signer_can_vouch_for_them(self, tmp_path: Path) -> None:
        folder = self.made(tmp_path)
        assert not verify(folder).ok
        found = verify(folder, public_key=KEY.public.pem)
        assert found.problems == ()
        assert any("of_another_package" in note for note in found.notes)

    def test_not_for_one_that_this_version_would_have(self, tmp_path: Path) -> None:
        assert not verify(self.made(tmp_path, WRITTEN_BY), public_key=KEY.public.pem).ok

    def test_nor_for_the_other_rules(self, tmp_path: Path) -> None:
        found = verify(self.made(tmp_path, limits=LOOSE), public_key=KEY.public.pem)
        assert said(found, 'rule "accuracy": "require" is not what the policy files in the bundle say').line


@pytest.mark.parametrize("content", [b"hello", b"a: [", b"\xff"])
def test_nobody_vouches_for_what_is_no_policy(content: bytes, single: Policy, tmp_path: Path) -> None:
    policy = first_rule(single, check="of_another_package")
    source = replace(single.sources[0], content=content, sha256=hashlib.sha256(content).hexdigest())
    policy = replace(policy, sources=(source,))
    folder = write(bundle_of(policy), policy, {}, tmp_path / "b", sign_key=KEY.pem())
    found = verify(folder, public_key=KEY.public.pem)
    assert any(finding.file == "policy/release.yaml" for finding in found.findings)


ODD = {
    "folded": "extends:\n  - >-\n    house.yaml\n",
    "escaped": 'extends: ["h\\x6fuse.yaml"]\n',
    "one line end of old": "extends: [house.yaml] # a\r# b\r",
    "twice": "extends: [house.yaml, ./house.yaml]\n",
}


@pytest.mark.parametrize("how", ODD)
def test_however_the_word_is_written(how: str, tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(PARENT)
    (tmp_path / "p.yaml").write_bytes(f"policy: release\nversion: '1'\nowner: o\n{ODD[how]}".encode())
    policy = policies.load(tmp_path / "p.yaml", today=DAY)
    assert verify(write(bundle_of(policy), policy, {}, tmp_path / "b")).problems == ()


def test_messages_name_the_policy_and_no_temporary_file(single: Policy, tmp_path: Path) -> None:
    source = replace(single.sources[0], content=b"policy: x\n", sha256=hashlib.sha256(b"policy: x\n").hexdigest())
    policy = replace(single, sources=(source,))
    told = " ".join(verify(write(bundle_of(policy), policy, {}, tmp_path / "b")).problems)
    assert "release.yaml:1:1" in told
    assert "/tmp" not in told
