"""A model in a loop, with the rows and labels that it learned from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.checks._feedback_loop.returns import Decided, Returned
from audit.errors import NotMeasurable, SubjectError, WorkerFailed
from audit.subject import Subject
from audit.subject.labels import coded

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Side:
    """One side of a pair, the loop or its control. Arrays are replaced and never changed, so a shallow copy is apart.

    Attributes:
        subject: with the recipe, the training and the test rows.
        window: rows that are kept.
        rows: positions in the training data of what is learned from, oldest first.
        codes: the labels that these rows came with.
        model: trained on them; None before the first training, and where a model could answer one class only.
        answers: of the model to the test rows, codes, shape (test rows,).
        ended: why nothing is learned any more, empty while something is.
        failed: whether that is because the recipe could not.
    """

    subject: Subject
    window: int
    rows: np.ndarray
    codes: np.ndarray
    model: Subject | None = None
    answers: np.ndarray = field(init=False)
    ended: str = ""
    failed: bool = False

    @property
    def only_class(self) -> int | None:
        """The class that all labels are of, None where there are two or more."""
        return int(self.codes[0]) if (self.codes == self.codes[0]).all() else None

    def decided(self, rows: np.ndarray, truth: np.ndarray, accepted: int, *, scored: bool) -> Decided:
        """What the model says of some training rows."""
        model, table = self._trained, self.subject.train.take(rows)
        scores = None
        if scored and model.has_probabilities:
            scores = model.probabilities(table)[:, self._places() == accepted].sum(axis=1)
        return Decided(self._places()[model.predict(table)], truth, scores)

    def advance(self, fresh: np.ndarray, back: Returned, seed: int) -> None:
        """Learn from the newest rows, those that came back among them; nothing changes if none came back."""
        import numpy as np

        if self.ended or len(back.rows) == 0:
            return
        present = set(self.codes.tolist())
        self.rows = np.concatenate([self.rows, fresh[back.rows]])[-self.window :]
        self.codes = np.concatenate([self.codes, back.codes])[-self.window :]
        if self.only_class is not None:
            # whatever learns from one class can answer nothing else, so no recipe is asked to
            self.model, self.answers = None, np.full(self.subject.test.rows, self.only_class)
            self.ended = f"every label that came back was {self.subject.classes[self.only_class]}"
            return
        lost = sorted(present - set(self.codes.tolist()))
        try:
            self.learn(seed)
        except (SubjectError, WorkerFailed) as problem:
            if not lost:
                raise
            names = ", ".join(str(self.subject.classes[code]) for code in lost)
            self.ended = f"no row labelled {names} came back, and the recipe cannot learn without: {problem}"
            self.failed = True

    def learn(self, seed: int) -> None:
        """Train on the rows and labels of now, and answer the test rows.

        Raises:
            SubjectError: the recipe fails.
        """
        import numpy as np

        train = self.subject.train
        known = self.subject.codes(train)
        labels = train.labels
        if labels is None:
            raise NotMeasurable(f"{train.role} has no labels")
        # a row of each class lends its label, so that labels keep their spelling and type
        spelled = {code: int(np.argmax(known == code)) for code in np.unique(self.codes)}
        lenders = np.array([spelled[code] for code in self.codes])
        self.model = self.subject.retrained(train.take(self.rows).with_labels(labels[lenders]), seed)
        self.answers = self._places()[self._trained.predict(self.subject.test)]

    @property
    def _trained(self) -> Subject:
        if self.model is None:
            raise NotMeasurable("nothing was trained yet")
        return self.model

    def _places(self) -> np.ndarray:
        """Where each class of the model stands among the classes of the subject, shape (classes of the model,)."""
        return coded(self._trained.classes, self.subject.classes, where="classes of a retrained model").codes
