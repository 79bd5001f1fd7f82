"""Who signed a record: a wrong signature outweighs nothing and nobody's signature counts unless a key verifies it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace

import pytest

from audit.dsse import PrivateKey, PublicKey, new_private_key
from audit.provenance import Demands, KeyRing, Record, Seal
from audit.provenance.signers import Signatures, Tries, examine
from audit.provenance.weighing import weigh

ANN, BOB, EVE = (new_private_key(kind) for kind in ("ed25519", "ecdsa-p256", "ecdsa-p384"))


def seal(by: PrivateKey, message: bytes = b"message", keyid: str | None = None, key: PublicKey | None = None) -> Seal:
    return Seal(b"message", by.sign(message), keyid, key)


def judged(
    *seals: Seal,
    offered: tuple[PrivateKey, ...] = (),
    pinned: tuple[PrivateKey, ...] = (),
    prints: tuple[str, ...] = (),
) -> Signatures:
    ring = KeyRing(tuple(one.public for one in offered), tuple(one.public for one in pinned), frozenset(prints))
    return examine(Record("r", "k", (), names_are_paths=True, seals=seals), ring)


def who(found: Signatures) -> list[tuple[str, bool]]:
    return [(signer.fingerprint, signer.pinned) for signer in found.signers]


@pytest.mark.parametrize("key", [ANN, BOB, EVE])
def test_offered_keys_sign_and_pinned_keys_are_trusted(key: PrivateKey) -> None:
    mine = key.public.fingerprint
    assert who(judged(seal(key), offered=(key,))) == [(mine, False)]
    assert who(judged(seal(key), pinned=(key,))) == [(mine, True)]
    assert who(judged(seal(key), offered=(key,), prints=(mine,))) == [(mine, True)]
    assert who(judged(seal(key, key=key.public))) == [(mine, False)]
    assert who(judged(seal(key, key=key.public), prints=(mine,))) == [(mine, True)]
    assert who(judged(seal(key, keyid="nonsense"), pinned=(ANN, BOB, EVE))) == [(mine, True)]


def test_without_any_key_a_signature_is_left_aside() -> None:
    found = judged(seal(ANN))
    assert (found.signers, found.problems, len(found.notes)) == ((), (), 1)
    found = judged(seal(ANN), pinned=(BOB,))
    assert (found.signers, found.problems, len(found.notes)) == ((), (), 1)
    assert judged() == Signatures()


def test_a_signature_that_no_offered_key_verifies_is_wrong() -> None:
    assert judged(seal(ANN), offered=(BOB,)).problems
    assert judged(seal(ANN, b"another message"), offered=(ANN,)).problems


@pytest.mark.parametrize(
    "keyid", [ANN.public.fingerprint, hashlib.sha256(ANN.public.pem).hexdigest()], ids=["der", "pem"]
)
def test_a_signature_that_names_a_key_at_hand_and_is_not_its_own_is_wrong(keyid: str) -> None:
    wrong = seal(ANN, b"another message", keyid=keyid)
    for found in (
        judged(wrong, pinned=(ANN,)),
        judged(wrong, seal(BOB), pinned=(ANN, BOB)),
        judged(wrong, offered=(ANN,)),
    ):
        assert len(found.problems) == 1
    assert not judged(wrong, pinned=(BOB,)).problems


def test_a_key_that_comes_with_a_signature_has_to_verify_it() -> None:
    assert judged(seal(ANN, key=BOB.public)).problems
    assert who(judged(seal(ANN, key=BOB.public), pinned=(ANN,))) == [(ANN.public.fingerprint, True)]


def test_a_second_signer_whose_key_is_not_at_hand_is_noted() -> None:
    found = judged(seal(BOB), seal(ANN), offered=(ANN,))
    assert (who(found), found.problems) == ([(ANN.public.fingerprint, False)], ())
    assert found.notes == ("r: 1 of 2 signatures were not verified: no key of the signer is given",)


def test_trusted_signers_come_first_and_each_once() -> None:
    found = judged(seal(BOB), seal(ANN), seal(ANN), offered=(BOB,), pinned=(ANN,))
    assert who(found) == [(ANN.public.fingerprint, True), (BOB.public.fingerprint, False)]
    assert found.signers[0].name == f"key {ANN.public.fingerprint[:16]}"


def tried(monkeypatch: pytest.MonkeyPatch, *seals: Seal, pinned: tuple[PrivateKey, ...]) -> list[PublicKey]:
    """The keys that are tried, in their order."""
    used: list[PublicKey] = []
    verified = Seal.signed_by

    def noting(made: Seal, key: PublicKey) -> bool:
        used.append(key)
        return verified(made, key)

    monkeypatch.setattr(Seal, "signed_by", noting)
    judged(*seals, pinned=pinned)
    return used


def test_the_key_that_a_signature_names_is_tried_first_and_none_after_the_right_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = [seal(EVE, keyid=EVE.public.fingerprint)]
    assert tried(monkeypatch, *named, pinned=(ANN, BOB, EVE)) == [EVE.public]


def test_signatures_and_keys_are_tried_with_one_another_only_so_often() -> None:
    strange = seal(EVE)
    tries = Tries(left=5)
    ring = KeyRing(pinned=(ANN.public, BOB.public))
    record = Record("r", "k", (), names_are_paths=True, seals=(strange, strange, seal(ANN)))
    assert examine(record, ring, tries).problems == ()
    found = examine(record, ring, tries)
    assert len(found.problems) == 1
    assert "tried" in found.problems[0]
    assert examine(replace(record, seals=()), ring, tries).problems == (), "without a signature nothing is tried"
    chained = replace(strange, chain=(b"x",))
    assert "tried" in examine(replace(record, seals=(chained,)), ring, tries).problems[0]
    few, more = Tries(left=9), Tries(left=9)
    assert "tried" not in examine(replace(record, seals=(chained,)), ring, few).problems[0]
    longer = replace(strange, chain=(b"x",) * 3)
    assert "tried" in examine(replace(record, seals=(longer,)), ring, more).problems[0]


def test_many_records_share_what_may_be_tried() -> None:
    ring = KeyRing(offered=tuple(new_private_key().public for _ in range(100)))
    record = Record("r", "k", (), names_are_paths=True, seals=(seal(ANN),) * 100)
    started = time.process_time()
    found = weigh([record] * 20, Demands(ring))
    assert time.process_time() - started < 20
    assert all("tried" in one.signatures.problems[0] for one in found)


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512", "sha3_256", "sha3_384"])
def test_a_signature_over_a_digest_is_verified_by_ecdsa_keys_alone(name: str) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    from audit.dsse import public_key
    from tests.provenance.authority import certified

    holder = certified("ann")
    kinds = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
             "sha3_256": hashes.SHA3_256(), "sha3_384": hashes.SHA3_384()}  # fmt: skip
    signature = holder.loaded.sign(b"content", ec.ECDSA(kinds[name]))
    made = Seal(hashlib.new(name, b"content").digest(), signature, prehashed=name)
    assert made.signed_by(public_key(holder.key.public.pem))
    assert not made.signed_by(ANN.public)
    assert not Seal(hashlib.new(name, b"changed").digest(), signature, prehashed=name).signed_by(holder.key.public)
