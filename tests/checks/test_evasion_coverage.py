"""Is there a kind of model that people ship of which the check says nothing, or nothing that is worth it?"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.benchmarks.coverage_subjects import subjects
from tests.benchmarks.evasion_coverage import measured

ROWS, QUERIES = 12, 40


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore:.*torch.jit:DeprecationWarning", "ignore:.*Maximum iterations"
)
@pytest.mark.parametrize("name", list(subjects()))
def test_every_kind_of_model_gets_a_valid_result(name: str, tmp_path: Path) -> None:
    with ExitStack() as held:
        cell = measured(subjects()[name](tmp_path, held), ROWS, QUERIES, power=False, here=True)
    assert not cell.error
    assert cell.valid, "measures are finite, and some rows were broken"
    assert cell.broken, "the evidence names them"
    assert not any("no changed row" in doubt for doubt in cell.doubts)
