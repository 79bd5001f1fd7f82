"""Runs the recipe on clean and on poisoned rows, keeps what is used again, and writes down every training."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table


@dataclass(frozen=True)
class Training:
    """One poisoned or clean training, a line of the evidence.

    Attributes:
        attack: `none`, `flips`, `trigger` or `copies`.
        kind: which labels or which trigger.
        rows: poisoned rows.
        repeat: number of the seed.
        accuracy: on the test data, 0 to 1.
        success: of the attack, -1 to 1; None where its aim is accuracy.
    """

    attack: str
    kind: str
    rows: int
    repeat: int
    accuracy: float
    success: float | None = None


@dataclass(frozen=True)
class Trained:
    """A model of the recipe.

    Attributes:
        model: the subject with that model; None where all labels were alike, which leaves one answer.
        places: code in the subject's classes of each class of the model, shape (k,), int.
    """

    model: Subject | None
    places: np.ndarray

    def answers(self, table: Table) -> np.ndarray:
        """Class codes of the subject for the rows of a table, shape (n,), int."""
        import numpy as np

        if self.model is None:
            return np.full(table.rows, self.places[0])
        return np.asarray(self.places[self.model.predict(table)])


@dataclass(eq=False)
class Trainings:
    """The recipe of one subject and what was trained with it.

    Attributes:
        seed: of the check; training number k has a seed drawn from it and k.
        log: every training, in order.
    """

    subject: Subject
    seed: int
    log: list[Training] = field(default_factory=list)
    _clean: dict[int, Trained] = field(default_factory=dict)
    _answers: dict[int, np.ndarray] = field(default_factory=dict)

    @cached_property
    def codes(self) -> np.ndarray:
        """Class codes of the training rows, shape (n,), int64."""
        return self.subject.codes(self.subject.train)

    @cached_property
    def truth(self) -> np.ndarray:
        """Class codes of the test rows, shape (m,), int64."""
        return self.subject.codes(self.subject.test)

    @cached_property
    def visible(self) -> Table:
        """The training rows with the columns that test rows have too."""
        test = self.subject.test
        return self.subject.train.without(name for name in self.subject.train.columns if name not in test.columns)

    @property
    def n(self) -> int:
        """Number of training rows."""
        return len(self.codes)

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.subject.classes)

    def checked(self) -> Trainings:
        """These, once it is sure that labels can be wrong and that models can be compared.

        Raises:
            NotMeasurable: the task is a regression, there is one class, or there are fewer than two test rows.
        """
        import numpy as np

        if self.subject.task != "classification":
            raise NotMeasurable("labels are turned from class to class; the task is a regression")
        if len(self.truth) < 2:
            raise NotMeasurable(f"data.test has {len(self.truth)} rows; two or more are needed to compare two models")
        present = np.unique(self.codes)
        if len(present) < 2:
            raise NotMeasurable(
                f"all training rows have the label {self.subject.classes[present[0]]}; there is nothing to flip to"
            )
        return self

    def seed_of(self, *numbers: int) -> int:
        """A seed for one choice, the same in every run."""
        import numpy as np

        return int(np.random.default_rng([self.seed, *numbers]).integers(2**31))

    def clean(self, repeat: int) -> Trained:
        """The model of the data as it is; trained once for each repeat."""
        if repeat not in self._clean:
            self._clean[repeat] = self._trained(self.subject.train, self.codes, repeat)
            self._answers[repeat] = self._clean[repeat].answers(self.subject.test)
            self.log.append(Training("none", "", 0, repeat, self._accuracy(self._answers[repeat])))
        return self._clean[repeat]

    def clean_answers(self, repeat: int) -> np.ndarray:
        """What that model says to the test rows, class codes, shape (m,), int."""
        self.clean(repeat)
        return self._answers[repeat]

    def relabelled(self, codes: np.ndarray, repeat: int) -> Trained:
        """A model of the training rows with other labels: class codes, shape (n,), int."""
        return self._trained(self.subject.train.with_labels(self._labels(codes)), codes, repeat)

    def enlarged(self, rows: Table, codes: np.ndarray, repeat: int) -> Trained:
        """A model of the training rows with more rows at random places among them.

        The rows keep their order: a recipe that holds out the last ones, or forgets the first, meets its share of both.

        Args:
            rows: k rows with the columns of the training data, and perhaps more; their labels are not looked at.
            codes: their class codes, shape (k,), int.
        """
        import numpy as np

        train = self.subject.train
        rows = rows.without(name for name in rows.columns if name not in train.columns)
        whole = train.concat(rows.with_labels(self._labels(codes)))
        added = np.random.default_rng(self.seed_of(repeat, 5)).permutation(whole.rows) < len(codes)
        order = np.where(added, self.n + np.cumsum(added) - 1, np.cumsum(~added) - 1)
        return self._trained(whole.take(order), np.concatenate([self.codes, codes])[order], repeat)

    def note(self, attack: str, kind: str, rows: int, repeat: int, answers: np.ndarray, success: float | None) -> None:
        """Write a poisoned training down; `answers` are class codes of the test rows, shape (m,)."""
        self.log.append(Training(attack, kind, rows, repeat, self._accuracy(answers), success))

    def _accuracy(self, answers: np.ndarray) -> float:
        return float((answers == self.truth).mean())

    def _trained(self, table: Table, codes: np.ndarray, repeat: int) -> Trained:
        import numpy as np

        if len(np.unique(codes)) == 1:
            # most libraries refuse a single class, and a model of it can only answer it
            return Trained(None, codes[:1])
        model = self.subject.retrained(table, self.seed_of(repeat))
        # a model of the recipe may know its classes in another order, or fewer of them
        known = np.array(model.classes, dtype=object)
        listed = replace(self.subject.test.take(np.zeros(len(known), dtype=np.int64)), role="the recipe's model")
        return Trained(model, self.subject.codes(listed.with_labels(known)))

    def _labels(self, codes: np.ndarray) -> np.ndarray:
        """Labels as the training data spells them, shape (k,); those that it has not as the subject does."""
        import numpy as np

        kept = self.subject.train.labels
        spelled = np.array(self.subject.classes, dtype=object)
        if kept is None:
            return np.asarray(spelled[codes])
        for code, first in zip(*np.unique(self.codes, return_index=True), strict=True):
            spelled[code] = kept[first]
        labels = np.asarray(spelled[codes])
        return labels if kept.dtype.kind in "OUS" else np.asarray(labels.astype(kept.dtype))
