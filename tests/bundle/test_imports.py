"""Verifying needs no model library: a list of modules, for a bundle whose policy names every check."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest


@pytest.mark.slow
def test_verifying_loads_no_heavy_module(tmp_path: Path) -> None:
    benchmark = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "verify.py"))
    folder = benchmark["write_bundle"](tmp_path, 40)
    assert benchmark["heavy_modules"](folder) == []
