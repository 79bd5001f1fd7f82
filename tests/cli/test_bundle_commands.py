"""`audit verify`, `report`, `diff` and `keygen`: what they print, and the exit code that a CI stage relies on."""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from audit import bundle, plugins
from audit.cli import root
from audit.dsse import PrivateKey, new_private_key
from audit.records import FileRecord, Measure, Verdict


def audit(*words: str | Path) -> Result:
    return CliRunner().invoke(root, [str(word) for word in words])


@pytest.fixture(scope="module")
def example() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "bundle" / "loadable_example.py")))


@pytest.fixture(scope="module")
def keys() -> PrivateKey:
    return new_private_key()


@pytest.fixture(scope="module")
def original(example: SimpleNamespace, keys: PrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "signed"
    return bundle.write(example.BUNDLE, example.POLICY, example.EVIDENCE, folder, sign_key=keys.pem())


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "audit-bundle"))


class TestVerify:
    def test_a_sound_bundle_of_a_failed_audit_exits_0(self, folder: Path) -> None:
        result = audit("verify", folder)
        assert result.exit_code == 0
        assert f"{folder}: verifies" in result.stdout
        assert "verdict: FAILED (exit code of the audit: 1)" in result.stdout
        assert "not pinned" in result.stdout

    def test_a_changed_byte_exits_4_and_names_the_file(self, folder: Path) -> None:
        path = folder / "evidence" / "robust" / "distances.csv"
        path.write_bytes(path.read_bytes().replace(b"0.01", b"0.02"))
        result = audit("verify", folder)
        assert result.exit_code == 4
        assert "DOES NOT VERIFY" in result.stdout
        assert "evidence/robust/distances.csv: changed" in result.stdout
        (finding,) = json.loads(audit("verify", folder, "--json").stdout)["findings"]
        assert finding["file"] == "evidence/robust/distances.csv"
        assert finding["found"] == hashlib.sha256(path.read_bytes()).hexdigest() != finding["expected"]

    @pytest.mark.parametrize("content", ["", "{", "{}", "[]"])
    def test_a_damaged_bundle_exits_4(self, content: str, folder: Path) -> None:
        (folder / "bundle.json").write_text(content)
        result = audit("verify", folder, "--json")
        assert result.exit_code == 4
        assert json.loads(result.stdout)["ok"] is False
        assert json.loads(result.stdout)["verdict"] is None

    def test_keys(self, folder: Path, keys: PrivateKey, tmp_path: Path) -> None:
        right, wrong, broken = (tmp_path / name for name in ("right.pem", "wrong.pem", "broken.pem"))
        right.write_bytes(keys.public.pem)
        wrong.write_bytes(new_private_key().public.pem)
        broken.write_bytes(keys.pem())
        found = audit("verify", folder, "--key", right, "--json")
        assert found.exit_code == 0
        assert json.loads(found.stdout) == {
            "ok": True,
            "verdict": "FAILED",
            "exit_code": 1,
            "signed_by": json.loads(found.stdout)["signed_by"],
            "pinned": True,
            "signers": [{"fingerprint": keys.public.fingerprint, "role": "auditor", "pinned": True}],
            "problems": [],
            "findings": [],
            "notes": [],
        }
        assert audit("verify", folder, "--key", wrong).exit_code == 4
        assert audit("verify", folder, "--key", broken).exit_code == 2
        assert audit("verify", folder, "--key", tmp_path / "none.pem").exit_code == 2

    def test_wrong_words_exit_2(self, folder: Path, tmp_path: Path) -> None:
        for words in (["verify"], ["verify", tmp_path / "nowhere"], ["verify", folder, "--kee", "x"]):
            assert audit(*words).exit_code == 2
        assert audit("verify", folder, "--policy", tmp_path / "none.yaml").exit_code == 2
        assert audit("verify", folder, "--subject", tmp_path / "none.yaml").exit_code == 2

    def test_another_policy_exits_4(self, folder: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.yaml"
        rule = "{id: accuracy, check: performance, require: {accuracy: {min: 0.1}}}"
        other.write_text(f"policy: credit-release\nversion: 1.2.0\nrules: [{rule}]\n")
        result = audit("verify", folder, "--policy", other)
        assert result.exit_code == 4
        assert "other policy files" in result.stdout

    def test_subject(self, example: SimpleNamespace, tmp_path: Path) -> None:
        content = b"amount,bad\n1,0\n2,1\n3,0\n"
        home = tmp_path / "credit"
        home.mkdir()
        (home / "test.csv").write_bytes(content)
        declaration = home / "audit.yaml"
        declaration.write_text(
            "subject: credit-risk\nversion: '1'\ntask: classification\ntarget: bad\ndata: {test: {path: test.csv}}\n"
        )
        file, declared = (
            FileRecord(path.name, role, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
            for path, role in ((home / "test.csv", "data.test"), (declaration, "subject"))
        )
        waived = replace(example.BUNDLE.entries[5], waiver=None)
        entries = tuple(entry for entry in example.BUNDLE.entries if entry.id != waived.id)
        rules = tuple(rule for rule in example.POLICY.rules if rule.id != waived.id)
        policy = example.loadable(replace(example.POLICY, rules=rules))
        audited = replace(
            example.BUNDLE,
            entries=entries,
            waivers=(),
            subject=replace(example.BUNDLE.subject, files=(file, declared)),
        )
        folder = bundle.write(example.fitted(audited, policy), policy, example.EVIDENCE, tmp_path / "b")
        assert audit("verify", folder, "--subject", declaration).exit_code == 0
        (home / "test.csv").write_bytes(content + b"4,1\n")
        changed = audit("verify", folder, "--subject", declaration)
        assert changed.exit_code == 4
        assert "test.csv (data.test): not the file that was audited" in changed.stdout
        (home / "test.csv").unlink()
        assert audit("verify", folder, "--subject", declaration).exit_code in (2, 4)

    def test_foreign_names_do_not_reach_the_terminal(self, folder: Path) -> None:
        (folder / "\x1b[31m::error::x\u202e").write_bytes(b"")
        result = audit("verify", folder)
        assert result.exit_code == 4
        assert not {"\x1b", "\u202e"} & set(result.stdout)
        assert "::" not in result.stdout.replace(str(folder), "")


class TestReport:
    @pytest.mark.parametrize("name", plugins.names("audit.reports"))
    def test_each_format_is_the_one_in_the_bundle(self, name: str, folder: Path, tmp_path: Path) -> None:
        stored = (folder / "reports" / plugins.load("audit.reports", name).FILE).read_bytes()
        assert audit("report", folder, "--format", name).stdout_bytes == stored
        out = tmp_path / "out"
        assert audit("report", folder, "--format", name, "--out", out).exit_code == 0
        assert out.read_bytes() == stored

    def test_mistakes(self, folder: Path, tmp_path: Path) -> None:
        result = audit("report", folder, "--format", "markdwon")
        assert result.exit_code == 2
        assert 'did you mean "markdown"' in result.stderr
        assert audit("report", folder, "--out", tmp_path / "no" / "folder").exit_code == 2
        assert audit("report", tmp_path / "nowhere").exit_code == 2
        (folder / "run.json").unlink()
        damaged = audit("report", folder)
        assert damaged.exit_code == 4
        assert "run.json: missing" in damaged.stderr


class TestDiff:
    def test_nothing(self, folder: Path) -> None:
        result = audit("diff", folder, folder)
        assert (result.exit_code, result.stdout) == (0, "nothing changed\n")

    def test_changes(self, folder: Path, example: SimpleNamespace, tmp_path: Path) -> None:
        entry = example.BUNDLE.entries[0]
        after = {**entry.measures, "balanced_accuracy": Measure(0.6, "share", 300, 0.55, 0.65)}
        changed = replace(entry, measures=after, verdict=Verdict.FAIL)
        new = replace(example.BUNDLE, entries=(changed, *example.BUNDLE.entries[1:]))
        other = bundle.write(new, example.POLICY, example.EVIDENCE, tmp_path / "new")
        result = audit("diff", folder, other)
        assert result.exit_code == 4, "the sentence of the new verdict is the old one"
        assert f"{other} does not verify" in result.stderr
        shown = result.stdout
        assert "verdict accuracy: PASS -> FAIL" in shown
        line = "0.7731 (0.7214 to 0.8192, n = 300) -> 0.6 (0.55 to 0.65, n = 300) (intervals apart)"
        assert f"measure accuracy balanced_accuracy: {line}" in shown
        values = json.loads(audit("diff", folder, other, "--json").stdout)
        assert values["verdicts"] == [{"rule": "accuracy", "old": "PASS", "new": "FAIL"}]
        assert values["measures"][0]["apart"] is True
        assert values["files"] == []

    def test_looser_and_stricter(self, tmp_path: Path) -> None:
        (tmp_path / "rows.csv").write_text("a,b\n" + "".join(f"{row},{row % 2}\n" for row in range(40)))
        asked = "with: {quasi_identifiers: [b]}, require: {k_anonymity: {min: 1}}"
        rule = f"  - {{id: ID, check: reidentification, {asked}, why: w}}\n"
        head = "policy: p\nversion: '1'\nrules:\n"
        texts = {
            "first": head + rule.replace("ID", "one") + rule.replace("ID", "two"),
            "looser": head + rule.replace("ID", "one").replace("min: 1", "min: 0") + rule.replace("ID", "two"),
            "stricter": head + "".join(rule.replace("ID", name) for name in ("one", "two", "three")),
        }
        for name, text in texts.items():
            (tmp_path / f"{name}.yaml").write_text(text)
            words = ("--policy", tmp_path / f"{name}.yaml", "--out", tmp_path / name, "--engine", "inline")
            assert audit("run", tmp_path / "rows.csv", *words).exit_code == 0
        first, looser, stricter = (tmp_path / name for name in texts)
        shown = audit("diff", first, looser, "--fail-on-looser")
        assert shown.exit_code == 1
        assert "looser one: min of k_anonymity goes from 1 to 0" in shown.stdout
        assert audit("diff", first, looser).exit_code == 0
        gained = audit("diff", first, stricter, "--fail-on-looser")
        assert gained.exit_code == 0
        assert "stricter three: the rule is new" in gained.stdout
        values = json.loads(audit("diff", first, stricter, "--json").stdout)
        assert values["criteria"] == [{"direction": "stricter", "rule": "three", "sentence": "the rule is new"}]
        assert values["verified"] == {"old": True, "new": True}

    def test_a_changed_bundle_is_compared_and_exits_4(self, folder: Path, original: Path) -> None:
        (folder / "reports" / "report.md").write_text("All is well.\n")
        result = audit("diff", original, folder, "--json")
        assert result.exit_code == 4
        assert "does not verify: reports/report.md" in result.stderr
        assert json.loads(result.stdout)["verified"] == {"old": True, "new": False}

    def test_a_damaged_bundle_exits_4(self, folder: Path, original: Path) -> None:
        (folder / "bundle.json").write_bytes(b"")
        assert audit("diff", original, folder).exit_code == 4
        assert audit("diff", original, folder / "nowhere").exit_code == 2


class TestKeygen:
    def test_a_pair_that_signs_and_verifies(self, example: SimpleNamespace, tmp_path: Path) -> None:
        old = os.umask(0)
        try:
            result = audit("keygen", "--out", tmp_path / "me")
        finally:
            os.umask(old)
        assert result.exit_code == 0
        private, public = tmp_path / "me.pem", tmp_path / "me.pub.pem"
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
        folder = tmp_path / "b"
        bundle.write(example.BUNDLE, example.POLICY, example.EVIDENCE, folder, sign_key=private.read_bytes())
        verified = audit("verify", folder, "--key", public)
        assert verified.exit_code == 0
        (fingerprint,) = [line.split()[-1] for line in result.stdout.splitlines() if line.startswith("fingerprint")]
        assert f"signed by: {fingerprint} (the key given)" in verified.stdout
        assert "PRIVATE" not in result.stdout

    @pytest.mark.parametrize("name", ["me.pem", "me.pub.pem"])
    def test_nothing_is_overwritten(self, name: str, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(b"precious")
        assert audit("keygen", "--out", tmp_path / "me").exit_code == 2
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {name: b"precious"}

    def test_a_dangling_link_is_not_written_through(self, tmp_path: Path) -> None:
        (tmp_path / "me.pem").symlink_to(tmp_path / "elsewhere")
        assert audit("keygen", "--out", tmp_path / "me").exit_code == 2
        assert not (tmp_path / "elsewhere").exists()

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert audit("keygen", "--out", tmp_path / "none" / "me").exit_code == 2
