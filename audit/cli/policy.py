"""`audit policy`: work on policies without a model."""

from __future__ import annotations

from pathlib import Path

import click

from audit.cli._new_file import write_new
from audit.cli._settings import overrides
from audit.cli._terminal import printable


@click.group()
def command() -> None:
    """Work on policies without a model."""


@command.command()
@click.argument("sources", nargs=-1, required=True, metavar="POLICY...")
@click.option("--waivers", type=click.Path(path_type=Path, dir_okay=False), help="Also check this file of waivers.")
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Set a parameter of the policy.")
@click.pass_context
def lint(ctx: click.Context, sources: tuple[str, ...], waivers: Path | None, settings: tuple[str, ...]) -> None:
    """Check policies (paths, or builtin:NAME) and report every mistake with its place."""
    from audit import policy
    from audit.errors import PolicyError

    if waivers is not None and len(sources) > 1:
        raise click.UsageError("--waivers goes with one policy")
    wrong = False
    for source in sources:
        try:
            reading = policy.inspect(source, overrides=overrides(settings))
            for warning in reading.warnings:
                click.echo(printable(warning), err=True)
            click.echo(f"{source}: ok ({_count(len(reading.policy.rules), 'rule')})")
            if waivers is not None:
                found = policy.load_waivers(waivers, reading.policy)
                for waiver in found:
                    if waiver.owner.strip().casefold() == waiver.approved_by.strip().casefold():
                        told = f'rule "{waiver.rule}": its owner approves the waiver himself; another person should'
                        click.echo(printable(f"{waiver.location}: warning: {told}"), err=True)
                click.echo(f"{waivers}: ok ({_count(len(found), 'waiver')})")
        except PolicyError as error:
            click.echo(printable(str(error)), err=True)
            wrong = True
    ctx.exit(2 if wrong else 0)


@command.command()
def schema() -> None:
    """Print a JSON Schema of policy files for editors."""
    import json

    from audit.policy.editor import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@command.command()
@click.argument("source", metavar="POLICY")
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Set a parameter of the policy.")
def explain(source: str, settings: tuple[str, ...]) -> None:
    """Say in plain words what a policy asks for and why."""
    from audit import policy
    from audit.policy.explain import explain as told

    click.echo(printable(told(policy.load(source, overrides=overrides(settings)))), nl=False)


@command.command()
@click.argument("place", type=click.Path(path_type=Path, exists=True), metavar="DIR|POLICY")
@click.pass_context
def test(ctx: click.Context, place: Path) -> None:
    """Judge the cases in DIR: numbers that checks might return, and the verdicts that must follow; 1 on a mismatch.

    Tests that lie in files which rules name, such as texts for recognisers of personal data, are run too: those of the
    policies of the cases in DIR, or of one POLICY.
    """
    from audit import policy
    from audit.errors import PolicyError
    from audit.policy.cases import find_cases, run_case
    from audit.policy.file_tests import run_file_tests

    cases = [run_case(path) for path in find_cases(place)] if place.is_dir() else []
    files = run_file_tests([case.policy for case in cases] if place.is_dir() else [policy.load(place)])
    if not cases and not files:
        raise PolicyError(f"{place}: no rule names a file that holds tests, so nothing was tested")
    outcomes = [(case.name, case.mismatches, _count(case.judged, "verdict")) for case in cases]
    outcomes += [(file.name, file.mismatches, _count(file.run, "test")) for file in files]
    for name, mismatches, done in outcomes:
        for mismatch in mismatches:
            click.echo(printable(mismatch))
        if not mismatches:
            click.echo(printable(f"{name}: ok ({done})"))
    failed = sum(bool(case.mismatches) for case in cases)
    if cases:
        click.echo(f"{len(cases) - failed} of {len(cases)} cases judged as expected")
    wrong, run = sum(len(file.mismatches) for file in files), sum(file.run for file in files)
    if files:
        click.echo(f"{run - wrong} of {run} tests in named files found what they expect")
    ctx.exit(1 if failed or wrong else 0)


@command.command()
@click.argument("old")
@click.argument("new")
@click.option("--fail-on-looser", is_flag=True, help="Exit with 1 where anything became looser or may have.")
@click.pass_context
def diff(ctx: click.Context, old: str, new: str, fail_on_looser: bool) -> None:
    """Say what became stricter and what looser from policy OLD to policy NEW."""
    from audit import policy
    from audit.policy.compare import policy_changes

    changes = policy_changes(policy.load(old), policy.load(new))
    for change in changes:
        click.echo(printable(f"{change.direction:<8}  {change.rule or '(whole policy)'}: {change.sentence}"))
    if not changes:
        click.echo("no difference")
    ctx.exit(1 if fail_on_looser and any(change.may_loosen for change in changes) else 0)


@command.command()
@click.argument("source", metavar="POLICY")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; standard output otherwise."
)
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Set a parameter of the policy.")
def lock(source: str, out: Path | None, settings: tuple[str, ...]) -> None:
    """Fix a policy before an audit: digests of all its files, and the time."""
    import datetime
    import hashlib
    import json

    from audit import policy
    from audit.policy.lock import lock as locked

    loaded = policy.load(source, overrides=overrides(settings))
    text = json.dumps(locked(loaded, now=datetime.datetime.now(datetime.UTC)), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    write_new(out, text.encode())
    click.echo(f"locked: {out}")
    click.echo(f"sha256: {hashlib.sha256(text.encode()).hexdigest()} (published before the run, it proves the time)")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
