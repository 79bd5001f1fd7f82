"""`audit keygen`: an Ed25519 key pair for signing bundles."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    "prefix",
    type=click.Path(path_type=Path),
    default=Path("audit-key"),
    show_default=True,
    help="Where to write: PREFIX.pem and PREFIX.pub.pem.",
)
def command(prefix: Path) -> None:
    """Make a key pair: PREFIX.pem signs bundles and stays secret, PREFIX.pub.pem goes to those who verify.

    Files that are there already are never overwritten.
    """
    from audit.bundle import new_key_pair
    from audit.bundle.sign import fingerprint, public_der

    private, public = prefix.with_name(f"{prefix.name}.pem"), prefix.with_name(f"{prefix.name}.pub.pem")
    for path in (private, public):
        if os.path.lexists(path):
            raise click.UsageError(f"{path}: is there already; give another --out, or move it away")
    pair = new_key_pair()
    _write(private, pair.private, 0o600)
    _write(public, pair.public, 0o644)
    click.echo(f"private key: {private} (keep it secret, and out of the repository)")
    click.echo(f"public key: {public}")
    click.echo(f"fingerprint: {fingerprint(public_der(pair.public))}")


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        # O_EXCL: nothing is overwritten, not even what appeared a moment ago; the mode holds from the first byte on
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be written: {error.strerror}") from error
