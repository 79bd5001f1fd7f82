"""`audit sign`, `audit keygen --type` and where keys come from: what is written, and what is left alone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from audit import bundle, dsse
from audit.cli import root
from audit.dsse import PrivateKey, new_private_key


def audit(*words: str | Path) -> Result:
    result = CliRunner().invoke(root, [str(word) for word in words])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import runpy

    made = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "bundle" / "loadable_example.py")))
    folder = tmp_path_factory.mktemp("sign") / "signed"
    return bundle.write(made.BUNDLE, made.POLICY, made.EVIDENCE, folder, sign_key=new_private_key().pem())


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "audit-bundle"))


@pytest.fixture
def key() -> PrivateKey:
    return new_private_key("ecdsa-p256")


@pytest.fixture
def private(key: PrivateKey, tmp_path: Path) -> Path:
    path = tmp_path / "me.pem"
    path.write_bytes(key.pem())
    (tmp_path / "me.pub.pem").write_bytes(key.public.pem)
    return path


class TestBundle:
    def test_countersign(self, folder: Path, private: Path, key: PrivateKey, tmp_path: Path) -> None:
        result = audit("sign", folder, "--key", private, "--role", "reviewer")
        assert result.exit_code == 0
        assert f"signed as reviewer by {key.public.fingerprint}" in result.stdout
        assert audit("verify", folder, "--key", tmp_path / "me.pub.pem").exit_code == 0
        again = audit("sign", folder, "--key", private, "--role", "reviewer")
        assert again.exit_code == 3
        assert "already" in again.stderr

    def test_one_that_does_not_verify_exits_4_and_stays(self, folder: Path, private: Path, tmp_path: Path) -> None:
        (folder / "notes\x1b[31m::error::.txt").write_text("x")
        before = snapshot(folder)
        for words in (["--role", "reviewer"], ["--statement", "svr", "--out", tmp_path / "svr.json"]):
            result = audit("sign", folder, "--key", private, *words)
            assert result.exit_code == 4
            assert "DOES NOT VERIFY, and was not signed" in result.stderr
            assert "no part of a bundle" in result.stderr
            assert "\x1b" not in result.stderr
            assert "::error" not in result.stderr
        assert snapshot(folder) == before
        assert not (tmp_path / "svr.json").exists()
        (tmp_path / "empty").mkdir()
        assert audit("sign", tmp_path / "empty", "--key", private, "--role", "reviewer").exit_code == 4

    @pytest.mark.parametrize("statement", bundle.STATEMENTS)
    def test_statements(self, statement: str, folder: Path, private: Path, key: PrivateKey, tmp_path: Path) -> None:
        out, before = tmp_path / "statement.json", snapshot(folder)
        words: list[str | Path] = ["sign", folder, "--key", private, "--statement", statement, "--out", out]
        assert audit(*words).exit_code == 0
        assert dsse.envelope_of(json.loads(out.read_bytes())).signed_by([key.public])
        content = out.read_bytes()
        assert audit(*words).exit_code == 2, "nothing is overwritten"
        assert out.read_bytes() == content
        inside = audit(*words[:-1], folder / "statement.json")
        assert inside.exit_code == 2
        assert "outside" in inside.stderr
        assert snapshot(folder) == before

    def test_words_that_do_not_fit(self, folder: Path, private: Path, tmp_path: Path) -> None:
        before, out = snapshot(folder), tmp_path / "out.json"
        for words in (
            [],
            ["--out", out],
            ["--role", "reviewer", "--statement", "svr", "--out", out],
            ["--role", "reviewer", "--out", out],
            ["--statement", "svr"],
            ["--statement", "vsa", "--out", out],
        ):
            result = audit("sign", folder, "--key", private, *words)
            assert result.exit_code == 2, words
        assert audit("sign", folder, "--role", "reviewer").exit_code == 2
        assert audit("sign", tmp_path / "nowhere", "--key", private, "--role", "reviewer").exit_code == 2
        assert audit("sign", folder, "--key", private, "--role", "auditor").exit_code == 2
        assert audit("sign", folder, "--key", tmp_path / "me.pub.pem", "--role", "reviewer").exit_code == 2
        assert audit("sign", private, "--key", private, "--role", "reviewer").exit_code == 2
        assert snapshot(folder) == before
        assert not out.exists()


class TestModel:
    def test_a_file(self, private: Path, key: PrivateKey, tmp_path: Path) -> None:
        model = tmp_path / "model.onnx"
        model.write_bytes(b"weights")
        result = audit("sign", model, "--key", private)
        assert result.exit_code == 0
        written = tmp_path / "model.onnx.sig"
        assert str(written) in result.stdout
        envelope = dsse.envelope_of(json.loads(written.read_bytes())["dsseEnvelope"])
        assert envelope.signed_by([key.public])
        assert audit("sign", model, "--key", private).exit_code == 2, "nothing is overwritten"
        assert audit("sign", model, "--key", private, "--out", tmp_path / "other.sig").exit_code == 0

    def test_a_folder_holds_its_own_signature(self, private: Path, key: PrivateKey, tmp_path: Path) -> None:
        model = tmp_path / "model"
        (model / "part").mkdir(parents=True)
        (model / "part" / "a.bin").write_bytes(b"weights")
        assert audit("sign", model, "--key", private).exit_code == 0
        statement = json.loads(dsse.envelope_of(json.loads((model / "model.sig").read_bytes())["dsseEnvelope"]).payload)
        serialization = statement["predicate"]["serialization"]
        assert "model.sig" in serialization["ignore_paths"]
        assert [item["name"] for item in statement["predicate"]["resources"]] == ["part/a.bin"]
        elsewhere = audit("sign", model, "--key", private, "--out", tmp_path / "model.sig")
        assert elsewhere.exit_code == 0

    def test_what_cannot_be_signed(self, private: Path, tmp_path: Path) -> None:
        model = tmp_path / "model.onnx"
        model.write_bytes(b"weights")
        (tmp_path / "ed.pem").write_bytes(new_private_key().pem())
        edwards = audit("sign", model, "--key", tmp_path / "ed.pem")
        assert edwards.exit_code == 2
        assert "ecdsa" in edwards.stderr
        for wrong in (tmp_path / "none.pem", tmp_path / "me.pub.pem", model):
            assert audit("sign", model, "--key", wrong).exit_code == 2
        (tmp_path / "empty").mkdir()
        assert audit("sign", tmp_path / "empty", "--key", private).exit_code == 2
        assert not list(tmp_path.rglob("*.sig"))


class TestKeys:
    def test_a_key_in_the_environment_is_taken_out_of_it(
        self, folder: Path, key: PrivateKey, private: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SIGNING_KEY", key.pem().decode())
        result = audit("sign", folder, "--key", "env:SIGNING_KEY", "--role", "reviewer")
        assert result.exit_code == 0
        assert key.public.fingerprint in result.stdout
        assert "SIGNING_KEY" not in os.environ
        assert audit("sign", folder, "--key", "env:SIGNING_KEY", "--role", "owner").exit_code == 2
        assert audit("sign", folder, "--key", "env:", "--role", "owner").exit_code == 2
        (private.parent / "env:KEY").write_bytes(key.pem())
        assert audit("sign", folder, "--key", f"{private.parent}/env:KEY", "--role", "owner").exit_code == 0

    def test_no_message_repeats_a_key(self, folder: Path, key: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
        secret = key.pem().decode().splitlines()[1]
        monkeypatch.setenv("SIGNING_KEY", secret)
        result = audit("sign", folder, "--key", "env:SIGNING_KEY", "--role", "reviewer")
        assert result.exit_code == 2
        assert secret not in result.output
        audit_run = audit("run", folder / "none.yaml", "--policy", "builtin:none", "--sign", "env:NO_SUCH_KEY")
        assert audit_run.exit_code == 2
        assert "env:NO_SUCH_KEY: there is no such environment variable" in audit_run.stderr

    @pytest.mark.parametrize("kind", dsse.KINDS)
    def test_keygen_makes_each_kind(self, kind: str, folder: Path, tmp_path: Path) -> None:
        result = audit("keygen", "--type", kind, "--out", tmp_path / "new")
        assert result.exit_code == 0
        made = dsse.private_key((tmp_path / "new.pem").read_bytes())
        assert made.public.kind == kind
        assert made.public == dsse.public_key((tmp_path / "new.pub.pem").read_bytes())
        assert f"fingerprint: {made.public.fingerprint}" in result.stdout
        assert audit("sign", folder, "--key", tmp_path / "new.pem", "--role", "reviewer").exit_code == 0

    def test_keygen_knows_no_other_kind(self, tmp_path: Path) -> None:
        for kind in ("rsa", "ecdsa-p521", "ed448"):
            assert audit("keygen", "--type", kind, "--out", tmp_path / "new").exit_code == 2
        assert list(tmp_path.iterdir()) == []
