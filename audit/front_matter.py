"""Cuts a text file into the YAML between two lines of dashes at its top and the text below, as model cards have it."""

from __future__ import annotations

from dataclasses import dataclass

from audit import yaml_file

_OPENS = "---"
_CLOSES = ("---", "...")


@dataclass(frozen=True)
class FrontMatter:
    """The two parts of a file.

    Attributes:
        yaml: text between the lines of dashes.
        body: text below.
        body_line: number of the first line of the body, counted from 1.
    """

    yaml: str
    body: str
    body_line: int

    def values(self, path: str) -> yaml_file.Document:
        """The YAML, read strictly; places are lines of the whole file.

        Raises:
            YamlError: it repeats a key, holds anchors or tags, is no mapping ...
        """
        return yaml_file.read(path, f"\n{self.yaml}".encode())


def split(text: str) -> FrontMatter | None:
    """The parts of a text; None where it has no front matter, or where that never ends."""
    lines = text.split("\n")
    if lines[0].rstrip() != _OPENS:
        return None
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() in _CLOSES:
            return FrontMatter("\n".join(lines[1 : number - 1]), "\n".join(lines[number:]), number + 1)
    return None
