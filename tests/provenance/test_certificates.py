"""Certificates: whoever signs is trusted only by a chain that holds on the day of the audit, and by name."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from cryptography import x509

from audit.provenance import KeyRing, Seal
from audit.provenance.certificates import Holder, examine
from tests.provenance import authority
from tests.provenance.authority import NOON, SERVER, TODAY, certified, names

DAYS = datetime.timedelta(days=1)
ROOT = certified("root", authority=True)
MIDDLE = certified("middle", ROOT, authority=True)
MAIL = names(x509.RFC822Name("ann@example.org"))


def seal(*chain: authority.Holder, message: bytes = b"message") -> Seal:
    return Seal(message, chain[0].key.sign(b"message"), chain=tuple(one.der for one in chain))


def judged(
    *chain: authority.Holder,
    roots: tuple[authority.Holder, ...] = (ROOT,),
    identities: tuple[str, ...] = (),
    today: datetime.date = TODAY,
) -> Holder:
    ring = KeyRing(roots=tuple(one.der for one in roots), identities=identities, today=today)
    return examine(seal(*chain), ring)


def test_a_chain_to_an_authority_of_the_policy_is_trusted() -> None:
    leaf = certified("ann", MIDDLE, further=[MAIL])
    found = judged(leaf, MIDDLE)
    assert found == Holder(True, leaf.key.public.fingerprint, "ann@example.org", trusted=True)
    assert judged(leaf, ROOT, MIDDLE).trusted, "whatever the order, and with the root among them"
    assert judged(leaf, MIDDLE, roots=(MIDDLE,)).trusted
    assert judged(certified("ann", MIDDLE), MIDDLE).identity == "CN=ann"


def test_of_several_names_the_one_that_the_policy_means_is_told() -> None:
    several = names(x509.DNSName("host.example"), x509.RFC822Name("ann@example.org"))
    found = judged(certified("ann", MIDDLE, further=[several]), MIDDLE, identities=("ann@example.org",))
    assert (found.identity, found.trusted) == ("ann@example.org", True)


def test_a_person_called_like_the_authority_and_allowed_more_than_needed_is_taken() -> None:
    assert judged(certified("middle", MIDDLE, constraints=True), MIDDLE).trusted


def test_a_chain_to_nobody_that_the_policy_names_is_signed_and_its_name_proves_nothing() -> None:
    leaf = certified("ann", MIDDLE, further=[MAIL])
    stranger = certified("root", authority=True)
    for found in (judged(leaf, MIDDLE, roots=()), judged(leaf, MIDDLE, roots=(stranger,)), judged(leaf)):
        assert (found.valid, found.trusted, found.identity, found.problems) == (True, False, "", ())
        assert "'ann@example.org'" in found.notes[0]
    itself = certified("ann", further=[MAIL])
    assert not judged(itself).trusted


@pytest.mark.parametrize(
    ("identities", "trusted"),
    [
        ((), True), (("ann@example.org",), True), (("bob@example.org", "ann@example.org"), True),
        (("bob@example.org",), False), (("ann@example.org.evil.com",), False), (("nn@example.org",), False),
        (("ANN@example.org",), False), (("ann@example.org <https://issuer.example>",), False), (("a" * 64,), False),
    ],
)  # fmt: skip
def test_only_whom_the_policy_names_is_trusted(identities: tuple[str, ...], trusted: bool) -> None:
    found = judged(certified("ann", MIDDLE, further=[MAIL]), MIDDLE, identities=identities)
    assert (found.valid, found.trusted) == (True, trusted)
    assert bool(found.notes) is not trusted


def vouched(value: bytes, number: int = 8) -> tuple[x509.ExtensionType, bool]:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}"), value), False


@pytest.mark.parametrize(
    "extension",
    [vouched(b"\x0c\x0ehttps://issuer"), vouched(b"\x0c\x81\x0ehttps://issuer"), vouched(b"https://issuer", 1)],
)
def test_who_vouched_for_a_name_has_to_be_named_too(extension: tuple[x509.ExtensionType, bool]) -> None:
    leaf = certified("ann", MIDDLE, further=[MAIL, extension])
    assert judged(leaf, MIDDLE, identities=("ann@example.org <https://issuer>",)).trusted
    assert not judged(leaf, MIDDLE, identities=("ann@example.org",)).trusted
    assert not judged(leaf, MIDDLE, identities=("ann@example.org <https://other>",)).trusted


def test_a_signature_of_somebody_else_is_wrong() -> None:
    leaf = certified("ann", MIDDLE)
    ring = KeyRing(roots=(ROOT.der,), today=TODAY)
    assert examine(seal(leaf, MIDDLE, message=b"another"), ring).problems
    stolen = Seal(b"message", certified("bob").key.sign(b"message"), chain=(leaf.der, MIDDLE.der))
    found = examine(stolen, ring)
    assert (found.valid, len(found.problems)) == (False, 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: (certified("a", MIDDLE, begins=NOON - 9 * DAYS, ends=NOON - 2 * DAYS), MIDDLE),
        lambda: (certified("a", MIDDLE, begins=NOON + 2 * DAYS), MIDDLE),
        lambda: _below(certified("m", ROOT, authority=True, begins=NOON - 9 * DAYS, ends=NOON - 2 * DAYS)),
        lambda: _below(certified("m", ROOT, authority=True, begins=NOON + 2 * DAYS)),
        lambda: (certified("a", MIDDLE, purposes=SERVER), MIDDLE),
        lambda: (certified("a", MIDDLE, signs=False), MIDDLE),
        lambda: (certified("a", MIDDLE, further=[vouched(b"no text")]), MIDDLE),
    ],
)
def test_a_certificate_out_of_time_or_for_something_else_is_a_problem(
    make: Callable[[], tuple[authority.Holder, ...]],
) -> None:
    found = judged(*make())
    assert (found.valid, found.trusted, len(found.problems)) == (False, False, 1)


def _below(middle: authority.Holder) -> tuple[authority.Holder, ...]:
    return (certified("a", middle, further=[MAIL]), middle)


@pytest.mark.parametrize(
    "chain",
    [
        _below(certified("m", ROOT)),
        _below(certified("m", ROOT, authority=True, constraints=False)),
        _below(certified("m", ROOT, authority=True, signs=False)),
        _below(certified("m", ROOT, authority=True, purposes=SERVER)),
        _below(certified("n", certified("m", ROOT, authority=True, path_length=0), authority=True)),
        _below(certified("middle", certified("root", authority=True), authority=True)),
        _below(certified("m", ROOT, authority=True, further=[
            (x509.NameConstraints([x509.RFC822Name("other.org")], None), True)])),
        _below(certified("m", ROOT, authority=True, further=[
            (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)])),
    ],
)  # fmt: skip
def test_an_authority_that_may_not_certify_makes_nobody_trusted(chain: tuple[authority.Holder, ...]) -> None:
    assert not judged(*chain).trusted


def test_an_authority_of_the_policy_that_expired_makes_nobody_trusted() -> None:
    old = certified("old", authority=True, begins=NOON - 90 * DAYS, ends=NOON - 2 * DAYS)
    assert not judged(certified("a", old), roots=(old,)).trusted


def test_a_certificate_counts_on_its_first_and_its_last_day() -> None:
    leaf = certified("ann", ROOT, begins=NOON - 5 * DAYS, ends=NOON + 5 * DAYS)
    days = {offset: judged(leaf, today=TODAY + offset * DAYS).trusted for offset in (-6, -5, 0, 5, 6)}
    assert days == {-6: False, -5: True, 0: True, 5: True, 6: False}


def test_a_certificate_for_one_use_without_a_log_is_left_aside() -> None:
    brief = certified("ann", ROOT, begins=NOON - 9 * DAYS, ends=NOON - 9 * DAYS + DAYS / 48)
    found = judged(brief)
    assert (found.valid, found.problems, len(found.notes)) == (False, (), 1)


def test_a_key_that_the_policy_pins_is_trusted_whoever_certifies_it() -> None:
    itself = certified("ann")
    ring = KeyRing(fingerprints=frozenset([itself.key.public.fingerprint]), today=TODAY)
    found = examine(seal(itself), ring)
    assert (found.trusted, found.identity) == (True, "")


@pytest.mark.parametrize("damage", [b"", b"\x30", b"x" * 200_000, ROOT.der[:-9], ROOT.der + b"\x00"])
def test_damaged_certificates_are_a_problem(damage: bytes) -> None:
    leaf = certified("ann", ROOT)
    signature = leaf.key.sign(b"message")
    for chain in ((damage,), (leaf.der, damage)):
        found = examine(Seal(b"message", signature, chain=chain), KeyRing(roots=(ROOT.der,), today=TODAY))
        assert (found.valid, len(found.problems)) == (False, 1)
