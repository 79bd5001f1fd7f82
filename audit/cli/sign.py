"""`audit sign`: puts a signature under a bundle or a model."""

from __future__ import annotations

from pathlib import Path

import click

from audit.cli._key import read_private_key
from audit.cli._new_file import refuse_existing, write_new
from audit.cli._terminal import printable
from audit.cli.verify import NOT_VERIFIED
from audit.errors import BundleError

OF_A_FOLDER = "model.sig"
"""Name of the signature of a model that is a folder, inside it."""


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--key", required=True, metavar="KEY", help="Private key (PEM): a path, or env:NAME.")
@click.option("--role", metavar="WORD", help="Countersign a bundle in this role, such as reviewer.")
@click.option(
    "--statement",
    metavar="NAME",
    help="Write a signed statement about a bundle to --out: svr (which rules passed), or eval-result.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; of a model the default is PATH.sig, or PATH/model.sig for a folder.",
)
@click.pass_context
def command(
    ctx: click.Context, path: Path, key: str, role: str | None, statement: str | None, out: Path | None
) -> None:
    """Sign PATH: a bundle (with --role or --statement), or a model, which is a file or a folder.

    A bundle is verified first; one that does not verify is not signed. Nothing is overwritten.

    Exit codes: 0 signed, 2 wrong command line, 3 the signature could not be made or written, 4 the bundle does not
    verify.
    """
    from audit.bundle import NotVerified

    if not path.is_dir() and (role or statement):
        raise click.UsageError(f"{path}: no folder, so no bundle; a model is signed without --role and --statement")
    try:
        if role is not None and statement is None and out is None:
            _countersign(path, key, role)
        elif statement is not None and role is None and out is not None:
            _export(path, key, statement, out)
        elif role is None and statement is None:
            _model(path, key, out)
        else:
            raise click.UsageError("give --role NAME alone, or --statement NAME with --out FILE")
    except NotVerified as error:
        click.echo(printable(f"{path}: DOES NOT VERIFY, and was not signed\n{error}"), err=True)
        ctx.exit(NOT_VERIFIED)


def _countersign(path: Path, key: str, role: str) -> None:
    from audit import bundle
    from audit.bundle.layout import ATTESTATION
    from audit.bundle.sign import check_role

    try:
        check_role(role)
    except BundleError as error:
        raise click.UsageError(f"--role: {error}") from error
    signer = bundle.countersign(path, _bundle_key(key), role)
    click.echo(f"signed as {signer.role} by {signer.fingerprint}: {path / ATTESTATION}")


def _export(path: Path, key: str, statement: str, out: Path) -> None:
    from audit import bundle

    if statement not in bundle.STATEMENTS:
        raise click.UsageError(f'--statement takes {" or ".join(bundle.STATEMENTS)}, found "{statement}"')
    refuse_existing(out)
    if out.resolve().is_relative_to(path.resolve()):
        raise click.UsageError(f"{out}: a bundle holds nothing but its own files; give an --out outside it")
    write_new(out, bundle.export(path, statement, _bundle_key(key)))
    click.echo(f"{statement}: {out}")


def _bundle_key(source: str) -> bytes:
    from audit.bundle.sign import signing_key

    pem = read_private_key(source)
    try:
        signing_key(pem)
    except BundleError as error:
        raise click.UsageError(f"--key: {error}") from error
    return pem


def _model(path: Path, key: str, out: Path | None) -> None:
    from audit import dsse
    from audit.bundle.layout import ATTESTATION, MANIFEST
    from audit.provenance.signing import sign_model

    if any((path / name).exists() for name in ("bundle.json", MANIFEST, ATTESTATION)):
        raise click.UsageError(f"{path}: a bundle; give --role, such as --role reviewer, or --statement")
    target = out or (path / OF_A_FOLDER if path.is_dir() else path.with_name(f"{path.name}.sig"))
    refuse_existing(target)
    inside = path.is_dir() and target.resolve().is_relative_to(path.resolve())
    ignored = [target.resolve().relative_to(path.resolve()).as_posix()] if inside else []
    try:
        private = dsse.private_key(read_private_key(key))
    except dsse.DsseError as error:
        raise click.UsageError(f"--key: {error}") from error
    write_new(target, sign_model(path, private, ignore=ignored))
    click.echo(f"signed by {private.public.fingerprint}: {target}")
