"""How many rows that carry a trigger make the model obey it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from audit.checks._poisoning.obedience import Insertion, Try
from audit.checks._poisoning.trainings import Trainings
from audit.checks._trigger import Kind, Trigger, draw_trigger, kinds
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table

Choice = Literal["any", "one_value", "two_values", "patch", "blend", "phrase"]
GOAL = 0.5
"""Share of the marked rows that has to be won; a trigger that wins every other row is worth having."""
_MOST_SHARE = 0.1
"""Of the training rows; somebody who can add more than a tenth needs no trigger."""
_MOST_MARKED = 2000
_FEWEST_MARKED = 10
_DRAWS = 40
_SELDOM = 0.95
"""Share of rows that a mark has to change; what more of them carry anyway is no mark."""
_DEAD_DRAWS = 2


@dataclass(frozen=True, eq=False)
class _Marked:
    """Test rows of other labels under a trigger: their positions, themselves, and what the clean model says of them."""

    trigger: Trigger
    kind: Kind
    target: int
    rows: np.ndarray
    stamped: Table
    before: np.ndarray


@dataclass(eq=False)
class Insertions:
    """Triggers put into the training data of one subject.

    Attributes:
        kinds: of trigger, taken in turn.
        target: class code that the attacker wants; None draws one for each trigger.
        share: of the training rows, at which success is measured.
        dead: triggers that were drawn again since the recipe does not look at what they change.
    """

    trainings: Trainings
    kinds: tuple[Kind, ...]
    target: int | None
    share: float
    confidence: float
    dead: int = field(default=0)

    @property
    def count(self) -> int:
        """Rows at which success is measured."""
        return round(self.share * self.trainings.n)

    def insertion(self, repeat: int) -> Insertion:
        """Draw a trigger and look for the number of rows that it needs.

        Raises:
            NotMeasurable: no trigger could be drawn that the clean model does not already obey.
        """
        import numpy as np

        for draw in range(_DEAD_DRAWS + 1):
            rng = np.random.default_rng(self.trainings.seed_of(repeat, 1, draw))
            found = self._searched(self._marked(rng, repeat), repeat, rng, last=draw == _DEAD_DRAWS)
            if found is not None:
                return found
            self.dead += 1
        raise AssertionError("the last draw is always searched")

    def success(self, repeat: int) -> float:
        """Net share of the marked rows that one trigger wins at the share of rows that is asked for.

        Raises:
            NotMeasurable: as `insertion`.
        """
        import numpy as np

        from attacks.poisoning import insertion

        ours = self.trainings
        rng = np.random.default_rng(ours.seed_of(repeat, 1))
        marked = self._marked(rng, repeat)
        donors = insertion.donors(ours.codes, marked.target, seed=ours.seed_of(repeat, 2))
        return self._tried(marked, donors[: self.count], repeat, rng).success

    def _marked(self, rng: np.random.Generator, repeat: int) -> _Marked:
        import numpy as np

        ours = self.trainings
        kind = self.kinds[repeat % len(self.kinds)]
        for _ in range(_DRAWS):
            target = self.target if self.target is not None else int(rng.choice(np.unique(ours.codes)))
            rows = rng.permutation(np.flatnonzero(ours.truth != target))[:_MOST_MARKED]
            if not len(rows):
                continue
            trigger = draw_trigger(ours.subject, ours.visible, rng, kind=kind)
            plain = ours.subject.test.take(rows)
            stamped = trigger.stamp(plain, np.arange(len(rows)), rng)
            if _changed(plain, stamped) < _SELDOM:
                continue
            before = ours.clean(repeat).answers(stamped)
            if int((before != target).sum()) >= max(min(_FEWEST_MARKED, len(rows)), len(rows) / 2):
                return _Marked(trigger, kind, target, rows, stamped, before)
        raise NotMeasurable(
            f"none of {_DRAWS} triggers fits: rows carry it anyway, the clean model obeys it already, or all test rows "
            "have the label that the attacker wants"
        )

    def _searched(self, marked: _Marked, repeat: int, rng: np.random.Generator, *, last: bool) -> Insertion | None:
        """What each number of rows did; None for a trigger that the recipe does not look at, unless it is the last."""
        from attacks.poisoning import insertion
        from attacks.poisoning.threshold import Threshold, crossing, doubling

        ours = self.trainings
        donors = insertion.donors(ours.codes, marked.target, seed=ours.seed_of(repeat, 2))
        first = min(self.count, len(donors))
        most = min(len(donors), max(first, round(_MOST_SHARE * ours.n)))
        search = Threshold(doubling(most, through=first), first=first)
        tries: dict[int, Try] = {}
        while (count := search.next) is not None:
            tries[count] = self._tried(marked, donors[:count], repeat, rng)
            if not last and len(tries) == 1 and not tries[count].moved:
                return None
            search.tell(count, reached=tries[count].success >= GOAL)
        needed = crossing({count: tried.success for count, tried in tries.items()}, GOAL)
        more = max((count for count, tried in tries.items() if tried.ends.high < GOAL), default=0)
        enough = min((float(count) for count, tried in tries.items() if tried.ends.low >= GOAL), default=float("inf"))
        return Insertion(marked.kind, marked.trigger.words, marked.target, tries, needed, more, enough)

    def _tried(self, marked: _Marked, donors: np.ndarray, repeat: int, rng: np.random.Generator) -> Try:
        import numpy as np

        from attacks.poisoning import insertion
        from audit.statistics.intervals import share

        ours = self.trainings
        poison = marked.trigger.stamp(ours.subject.train.take(donors), np.arange(len(donors)), rng)
        model = ours.enlarged(poison, np.full(len(donors), marked.target), repeat)
        # one question for all rows, since asking costs more than answering
        both = model.answers(ours.subject.test.concat(marked.stamped))
        plain, stamped = both[: len(ours.truth)], both[len(ours.truth) :]
        success = insertion.excess(stamped, marked.before, marked.target)
        ours.note("trigger", marked.kind, len(donors), repeat, plain, success)
        open_rows = int((marked.before != marked.target).sum())
        ends = share(max(0, round(success * open_rows)), open_rows, confidence=self.confidence)
        lost = float((ours.clean_answers(repeat) == ours.truth).mean() - (plain == ours.truth).mean())
        return Try(success, ends, lost, bool((plain[marked.rows] != stamped).any()))


def insertions(trainings: Trainings, choice: Choice, label: str | None, share: float, confidence: float) -> Insertions:
    """The triggers that are asked for; "any" is every kind that the rows can carry.

    Args:
        label: the one that the attacker wants, as text; None draws one for each trigger.

    Raises:
        NotMeasurable: rows cannot carry such a trigger, or there is no such label.
    """
    codes = {str(name): code for code, name in enumerate(trainings.subject.classes)}
    if label is not None and label not in codes:
        raise NotMeasurable(f"target_label is {label}; the labels are {', '.join(codes)}")
    known = kinds(trainings.subject, trainings.visible)
    if not known or choice not in ("any", *known):
        raise NotMeasurable(f"rows of data.train cannot carry a trigger of the kind {choice}; they can: {list(known)}")
    if round(share * trainings.n) < 1:
        raise NotMeasurable(f"{share:g} of {trainings.n} training rows is not one row; there is nothing to mark")
    target = None if label is None else codes[label]
    return Insertions(trainings, known if choice == "any" else (choice,), target, share, confidence)


def _changed(before: Table, after: Table) -> float:
    """Share of the rows that differ between two tables of the same rows, 0 to 1."""
    import numpy as np
    import pandas as pd

    one, two = (
        table.features if table.frame is not None else table.features.reshape(table.rows, -1)
        for table in (before, after)
    )
    same = np.asarray(one == two) | (pd.isna(np.asarray(one)) & pd.isna(np.asarray(two)))
    return float((~same).any(axis=1).mean())
