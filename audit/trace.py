"""A traceback that can be kept as evidence: where it happened and of what kind, without the values of a row.

Messages of exceptions quote the data ("could not convert string to float: 'j.smith@...'"), and paths name the machine.
Both are cut: frames keep module, line and function; the message keeps its words, not what is quoted in it.
"""

from __future__ import annotations

import re
import signal

_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?')
_RAISED = re.compile(r"(?P<kind>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\S*@\S*|\S*[0-9]{4,}\S*")
_LONGEST_MESSAGE = 300


def clean(text: str) -> str:
    """The frames and the last line of a traceback, one a line; empty if the text holds none.

    Args:
        text: what Python printed, perhaps with other output around it.
    """
    lines = text.splitlines()
    kept = [_frame(match) for line in lines if (match := _FRAME.fullmatch(line))]
    last = next((line for line in reversed(lines) if line and not line[0].isspace()), "")
    match = _RAISED.fullmatch(last)
    if match:
        kept.append(raised(match["kind"].rpartition(".")[2], match["message"] or ""))
    return "\n".join(kept)


def raised(kind: str, message: str) -> str:
    """The kind of an exception and its message without what it quotes."""
    words = _QUOTED.sub("...", message)[:_LONGEST_MESSAGE]
    return f"{kind}: {words}" if words else kind


def _frame(match: re.Match[str]) -> str:
    path = match["file"].replace("\\", "/")
    inside = path.rpartition("/site-packages/")[2] if "/site-packages/" in path else "/".join(path.split("/")[-3:])
    return f"{inside}:{match['line']} in {match['function'] or 'module'}"


def ending(code: int | None) -> str:
    """How a process ended, in words, from its return code; negative ones are signals."""
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
