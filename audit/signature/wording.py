"""Reads what a check's words promise: the paragraphs of its docstring, its arguments and the ranges of its measures."""

from __future__ import annotations

import re

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_RANGE = re.compile(rf"(?:^|, )(?:up to|({_NUMBER})(?: \([^)]*\))? (?:to|upwards))(?: ({_NUMBER}))?")


def range_of(text: str) -> tuple[float | None, float | None] | None:
    """The range in a measure's text: `, 0 to 1`, `, 0 (same) to 1`, `, 0 to epsilon`, `, 0 upwards` or `, up to 1`."""
    found = _RANGE.findall(text)
    if not found:
        return None
    lows, highs = zip(*found, strict=True)
    return None if "" in lows else min(map(float, lows)), None if "" in highs else max(map(float, highs))


def sections_of(text: str) -> tuple[str, dict[str, str]]:
    """First line of a docstring, and its paragraphs `Why`, `Blind to` and `Source`."""
    summary, _, rest = text.partition("\n")
    sections: dict[str, str] = {}
    current = ""
    for line in rest.splitlines():
        match = re.match(r"(Why|Blind to|Source):\s*(.*)", line)
        if match:
            current, line = match[1], match[2]
        elif not line.strip():
            current = ""
        if current:
            sections[current] = f"{sections.get(current, '')} {line.strip()}".strip()
    return summary.strip(), sections


def argument_texts(text: str) -> dict[str, str]:
    """Descriptions from the `Args:` section of a Google-style docstring."""
    _, _, rest = text.partition("Args:\n")
    texts: dict[str, str] = {}
    name = ""
    for line in rest.splitlines():
        if line.strip() and not line.startswith("    "):
            break
        match = re.match(r"    (\w+): (.*)", line)
        if match:
            name = match[1]
            texts[name] = match[2].strip()
        elif name and line.strip():
            texts[name] += " " + line.strip()
    return texts
