"""Keeps what attacks on texts did, and says it: measures, notes, evidence without any text, and what may flatter."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from audit.checks._evasion import text_evidence
from audit.checks._evasion.looks import median, share_of
from audit.checks._evasion.scores import examined_scores
from audit.checks._evasion.text_rows import TextRows
from audit.records import CheckResult, Doubt, Measure
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.outcome import Outcome
    from attacks.text.outcome import Rewritten

_FLAT_SHARE = 0.5
_FEW_MOVED = 0.1


class TextProgress:
    """The rows of one run: what the model says of them, and what the attacks have done so far.

    Args:
        order: positions of the drawn rows in data.test, in the order in which they are looked at.
        epsilon: characters, or below 1 a share of a row's characters.

    Attributes:
        y: true codes of the drawn rows, shape (n,).
        right: whether the model answers them right, shape (n,), bool.
        broken: whether an attack has turned the answer, shape (n,), bool.
        scores: features to class scores whose largest one is the answer; None where there are none.
    """

    def __init__(
        self, subject: Subject, texts: TextRows, order: np.ndarray, *, epsilon: float, confidence: float
    ) -> None:
        import numpy as np

        from attacks.text.outcome import budgets
        from audit.statistics.sequential import ShareSequence

        self.subject, self.texts, self.order = subject, texts, order
        self.epsilon, self.confidence = epsilon, confidence
        table = subject.test.take(order)
        self.y = subject.codes(table)
        self.clean = subject.predict(table)
        again = subject.predict(texts.decode(texts.x))
        self.random = bool((again != self.clean).any())
        self.right = (self.clean == self.y) & (again == self.y)
        found = examined_scores(subject, table, self.clean)
        self.scores = found.ask
        self.random = self.random or found.random
        self.notes = [found.note] if found.note else []
        self.budget = budgets(texts.x, epsilon)
        self.broken = np.zeros(len(order), dtype=bool)
        self._adversarial = texts.x.copy()
        self._distance = self.budget.astype(np.float64)
        self._queries = np.zeros(len(order), dtype=np.int64)
        self._attacked = np.zeros(len(order), dtype=bool)
        self._moved = np.zeros(len(order), dtype=bool)
        self._counts: dict[str, Counter[str]] = {}
        self._seen = 0
        self._robust = ShareSequence(confidence=confidence)
        self._accurate = ShareSequence(confidence=confidence)

    def add(self, name: str, rows: np.ndarray, outcome: Outcome, sound: Outcome, asked: int) -> None:
        """Take in what one attack did to some rows.

        Args:
            outcome: what the attack says.
            sound: what of it was counted and asked again.
            asked: model rows that it cost, where the attack does not say for which row.
        """
        import numpy as np

        won = rows[sound.success]
        self.broken[won] = True
        self._adversarial[won] = sound.adversarial[sound.success]
        self._distance[won] = sound.distances[sound.success]
        self._queries[rows] += np.where(outcome.queries > 0, outcome.queries, asked // len(rows))
        self._attacked[rows] = True
        self._moved[rows] |= outcome.moved
        self._counts.setdefault(name, Counter()).update(
            tried=len(rows), moved=int(outcome.moved.sum()), found=len(won),
            blind=int((outcome.blind & ~sound.success).sum()),
        )  # fmt: skip

    def seen(self, batch: np.ndarray) -> None:
        """Count a batch of rows whose attacks are over."""
        self._robust.update((self.right & ~self.broken)[batch])
        self._accurate.update((self.clean == self.y)[batch])
        self._seen += len(batch)

    def result(self, queries: int) -> CheckResult:
        """All that is known after the batches so far."""
        robust, accurate = self._robust, self._accurate
        asked = self._queries[self._attacked]
        rows = slice(0, self._seen)
        found = self._distance[rows] * self.right[rows]
        measures = {
            "robust_accuracy": share_of(robust),
            "clean_accuracy": share_of(accurate),
            "median_distance": median(
                found, "changed characters", most=len(self.order), top=float(self.budget[rows].max()),
                confidence=self.confidence,
            ),
            "queries": Measure(float(asked.mean()) if len(asked) else 0.0, "rows", len(asked)),
        }  # fmt: skip
        sentence = (
            f"Of {robust.n} test rows, {accurate.value:.1%} are answered right, and {robust.value:.1%} stay right "
            f"under every change of text that was tried, each up to {self._limit}."
        )
        rewritten = self._rewritten()
        notes = self._notes(queries, rewritten)
        return CheckResult(measures, text_evidence.evidence(rewritten), notes, self._doubts(), sentence)

    @property
    def _limit(self) -> str:
        if self.epsilon < 1:
            return f"{self.epsilon:.3g} of a row's characters, at least one"
        return f"{int(self.epsilon)} changed character{'s' if self.epsilon >= 2 else ''}"

    def _notes(self, queries: int, rewritten: dict[int, dict[str, Rewritten]]) -> tuple[str, ...]:
        ran = [f"{name} broke {one['found']} of {one['tried']}" for name, one in self._counts.items()]
        used = Counter(kind for row in rewritten.values() for kind in text_evidence.kinds(row))
        named = ", ".join(f"{kind} in {count}" for kind, count in used.most_common())
        return (
            f"attacks, each on the rows that still stood: {'; '.join(ran) or 'none, since no row is answered right'}",
            f"epsilon {self.epsilon:g}: {self._limit}; text that can be changed: {', '.join(self.texts.columns)}",
            f"edits in the {len(rewritten)} rows that were broken: {named or 'none'}",
            f"at most {queries} model rows for each attacked row and attack, fewer for texts of over 20,000 characters",
            *(() if self.scores is not None else ("the model gives labels alone, so attacks find less than there is",)),
            *self.notes,
        )

    def _doubts(self) -> tuple[Doubt, ...]:
        import numpy as np

        texts = []
        labels, answers = np.unique(self.y), np.unique(self.clean)
        if len(labels) == 1:
            texts.append(f"all drawn test rows have the same label ({self.subject.classes[labels[0]]})")
        if len(answers) == 1 and len(self.order) > 1:
            texts.append(f"the model answers the same for every row ({self.subject.classes[answers[0]]})")
        if self.random:
            texts.append("the model answers the same row differently when asked twice; attacks follow noise")
        texts += [
            f"attack {name} asked about no changed row, so that it held out proves nothing"
            for name, one in self._counts.items()
            if one["tried"] and not one["moved"]
        ]
        attacked, moved = int(self._attacked.sum()), int(self._moved[self._attacked].sum())
        if attacked and 0 < moved <= _FEW_MOVED * attacked:
            texts.append(f"only {moved} of {attacked} attacked rows hold a text that could be changed")
        return tuple(Doubt(text) for text in (*texts, *self._flat_scores()))

    def _flat_scores(self) -> list[str]:
        if self.scores is None or not self._counts:
            return []
        share = min(one["blind"] / one["tried"] for one in self._counts.values() if one["tried"])
        if share <= _FLAT_SHARE:
            return []
        return [
            f"the scores stand still on {share:.0%} of the attacked rows whatever word is left out: either the model "
            "does not read the text, or its scores are saturated and hide what attacks could follow"
        ]

    def _rewritten(self) -> dict[int, dict[str, Rewritten]]:
        """What became of the texts of each broken row, by its position in data.test and by column."""
        import numpy as np

        from attacks.text.outcome import rewritten

        found = {}
        for place in np.flatnonzero(self.broken[: self._seen]):
            before, after = self.texts.x[place, 1:], self._adversarial[place, 1:]
            found[int(self.order[place])] = {
                name: rewritten(old, new)
                for name, old, new in zip(self.texts.columns, before, after, strict=True)
                if isinstance(old, str)
            }
        return found
