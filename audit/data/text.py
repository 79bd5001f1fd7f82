"""Reads a text file to a table of one column: a paragraph is a row.

An empty line ends a paragraph. What belongs together over several lines, such as a postal address, thus stays in one
cell; a log, which has no empty lines, is cut at line ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from audit.data.csv import decoded
from audit.data.layout import Layout
from audit.errors import SubjectError

if TYPE_CHECKING:
    import pandas as pd

COLUMN = "text"

_FORMATTED = {b"%PDF-": "a PDF document", b"{\\rtf": "an RTF document"}
"""What files begin with whose words are packed or spelt otherwise, although their bytes may decode."""

LONGEST = 4000
"""Characters of a row; a paragraph that is longer is cut at the end of a line. A line is never cut."""


def read(content: bytes, *, name: str, layout: Layout) -> pd.DataFrame:
    """A frame from the bytes of a text file.

    Raises:
        SubjectError: a byte does not decode, it is a PDF or RTF document, the text is empty, or a line is longer than
            the longest cell.
    """
    import pandas as pd

    for start, kind in _FORMATTED.items():
        if content.startswith(start):
            raise SubjectError(f"{name} is {kind} and no plain text; save what it says as text")
    lines = decoded(content, name=name, encoding=layout.encoding).splitlines()
    for number, line in enumerate(lines, start=1):
        if len(line) > layout.max_cell:
            raise SubjectError(f"{name}:{number}: a line of {len(line)} characters; at most {layout.max_cell} are read")
    rows = list(_paragraphs(lines))
    if not rows:
        raise SubjectError(f"{name} holds no text")
    return pd.DataFrame({COLUMN: rows})


def _paragraphs(lines: list[str]) -> Iterator[str]:
    paragraph: list[str] = []
    length = 0
    for line in [*lines, ""]:
        if paragraph and (not line.strip() or length + len(line) > LONGEST):
            yield "\n".join(paragraph)
            paragraph, length = [], 0
        if line.strip():
            paragraph.append(line)
            length += len(line) + 1
