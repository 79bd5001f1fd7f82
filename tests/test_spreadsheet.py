"""Evidence opens in a spreadsheet without running anything."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from audit import spreadsheet


def test_row_38_cells_that_begin_like_a_formula_are_text() -> None:
    cells = ["=1+1|cmd", "+SUM(A1)", "-2+3", "@x", "\tx", "\rx"]
    content = spreadsheet.table(["=name", "n"], [(cell, -1.5) for cell in cells]).decode()
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[0] == ["'=name", "n"]
    assert [row[0] for row in rows[1:]] == [f"'{cell}" for cell in cells]


def test_numbers_and_plain_text_stay() -> None:
    assert spreadsheet.table(["a", "b"], [(-1.5, "-0.25"), ("x=1", "1e-3")]) == b"a,b\n-1.5,-0.25\nx=1,1e-3\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_row_38_no_text_runs_and_none_is_lost(cells: list[str]) -> None:
    content = spreadsheet.table(["h"] * len(cells), [cells]).decode()
    found = list(csv.reader(io.StringIO(content, newline="")))[1]
    for cell, read in zip(cells, found, strict=True):
        assert read.removeprefix("'") == cell.removeprefix("'") or read == f"'{cell}"
        assert not read.startswith(("=", "@", "\t", "\r"))
