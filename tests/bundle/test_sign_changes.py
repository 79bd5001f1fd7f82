"""What would make an envelope that verifies false? Whatever in it is changed is found, and the reason is told."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from audit.bundle import countersign, verify
from audit.bundle.attestation import Signatures, check
from audit.bundle.canonical import BUNDLE, RUN, WAIVERS, load
from audit.bundle.read import read_all, walk
from audit.dsse import PrivateKey, ecdsa, new_private_key

ATTESTATION = "attestation.dsse.json"
Values = dict[str, Any]
Change = Callable[[Values], object]


@pytest.fixture(scope="module")
def look(countersigned_original: Path) -> Callable[[bytes], Signatures]:
    """What is found where the attestation of a bundle with three signatures holds other bytes."""
    disk = read_all(countersigned_original, walk(countersigned_original).files)
    decoded = load({name: disk.content(name) for name in (BUNDLE, RUN, WAIVERS)})
    return lambda content: check(replace(disk, contents={**disk.contents, ATTESTATION: content}), decoded)


@pytest.fixture(scope="module")
def original(countersigned_original: Path) -> bytes:
    return (countersigned_original / ATTESTATION).read_bytes()


def written(values: Values, *, escaped: bool = False) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=escaped).encode()


def flipped(text: str, at: int = 10) -> str:
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def put(place: int, **values: Any) -> Change:
    return lambda envelope: envelope["signatures"][place].update(values)


def flip(place: int, name: str, at: int = 60) -> Change:
    return lambda envelope: put(place, **{name: flipped(envelope["signatures"][place][name], at)})(envelope)


def drop(place: int, name: str) -> Change:
    return lambda envelope: envelope["signatures"][place].pop(name)


def copy(name: str, to: int, of: int) -> Change:
    return lambda envelope: put(to, **{name: envelope["signatures"][of][name]})(envelope)


def order(*places: int) -> Change:
    return lambda envelope: envelope.update(signatures=[envelope["signatures"][place] for place in places])


def both(*changes: Change) -> Change:
    return lambda envelope: [change(envelope) for change in changes]


def other_form(envelope: Values) -> None:
    """The second signature of the pair that ECDSA lets anyone write."""
    one = envelope["signatures"][1]
    r, s = decode_dss_signature(base64.b64decode(one["sig"]))
    one["sig"] = base64.b64encode(encode_dss_signature(r, ecdsa.ORDERS["ecdsa-p384"] - s)).decode()


def url_safe(envelope: Values) -> None:
    for one in envelope["signatures"]:
        one["sig"] = one["sig"].replace("+", "-").replace("/", "_")


CHANGES: dict[str, tuple[Change, str]] = {
    "the payload": (
        lambda e: e.update(payload=flipped(e["payload"])),
        "payload: does not state what this bundle holds",
    ),
    "no payload": (lambda e: e.pop("payload"), "the payload of the envelope"),
    "the type": (lambda e: e.update(payloadType="a/b"), "payloadType: another type; expected application/vnd.in-toto"),
    "the case of the type": (lambda e: e.update(payloadType=e["payloadType"].upper()), "payloadType: another type"),
    "no type": (lambda e: e.pop("payloadType"), "no payloadType"),
    "an unknown key": (lambda e: e.update(note="x"), "unknown key 'note'"),
    "no signatures": (lambda e: e.update(signatures=[]), "no signature"),
    "the auditor's signature": (flip(0, "sig"), "signatures[0].sig: the signature is wrong"),
    "a countersignature": (flip(2, "sig"), "signatures[2].sig: the signature is wrong"),
    "an empty signature": (put(0, sig=""), "the sig of the envelope"),
    "a signature that is a number": (put(0, sig=5), "the sig of the envelope"),
    "no signature": (drop(0, "sig"), "the sig of the envelope"),
    "a signature of another key": (copy("sig", 1, 2), "signatures[1].sig: the signature is wrong"),
    "the other form of a signature": (other_form, "signatures[1].sig: the signature is wrong"),
    "another alphabet": (url_safe, "not in its exact form"),
    "a keyid that is a number": (put(0, keyid=5), "the keyid of a signature is not text"),
    "a role": (put(1, role="owner"), 'signatures[1].role_sig: public_key did not sign as "owner"'),
    "the auditor's role": (put(1, role="auditor"), 'signatures[1].role: the role "auditor" belongs to'),
    "a role that is a number": (put(1, role=5), "signatures[1].role: a role is a word"),
    "no role": (drop(1, "role"), "signatures[1].role: a role is a word"),
    "a role for the auditor": (put(0, role="reviewer"), "signatures[0]: the first signature has to be"),
    "a role's signature": (flip(1, "role_sig"), "signatures[1].role_sig: public_key did not sign as"),
    "no role's signature": (drop(1, "role_sig"), "signatures[1].role_sig: public_key did not sign as"),
    "a role's signature that is no base64": (put(1, role_sig="%"), "signatures[1].role_sig: not exact base64"),
    "a borrowed role": (both(put(1, role="risk-owner"), copy("role_sig", 1, 2)), "signatures[1].role_sig"),
    "a key": (copy("public_key", 1, 2), "signatures[1].sig: the signature is wrong"),
    "a key that is none": (put(1, public_key="AAAA"), "signatures[1].public_key: the public key is not readable"),
    "no key": (drop(1, "public_key"), "signatures[1].public_key: "),
    "an unknown key of a signature": (put(1, cert="x"), "signatures[1]: unknown key 'cert'"),
    "countersigners in another order": (order(0, 2, 1), "signatures[1].role_sig: public_key did not sign as"),
    "the auditor in another place": (order(1, 0, 2), "signatures[0]: the first signature has to be"),
    "no auditor": (order(1, 2), "signatures[0]: the first signature has to be"),
    "no reviewer": (order(0, 2), 'signatures[1].role_sig: public_key did not sign as "risk-owner"'),
    "the auditor twice": (order(0, 0, 1, 2), "signatures[1].public_key: "),
    "a reviewer twice": (order(0, 1, 1, 2), "signatures[2].role_sig: public_key did not sign as"),
    "too many signatures": (order(*[0] * 101), "101 signatures"),
}


def test_what_is_not_changed_is_sound(original: bytes, look: Callable[[bytes], Signatures]) -> None:
    """Else the tests below would find the writing again."""
    assert not look(original).problems
    assert written(json.loads(original)) == original


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_envelope_is_found_for_the_right_reason(
    what: str, original: bytes, look: Callable[[bytes], Signatures]
) -> None:
    change, reason = CHANGES[what]
    values = json.loads(original)
    change(values)
    problems = [str(problem) for problem in look(written(values)).problems]
    assert any(reason in problem for problem in problems), problems
    assert all(problem.startswith(ATTESTATION) for problem in problems)


def test_what_the_statement_should_say_is_told(original: bytes, look: Callable[[bytes], Signatures]) -> None:
    values = json.loads(original)
    payload = base64.b64decode(values["payload"]).replace(b'"result":"FAILED"', b'"result":"PASSED"')
    (problem,) = look(written({**values, "payload": base64.b64encode(payload).decode()})).problems
    assert (problem.file, problem.place, problem.line) == (ATTESTATION, "payload", None)
    assert "FAILED" in problem.expected
    assert "PASSED" in problem.found


def test_every_tenth_byte(original: bytes, look: Callable[[bytes], Signatures]) -> None:
    for at in range(0, len(original), 10):
        changed = bytes([*original[:at], original[at] ^ 1, *original[at + 1 :]])
        before = original[:at].rpartition(b'"keyid":"')
        in_a_keyid = bool(before[1]) and b'"' not in before[2]
        assert bool(look(changed).problems) is not in_a_keyid, at


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace(",", ", "), "exact form"),
        (lambda text: text + "\n", "exact form"),
        (lambda text: " " + text, "exact form"),
        (lambda text: text.replace("payloadType", "payload\\u0054ype", 1), "exact form"),
        (lambda text: json.dumps(dict(reversed(json.loads(text).items())), separators=(",", ":")), "exact form"),
        (lambda text: text.replace("{", '{"payloadType":"x",', 1), "twice"),
        (lambda text: text.replace('"role":', '"role":"reviewer","role":', 1), "twice"),
        (lambda text: text.replace('"sig":', '"sig":"AAAA","sig":', 1), "twice"),
        (lambda text: text.replace('"sig":', '"sig":NaN,"x":', 1), "JSON"),
        (lambda text: text[:-1], "JSON"),
        (lambda text: "[" * 100_000, "JSON"),
        (lambda text: text.replace('"keyid":"', '"keyid":"' + "x" * 2_000_000, 1), "more than its signatures can take"),
    ],
)
def test_a_file_has_one_form_only(
    change: Callable[[str], str], reason: str, original: bytes, look: Callable[[bytes], Signatures]
) -> None:
    changed = change(original.decode())
    assert changed != original.decode()
    (problem,) = look(changed.encode()).problems
    assert reason in str(problem)


@pytest.mark.parametrize(
    "keyid", ["", "x", "\u00fcber \u65e5\u672c \U0001f511", '"\\\n\x7f', "a" * 5000, None, "absent"]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_keyid_may_be_anything(
    keyid: str | None, place: int, original: bytes, look: Callable[[bytes], Signatures]
) -> None:
    values = json.loads(original)
    values["signatures"][place]["keyid"] = keyid
    if keyid == "absent":
        del values["signatures"][place]["keyid"]
    for escaped in (True, False):
        found = look(written(values, escaped=escaped))
        assert found.problems == ()
        assert len(found.signers) == 3


def test_a_changed_keyid_does_not_keep_others_from_signing(countersigned: Path, keys: PrivateKey) -> None:
    path = countersigned / ATTESTATION
    values = json.loads(path.read_bytes())
    values["signatures"][0]["keyid"], values["signatures"][1]["keyid"] = None, "x"
    path.write_bytes(written(values))
    assert verify(countersigned).ok
    countersign(countersigned, new_private_key().pem(), "third")
    assert len(verify(countersigned, public_key=keys.public.pem).signers) == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-4],
        lambda text: flipped(text, 4),
        lambda text: text + "=",
        lambda text: base64.b64encode(b"key").decode(),
        lambda text: base64.b64encode(new_private_key().public.der + b"\0").decode(),
    ],
)
def test_the_key_in_run_json_is_a_key(
    change: Callable[[str], str], signed: Path, reseal: Callable[[Path], None]
) -> None:
    path = signed / "run.json"
    key = json.loads(path.read_text())["public_key"]
    path.write_text(path.read_text().replace(key, change(key)))
    reseal(signed)
    assert any("run.json: public_key: " in problem for problem in verify(signed).problems)
