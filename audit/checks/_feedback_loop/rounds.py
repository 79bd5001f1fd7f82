"""What is kept of every round as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit import spreadsheet
from audit.checks._feedback_loop.gaps import Group
from audit.checks._feedback_loop.loop import Replay
from audit.records import Evidence
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np


def rounds_evidence(
    replays: Sequence[Replay], truth: np.ndarray, accepted: int, classes: int, groups: Sequence[Group]
) -> Evidence:
    """One line a round and repeat: what the loop's model and that of its control answer to the test rows."""
    import numpy as np

    measured = ("prevalence", "accuracy", *(f"gap_{group.name}" for group in groups))
    paired = [column for name in measured for column in (name, f"control_{name}")]
    lines = []
    for repeat, replay in enumerate(replays):
        for number in range(len(replay.loop)):
            sides = (replay.loop[number], replay.control[number])
            numbers = [[(side == accepted).mean() for side in sides], [(side == truth).mean() for side in sides]]
            numbers += [[float(group.gaps(side == accepted)) for side in sides] for group in groups]
            shares = [np.bincount(side, minlength=classes) / len(truth) for side in sides]
            variation = np.abs(shares[0] - shares[1]).sum() / 2
            cells = [f"{value:.6g}" for pair in numbers for value in pair]
            lines.append([number, repeat, replay.learned[number], *cells, f"{variation:.6g}"])
    header = ("round", "repeat", "learned_rows", *paired, "total_variation")
    return Evidence(
        "rounds.csv",
        spreadsheet.table(header, lines),
        "Each round of each loop and of its control: share of test rows accepted, accuracy, gaps between groups.",
    )


def classes_evidence(subject: Subject, loop: np.ndarray, control: np.ndarray) -> Evidence:
    """The share of each class after the last round, loop and control of shape (repeats, rows)."""
    lines = [
        [str(label), f"{(loop == code).mean():.6g}", f"{(control == code).mean():.6g}"]
        for code, label in enumerate(subject.classes)
    ]
    return Evidence(
        "classes.csv",
        spreadsheet.table(("class", "share", "control_share"), lines),
        "How many of the test rows are given each class after the last round, with and without the feedback.",
    )
