"""Looks whether a bundle may be believed: whole, unchanged, signed, and judged as its own numbers say.

Everything that can be computed again is computed again and compared: digests, each verdict and its sentence, the
reports, the resolved policy, the signed statement. What remains to be believed is that the numbers were measured, which
is what the signature and, with `--subject`, the digests of the model and its data are for.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audit import dsse
from audit.bundle import (
    again,
    attestation,
    audited,
    declared,
    judged_by,
    locked,
    manifest,
    other_reports,
    policy_file,
    run_facts,
    trusted_types,
    waivers,
)
from audit.bundle.attestation import Signer
from audit.bundle.audited import FilesNow
from audit.bundle.canonical import BUNDLE, RUN, WAIVERS, Decoded, load
from audit.bundle.finding import Finding, of_text
from audit.bundle.layout import EVIDENCE_FOLDER, MANIFEST, RESOLVED_POLICY, TOP_NAMES
from audit.bundle.read import Disk, Tree, read_all, walk
from audit.bundle.write import WRITTEN_BY
from audit.dsse import DsseError, PublicKey
from audit.errors import BundleError
from audit.records import Bundle, FileRecord, Policy
from audit.reports.text import headline

_MOST_FINDINGS = 1000
_MANY_RULES = 2000
"""From which on rendering takes seconds."""


@dataclass(frozen=True)
class Verification:
    """What was found in a bundle.

    Attributes:
        findings: why it may not be believed, each with its place; empty if it may.
        verdict: the headline of the bundle: PASSED, FAILED ...; empty where it cannot be read.
        exit_code: how the audit ended; None where the bundle cannot be read.
        signed_by: fingerprint (SHA-256) of the auditor's key if its signature is valid; empty where there is none.
        pinned: whether keys were given and all of them have signed.
        notes: what a reader should know beside it.
        signers: all whose signature is valid, in the order in which they signed.
    """

    findings: tuple[Finding, ...]
    verdict: str = ""
    exit_code: int | None = None
    signed_by: str = ""
    pinned: bool = False
    notes: tuple[str, ...] = ()
    signers: tuple[Signer, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found against the bundle."""
        return not self.findings

    @property
    def problems(self) -> tuple[str, ...]:
        """The findings, one sentence each."""
        return tuple(str(finding) for finding in self.findings)


def verify(
    folder: Path | str,
    *,
    public_key: bytes | Sequence[bytes] | None = None,
    policy: Policy | None = None,
    files: Mapping[str, str] | None = None,
    declared: Sequence[FileRecord] = (),
) -> Verification:
    """Look whether a bundle may be believed.

    Args:
        folder: the bundle.
        public_key: PEM of the key, or of each of the keys, that must have signed it; None accepts an unsigned bundle,
            and says so.
        policy: the policy that must have judged it.
        files: SHA-256, hexadecimal, of the model and data files as they are now, by the path that the bundle gives.
        declared: files that the subject declares now; each must be in the bundle, and be the same.

    Raises:
        BundleError: `public_key` is not a public key in PEM form.
    """
    pinned = _keys(public_key)
    try:
        tree = walk(Path(folder))
        disk = read_all(Path(folder), tree.files)
    except BundleError as error:
        return Verification((of_text(str(error)),))
    whole = [*tree.problems, *_whole(disk)]
    try:
        decoded = load({name: disk.content(name) for name in (BUNDLE, RUN, WAIVERS)})
        found = _examine(tree, disk, decoded, pinned, policy, FilesNow(files, declared))
    except BundleError as error:
        found = Verification((of_text(str(error)),))
    findings = tuple(dict.fromkeys([*whole, *found.findings]))
    if (more := len(findings) - _MOST_FINDINGS) > 0:
        findings = (*findings[:_MOST_FINDINGS], Finding("", f"{more} more findings"))
    return replace(found, findings=findings)


def _keys(given: bytes | Sequence[bytes] | None) -> tuple[PublicKey, ...]:
    pems = [] if given is None else [given] if isinstance(given, bytes) else given
    try:
        return tuple(dsse.public_key(pem) for pem in pems)
    except DsseError as error:
        raise BundleError(str(error)) from None


def _whole(disk: Disk) -> Sequence[Finding]:
    """Files that are missing, extra or changed."""
    if MANIFEST not in disk.contents:
        return [Finding(MANIFEST, "missing")]
    return manifest.differences(disk.listed(), disk.content(MANIFEST))


def _examine(
    tree: Tree, disk: Disk, decoded: Decoded, pinned: Sequence[PublicKey], policy: Policy | None, files: FilesNow
) -> Verification:
    bundle, writer = decoded.bundle, decoded.seal.written_by
    kept = policy_file.parse(disk.content(RESOLVED_POLICY))
    signature = attestation.check(disk, decoded, pinned)
    resolution = judged_by.resolved_again(disk, bundle)
    checks = declared.compare(bundle, resolution.policy)
    findings = [
        *_layout(tree.files, bundle),
        *signature.problems,
        *again.encoded(disk, decoded),
        *again.judged(bundle),
        *checks.problems,
        *run_facts.problems(bundle, now=datetime.datetime.now(datetime.UTC)),
        *waivers.problems(bundle, kept),
        *trusted_types.problems(bundle),
        *locked.problems(disk, bundle),
        *judged_by.resolved(disk, bundle, kept, exact=resolution.exact),
        *resolution.problems,
        *(judged_by.given(bundle, policy, kept) if policy is not None else ()),
        *audited.problems(bundle, files),
    ]
    notes = [*signature.notes, *resolution.notes]
    if bundle.policy.lock is not None:
        notes.append(f"the criteria were locked at {bundle.policy.lock.locked_at}; {locked.WORD_OF_THE_MAKER}")
    excusable = [*resolution.excusable, *checks.excusable]
    if signature.pinned:  # whoever is trusted to have measured is trusted to have had these checks
        notes += [
            f"on the word of the signer, since the checks are not those installed here: {one}" for one in excusable
        ]
    else:
        findings += excusable
    shipped = list(judged_by.shipped_otherwise(disk, bundle))
    if writer == WRITTEN_BY:
        findings += shipped
    else:
        notes += [f"written by {writer}: {one}" for one in shipped]
    if writer != WRITTEN_BY and signature.pinned:
        findings += other_reports.problems(disk)
        worded = "" if not any(again.worded(bundle)) else "; its sentences are not worded as they are here"
        notes.append(f"written by {writer}; the reports were not compared, every verdict was judged again{worded}")
    elif findings and len(bundle.entries) > _MANY_RULES:
        notes.append("the reports were not rendered again: there are many rules, and the bundle is refuted already")
    else:
        findings += [*again.worded(bundle), *again.rendered(disk, decoded)]
    return Verification(
        findings=tuple(findings),
        verdict=headline(bundle),
        exit_code=bundle.exit_code,
        signed_by=signature.signed_by,
        pinned=signature.pinned,
        notes=tuple(notes),
        signers=signature.signers,
    )


def _layout(paths: tuple[str, ...], bundle: Bundle) -> Iterator[Finding]:
    """Files that no audit writes there; the manifest alone would accept any file that it lists."""
    yield from (Finding(path, "no part of a bundle") for path in paths if path.split("/")[0] not in TOP_NAMES)
    claimed = {path for entry in bundle.entries for path in entry.evidence}
    found = {path for path in paths if path.startswith(f"{EVIDENCE_FOLDER}/")}
    yield from (Finding(path, "evidence that no rule names") for path in sorted(found - claimed))
    yield from (Finding(path, "missing, though a rule names it as evidence") for path in sorted(claimed - found))
