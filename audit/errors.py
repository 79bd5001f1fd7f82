"""Every error that the product raises on purpose.

    AuditError
    ├── PolicyError       a policy or waiver file is wrong (all its mistakes at once)
    ├── SubjectError      audit.yaml, a model or a table is wrong
    ├── UnknownName       a word that names nothing here; carries the nearest known words
    ├── MissingExtra      an optional package is not installed
    ├── NotMeasurable     the check cannot run on this subject
    ├── TimedOut          a check took longer than its rule allows
    ├── WorkerFailed      the process that ran a check died or talked nonsense
    └── BundleError       a bundle folder is damaged or cannot be written

A message says where, what was found, what was expected and what to do. Nothing here is caught and turned into a pass:
the command line prints the message and exits 2, the runner turns it into the verdict ERROR.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LONGEST_TOLD = 40
"""Characters of the longest name of a column that a message repeats; more is hardly a name."""

_OF_SOMEBODY = re.compile(r"@|[0-9](?:[ ./-]?[0-9]){5}|[A-Z][\w'-]+,? (?:[\w.'-]+ )*[A-Z][\w'-]+")
"""An address, six digits in a row, or two words with capitals as in a name."""


class AuditError(Exception):
    """Base of all errors that a user can act on."""


class PolicyError(AuditError):
    """A policy or waiver file is wrong.

    Attributes:
        problems: one message a mistake, each `file:line:column: what is wrong; what to do`.
    """

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class SubjectError(AuditError):
    """`audit.yaml`, the model or a table is wrong."""


class UnknownName(AuditError):
    """A word names nothing that is known here.

    Args:
        kind: what was looked for: "check", "attack", "parameter" ...
        name: the word that was found.
        known: the words that exist.
        near: those of them that look alike, best first.
    """

    def __init__(self, kind: str, name: str, known: Sequence[str], near: Sequence[str]) -> None:
        self.kind, self.name, self.known, self.near = kind, name, tuple(known), tuple(near)
        hint = f'did you mean "{near[0]}"?{foreign(name, near[0])}' if near else f"known: {', '.join(known) or 'none'}"
        super().__init__(f'no {kind} "{name}"; {hint}')


def foreign(name: str, meant: str) -> str:
    """Which characters of a name only look like those of the word that was meant; empty if there are none."""
    found = dict.fromkeys(mark for mark in name if not mark.isascii()) if meant.isascii() else {}
    return f" (it holds {', '.join(f'U+{ord(mark):04X}' for mark in found)}, which only looks alike)" if found else ""


def may_be_told(name: str) -> bool:
    """Whether a message about a table may repeat the name of a column, which comes from the data.

    A table that was turned on its side has people's names, addresses and numbers there. Whoever may not look for
    personal data asks by form alone, so a harmless name is now and then left out: its position is told instead.
    """
    return len(name) <= LONGEST_TOLD and _OF_SOMEBODY.search(name) is None


def quoted(name: str) -> str:
    """The name of a column in quotes, or words for it where it may not be repeated."""
    return f'"{name}"' if may_be_told(name) else "(its name may be personal)"


def told(names: Iterable[str]) -> str:
    """Names of columns as a message lists them, less those that may not be repeated."""
    names = list(names)
    fit = [name for name in names if may_be_told(name)]
    kept = len(names) - len(fit)
    return ", ".join([*fit, *([f"{kept} that may be personal"] if kept else [])])


class MissingExtra(AuditError):
    """An optional package is needed and not installed.

    Args:
        package: the module that could not be imported.
        extra: the extra of auditgate that installs it.
        purpose: what it is needed for, for example "to read ONNX models".
    """

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f'{package} is needed {purpose} and is not installed; run: pip install "auditgate[{extra}]"')


class NotMeasurable(AuditError):
    """The check cannot measure this subject: a column, a score or a file that it needs is not there."""


class TimedOut(AuditError):
    """A check took longer than its rule allows; what it learned until then is kept.

    Args:
        seconds: the time that it had.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not finished within {seconds:g} seconds; raise timeout_seconds or ask for less")


class WorkerFailed(AuditError):
    """The process that ran a check died or sent something unreadable.

    Attributes:
        trace: what the process left on standard error, cleaned of values; empty if nothing.
    """

    def __init__(self, message: str, trace: str = "") -> None:
        self.trace = trace
        super().__init__(message)


class BundleError(AuditError):
    """A bundle folder is damaged, or could not be written; an older bundle at that place is left whole."""
