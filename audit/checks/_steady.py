"""Asks a model again, in another order and in small batches, to see whether an answer belongs to its row alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.records import Doubt
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_ROWS = 200
_LARGEST_BATCH = 7
_SAME = 1e-4
_TIED = 1e-3


def unsteady_doubts(subject: Subject, answers: Any, scores: Any, *, seed: int) -> tuple[Doubt, ...]:
    """A doubt if the answer to a row depends on the rows that are asked with it, or changes from call to call.

    Up to 200 test rows are asked again in a random order, then 28 of them in batches of 1 to 7; a model that answers
    from elsewhere is asked once more only.

    Args:
        answers: what the model answered to all test rows, shape (n,): codes, or numbers for a regression.
        scores: the probabilities of all test rows, shape (n, k); None where there are none.
    """
    import numpy as np

    rows = np.random.default_rng([seed, 7]).permutation(len(answers))[:_ROWS]
    batches = [rows]
    if not subject.remote:
        ends = np.cumsum(np.arange(1, _LARGEST_BATCH + 1))
        batches += [batch for batch in np.split(rows[: ends[-1]], ends[:-1]) if len(batch)]
    if all(_same(subject, batch, answers, scores) for batch in batches):
        return ()
    return (Doubt("the answer to a row depends on which rows are asked with it, or changes from call to call"),)


def _same(subject: Subject, rows: np.ndarray, answers: Any, scores: Any) -> bool:
    import numpy as np

    asked = subject.test.take(rows)
    again, before = subject.predict(asked), answers[rows]
    if subject.task == "regression":
        return bool(np.allclose(again, before, rtol=_SAME, atol=_SAME * float(np.std(answers))))
    differs = again != before
    if scores is None:
        return not differs.any()
    if np.abs(subject.probabilities(asked) - scores[rows]).max(initial=0.0) > _SAME:
        return False
    # Between classes with nearly the same probability the last digit decides, and that may depend on the batch.
    best = np.sort(scores[rows], axis=1)[:, -2:]
    return not (differs & (best[:, -1] - best[:, 0] > _TIED)).any()
