"""Attacks a model through the free text that it reads; epsilon is a number of changed characters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from audit.checks._evasion.batches import batches
from audit.checks._evasion.choice import modules
from audit.checks._evasion.text_report import TextProgress
from audit.checks._evasion.text_rows import TextRows, text_columns
from audit.checks._evasion.unit_box import unit_box
from audit.errors import NotMeasurable
from audit.records import CheckResult, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.outcome import Outcome
    from attacks.target import Target

DEFAULT = ("text_edits",)
_PLANTED = 24
_KNOWN = 1000
_GENEROUS = 20
"""Characters that a planted attack may change at least, however short the texts are."""


@dataclass(frozen=True)
class Setting:
    """All that the attacks on the texts of one subject share.

    Attributes:
        members: the attacks by name.
        epsilon: characters that may be changed, or below 1 the share of a row's characters.
        queries: most rows that one attack may ask for each row that it attacks.
    """

    subject: Subject
    members: dict[str, ModuleType]
    epsilon: float
    queries: int


def applies(subject: Subject) -> bool:
    """Whether the model reads text that can be changed, and nothing else of it can be.

    Raises:
        NotMeasurable: as `unit_box`.
    """
    if subject.task != "classification" or subject.test.rows == 0 or not text_columns(subject):
        return False
    return subject.test.frame is None or not unit_box(subject).movable


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    epsilon: float,
    attacks: tuple[str, ...] = (),
    max_rows: int = 500,
    queries: int = 400,
) -> Iterator[CheckResult]:
    """Attack the texts of test rows in random order, in growing batches, and yield after each; as `evasion.run`.

    Args:
        epsilon: characters that may be changed in a row, or below 1 the share of its characters, at least one.

    Raises:
        NotMeasurable: the model takes no text that can be changed, or an attack is none on texts.
        UnknownName: an attack does not exist.
    """
    import numpy as np

    order = subject.test.shuffled(seed)[:max_rows]
    setting = Setting(subject, modules(attacks or DEFAULT, reads="text", instead=DEFAULT), epsilon, queries)
    texts = TextRows(subject, order, _known(subject, seed))
    progress = TextProgress(subject, texts, order, epsilon=epsilon, confidence=confidence)
    for span in batches(len(order)):
        batch = np.arange(span.start, span.stop)
        right = batch[progress.right[batch]]
        _attack(setting, progress, right, seed=seed + span.start)
        progress.seen(batch)
        yield progress.result(queries)


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    attacks: tuple[str, ...] = (),
    queries: int = 400,
) -> Measure:
    """Share of rows that the same attacks break when they may change as many characters as the longest text has.

    Every text of the row can be changed then, also what is declared immutable. A model that always gives one answer is
    never broken, and attacks whose changes do not reach the model break nothing.

    Raises:
        NotMeasurable: no row is answered right, so there is nothing to break; otherwise as `run`.
    """
    import numpy as np

    from audit.statistics.intervals import share

    order = subject.test.shuffled(seed + 1)[: 8 * _PLANTED]
    texts = TextRows(subject, order, np.zeros(0, dtype=np.int64), relaxed=True)
    longest = max((len(cell) for row in texts.x for cell in row if isinstance(cell, str)), default=0)
    epsilon = float(max(_GENEROUS, longest))
    progress = TextProgress(subject, texts, order, epsilon=epsilon, confidence=confidence)
    rows = np.flatnonzero(progress.right)[:_PLANTED]
    if not len(rows):
        raise NotMeasurable("the model answers none of the drawn test rows right, so there is nothing to attack")
    _attack(
        Setting(subject, modules(attacks or DEFAULT, reads="text", instead=DEFAULT), epsilon, queries),
        progress,
        rows,
        seed=seed,
    )
    broken = progress.broken[rows]
    ends = share(int(broken.sum()), len(broken), confidence=confidence)
    return Measure(float(broken.mean()), "share", len(broken), ends.low, ends.high)


def _attack(setting: Setting, progress: TextProgress, right: np.ndarray, *, seed: int) -> None:
    """Run every attack on the rows that stand, and confirm what it claims on the real model."""
    import numpy as np

    from attacks.text.outcome import confirm

    for number, (name, module) in enumerate(setting.members.items()):
        rows = right[~progress.broken[right]]
        if not len(rows):
            return
        x, y = progress.texts.x[rows], progress.y[rows]
        target = _target(setting, progress, setting.queries * len(rows))
        outcome: Outcome = module.run(
            target, x, y, epsilon=setting.epsilon, norm="linf",
            seed=int(np.random.default_rng([seed, number]).integers(2**31)),
        )  # fmt: skip
        # what an attack of another package claims is counted and asked again
        sound = confirm(_target(setting, progress, None), x, y, outcome.adversarial, epsilon=setting.epsilon)
        progress.add(name, rows, outcome, sound, target.rows)


def _target(setting: Setting, progress: TextProgress, max_rows: int | None) -> Target:
    from attacks.target import Target

    subject, texts = setting.subject, progress.texts
    scores = progress.scores
    return Target(
        lambda x: subject.predict(texts.decode(x)),
        len(subject.classes),
        scores=None if scores is None else lambda x: scores(texts.decode(x)),
        max_rows=max_rows,
        pool=texts.pool,
        call_rows=1024,
    )


def _known(subject: Subject, seed: int) -> np.ndarray:
    """Up to 1,000 training rows that an attacker may know."""
    import numpy as np

    if not subject.has("data.train"):
        return np.zeros(0, dtype=np.int64)
    return np.asarray(np.random.default_rng([seed, 1]).permutation(subject.train.rows)[:_KNOWN])
