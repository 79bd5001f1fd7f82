"""`audit report`: renders a bundle again, without the model."""

from __future__ import annotations

from pathlib import Path

import click

from audit.cli._terminal import printable


@click.command()
@click.argument("folder", metavar="BUNDLE", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--format", "name", default="text", show_default=True, metavar="FORMAT", help="Name of a report.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default: standard output.")
@click.pass_context
def command(ctx: click.Context, folder: Path, name: str, out: Path | None) -> None:
    """Render a BUNDLE: text, markdown, html, json, sarif, junit or oscal, and what other
    packages add.

    The bundle is not verified; use `audit verify` for that. Exit codes: 0 rendered, 2 wrong command line, 4 the bundle
    cannot be read.
    """
    from audit import bundle, plugins
    from audit.cli.verify import NOT_VERIFIED
    from audit.errors import BundleError, UnknownName

    try:
        module = plugins.load("audit.reports", name)
        rendered: str = module.render(bundle.read(folder))
    except UnknownName as error:
        raise click.UsageError(f"--format: {error}") from error
    except BundleError as error:
        click.echo(printable(f"{folder}: {error}"), err=True)
        ctx.exit(NOT_VERIFIED)
    if out is None:
        click.echo(rendered, nl=False)
        return
    try:
        out.write_text(rendered, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"{out}: cannot be written: {error.strerror}") from error
