"""`audit verify`: whether a bundle may be believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli._terminal import printable

if TYPE_CHECKING:
    from audit.bundle import Verification
    from audit.records import Bundle, FileRecord

NOT_VERIFIED = 4


@click.command()
@click.argument("folder", metavar="BUNDLE", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="Public key (PEM) of the signer.")
@click.option("--policy", "policy_source", metavar="P", help="Policy that must have judged: path, or builtin:NAME.")
@click.option(
    "--subject",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="AUDIT.YAML",
    help="Compare the model and data files as they are now.",
)
@click.option("--allow-outside", is_flag=True, help="Let the subject name files outside its folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    folder: Path,
    key: Path | None,
    policy_source: str | None,
    subject: Path | None,
    allow_outside: bool,
    as_json: bool,
) -> None:
    """Check that nothing in a BUNDLE is missing, extra or changed, and judge every rule again.

    Exit codes: 0 it verifies (whatever the audit's verdict), 2 wrong command line, 4 it does not verify.
    """
    from audit import bundle, policy
    from audit.errors import BundleError

    public_key = _public_key(key) if key else None
    given = policy.load(policy_source) if policy_source else None
    try:
        now = _files_now(subject, bundle.read(folder), allow_outside=allow_outside) if subject else _FilesNow()
        found = bundle.verify(folder, public_key=public_key, policy=given, files=now.digests, declared=now.declared)
    except BundleError as error:
        found = bundle.Verification((str(error),))
    click.echo(_as_json(found) if as_json else _as_text(found, folder))
    ctx.exit(0 if found.ok else NOT_VERIFIED)


def _public_key(path: Path) -> bytes:
    from audit.bundle.sign import public_der
    from audit.errors import BundleError

    try:
        content = path.read_bytes()
        public_der(content)
    except OSError as error:
        raise click.UsageError(f"{path}: the key cannot be read: {error.strerror}") from error
    except BundleError as error:
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
    found = {}
    for file in audited.subject.files:
        try:
            found[file.path] = hashlib.sha256(subject.read(file.path, file.role)).hexdigest()
        except SubjectError as error:
            click.echo(printable(str(error)), err=True)
    return _FilesNow(found, declared)


def _as_text(found: Verification, folder: Path) -> str:
    from audit.reports.text import one_line

    lines = [f"{folder}: {'verifies' if found.ok else 'DOES NOT VERIFY'}"]
    if found.verdict:
        lines.append(f"verdict: {found.verdict} (exit code of the audit: {found.exit_code})")
    if found.signed_by:
        pinned = "the key given" if found.pinned else "not pinned"
        lines.append(f"signed by: {found.signed_by} ({pinned})")
    lines += [f"problem: {problem}" for problem in found.problems]
    lines += [f"note: {note}" for note in found.notes]
    return "\n".join(one_line(line) for line in lines)


def _as_json(found: Verification) -> str:
    return json.dumps(
        {
            "ok": found.ok,
            "verdict": found.verdict or None,
            "exit_code": found.exit_code,
            "signed_by": found.signed_by or None,
            "pinned": found.pinned,
            "problems": found.problems,
            "notes": found.notes,
        },
        indent=2,
    )
