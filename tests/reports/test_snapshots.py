"""Whole outputs, compared with stored ones: a change of wording or markup is seen in review.

`UPDATE_SNAPSHOTS=1 pytest tests/reports/test_snapshots.py` stores them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from audit import plugins
from audit.records import Bundle

SNAPSHOTS = Path(__file__).with_name("snapshots")
FORMATS = ("html", "json", "junit", "markdown", "oscal", "sarif", "text")


@pytest.mark.parametrize("name", FORMATS)
def test_output_is_the_stored_one(name: str, bundle: Bundle) -> None:
    module = plugins.load("audit.reports", name)
    rendered = module.render(bundle)
    stored = SNAPSHOTS / module.FILE
    if os.environ.get("UPDATE_SNAPSHOTS"):
        stored.write_text(rendered, encoding="utf-8", newline="\n")
    assert rendered == stored.read_text("utf-8")


def test_every_shipped_report_has_a_snapshot() -> None:
    shipped = {
        name for name in plugins.names("audit.reports") if plugins.origin("audit.reports", name)[:10] == "auditgate "
    }
    assert shipped == set(FORMATS)
