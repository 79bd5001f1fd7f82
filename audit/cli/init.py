"""`audit init`: a first audit.yaml and policy."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--target", help="Name of the target column.")
@click.option("--positive", help="Label of the positive class of two; default: the rarer one.")
def command(path: Path, target: str | None, positive: str | None) -> None:
    """Write an audit.yaml and a first policy for the model and data in the folder PATH."""
    from audit import starter

    started = starter.start(path, target=target, positive=positive)
    click.echo(f"wrote {started.subject}")
    click.echo(f"wrote {started.policy}")
    click.echo(f"next: audit run {started.subject} --policy {started.policy}")
