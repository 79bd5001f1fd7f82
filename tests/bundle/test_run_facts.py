"""`run.json` against the policy: a model that was asked without the isolation that was required."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from audit.bundle.run_facts import problems
from audit.records import Bundle

NOW = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("rule", "asked", "facts", "found"),
    [
        ("robust", "required", {"isolation": "none"}, True),
        ("robust", "required", {"isolation": "kernel"}, False),
        ("robust", "required", {"isolation": "none", "cached": True}, False),
        ("robust", "best_effort", {"isolation": "none"}, False),
        ("leaks", "required", {"isolation": "none"}, False),  # asks no model
        ("files", "required", {"isolation": "none"}, False),  # reads the file of one
    ],
)
def test_isolation_that_was_required(
    rule: str, asked: str, facts: dict[str, str | bool], found: bool, bundle: Bundle
) -> None:
    assert bundle.run is not None
    made = replace(
        bundle, policy=replace(bundle.policy, isolation=asked), run=replace(bundle.run, entries={rule: facts})
    )
    assert [finding.place for finding in problems(made, now=NOW)] == [f"entries.{rule}.isolation"] * found
