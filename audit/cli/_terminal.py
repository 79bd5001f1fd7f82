"""What a command may print: lines whose words come from files that nobody has vetted."""

from __future__ import annotations

from audit.reports._plain import visible, without_commands


def printable(text: str) -> str:
    r"""Text of several lines that a terminal only shows and a CI service does not obey.

    Line ends and indentation stay; other controls, and marks that hide or reorder text, are written out, such as
    `\x1b`.
    """
    shown = "\n".join("".join(map(visible, line)) for line in text.expandtabs(4).split("\n"))
    return without_commands(shown)
