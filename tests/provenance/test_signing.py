"""Models that are signed here, and the program model_signing beside it: both take and refuse the same."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from audit import provenance
from audit.dsse import PrivateKey, new_private_key
from audit.errors import AuditError
from audit.provenance import Assessment, Demands, KeyRing, fingerprint
from audit.provenance.signing import sign_model
from tests.provenance.authority import TODAY, certified
from tests.provenance.model_signatures import OnDisk

FILES = {
    "weights.bin": b"w" * 3000,
    "conf/config.json": b"{}",
    "conf-2": b"x",
    "conf/\u00fcn\u00ef code.txt": b"",
    "empty": b"",
}
KEYS = {kind: new_private_key(kind) for kind in ("ecdsa-p256", "ecdsa-p384")}
ROOT = certified("root", authority=True)
MIDDLE = certified("middle", ROOT, authority=True)
LEAF = certified("ann", MIDDLE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a model in it."""
    for name, content in FILES.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(content)
    return tmp_path


def judged(folder: Path, ring: KeyRing, signature: str = "model.sig", file: str = "model/weights.bin") -> Assessment:
    records = provenance.read(signature, (folder / signature).read_bytes())
    audited = [fingerprint(file, (folder / file).read_bytes())]
    return provenance.assess(records, audited, demands=Demands(ring=ring), around=OnDisk(folder))


def sign(folder: Path, key: PrivateKey, *ignore: str, model: str = "model", signature: str = "model.sig") -> bytes:
    content = sign_model(folder / model, key, ignore=ignore)
    (folder / signature).write_bytes(content)
    return content


@pytest.mark.parametrize("kind", KEYS)
def test_what_is_signed_here_is_read_here(folder: Path, kind: str) -> None:
    key = KEYS[kind]
    sign(folder, key)
    assert judged(folder, KeyRing(pinned=(key.public,))).level == "trusted"
    assert judged(folder, KeyRing(offered=(key.public,))).level == "signed"
    assert judged(folder, KeyRing()).level == "bound"
    assert judged(folder, KeyRing(offered=(new_private_key(kind).public,))).level == "present"


def test_a_model_that_is_one_file_is_signed_by_itself(folder: Path) -> None:
    key = KEYS["ecdsa-p256"]
    sign(folder, key, model="model/weights.bin")
    assert judged(folder, KeyRing(pinned=(key.public,))).level == "trusted"
    (folder / "model/weights.bin").write_bytes(b"other")
    assert judged(folder, KeyRing(pinned=(key.public,))).level == "present"


def test_what_is_ignored_is_said_and_may_change(folder: Path) -> None:
    key = KEYS["ecdsa-p256"]
    for name in (".git/HEAD", ".gitignore", "logs/today"):
        (folder / "model" / name).parent.mkdir(exist_ok=True)
        (folder / "model" / name).write_bytes(b"x")
    sign(folder, key, "logs", "model.sig", signature="model/model.sig")
    (folder / "model/logs/later").write_bytes(b"y")
    found = judged(folder, KeyRing(pinned=(key.public,)), "model/model.sig")
    assert found.level == "trusted"
    assert found.records[0].notes == ("model/model.sig: leaves aside by its own word: logs, model.sig",)
    assert {claim.name for claim in found.records[0].record.claims} == set(FILES)


def test_the_same_model_gives_the_same_manifest(folder: Path) -> None:
    def payload() -> str:
        return str(json.loads(sign_model(folder / "model", KEYS["ecdsa-p256"]))["dsseEnvelope"]["payload"])

    assert payload() == payload()


def link(model: Path) -> None:
    os.symlink("weights.bin", model / "again.bin")


def link_to_folder(model: Path) -> None:
    os.symlink("conf", model / "more")


def pipe(model: Path) -> None:
    os.mkfifo(model / "pipe")


def odd_name(model: Path) -> None:
    (model / "a\nb").write_bytes(b"")


def undecodable_name(model: Path) -> None:
    Path(os.fsdecode(os.fsencode(model) + b"/\xff")).write_bytes(b"")


@pytest.mark.parametrize("change", [link, link_to_folder, pipe, odd_name, undecodable_name])
def test_what_cannot_be_signed_is_refused(folder: Path, change: Callable[[Path], None]) -> None:
    change(folder / "model")
    with pytest.raises(AuditError, match="model"):
        sign_model(folder / "model", KEYS["ecdsa-p256"])


def test_empty_folders_absent_models_odd_ignores_and_other_keys_are_refused(folder: Path) -> None:
    key = KEYS["ecdsa-p256"]
    (folder / "nothing/.git").mkdir(parents=True)
    for path in ("nothing", "absent"):
        with pytest.raises(AuditError, match=path):
            sign_model(folder / path, key)
    for name in ("../x", "/x", "./x", ""):
        with pytest.raises(AuditError, match="model"):
            sign_model(folder / "model", key, ignore=[name])
    with pytest.raises(AuditError, match="ecdsa-p256"):
        sign_model(folder / "model", new_private_key("ed25519"))


def model_signing(folder: Path, *arguments: str) -> int:
    command = [sys.executable, "-m", "model_signing", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def change_a_byte(model: Path) -> None:
    (model / "weights.bin").write_bytes(b"w" * 199_999 + b"v")


def add_a_file(model: Path) -> None:
    (model / "conf/extra").write_bytes(b"x")


def remove_a_file(model: Path) -> None:
    (model / "conf-2").unlink()


CHANGES = [change_a_byte, add_a_file, remove_a_file, link]


def verified_there(folder: Path) -> bool:
    return model_signing(folder, "verify", "key", "--signature", "model.sig", "--public_key", "pub.pem", "model") == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KEYS)
def test_model_signing_takes_what_is_signed_here(folder: Path, kind: str) -> None:
    sign(folder, KEYS[kind])
    (folder / "pub.pem").write_bytes(KEYS[kind].public.pem)
    assert verified_there(folder)
    sign(folder, KEYS[kind], model="model/weights.bin", signature="one.sig")
    one = ["verify", "key", "--signature", "one.sig", "--public_key", "pub.pem", "model/weights.bin"]
    assert model_signing(folder, *one) == 0


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_both_refuse_what_changed_after_signing(folder: Path, change: Callable[[Path], None]) -> None:
    key = KEYS["ecdsa-p256"]
    sign(folder, key)
    (folder / "pub.pem").write_bytes(key.public.pem)
    change(folder / "model")
    assert not verified_there(folder)
    assert judged(folder, KeyRing(pinned=(key.public,))).level == "present"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KEYS)
def test_what_model_signing_signs_is_taken_here(folder: Path, kind: str) -> None:
    key = KEYS[kind]
    (folder / "key.pem").write_bytes(key.pem())
    for signature, model in [("model.sig", "model"), ("model/in.sig", "model"), ("one.sig", "model/weights.bin")]:
        assert model_signing(folder, "sign", "key", "--private_key", "key.pem", "--signature", signature, model) == 0
        assert judged(folder, KeyRing(offered=(key.public,)), signature).level == "signed"
        assert judged(folder, KeyRing(pinned=(key.public,)), signature).level == "trusted"
        if signature == "model/in.sig":
            (folder / signature).unlink()
    for change in CHANGES[:3]:
        change(folder / "model")
        assert judged(folder, KeyRing(pinned=(key.public,))).level == "present"


@pytest.mark.slow
def test_shards_of_model_signing_are_taken_here(folder: Path) -> None:
    key = KEYS["ecdsa-p256"]
    (folder / "key.pem").write_bytes(key.pem())
    (folder / "model/weights.bin").write_bytes(b"w" * 200_000)
    program = (
        "import model_signing as m\n"
        "how = m.hashing.Config().use_shard_serialization(hashing_algorithm='blake2', shard_size=65536)\n"
        "m.signing.Config().use_elliptic_key_signer(private_key='key.pem').set_hashing_config(how)"
        ".sign('model', 'model.sig')"
    )
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, capture_output=True)
    assert judged(folder, KeyRing(pinned=(key.public,))).level == "trusted"
    (folder / "model/weights.bin").write_bytes(b"w" * 199_999 + b"v")
    assert judged(folder, KeyRing(pinned=(key.public,))).level == "present"


@pytest.mark.slow
def test_certificates_of_model_signing_are_taken_here(folder: Path) -> None:
    for name, content in [
        ("key.pem", LEAF.key.pem()),
        ("leaf.pem", LEAF.pem),
        ("m.pem", MIDDLE.pem),
        ("root.pem", ROOT.pem),
    ]:
        (folder / name).write_bytes(content)
    arguments = ["sign", "certificate", "--private_key", "key.pem", "--signing_certificate", "leaf.pem"]
    assert model_signing(folder, *arguments, "--certificate_chain", "m.pem", "--signature", "model.sig", "model") == 0
    there = ["verify", "certificate", "--certificate_chain", "root.pem", "--signature", "model.sig", "model"]
    assert model_signing(folder, *there) == 0
    assert judged(folder, KeyRing(today=TODAY)).level == "signed"
    found = judged(folder, KeyRing(roots=(ROOT.der,), identities=("CN=ann",), today=TODAY))
    assert (found.level, [signer.name for signer in found.records[0].signers]) == ("trusted", ["CN=ann"])
    assert judged(folder, KeyRing(roots=(ROOT.der,), today=TODAY.replace(year=2036))).level == "present"


def test_the_hint_is_that_of_model_signing(folder: Path) -> None:
    key = KEYS["ecdsa-p384"]
    (signature,) = provenance.read("model.sig", sign(folder, key))[0].seals
    assert signature.keyid == hashlib.sha256(key.public.pem).hexdigest()
