"""`--set K=V`: params of a policy from the command line."""

from __future__ import annotations

import click


def overrides(settings: tuple[str, ...]) -> dict[str, str]:
    """Values by name of the param.

    Raises:
        UsageError: one has no equals sign.
    """
    wrong = [setting for setting in settings if "=" not in setting]
    if wrong:
        raise click.UsageError(f'--set takes NAME=VALUE, found "{wrong[0]}"')
    return {name: value for name, _, value in (setting.partition("=") for setting in settings)}
