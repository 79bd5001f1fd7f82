"""`audit verify`: whether a bundle may be believed."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli._settings import overrides
from audit.cli._terminal import printable

if TYPE_CHECKING:
    from audit.bundle import Verification
    from audit.records import Bundle, FileRecord

NOT_VERIFIED = 4


@click.command()
@click.argument("folder", metavar="BUNDLE", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Public key (PEM) that must have signed; give it again for each further signer.",
)
@click.option("--policy", "policy_source", metavar="P", help="Policy that must have judged: path, or builtin:NAME.")
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Set a parameter of --policy, as the run did.")
@click.option(
    "--subject",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="AUDIT.YAML",
    help="Compare the model and data files as they are now.",
)
@click.option("--replay", is_flag=True, help="Run the audit of --subject again and compare every measure.")
@click.option("--allow-outside", is_flag=True, help="Let the subject name files outside its folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path,
    keys: tuple[Path, ...],
    policy_source: str | None,
    settings: tuple[str, ...],
    subject: Path | None,
    replay: bool,
    allow_outside: bool,
    as_json: bool,
) -> None:
    """Check that nothing in a BUNDLE is missing, extra or changed, and judge every rule again.

    With --replay the audit is run again, on the same bytes, by the policy and the seed of the bundle: each number,
    each sentence of a check and all evidence has to be the same (where libraries have other versions, each number has
    to lie inside the interval of the other run). Unless --key or --policy vouches for the policy, the model runs only
    isolated, and no type of it is trusted.

    Exit codes: 0 it verifies (whatever the audit's verdict), 2 wrong command line, 4 it does not verify.
    """
    from audit import bundle, policy
    from audit.bundle.finding import of_text
    from audit.errors import BundleError

    if replay and subject is None:
        raise click.UsageError("--replay needs --subject: the audit.yaml of what was audited")
    if settings and not policy_source:
        raise click.UsageError("--set needs --policy: the policy whose parameters it sets")
    public_keys = [_public_key(key) for key in keys]
    given = policy.load(policy_source, overrides=overrides(settings)) if policy_source else None
    try:
        now = _files_now(subject, bundle.read(folder), allow_outside=allow_outside) if subject else _FilesNow()
        with _no_collector():
            found = bundle.verify(
                folder, public_key=public_keys, policy=given, files=now.digests, declared=now.declared
            )
        if replay and subject is not None:
            vouched = found.pinned or given is not None
            found = _replayed(found, folder, subject, vouched=vouched, allow_outside=allow_outside)
    except BundleError as error:
        found = bundle.Verification((of_text(str(error)),))
    click.echo(_as_json(found) if as_json else _as_text(found, folder))
    ctx.exit(0 if found.ok else NOT_VERIFIED)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Records hold no cycles; looking for some again and again takes a sixth of the time of a large bundle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _public_key(path: Path) -> bytes:
    from audit import dsse

    try:
        content = path.read_bytes()
        dsse.public_key(content)
    except OSError as error:
        raise click.UsageError(f"{path}: the key cannot be read: {error.strerror}") from error
    except dsse.DsseError as error:
        raise click.UsageError(f"{path}: {error}") from error
    return content


@dataclass(frozen=True)
class _FilesNow:
    """The files of a subject as they are now: those that a bundle names, and those that its file declares."""

    digests: dict[str, str] | None = None
    declared: tuple[FileRecord, ...] = ()


def _files_now(path: Path, audited: Bundle, *, allow_outside: bool) -> _FilesNow:
    """Hash the files of a subject; those that the bundle names and nobody can read are left out.

    Raises:
        BundleError: a declared file cannot be read, so it is not the one that was audited.
    """
    import hashlib

    from audit.errors import BundleError, SubjectError
    from audit.subject import Subject

    subject = Subject.load(path, allow_outside=allow_outside)
    try:
        declared = subject.digests()
    except SubjectError as error:
        raise BundleError(f"{path}: {error}") from error
    found = {file.path: file.sha256 for file in declared}
    for file in audited.subject.files:
        try:
            if file.path not in found:
                found[file.path] = hashlib.sha256(subject.read(file.path, file.role)).hexdigest()
        except SubjectError as error:
            click.echo(printable(str(error)), err=True)
    return _FilesNow(found, declared)


def _replayed(found: Verification, folder: Path, subject: Path, *, vouched: bool, allow_outside: bool) -> Verification:
    """The same verification with what another run says; nothing runs for a bundle that is refuted already."""
    from audit.cli.run import progress
    from audit.replay import replay

    if not found.ok:
        told = "the audit was not run again: that would say nothing about other bytes, or of a bundle that was changed"
        return replace(found, notes=(*found.notes, told))
    again = replay(folder, subject, vouched=vouched, allow_outside=allow_outside, progress=progress)
    told = f"the audit was run again: {again.compared} measures compared, {len(again.findings)} differences"
    apart = "nobody vouched for the policy (--key or --policy), so the model ran isolated and no type was trusted"
    notes = (*found.notes, told, *(() if vouched else (apart,)), *again.notes)
    return replace(found, findings=again.findings, notes=notes)


def _as_text(found: Verification, folder: Path) -> str:
    from audit.reports.text import one_line

    lines = [f"{folder}: {'verifies' if found.ok else 'DOES NOT VERIFY'}"]
    if found.verdict:
        lines.append(f"verdict: {found.verdict} (exit code of the audit: {found.exit_code})")
    for signer in found.signers:
        pinned = "the key given" if signer.pinned else "not pinned"
        by = "signed by" if signer.role == "auditor" else f"countersigned as {signer.role} by"
        lines.append(f"{by}: {signer.fingerprint} ({pinned})")
    lines += [f"problem: {problem}" for problem in found.problems]
    lines += [f"note: {note}" for note in found.notes]
    return "\n".join(one_line(line) for line in lines)


def _as_json(found: Verification) -> str:
    from dataclasses import asdict

    return json.dumps(
        {
            "ok": found.ok,
            "verdict": found.verdict or None,
            "exit_code": found.exit_code,
            "signed_by": found.signed_by or None,
            "pinned": found.pinned,
            "signers": [asdict(signer) for signer in found.signers],
            "problems": found.problems,
            "findings": [asdict(finding) for finding in found.findings],
            "notes": found.notes,
        },
        indent=2,
    )
