"""Runs the tests inside a user's file: in each text the named kinds must be found, no more and no less."""

from __future__ import annotations

from audit.pii.custom.reader import read_with_trials
from audit.pii.custom.rules import Custom
from audit.pii.custom.trial import Trial
from audit.pii.entities import HARMLESS_ALONE

LEAST_SCORE = 0.4
"""Of a finding that counts, as in the check `pii`."""


def test(name: str, content: bytes) -> tuple[str, ...]:
    """What came of each test in a file: empty where it is as expected, else one line that does not repeat the text.

    Args:
        name: how messages name the file; it is not opened.
        content: its bytes.

    Raises:
        YamlError: the file is wrong.
    """
    contents = read_with_trials(name, content)
    return tuple(_mismatch(contents.custom, trial) for trial in contents.trials)


def _mismatch(custom: Custom, trial: Trial) -> str:
    # the scanner takes what this package makes, so it cannot be imported before this package is
    from audit.pii.scanner import scan_texts

    context = (trial.column.lower(),) if trial.column else ()
    spans = scan_texts([trial.text], language=trial.language, context=context, custom=custom)[0]
    found = {span.entity for span in spans if span.score >= LEAST_SCORE}
    counted = tuple(sorted(entity for entity in found if entity not in HARMLESS_ALONE or entity in trial.finds))
    if counted == trial.finds:
        return ""
    expected, instead = (", ".join(kinds) or "nothing" for kinds in (trial.finds, counted))
    return f"{trial.place}: expected {expected}, found {instead}"
