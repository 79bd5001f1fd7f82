"""The bundle made by hand that all reports are tried on."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from audit.records import Bundle


@pytest.fixture(scope="session")
def example() -> SimpleNamespace:
    """`BUNDLE`, `POLICY`, `EVIDENCE` and the names in them."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("example.py"))))


@pytest.fixture
def bundle(example: SimpleNamespace) -> Bundle:
    return example.BUNDLE
