"""What would make a bundle that verifies false? Each way to change one is tried here, and has to be found."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from audit import policy as policies
from audit.bundle import policy_file, read, verify, write
from audit.bundle.canonical import Seal, encode, load
from audit.bundle.write import WRITTEN_BY, render_reports
from audit.dsse import IN_TOTO, PrivateKey, new_private_key
from audit.errors import BundleError
from audit.records import Bundle, Measure, Verdict, Waiver, WaiverUse

Reseal = Callable[[Path], None]
KEYID = re.compile(rb'"keyid":"[^"]*"')


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def rewrite(folder: Path, bundle: Bundle) -> None:
    """Put another bundle into a folder with all that follows from it, as somebody would who covers his tracks."""
    encoded = encode(bundle, Seal(WRITTEN_BY))
    for name, content in encoded.items():
        (folder / name).write_bytes(content)
    for name, content in render_reports(load(encoded).bundle).items():
        (folder / name).write_bytes(content)


def test_sound_bundles_verify(written: Path, signed: Path, keys: PrivateKey, example: SimpleNamespace) -> None:
    found = verify(written)
    assert (found.problems, found.verdict, found.exit_code, found.signed_by) == ((), "FAILED", 1, "")
    assert "the bundle is not signed" in found.notes
    assert verify(signed).ok
    assert not verify(signed).pinned
    pinned = verify(signed, public_key=keys.public.pem, policy=example.POLICY)
    assert pinned.ok
    assert pinned.pinned
    assert len(pinned.signed_by) == 64


def test_one_changed_byte_is_found_wherever_it_is(signed: Path, written: Path, keys: PrivateKey) -> None:
    """Every file; first, middle and last byte; a flipped bit, a changed case, a cut and an added byte."""
    tried = 0
    for folder, key in ((signed, None), (signed, keys.public.pem), (written, None)):
        for path in files_of(folder):
            content = path.read_bytes()
            middle = len(content) // 2
            changes = {
                bytes([*content[:at], content[at] ^ 1, *content[at + 1 :]]) for at in (0, middle, len(content) - 1)
            }
            if key is None:
                changes |= {content[:-1], content + b"\n", content.swapcase()} - {content}
            for changed in changes:
                path.write_bytes(changed)
                assert not verify(folder, public_key=key).ok, (path, changed[:50])
                tried += 1
            path.write_bytes(content)
        assert verify(folder, public_key=key).ok
    assert tried > 150


@pytest.mark.parametrize("name", ["MANIFEST.sha256", "attestation.dsse.json", "run.json"])
def test_every_byte_of_the_files_that_hold_the_rest_together(name: str, signed: Path) -> None:
    content = (signed / name).read_bytes()
    for at in range(0, len(content), max(1, len(content) // 25)):
        changed = bytes([*content[:at], content[at] ^ 1, *content[at + 1 :]])
        (signed / name).write_bytes(changed)
        only_the_keyid = KEYID.sub(b"", changed) == KEYID.sub(b"", content)  # DSSE protects it nowhere
        assert verify(signed).ok == only_the_keyid, at


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.upper(),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("  ", " *"),
        lambda text: text + "\n",
        lambda text: text.rstrip("\n"),
        lambda text: "".join(reversed(text.splitlines(keepends=True))),
        lambda text: text + text.splitlines(keepends=True)[0],
        lambda text: "",
        lambda text: "# comment\n" + text,
    ],
)
def test_a_manifest_has_one_form_only(change: Callable[[str], str], written: Path) -> None:
    path = written / "MANIFEST.sha256"
    path.write_bytes(change(path.read_text()).encode())
    assert not verify(written).ok


def test_missing_and_extra_files(signed: Path, reseal: Reseal) -> None:
    for path in files_of(signed):
        content = path.read_bytes()
        path.unlink()
        found = verify(signed)
        assert not found.ok, path
        path.write_bytes(content)
    for place in (
        "notes.txt",
        "evidence/robust/more.csv",
        "reports/extra.html",
        "policy/x.yaml",
        ".hidden",
        "new/deep/f",
    ):
        (signed / place).parent.mkdir(parents=True, exist_ok=True)
        (signed / place).write_bytes(b"x")
        assert any(place in problem for problem in verify(signed).problems)
        (signed / place).unlink()
        for folder in ("new/deep", "new"):
            if (signed / folder).is_dir():
                (signed / folder).rmdir()
    assert verify(signed).ok


@pytest.mark.parametrize("place", ["notes.txt", "evidence/robust/more.csv", "reports/extra.html", "policy/x.yaml"])
def test_extra_files_are_found_even_if_the_manifest_lists_them(place: str, written: Path, reseal: Reseal) -> None:
    (written / place).write_bytes(b"x")
    reseal(written)
    assert any(place in problem for problem in verify(written).problems)


def test_links_pipes_and_empty_folders_are_refused(written: Path, tmp_path: Path) -> None:
    real = written / "evidence" / "robust" / "distances.csv"
    moved = tmp_path / "elsewhere.csv"
    shutil.move(real, moved)
    real.symlink_to(moved)
    assert any("symbolic link" in problem for problem in verify(written).problems)
    real.unlink()
    os.mkfifo(real)
    assert not verify(written).ok
    real.unlink()
    shutil.move(moved, real)
    assert verify(written).ok
    (written / "evidence" / "empty").mkdir()
    assert any("empty folder" in problem for problem in verify(written).problems)


def test_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        found = verify(folder)
        assert not found.ok
        assert found.exit_code is None


def change_entry(bundle: Bundle, name: str, **changes: object) -> Bundle:
    entries = tuple(replace(entry, **changes) if entry.id == name else entry for entry in bundle.entries)
    return replace(bundle, entries=entries)


def better(bundle: Bundle) -> Bundle:
    measure = Measure(0.91, "share", 200, 0.86, 0.94)
    return change_entry(bundle, "robust", measures={"robust_accuracy": measure}, verdict=Verdict.PASS)


FORGERIES: dict[str, Callable[[Bundle], Bundle]] = {
    "a verdict": lambda b: change_entry(b, "robust", verdict=Verdict.PASS),
    "a verdict, the measure and no power": better,
    "a sentence": lambda b: change_entry(b, "robust", sentence="All is well."),
    "a finding": lambda b: change_entry(b, "robust", finding="All is well."),
    "reasons": lambda b: change_entry(b, "robust", reasons=()),
    "a measure": lambda b: change_entry(
        b, "accuracy", measures={"balanced_accuracy": Measure(0.1, "share", 300, 0.1, 0.2)}
    ),
    "a measure that is left out": lambda b: change_entry(b, "robust", measures={}),
    "a doubt that is left out": lambda b: change_entry(b, "leaks", doubts=(), verdict=Verdict.PASS),
    "an error that is left out": lambda b: change_entry(b, "files", error=""),
    "power": lambda b: change_entry(b, "accuracy", power=None),
    "the power asked for": lambda b: change_entry(b, "accuracy", min_power=0.1),
    "a limit": lambda b: change_entry(b, "accuracy", limits=()),
    "a looser limit": lambda b: change_entry(b, "accuracy", limits=(replace(b.entries[0].limits[0], min=0.5),)),
    "blocking": lambda b: change_entry(b, "robust", blocking=False),
    "severity": lambda b: change_entry(b, "robust", severity="low"),
    "parameters": lambda b: change_entry(
        b, "robust", params={"epsilon": 0.0001, "norm": "linf", "seeds": 3, "strict": True}
    ),
    "a waiver for a rule that allows none": lambda b: change_entry(
        b, "robust", waiver=replace(b.waivers[0].waiver, rule="robust"), verdict=Verdict.WAIVED
    ),
    "a waiver's last day": lambda b: change_entry(
        b, "drift", waiver=replace(b.waivers[0].waiver, expires="2026-11-22")
    ),
    "a waiver's model": lambda b: change_entry(b, "drift", waiver=replace(b.waivers[0].waiver, model_sha256="0" * 64)),
    "a waiver that is left out": lambda b: change_entry(b, "drift", waiver=None),
    "waivers.json": lambda b: replace(b, waivers=()),
    "a waiver applied to nothing": lambda b: replace(
        b, waivers=(*b.waivers, WaiverUse(b.waivers[1].waiver, "applied"))
    ),
    "a rule that is left out": lambda b: replace(b, entries=tuple(e for e in b.entries if e.id != "robust")),
    "rules that were not run": lambda b: replace(
        b, entries=b.entries[:1], policy=replace(b.policy, only=("accuracy", "robust"))
    ),
    "a rule twice": lambda b: replace(b, entries=(*b.entries, b.entries[0])),
    "the order of rules": lambda b: replace(b, entries=b.entries[::-1]),
    "no rules": lambda b: replace(b, entries=()),
    "the policy's name": lambda b: replace(b, policy=replace(b.policy, name="stricter")),
    "confidence": lambda b: replace(b, policy=replace(b.policy, confidence=0.5)),
    "what doubt does": lambda b: replace(b, policy=replace(b.policy, on_inconclusive="warn")),
    "policy digests": lambda b: replace(b, policy=replace(b.policy, sources=())),
    "evidence that is not there": lambda b: change_entry(b, "robust", evidence=("evidence/robust/none.csv",)),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forger_who_writes_everything_again_is_found(
    what: str, written: Path, bundle: Bundle, reseal: Reseal
) -> None:
    """Manifest and all reports fit the changed bundle; only what it is based on does not."""
    rewrite(written, FORGERIES[what](bundle))
    reseal(written)
    found = verify(written)
    assert not found.ok
    assert not any("manifest" in problem or "changed" in problem for problem in found.problems)


def test_rewriting_alone_is_no_problem(written: Path, bundle: Bundle, reseal: Reseal) -> None:
    """Else the test above would find the rewriting, not the forgery."""
    rewrite(written, bundle)
    reseal(written)
    assert verify(written).ok


@pytest.mark.parametrize(
    "name", ["report.html", "report.md", "report.json", "report.txt", "results.sarif", "junit.xml"]
)
def test_an_edited_report_is_found(name: str, written: Path, reseal: Reseal) -> None:
    path = written / "reports" / name
    path.write_bytes(
        path.read_bytes().replace(b"FAILED", b"PASSED").replace(b"FAIL", b"PASS").replace(b"<failure", b"<x")
    )
    reseal(written)
    assert any(name in problem for problem in verify(written).problems)
    path.unlink()
    reseal(written)
    assert any(name in problem for problem in verify(written).problems)


def test_an_edited_policy_is_found(written: Path, reseal: Reseal) -> None:
    for name in ("policy.resolved.yaml", "policy/credit.yaml"):
        content = (written / name).read_bytes()
        for changed in (content.replace(b"0.7", b"0.5"), content + b"# note\n", b""):
            (written / name).write_bytes(changed)
            reseal(written)
            assert (changed == content) == verify(written).ok, (name, changed[-40:])
        (written / name).write_bytes(content)


def test_reports_of_another_version_need_a_trusted_signer(
    example: SimpleNamespace, keys: PrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version may word reports differently; only who is trusted may say that these were the words."""
    from audit.reports import text

    older = tmp_path / "older"
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["audit.bundle.write"], "WRITTEN_BY", "auditgate 0.0.9")
        patch.setattr(text, "WIDTH", 70)
        write(example.BUNDLE, example.POLICY, example.EVIDENCE, older, sign_key=keys.pem())
    assert not verify(older).ok
    found = verify(older, public_key=keys.public.pem)
    assert found.ok
    assert any("0.0.9" in note for note in found.notes)


class TestSignature:
    def test_another_key_is_found_only_by_pinning(
        self, example: SimpleNamespace, keys: PrivateKey, signed: Path
    ) -> None:
        other = new_private_key()
        write(read(signed), example.POLICY, example.EVIDENCE, signed, sign_key=other.pem())
        assert verify(signed).ok
        found = verify(signed, public_key=keys.public.pem)
        assert not found.ok
        assert "not by the key given" in found.problems[0]

    def test_an_unsigned_bundle_fails_where_a_key_is_given(self, written: Path, keys: PrivateKey) -> None:
        assert not verify(written, public_key=keys.public.pem).ok

    def test_a_signature_cannot_be_stripped_or_borrowed(
        self, example: SimpleNamespace, signed: Path, written: Path, keys: PrivateKey, reseal: Reseal, tmp_path: Path
    ) -> None:
        borrowed = tmp_path / "borrowed"
        shutil.copytree(written, borrowed)
        shutil.copy(signed / "attestation.dsse.json", borrowed)
        assert not verify(borrowed).ok
        shutil.copy(signed / "run.json", borrowed)
        reseal(borrowed)
        # with the signer's own run.json it is the signed bundle again; one more change must break it
        assert verify(borrowed, public_key=keys.public.pem).ok
        better_bundle = replace(read(borrowed), environment={"python": "9"})
        for name, content in encode(
            better_bundle, Seal(WRITTEN_BY, json.loads((signed / "run.json").read_text())["public_key"])
        ).items():
            (borrowed / name).write_bytes(content)
        for name, content in render_reports(better_bundle).items():
            (borrowed / name).write_bytes(content)
        reseal(borrowed)
        assert any("attestation" in problem for problem in verify(borrowed).problems)
        (signed / "attestation.dsse.json").unlink()
        assert any("missing" in problem for problem in verify(signed).problems)

    def test_a_signature_by_a_key_that_is_not_named(self, signed: Path) -> None:
        path = signed / "attestation.dsse.json"
        envelope = json.loads(path.read_bytes())
        raw = base64.b64decode(envelope["signatures"][0]["sig"])
        for forged in (bytes(64), raw[:32] + bytes(32), raw[::-1], b""):
            envelope["signatures"][0]["sig"] = base64.b64encode(forged).decode()
            path.write_text(json.dumps(envelope, sort_keys=True, separators=(",", ":")))
            assert not verify(signed).ok

    @pytest.mark.parametrize(
        "content", ["", "[]", "{}", '{"signatures":[]}', '{"signatures":[{"sig":5}]}', '{"signatures":[{"sig":"%"}]}']
    )
    def test_nonsense_is_an_answer_and_no_crash(self, content: str, signed: Path) -> None:
        (signed / "attestation.dsse.json").write_text(content)
        assert any("attestation" in problem for problem in verify(signed).problems)

    def test_another_program_can_check_it(self, signed: Path, keys: PrivateKey, example: SimpleNamespace) -> None:
        """By the specifications of DSSE and in-toto alone, without a line of this product."""
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        envelope = json.loads((signed / "attestation.dsse.json").read_bytes())
        payload = base64.b64decode(envelope["payload"], validate=True)
        kind = envelope["payloadType"].encode()
        encoded = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
        load_pem_public_key(keys.public.pem).verify(base64.b64decode(envelope["signatures"][0]["sig"]), encoded)
        assert envelope["payloadType"] == IN_TOTO == "application/vnd.in-toto+json"
        statement = json.loads(payload)
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
        digests = {item["name"]: item["digest"]["sha256"] for item in statement["subject"]}
        assert digests["MANIFEST.sha256"] == hashlib.sha256((signed / "MANIFEST.sha256").read_bytes()).hexdigest()
        assert digests["model.skops"] == example.MODEL_SHA256
        predicate = statement["predicate"]
        assert predicate["result"] == "FAILED"
        assert predicate["passedTests"] == ["accuracy", "origin"]
        assert predicate["warnedTests"] == ["drift", "private"]
        assert predicate["failedTests"] == ["robust", "leaks", "odd", "files"]
        assert all(item["digest"]["sha256"] for item in predicate["configuration"])

    def test_what_is_no_public_key_is_refused(self, signed: Path, keys: PrivateKey) -> None:
        for wrong in (keys.pem(), b"", b"text"):
            with pytest.raises(BundleError):
                verify(signed, public_key=wrong)

    def test_every_key_that_is_given_must_have_signed(self, signed: Path, keys: PrivateKey) -> None:
        other = new_private_key("ecdsa-p256").public.pem
        assert verify(signed, public_key=[keys.public.pem]).ok
        assert not verify(signed, public_key=[keys.public.pem, other]).ok


class TestPolicy:
    def test_the_policy_given_must_be_the_one_that_judged(self, written: Path, example: SimpleNamespace) -> None:
        policy = example.POLICY
        assert verify(written, policy=policy).ok
        first, *rest = policy.rules
        others = {
            "looser limit": replace(policy, rules=(replace(first, limits=(replace(first.limits[0], min=0.8),)), *rest)),
            "one more rule": replace(policy, rules=(*policy.rules, replace(first, id="new"))),
            "one rule less": replace(policy, rules=policy.rules[1:]),
            "other bytes": replace(policy, sources=(replace(policy.sources[0], sha256="0" * 64),)),
            "another seed": replace(policy, seed=5),
            "no waiver": replace(policy, rules=tuple(replace(rule, waivable=False) for rule in policy.rules)),
        }
        for what, other in others.items():
            assert not verify(written, policy=other).ok, what

    def test_the_resolved_policy_can_be_read_back(self, example: SimpleNamespace) -> None:
        strange = (
            "no",
            "1e-3",
            "8/255",
            "012",
            "~",
            "",
            " a ",
            "- x",
            "a: b",
            "#c",
            "null",
            "ü",
            "2026-12-31",
            "'q'",
            "[x]",
        )
        rule = replace(example.RULES[0], params={"words": strange, "number": 1e-05, "none": None, "long": "w " * 200})
        policy = replace(example.POLICY, rules=(rule, *example.RULES[1:]), sources=(), params={})
        content = policy_file.dump(policy)
        blank = tuple(replace(rule, location="") for rule in policy.rules)
        trusted = tuple(replace(one, location="") for one in policy.trusted_types)
        assert policy_file.parse(content) == replace(policy, rules=blank, trusted_types=trusted)
        assert policy_file.dump(policy_file.parse(content)) == content

    @pytest.mark.parametrize(
        "content", [b"", b"rules: 5\n", b"policy: x\nrules: [{}]\n", b"a: &x 1\n", b"\xff", b"- a\n"]
    )
    def test_nonsense_is_an_answer_and_no_crash(self, content: bytes, written: Path) -> None:
        (written / "policy.resolved.yaml").write_bytes(content)
        assert any("policy.resolved.yaml" in problem for problem in verify(written).problems)


class TestSubject:
    def test_files_as_they_are_now(self, written: Path, bundle: Bundle) -> None:
        now = {file.path: file.sha256 for file in bundle.subject.files}
        assert verify(written, files=now).ok
        assert verify(written, files={**now, "other.csv": "0" * 64}).ok
        changed = verify(written, files={**now, "model.skops": "0" * 64})
        (finding,) = changed.findings
        assert (finding.file, finding.message) == ("model.skops (model)", "not the file that was audited")
        assert (finding.expected, finding.found) == (now["model.skops"], "0" * 64)
        assert not verify(written, files={}).ok


def test_waivers_count_on_their_days_only(
    example: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.bundle.run_facts._CLOCKS_DIFFER", datetime.timedelta(days=10_000))
    waiver: Waiver = example.WAIVER
    for day, ok in (("2026-10-31", False), ("2026-11-01", True), ("2027-01-15", True), ("2027-01-16", False)):
        bundle = replace(example.BUNDLE, run=replace(example.BUNDLE.run, started=f"{day}T12:00:00+00:00"))
        # types are trusted until other days
        bundle = replace(bundle, policy=replace(bundle.policy, trusted_types=()), waivers=bundle.waivers[:1])
        policy = example.loadable(replace(example.POLICY, trusted_types=()))
        folder = write(example.fitted(bundle, policy), policy, example.EVIDENCE, tmp_path / day)
        assert verify(folder).ok is ok, (day, waiver)


def test_shipped_policies_survive_the_way_through_a_bundle() -> None:
    from audit.policy.sources import builtin_names

    assert builtin_names()
    for name in builtin_names():
        policy = policies.load(f"builtin:{name}")
        blank = tuple(replace(rule, location="") for rule in policy.rules)
        assert policy_file.parse(policy_file.dump(policy)) == replace(policy, rules=blank, sources=(), params={})
