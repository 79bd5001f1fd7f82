"""Writes a bundle folder: it appears whole or not at all, and an older one stays until the new one is there."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from audit import __version__, plugins
from audit.bundle import manifest, policy_file
from audit.bundle.canonical import Seal, encode, load
from audit.bundle.layout import (
    ATTESTATION,
    LOCK,
    MANIFEST,
    REPORT_FOLDER,
    RESOLVED_POLICY,
    TOP_NAMES,
    evidence_paths,
    policy_paths,
)
from audit.bundle.replace import ASIDE, flush_folder, swap_in
from audit.bundle.sign import attest, key_text, signing_key
from audit.bundle.statement import Basis
from audit.errors import AuditError, BundleError
from audit.records import Bundle, Evidence, Policy

REPORTS = "audit.reports"
_FULL = (errno.ENOSPC, errno.EDQUOT)
WRITTEN_BY = f"auditgate {__version__}"


def write(
    bundle: Bundle,
    policy: Policy,
    evidence: Mapping[str, Sequence[Evidence]],
    folder: Path,
    *,
    sign_key: bytes | None = None,
    lock: bytes | None = None,
) -> Path:
    """Write a bundle.

    It is built in a folder beside the target, flushed to disk, and put in place by one rename. Names of evidence and
    policy files are made safe; the paths in the entries are those that were written.

    Args:
        evidence: files by rule id.
        folder: where the bundle is to appear: nothing, an empty folder, or an older bundle, which is replaced.
        sign_key: private key as PEM, of a kind in `dsse.KINDS`; None leaves the bundle unsigned.
        lock: content of the lock file that the bundle names; None where it names none.

    Returns:
        The folder.

    Raises:
        BundleError: the target holds something else, the key is not usable, or writing failed; nothing changed.
    """
    _refuse_foreign(folder)
    files = contents(bundle, policy, evidence, sign_key=sign_key, lock=lock)
    partial = folder.absolute().parent / f"{_partial_prefix(folder)}{secrets.token_hex(4)}"
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        _write_files(partial, files)
        swap_in(partial, folder.absolute())
    except OSError as error:
        raise BundleError(
            f"{folder}: the bundle could not be written: {error.strerror or error}; an older one there is unchanged"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)  # what is left of a failure, or the bundle that was replaced
    return folder


def check_target(folder: Path, *, sign_key: bytes | None = None) -> None:
    """Find out whether a bundle can be written at a place, before anything is measured.

    Args:
        sign_key: the key that will sign it.

    Raises:
        AuditError: it cannot: something else is there, nothing can be created beside it, or the key is not usable.
        BundleError: the disk is full.
    """
    place = folder.absolute().parent
    try:
        _refuse_foreign(folder)
        if sign_key is not None:
            signing_key(sign_key)
        while not place.exists() and place != place.parent:
            place = place.parent
        # permission bits say little about mounts and lists of rights; only writing shows it
        with tempfile.TemporaryDirectory(prefix=_partial_prefix(folder), dir=place):
            pass
    except BundleError as error:
        raise AuditError(f"no bundle can be written: {error}") from None
    except OSError as error:
        message = f"{folder}: no bundle can be written there: {place}: {error.strerror or error}"
        # a full disk is no mistake of the command line
        raise (BundleError if error.errno in _FULL else AuditError)(message) from None


def remove_leftovers(folder: Path) -> None:
    """Remove what killed runs left beside a bundle, and put back an older one; only for who holds the place."""
    with contextlib.suppress(OSError):
        asides = folder.absolute().parent.glob(f"{glob.escape(_partial_prefix(folder))}*{ASIDE}")
        if not folder.exists() and (aside := next(asides, None)):
            os.rename(aside, folder)  # killed between the two renames of a system that cannot swap two folders
        for left in folder.absolute().parent.glob(f"{glob.escape(_partial_prefix(folder))}*"):
            shutil.rmtree(left, ignore_errors=True)


def _partial_prefix(folder: Path) -> str:
    return f".{folder.absolute().name}.partial-"


def contents(
    bundle: Bundle,
    policy: Policy,
    evidence: Mapping[str, Sequence[Evidence]],
    *,
    sign_key: bytes | None = None,
    lock: bytes | None = None,
) -> dict[str, bytes]:
    """All files of a bundle by path, without writing any.

    Raises:
        BundleError: the bundle, the policy and the evidence do not belong together, or the key is not usable.
    """
    key = signing_key(sign_key) if sign_key is not None else None
    seal = Seal(WRITTEN_BY, key_text(key.public) if key else None)
    files = _policy_files(bundle, policy, lock)
    attached = _evidence_files(bundle, evidence)
    paths = {rule: tuple(found) for rule, found in attached.items()}
    entries = tuple(replace(entry, evidence=paths.get(entry.id, ())) for entry in bundle.entries)
    encoded = encode(replace(bundle, entries=entries), seal)
    files |= encoded
    for found in attached.values():
        files |= found
    # reports are rendered from what a reader will read, not from what is in memory
    files |= render_reports(load(encoded).bundle)
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    files[MANIFEST] = manifest.render(digests)
    if key is not None:
        listed = hashlib.sha256(files[MANIFEST]).hexdigest()
        files[ATTESTATION] = attest(Basis(bundle, listed, digests[RESOLVED_POLICY]), key)
    return files


def render_reports(bundle: Bundle) -> dict[str, bytes]:
    """Every report that is installed, by its path in the bundle."""
    rendered = {}
    for name in plugins.names(REPORTS):
        module = plugins.load(REPORTS, name)
        rendered[f"{REPORT_FOLDER}/{module.FILE}"] = module.render(bundle).encode("utf-8", "backslashreplace")
    return rendered


def _policy_files(bundle: Bundle, policy: Policy, lock: bytes | None) -> dict[str, bytes]:
    sources = tuple((source.name, hashlib.sha256(source.content).hexdigest()) for source in policy.sources)
    if sources != bundle.policy.sources:
        raise BundleError("the policy files are not those that the bundle names; write a bundle with its own policy")
    if problem := next(policy_file.disagreements(policy, bundle), ""):
        raise BundleError(f"the bundle was not judged by this policy: {problem}")
    paths = policy_paths(source.name for source in policy.sources)
    files = {path: source.content for path, source in zip(paths, policy.sources, strict=True)}
    resolved = policy_file.dump(policy)
    policy_file.parse(resolved)  # a policy made in memory may hold what no file can, and would never verify
    stated = bundle.policy.lock.sha256 if bundle.policy.lock else None
    if stated != (hashlib.sha256(lock).hexdigest() if lock is not None else None):
        raise BundleError("the lock of the policy is not the one that the bundle names")
    return {RESOLVED_POLICY: resolved, **files, **({LOCK: lock} if lock is not None else {})}


def _evidence_files(bundle: Bundle, evidence: Mapping[str, Sequence[Evidence]]) -> dict[str, dict[str, bytes]]:
    if strangers := sorted(set(evidence) - {entry.id for entry in bundle.entries}):
        raise BundleError(f'evidence for the rule "{strangers[0]}", which the bundle does not have')
    files = {}
    for entry in bundle.entries:
        rule, attached = entry.id, evidence.get(entry.id, ())
        if entry.evidence and not attached:
            raise BundleError(f'rule "{rule}" names evidence, such as {entry.evidence[0]}, that was not handed over')
        paths = evidence_paths(rule, (file.name for file in attached))
        files[rule] = {path: file.content for path, file in zip(paths, attached, strict=True)}
    return files


def _refuse_foreign(folder: Path) -> None:
    """Raise unless the target can be replaced without losing anything that no audit wrote."""
    if folder.is_symlink():
        raise BundleError(f"{folder}: a symbolic link; name the folder itself")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BundleError(f"{folder}: a file is there; name a folder for the bundle")
    try:
        names = {entry.name for entry in folder.iterdir()}
    except OSError as error:
        raise BundleError(f"{folder}: cannot be listed: {error.strerror}") from None
    foreign = sorted(names - TOP_NAMES)
    if foreign or (names and not names & {"bundle.json", MANIFEST}):
        example = foreign[0] if foreign else sorted(names)[0]
        raise BundleError(f'{folder}: holds "{example}", which is no part of a bundle; name an empty or new folder')


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    folders = {folder}
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        folders |= {parent for parent in target.parents if parent.is_relative_to(folder)}
        with target.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    for inside in folders:
        flush_folder(inside)
