"""`audit keygen`: a key pair for signing bundles and models."""

from __future__ import annotations

from pathlib import Path

import click

from audit.cli._new_file import refuse_existing, write_new
from audit.dsse import KINDS, new_private_key


@click.command()
@click.option(
    "--out",
    "prefix",
    type=click.Path(path_type=Path),
    default=Path("audit-key"),
    show_default=True,
    help="Where to write: PREFIX.pem and PREFIX.pub.pem.",
)
@click.option(
    "--type",
    "kind",
    type=click.Choice(KINDS),
    default=KINDS[0],
    show_default=True,
    help="Kind of the key; models are signed with the ECDSA kinds alone.",
)
def command(prefix: Path, kind: str) -> None:
    """Make a key pair: PREFIX.pem signs and stays secret, PREFIX.pub.pem goes to those who verify.

    Files that are there already are never overwritten.
    """
    private, public = prefix.with_name(f"{prefix.name}.pem"), prefix.with_name(f"{prefix.name}.pub.pem")
    for path in (private, public):
        refuse_existing(path)
    key = new_private_key(kind)
    write_new(private, key.pem(), 0o600)
    write_new(public, key.public.pem)
    click.echo(f"private key: {private} (keep it secret, and out of the repository)")
    click.echo(f"public key: {public}")
    click.echo(f"fingerprint: {key.public.fingerprint}")
