"""The command line: one file a command. Each reads words, calls one function, prints, and sets the exit code.

A file `audit/cli/NAME.py` with a `command` is the command `audit NAME`; it is imported when it is called or listed, and
imports what it needs when it runs, so `audit --help` stays quick.

Exit codes: 0 passed, 1 a blocking rule failed, 2 the policy, the subject or the command line is wrong, 3 the audit
could not decide, 4 the bundle does not verify. An error that nobody foresaw ends with 3: it is no pass and no verdict.
"""

from __future__ import annotations

import importlib
import io
import os
import pkgutil
import sys
import traceback
from types import TracebackType
from typing import Any

import click

from audit import __version__
from audit.cli._terminal import printable
from audit.errors import AuditError, BundleError
from audit.plugins import near

USAGE, UNDECIDED = 2, 3


class _Commands(click.Group):
    """Finds commands by file name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            hint = near(args[0], known)
            ctx.fail(
                f'no command "{args[0]}"; ' + (f'did you mean "{hint[0]}"?' if hint else f"known: {', '.join(known)}")
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AuditError as error:
            click.echo(printable(str(error)), err=True)
            ctx.exit(UNDECIDED if isinstance(error, BundleError) else USAGE)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="auditgate")
@click.pass_context
def root(ctx: click.Context) -> None:
    """Audit a machine-learning model and its data against a policy.

    Exit codes: 0 passed, 1 a blocking rule failed, 2 the policy, the subject or the command line is wrong and nothing
    ran, 3 the audit could not decide, 4 the bundle does not verify.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main() -> None:
    """Run the command line and end the process with its exit code."""
    sys.excepthook = _unforeseen
    try:
        code = root.main(standalone_mode=False)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(file=shown)
        click.echo(printable(shown.getvalue()), err=True, nl=False)
        code = USAGE
    except click.Abort:
        click.echo("interrupted; nothing was written", err=True)
        code = UNDECIDED
    sys.exit(code if isinstance(code, int) else 0)


def _unforeseen(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
    """Python ends with 1 on an error that nobody caught; here 1 is the verdict FAIL."""
    click.echo(printable("".join(traceback.format_exception(kind, error, frames))), err=True, nl=False)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(UNDECIDED)
