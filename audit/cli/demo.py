"""`audit demo`: two shipped models, one that may be released and one that may not."""

from __future__ import annotations

from pathlib import Path

import click

from audit.cli._terminal import printable

EXPECTED = {"credit": 0, "credit_flawed": 1}


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("audit-bundle"),
    show_default=True,
    help="Folder for the two bundles.",
)
@click.pass_context
def command(ctx: click.Context, out: Path) -> None:
    """Audit a sample credit model and its flawed twin, and say where the reports are.

    Exit codes: 0 the sound model passed and the flawed one failed, as they should; 3 otherwise.
    """
    from audit import api, shipped
    from audit.cli.run import audited

    samples = shipped.folder("sample_models")
    bundles = {}
    for name in EXPECTED:
        click.echo(f"auditing {name}", err=True)
        options = api.Options(out=out / name)
        bundles[name] = audited(samples / name / "audit.yaml", samples / "credit" / "policy.yaml", options)
    for name, bundle in bundles.items():
        may = "may be released" if bundle.passed else "may not be released"
        failed = [entry for entry in bundle.entries if entry.blocking and entry.verdict != "PASS"]
        click.echo(f"\n{name}: {'PASSED' if bundle.passed else 'FAILED'}, it {may}")
        for entry in failed:
            click.echo(printable(f"  {entry.verdict} {entry.id}: {entry.sentence}"))
        click.echo(f"  bundle: {out / name}")
        click.echo(f"  report: {out / name / 'reports' / 'report.html'}")
    as_expected = all(bundles[name].exit_code == code for name, code in EXPECTED.items())
    ctx.exit(0 if as_expected else 3)
