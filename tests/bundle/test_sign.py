"""What would make a signature under a bundle false? Another key, another role, another order; each is tried."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from audit import dsse
from audit.bundle import NotVerified, check_target, countersign, verify, write
from audit.bundle.attestation import Signer
from audit.dsse import PrivateKey, new_private_key
from audit.errors import AuditError, BundleError

ATTESTATION = "attestation.dsse.json"


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def told(folder: Path, **more: Any) -> str:
    return "\n".join(verify(folder, **more).problems)


@pytest.mark.parametrize("kind", dsse.KINDS)
def test_each_kind_of_key_signs(kind: str, example: SimpleNamespace, tmp_path: Path) -> None:
    key = new_private_key(kind)
    folder = write(example.BUNDLE, example.POLICY, example.EVIDENCE, tmp_path / "b", sign_key=key.pem())
    found = verify(folder, public_key=key.public.pem)
    assert found.ok
    assert (found.signed_by, found.pinned) == (key.public.fingerprint, True)
    assert found.signers == (Signer(key.public.fingerprint, "auditor", True),)
    assert base64.b64decode(json.loads((folder / "run.json").read_text())["public_key"]) == key.public.der


def test_other_kinds_are_refused_before_anything_is_written(
    example: SimpleNamespace, signed: Path, tmp_path: Path
) -> None:
    other = ec.generate_private_key(ec.SECP521R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    before = snapshot(signed)
    with pytest.raises(BundleError, match="ecdsa-p521"):
        write(example.BUNDLE, example.POLICY, example.EVIDENCE, tmp_path / "b", sign_key=other)
    with pytest.raises(AuditError, match="ecdsa-p521"):
        check_target(tmp_path / "b", sign_key=other)
    with pytest.raises(BundleError, match="ecdsa-p521"):
        countersign(signed, other, "reviewer")
    assert not (tmp_path / "b").exists()
    assert snapshot(signed) == before


class TestCountersigning:
    def test_only_the_attestation_changes(
        self, countersigned: Path, signed: Path, keys: PrivateKey, reviewer: PrivateKey, owner: PrivateKey
    ) -> None:
        before, after = snapshot(signed), snapshot(countersigned)
        assert before.pop(ATTESTATION) != after.pop(ATTESTATION)
        assert before == after
        found = verify(countersigned)
        assert found.ok
        assert [(one.fingerprint, one.role, one.pinned) for one in found.signers] == [
            (keys.public.fingerprint, "auditor", False),
            (reviewer.public.fingerprint, "reviewer", False),
            (owner.public.fingerprint, "risk-owner", False),
        ]
        assert (found.signed_by, found.pinned) == (keys.public.fingerprint, False)
        assert any(f"countersigned as reviewer by key {reviewer.public.fingerprint}" in note for note in found.notes)

    def test_every_key_given_must_have_signed(
        self, countersigned: Path, signed: Path, keys: PrivateKey, reviewer: PrivateKey, owner: PrivateKey
    ) -> None:
        all_three = [key.public.pem for key in (owner, keys, reviewer)]
        found = verify(countersigned, public_key=all_three)
        assert found.ok
        assert found.pinned
        assert all(signer.pinned for signer in found.signers)
        only = verify(countersigned, public_key=[reviewer.public.pem])
        assert only.pinned
        assert [signer.pinned for signer in only.signers] == [False, True, False]
        stranger = new_private_key()
        both = verify(countersigned, public_key=[keys.public.pem, stranger.public.pem])
        assert not both.ok
        assert not both.pinned
        assert f"not by the key given ({stranger.public.fingerprint})" in "\n".join(both.problems)
        # that the last signature was taken away shows only here
        assert reviewer.public.fingerprint in told(signed, public_key=[reviewer.public.pem])

    def test_a_bundle_that_does_not_verify_is_not_signed(self, signed: Path, reviewer: PrivateKey) -> None:
        path = signed / "evidence" / "robust" / "distances.csv"
        path.write_bytes(path.read_bytes() + b"4,0.1\n")
        before = snapshot(signed)
        with pytest.raises(NotVerified, match=r"distances\.csv: changed"):
            countersign(signed, reviewer.pem(), "reviewer")
        assert snapshot(signed) == before

    @pytest.mark.parametrize("role", ["", "auditor", "Reviewer", "re viewer", "prüfer", "-x", "x" * 41, "a\n", "a/b"])
    def test_roles(self, role: str, signed: Path, reviewer: PrivateKey) -> None:
        before = snapshot(signed)
        with pytest.raises(BundleError, match="role"):
            countersign(signed, reviewer.pem(), role)
        assert snapshot(signed) == before

    def test_once_a_key_and_role(self, countersigned: Path, keys: PrivateKey, reviewer: PrivateKey) -> None:
        with pytest.raises(BundleError, match="has signed as reviewer already"):
            countersign(countersigned, reviewer.pem(), "reviewer")
        countersign(countersigned, keys.pem(), "second")
        found = verify(countersigned)
        assert found.ok
        assert any(f"key {keys.public.fingerprint}, which is the auditor's own" in note for note in found.notes)

    def test_an_unsigned_bundle_says_that_the_auditor_did_not_sign(self, written: Path, reviewer: PrivateKey) -> None:
        countersign(written, reviewer.pem(), "reviewer")
        found = verify(written, public_key=[reviewer.public.pem])
        assert found.ok
        assert (found.signed_by, found.pinned) == ("", True)
        assert found.signers == (Signer(reviewer.public.fingerprint, "reviewer", True),)
        assert "the auditor did not sign the bundle" in found.notes

    def test_an_auditor_cannot_be_put_over_a_countersigned_bundle(
        self, written: Path, signed: Path, reviewer: PrivateKey, reseal: Callable[[Path], None]
    ) -> None:
        countersign(written, reviewer.pem(), "reviewer")
        shutil.copy(signed / "run.json", written)
        reseal(written)
        assert "does not state what this bundle holds" in told(written)

    def test_people_who_sign_at_once_all_stay(self, written: Path) -> None:
        people = [new_private_key() for _ in range(4)]
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda key: countersign(written, key.pem(), "reviewer"), people))
        found = verify(written, public_key=[key.public.pem for key in people])
        assert found.pinned
        assert len(found.signers) == 4

    def test_a_signer_who_is_killed_leaves_the_bundle_as_it_was(self, signed: Path, reviewer: PrivateKey) -> None:
        before = snapshot(signed)
        script = f"""
            import os, signal
            from pathlib import Path
            from audit.bundle import countersign
            replace = os.replace
            os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
            countersign(Path({str(signed)!r}), {reviewer.pem()!r}, "reviewer")
        """
        ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
        assert ended.returncode == -signal.SIGKILL
        assert snapshot(signed) == before
        assert verify(signed).ok

    def test_when_nothing_can_be_written_beside_it(
        self, signed: Path, reviewer: PrivateKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before, around = snapshot(signed), set(signed.parent.iterdir())

        def refuse(*paths: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(BundleError, match="No space left on device; it is unchanged"):
            countersign(signed, reviewer.pem(), "reviewer")
        assert snapshot(signed) == before
        assert set(signed.parent.iterdir()) == around
