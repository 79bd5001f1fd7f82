"""Labels that were flipped: they contradict models that did not see them more firmly than noise would.

Blind to flips of one class only, which look like another rate of that class, and in noisy data to flips of the rows
whose labels are surest, which take the models along. The power is that of flips at random;
`tests/benchmarks/poison_labels.py` prints what is seen of the others.
"""

from __future__ import annotations

from audit.checks._poisoned_data.finding import Finding, Planted
from audit.checks._poisoned_data.label_doubt import FLOOR, in_doubt
from audit.checks._poisoned_data.rows import Rows

_SUSPECT = 0.5
_JUST_UNDER = 0.999


def applies(rows: Rows) -> bool:
    """Labels of any data can be flipped."""
    return rows.n > 0


def blind(rows: Rows) -> str:
    """Nothing is known in advance; the power says what drowns in noise."""
    del rows
    return ""


def search(rows: Rows, *, seed: int, alarm: float | None = None) -> Finding:
    """Ask a forest about the rows that each tree left out, and fit the labels as honest ones and random ones.

    Under the alarm level rows are ranked by how little their label is expected.
    """
    draws, floor = (20, FLOOR) if alarm is None else (0, alarm)
    found = in_doubt(rows, seed=seed, draws=draws, alarm=floor)
    scores = found.suspicion / _SUSPECT if found.alarming else found.doubt * _JUST_UNDER
    return Finding(
        scores=scores,
        alarm=found.alarm,
        z=0.0,
        sentence=f"about {found.share:.1%} of the labels contradict all similar rows" if (scores >= 1).any() else "",
        reason="the label contradicts what all similar rows say",
        note=(
            f"flips: share set at random {found.share:.2%}, evidence {found.evidence:.1f} nats "
            f"(alarm over {found.alarm:.1f})"
        ),
    )


def plant(rows: Rows, *, share: float, seed: int) -> Planted:
    """Flip labels as an attacker would choose them: at random among the half of the rows that is least in doubt."""
    import numpy as np

    rng = np.random.default_rng([seed, 1])
    count = max(2, round(share * rows.n))
    surest = np.argsort(rows.doubt, kind="stable")[: max(rows.n // 2, count)]
    chosen = rng.choice(surest, size=count, replace=False)
    labels = rows.labels.copy()
    labels[chosen] = (labels[chosen] + rng.integers(1, len(rows.classes), size=count)) % len(rows.classes)
    return Planted(rows.changed(labels=labels, seed=int(rng.integers(2**31))), chosen)
