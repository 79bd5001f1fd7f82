"""Says why a regular expression could take too long, before it is ever run on a text.

Python's `re` tries alternatives one after the other, so a pattern such as `(a+)+b` takes a time that doubles with
every letter. Here the most steps from one place in a text are counted from the pattern itself. A choice that the next
character decides costs nothing: in `[0-9]{1,9}-` the run of digits can end only where the hyphen stands. A choice that
it does not decide multiplies the steps of all that follows by the number of its ways. A run without an end is allowed
where it can be entered only at its beginning, as in `-[0-9]+` and `\\b[a-z]+@`, for then all runs together are no
longer than the text.

What is counted holds for texts of any content, so a pattern that is harmless on real texts may be refused; it can
always be written with repeats that have an end.
"""

from __future__ import annotations

import re
from importlib import import_module

from audit.pii.custom.regex_steps import Counter, Endless

MOST_STEPS = 2_000
"""Steps that a pattern may take from one place; with it a text of 20,000 hostile characters takes about a second."""


def reason(pattern: str, *, ignore_case: bool = False) -> str:
    """Why a pattern is too slow, or nothing that can be searched for; empty if it may be used.

    Args:
        pattern: a regular expression in the syntax of Python's `re`.
        ignore_case: whether small and capital letters are the same.
    """
    try:
        compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
        if compiled.search("") is not None:
            return "it matches an empty text"
        if compiled.flags & ~(re.UNICODE | re.IGNORECASE) or (compiled.flags & re.IGNORECASE and not ignore_case):
            return "flags inside a pattern are not read; leave them out, or set ignore_case"
        counter = Counter(import_module("re._parser").parse(pattern, compiled.flags), ignore_case=ignore_case)
        steps = counter.steps()
    except (re.error, OverflowError, RecursionError) as error:
        return f"it is no regular expression: {error}"
    except Endless as error:
        return str(error)
    if steps > MOST_STEPS:
        return (
            f"it can take {min(steps, 1e9):,.0f} steps or more from one place of a text, where {MOST_STEPS:,} are "
            "allowed; give its repeats smaller ends, such as {1,20}, or let each end where another character begins"
        )
    return ""
