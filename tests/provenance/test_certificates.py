"""Certificates: whoever signs is trusted only by a chain that holds on the day of the audit, and by name."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509

from audit.provenance import KeyRing, Seal, trusted_keys
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


MAIL_OF_OTHERS = certified(
    "narrow", authority=True, further=[(x509.NameConstraints([x509.RFC822Name("other.org")], None), True)]
)
USER = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), b"\x0c\x0fann@example.org")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (x509.DNSName("ann@example.org"), "ann@example.org"),
        (x509.UniformResourceIdentifier("ann@example.org"), "ann@example.org"),
        (USER, "ann@example.org"),
        (x509.RFC822Name("ann@example.org"), "ann@example.org"),
        (x509.DNSName("https://ci.example/x@v1"), "https://ci.example/x@v1"),
        (x509.RFC822Name("https://ci.example/x@v1"), "https://ci.example/x@v1"),
        (x509.UniformResourceIdentifier("build.example.org"), "build.example.org"),
        (x509.UniformResourceIdentifier("CN=ann"), "CN=ann"),
        (x509.DNSName("CN=ann"), "CN=ann"),
    ],
)
def test_a_name_of_one_kind_does_not_pass_for_another_that_the_authority_may_not_give(
    name: x509.GeneralName, told: str
) -> None:
    leaf = certified("x", MAIL_OF_OTHERS, further=[names(name)])
    assert not judged(leaf, roots=(MAIL_OF_OTHERS,), identities=(told,)).trusted
    vouching = certified("x", MAIL_OF_OTHERS, further=[names(name), vouched(b"\x0c\x0ehttps://issuer")])
    assert not judged(vouching, roots=(MAIL_OF_OTHERS,), identities=(f"{told} <https://issuer>",)).trusted


@pytest.mark.parametrize(
    "name",
    [
        x509.RFC822Name("ann@example.org"), x509.DNSName("build.example.org"),
        x509.UniformResourceIdentifier("https://ci.example/x@v1"),
    ],
)  # fmt: skip
def test_a_name_of_its_own_kind_counts(name: x509.DNSName) -> None:
    assert judged(certified("x", ROOT, further=[names(name)]), identities=(name.value,)).identity == name.value


def test_the_fingerprint_of_a_key_is_nobodys_name() -> None:
    meant = certified("meant").key.public.fingerprint
    leaf = certified("x", ROOT, further=[names(x509.DNSName(meant))])
    ring = replace(trusted_keys.key_ring(None, [meant]), roots=(ROOT.der,), today=TODAY)
    assert not examine(seal(leaf), ring).trusted


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


def test_only_the_certificates_on_the_way_to_the_authority_matter() -> None:
    stray = certified("stray", ends=NOON - 2 * DAYS)
    late = certified("middle", ROOT, authority=True, loaded=MIDDLE.loaded, ends=NOON - 2 * DAYS)
    leaf = certified("ann", MIDDLE, further=[MAIL])
    for further in ((stray, MIDDLE), (late, MIDDLE), (MIDDLE, late, stray)):
        assert judged(leaf, *further).trusted
        assert judged(leaf, *further, roots=()).valid
    assert judged(leaf, late, stray).problems == judged(leaf, late, roots=()).problems != ()


def test_certificates_that_certify_one_another_come_to_an_end() -> None:
    first = certified("a", authority=True)
    second = certified("b", first, authority=True)
    again = certified("a", second, authority=True, loaded=first.loaded)
    found = judged(certified("ann", second), second, again, first, second, again)
    assert (found.valid, found.trusted) == (True, False)


def test_a_certificate_for_one_use_without_a_log_is_left_aside() -> None:
    brief = certified("ann", ROOT, begins=NOON - 9 * DAYS, ends=NOON - 9 * DAYS + DAYS / 48)
    found = judged(brief)
    assert (found.valid, found.problems, len(found.notes)) == (False, (), 1)


def test_a_key_that_the_policy_pins_is_trusted_whoever_certifies_it() -> None:
    itself = certified("ann")
    ring = KeyRing(fingerprints=frozenset([itself.key.public.fingerprint]), today=TODAY)
    found = examine(seal(itself), ring)
    assert (found.trusted, found.identity) == (True, "")


@pytest.mark.parametrize(
    "leaf",
    [
        certified("ann", ROOT, begins=NOON - 9 * DAYS, ends=NOON - 9 * DAYS + DAYS / 48),
        certified("ann", ROOT, begins=NOON - 9 * DAYS, ends=NOON - 2 * DAYS),
        certified("ann", ROOT, purposes=SERVER),
    ],
)
def test_a_key_that_the_policy_pins_counts_whatever_its_certificate_says(leaf: authority.Holder) -> None:
    mine = leaf.key.public.fingerprint
    pinned = KeyRing(roots=(ROOT.der,), fingerprints=frozenset([mine]), identities=("bob@example.org",), today=TODAY)
    found = examine(seal(leaf), pinned)
    assert (found.valid, found.trusted, found.identity, found.problems) == (True, True, "", ())
    assert found.notes[-1].startswith("the signature counts by its key alone")
    assert not examine(replace(seal(leaf), message=b"another"), pinned).trusted
    assert not judged(leaf, identities=("bob@example.org",)).trusted


@pytest.mark.parametrize("damage", [b"", b"\x30", b"x" * 200_000, ROOT.der[:-9], ROOT.der + b"\x00"])
def test_damaged_certificates_are_a_problem(damage: bytes) -> None:
    leaf = certified("ann", ROOT)
    signature = leaf.key.sign(b"message")
    for chain in ((damage,), (leaf.der, damage)):
        found = examine(Seal(b"message", signature, chain=chain), KeyRing(roots=(ROOT.der,), today=TODAY))
        assert (found.valid, len(found.problems)) == (False, 1)
