"""`audit run`: the whole audit."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from audit.cli import UNDECIDED
from audit.cli._key import read_private_key
from audit.cli._settings import overrides
from audit.cli._terminal import printable

if TYPE_CHECKING:
    from audit.api import Options
    from audit.records import Bundle
    from audit.runner import Outcome

COLOURS = {"PASS": "green", "WAIVED": "yellow", "INCONCLUSIVE": "yellow", "FAIL": "red", "ERROR": "red"}


@click.command()
@click.argument("subject", type=click.Path(path_type=Path))
@click.option("--policy", "policy_source", required=True, help="Path of a policy, or builtin:NAME.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("audit-bundle"),
    show_default=True,
    help="Folder for the bundle.",
)
@click.option("--waivers", type=click.Path(path_type=Path, dir_okay=False), help="File of waivers.")
@click.option(
    "--lock",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Run only the policy that this file fixed (audit policy lock), and say in the bundle that it was fixed.",
)
@click.option("--sign", metavar="KEY", help="Private key (PEM) that signs the bundle: a path, or env:NAME.")
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Set a parameter of the policy.")
@click.option("--only", multiple=True, metavar="RULE", help="Run this rule only; the bundle says that it is partial.")
@click.option(
    "--engine",
    default="local",
    show_default=True,
    help="Where checks run: local worker processes, or inline in this process (no time-outs).",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Rules at a time; default: one a processor.")
@click.option("--resume", is_flag=True, help="Go on from what a killed run to the same --out had finished.")
@click.option("--no-cache", is_flag=True, help="Measure everything anew, and store nothing for later runs.")
@click.option("--allow-outside", is_flag=True, help="Let the subject name files outside its folder.")
@click.pass_context
def command(
    ctx: click.Context,
    subject: Path,
    policy_source: str,
    out: Path,
    waivers: Path | None,
    lock: Path | None,
    sign: str | None,
    settings: tuple[str, ...],
    only: tuple[str, ...],
    engine: str,
    jobs: int | None,
    resume: bool,
    no_cache: bool,
    allow_outside: bool,
) -> None:
    """Audit a SUBJECT (audit.yaml, or a bare file) against a policy and write the bundle."""
    from audit import api

    options = api.Options(
        out=out,
        waivers=waivers or (),
        lock=lock,
        overrides=overrides(settings),
        only=only,
        engine=engine,
        jobs=jobs,
        sign_key=read_private_key(sign) if sign is not None else None,
        allow_outside=allow_outside,
        resume=resume,
        cache=not no_cache,
        tell=lambda text: click.echo(printable(text), err=True),
    )
    try:
        with _signals():
            bundle = audited(subject, policy_source, options)
    except KeyboardInterrupt as error:
        name = str(error) or "the keyboard"
        click.echo(f"interrupted by {name}; what was finished is kept: run it again with --resume", err=True)
        ctx.exit(UNDECIDED)
    show(bundle, out)
    ctx.exit(bundle.exit_code)


@contextmanager
def _signals() -> Iterator[None]:
    """Turn the first signal that ends programs into KeyboardInterrupt, so that workers are ended too.

    A second one ends the process at once.
    """
    wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # nohup asks to be left alone
    before = {number: found for number in wanted if (found := signal.getsignal(number)) is not signal.SIG_IGN}

    def interrupt(number: int, frame: FrameType | None) -> None:
        for other in before:
            signal.signal(other, signal.SIG_DFL)
        raise KeyboardInterrupt(signal.Signals(number).name)

    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def audited(subject: Path, policy_source: str | Path, options: Options) -> Bundle:
    """Run the audit; what the policy's author should know and how far it got goes to standard error."""
    from audit import api, policy

    reading = policy.inspect(policy_source, overrides=options.overrides)
    for warning in reading.warnings:
        click.echo(printable(str(warning)), err=True)
    if not sys.stderr.isatty():
        return api.run(subject, reading.policy, options, progress)
    rules = len(options.only) or len(reading.policy.rules)
    with click.progressbar(length=rules, label="auditing", show_pos=True, file=sys.stderr) as bar:
        return api.run(subject, reading.policy, options, lambda outcome: bar.update(1))


def progress(outcome: Outcome) -> None:
    """One line a rule on standard error, as it ends."""
    verdict = str(outcome.entry.verdict)
    took = "measured before" if outcome.cached else f"{outcome.seconds:.1f} s"
    click.echo(f"{click.style(f'{verdict:<12}', fg=COLOURS[verdict])} {outcome.entry.id} ({took})", err=True)


def show(bundle: Bundle, out: Path) -> None:
    """Print the text report and where the bundle is."""
    from audit.reports import text

    click.echo(text.render(bundle))
    click.echo(f"bundle: {out}")
    click.echo(f"report: {out / 'reports' / 'report.html'}")
