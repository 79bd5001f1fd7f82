"""`audit checks`: what can be measured."""

from __future__ import annotations

import textwrap

import click

from audit import signature


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List all checks, or explain one: parameters, measures, blind spots, source."""
    if name is None:
        names = signature.check_names()
        width = max(map(len, names))
        for check in names:
            click.echo(f"{check:<{width}}  {signature.describe(check).summary}")
        return
    click.echo("\n".join(explain(signature.describe(name))))


def explain(spec: signature.CheckSpec) -> list[str]:
    """All that a policy author has to know about one check, as lines."""
    lines = [f"{spec.name}: {spec.summary}", ""]
    for title, text in spec.sections.items():
        lines += [*textwrap.wrap(f"{title}: {text}", 100), ""]
    lines += [f"Needs: {', '.join(need.replace('|', ' or ') for need in spec.needs) or 'nothing'}"]
    lines += [f"Shows its power: {'yes, by planting faults' if spec.plants else 'no fault can be planted'}", ""]
    lines += ["Parameters:" if spec.parameters else "Parameters: none"]
    for parameter in spec.parameters.values():
        default = "required" if parameter.required else f"default {_value(parameter.default)}"
        lines += _item(f"{parameter.name} ({parameter.expected}; {default})", parameter.text)
    lines += ["", "Measures:"]
    for measure, text in spec.measures.items():
        words = spec.scales.get(measure)
        lines += _item(measure, f"{text}; one of {', '.join(words)}" if words else text)
    return lines


def _item(head: str, text: str) -> list[str]:
    return [f"  {head}", *textwrap.wrap(text, 96, initial_indent="      ", subsequent_indent="      ")]


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "none" if value is None else str(value)
