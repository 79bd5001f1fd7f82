"""`audit measure`: one check without a policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli._terminal import printable

if TYPE_CHECKING:
    from audit.api import Measurement
    from audit.records import Measure


@click.command()
@click.argument("check")
@click.argument("subject", type=click.Path(path_type=Path))
@click.argument("params", nargs=-1, metavar="[NAME=VALUE ...]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--power", is_flag=True, help="Plant faults in a copy of the subject and show how many are found.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random choice.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Of every interval.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to keep the evidence in.")
@click.option("--allow-outside", is_flag=True, help="Let the subject name files outside its folder.")
@click.pass_context
def command(
    ctx: click.Context,
    check: str,
    subject: Path,
    params: tuple[str, ...],
    as_json: bool,
    power: bool,
    seed: int,
    confidence: float,
    out: Path | None,
    allow_outside: bool,
) -> None:
    """Run one check on a SUBJECT (audit.yaml, or a bare file) and print its measures.

    Exit codes: 0 measured, 2 wrong command line or subject, 3 it could not be measured.
    """
    from audit import api

    measurement = api.measure(
        check,
        subject,
        _pairs(params),
        from_text=True,
        power=power,
        seed=seed,
        confidence=confidence,
        allow_outside=allow_outside,
    )
    measured = measurement.measured
    kept = _keep(measurement, out) if out else []
    if measured.error:
        click.echo(printable(f"{check}: {measured.error}"), err=True)
        click.echo(printable(measured.trace), err=True, nl=bool(measured.trace))
        ctx.exit(3)
    text = json.dumps(_as_json(measurement, kept), indent=2) if as_json else "\n".join(_as_text(measurement, kept))
    click.echo(text if as_json else printable(text))


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    wrong = [word for word in words if "=" not in word]
    if wrong:
        raise click.UsageError(f'"{wrong[0]}" is not NAME=VALUE')
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _keep(measurement: Measurement, out: Path) -> list[str]:
    folder = out / "evidence" / measurement.check
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    for file in measurement.measured.result.evidence:
        (folder / file.name).write_bytes(file.content)
        kept.append(str(folder / file.name))
    return kept


def _as_json(measurement: Measurement, kept: list[str]) -> dict[str, Any]:
    measured = measurement.measured
    return {
        "check": measurement.check,
        "params": measurement.params,
        "subject": measurement.subject,
        "measures": {name: _measure(measure) for name, measure in measured.result.measures.items()},
        "power": None if measured.power is None else _measure(measured.power),
        "doubts": [doubt.text for doubt in measured.result.doubts],
        "notes": [*measured.result.notes, *measured.notes],
        "sentence": measured.result.sentence,
        "evidence": kept,
        "seconds": round(measurement.seconds, 3),
    }


def _measure(measure: Measure) -> dict[str, Any]:
    shown: dict[str, Any] = {"value": measure.value, "unit": measure.unit, "n": measure.n}
    shown |= {"low": measure.low, "high": measure.high}
    return shown if measure.finite else {**shown, "value": None, "reason": "not a finite number"}


def _as_text(measurement: Measurement, kept: list[str]) -> list[str]:
    from audit.records import telling

    measured = measurement.measured
    told = telling(measured.result.measures)
    rows = list(told.items())
    if measured.power is not None:
        rows.append(("power", measured.power))
    width = max((len(name) for name, _ in rows), default=0)
    lines = [measured.result.sentence] if measured.result.sentence else []
    lines += [f"{name:<{width}}  {_shown(measure)}" for name, measure in rows]
    if len(told) < len(measured.result.measures):
        left_out = len(measured.result.measures) - len(told)
        lines.append(f"nothing was seen in {left_out} measures of single kinds; --json shows them")
    lines += [f"doubt: {doubt.text}" for doubt in measured.result.doubts]
    lines += [f"note: {note}" for note in (*measured.result.notes, *measured.notes)]
    lines += [f"evidence: {path}" for path in kept]
    if measured.result.evidence and not kept:
        names = ", ".join(file.name for file in measured.result.evidence)
        lines.append(f"evidence that --out DIR would keep: {names}")
    return lines


def _shown(measure: Measure) -> str:
    value = measure.value if isinstance(measure.value, str) else f"{measure.value:.6g}"
    interval = "" if measure.low is None or measure.high is None else f" [{measure.low:.6g}, {measure.high:.6g}]"
    return f"{value}{interval} {measure.unit}, n={measure.n}"
