"""`audit diff`: what changed between two bundles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli._terminal import printable

if TYPE_CHECKING:
    from audit.bundle import BundleDiff
    from audit.bundle.diff import TextChange
    from audit.records import Measure

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, old: Path, new: Path, as_json: bool) -> None:
    """Show what changed from bundle OLD to bundle NEW: verdicts, measures with intervals, limits, files.

    Exit codes: 0 compared, 2 wrong command line, 4 a bundle cannot be read.
    """
    from audit import bundle
    from audit.cli.verify import NOT_VERIFIED
    from audit.errors import BundleError
    from audit.reports.json import pretty, record_values
    from audit.reports.text import one_line

    read = []
    for folder in (old, new):
        try:
            read.append(bundle.read(folder))
        except BundleError as error:
            click.echo(printable(f"{folder}: {error}"), err=True)
            ctx.exit(NOT_VERIFIED)
    changes = bundle.diff(*read)
    if as_json:
        click.echo(pretty(record_values(changes)), nl=False)
    else:
        click.echo("\n".join(one_line(line) for line in _lines(changes)))


def _lines(changes: BundleDiff) -> Iterator[str]:
    if changes.empty:
        yield "nothing changed"
    for verdict in changes.verdicts:
        yield f"verdict {verdict.rule}: {verdict.old or 'no such rule'} -> {verdict.new or 'no such rule'}"
    for measure in changes.measures:
        note = " (intervals apart)" if measure.apart else ""
        yield f"measure {measure.rule} {measure.measure}: {_shown(measure.old)} -> {_shown(measure.new)}{note}"
    for kind in ("limits", "files", "policy", "environment"):
        texts: tuple[TextChange, ...] = getattr(changes, kind)
        yield from (f"{kind} {text.name}: {text.old or 'none'} -> {text.new or 'none'}" for text in texts)


def _shown(measure: Measure | None) -> str:
    from audit.reports.text import measure_text

    return "not measured" if measure is None else measure_text(measure)
