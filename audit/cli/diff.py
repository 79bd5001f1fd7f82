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
    from audit.records import JsonValue, Measure

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@click.option("--fail-on-looser", is_flag=True, help="Exit with 1 where less was asked for, or may have been.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, old: Path, new: Path, fail_on_looser: bool, as_json: bool) -> None:
    """Show what changed from bundle OLD to bundle NEW: verdicts, measures with intervals, policy, files, libraries.

    Rules that --only left out, a lock that is gone and a waiver that reaches further count as looser.

    Exit codes: 0 compared, 1 with --fail-on-looser where the policy became looser, may have, or could not be compared,
    2 wrong command line, 4 one of the bundles does not verify (what can be read of it is compared all the same).
    """
    from audit import bundle
    from audit.cli.verify import NOT_VERIFIED
    from audit.errors import BundleError
    from audit.reports.json import pretty, record_values
    from audit.reports.text import one_line

    refuted = {folder: found for folder in (old, new) if not (found := bundle.verify(folder)).ok}
    for folder, found in refuted.items():
        click.echo(printable(f"{folder} does not verify: {found.findings[0]}"), err=True)
    try:
        changes = bundle.diff(bundle.read(old), bundle.read(new), bundle.criteria(old, new))
    except BundleError:
        ctx.exit(NOT_VERIFIED)
    if as_json:
        values: dict[str, JsonValue] = {
            "verified": {"old": old not in refuted, "new": new not in refuted},
            **record_values(changes),
        }
        click.echo(pretty(values), nl=False)
    else:
        click.echo("\n".join(one_line(line) for line in _lines(changes)))
    if refuted:
        ctx.exit(NOT_VERIFIED)
    ctx.exit(1 if fail_on_looser and (changes.looser or changes.notes) else 0)


def _lines(changes: BundleDiff) -> Iterator[str]:
    if changes.empty:
        yield "nothing changed"
    for verdict in changes.verdicts:
        yield f"verdict {verdict.rule}: {verdict.old or 'no such rule'} -> {verdict.new or 'no such rule'}"
    for measure in changes.measures:
        note = ""
        if measure.old is not None and measure.new is not None:
            note = " (intervals apart)" if measure.apart else " (intervals overlap)"
        yield f"measure {measure.rule} {measure.measure}: {_shown(measure.old)} -> {_shown(measure.new)}{note}"
    for change in changes.criteria:
        yield f"{change.direction} {change.rule or '(whole policy)'}: {change.sentence}"
    for kind in ("subject", "files", "policy", "waivers", "rules", "environment"):
        texts: tuple[TextChange, ...] = getattr(changes, kind)
        yield from (f"{kind} {text.name}: {text.old or 'none'} -> {text.new or 'none'}" for text in texts)
    yield from (f"note: {note}" for note in changes.notes)


def _shown(measure: Measure | None) -> str:
    from audit.reports.text import measure_text

    return "not measured" if measure is None else measure_text(measure)
