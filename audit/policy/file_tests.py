"""Runs the tests that lie in the files which rules name, such as texts for the recognisers of personal data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit import signature
from audit.records import Policy


@dataclass(frozen=True)
class FileTests:
    """What came of the tests in one file.

    Attributes:
        name: of the file, as a rule gives it.
        run: tests in it.
        mismatches: one line each.
    """

    name: str
    run: int
    mismatches: tuple[str, ...]


def run_file_tests(policies: Iterable[Policy]) -> tuple[FileTests, ...]:
    """Run the tests of all files that rules of these policies name, each file once; files without tests are left out.

    Raises:
        AuditError: a test cannot be run.
    """
    found: dict[tuple[str, str], FileTests] = {}
    for rule in (rule for policy in policies for rule in policy.rules):
        parameters = signature.describe(rule.check).parameters
        for parameter, text in rule.files.items():
            name = str(rule.params[parameter])
            test = getattr(parameters[parameter].reader, "test", None)
            if test is not None and (name, text) not in found:
                lines: tuple[str, ...] = test(name, text.encode())
                found[name, text] = FileTests(name, len(lines), tuple(line for line in lines if line))
    return tuple(outcome for outcome in found.values() if outcome.run)
