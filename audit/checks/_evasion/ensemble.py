"""Chooses the attacks that fit a model and its data, and runs them one after the other on the rows that still stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from audit.checks._evasion.choice import PACKAGE, modules
from audit.checks._evasion.scores import Scores
from audit.checks._evasion.unit_box import UnitBox
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.structure import Structure
    from attacks.target import Target

Norm = Literal["linf", "l2"]
_MOST_COLUMNS = 300
"""Above it, a search column by column asks more rows than it finds."""
_POOL = 1000
_NETWORK_ROWS, _ESTIMATOR_ROWS = 64, 2048
"""Rows that make one call worth its own cost."""
_TRIED = 8
"""Proven rows of a batch that are attacked all the same."""
_BLIND_FACTOR = 4
"""Where the scores are saturated, labels alone have to do, and get as many times the queries."""
_GRADIENT_FACTOR = 3
"""Nothing finds more for a question than a gradient does, and each wrong class takes its own walk."""
_LAST_FACTOR = 5
"""For a last search of the few rows that withstood all others."""
_DEAR = ("apgd", "transfer", "population")
"""Attacks that proven rows are spared."""


@dataclass(frozen=True)
class Member:
    """One attack of an ensemble."""

    name: str
    module: ModuleType

    @property
    def proves(self) -> bool:
        """Whether what it calls certified is believed: that of this package alone, since nothing can check a proof."""
        return self.module.ACCESS == "structure" and self.module.__name__ == f"{PACKAGE}.{self.name}"


@dataclass
class Tally:
    """What the attacks of one batch did to its rows.

    Attributes:
        broken: shape (n,), bool.
        certified: shape (n,), bool: proven to stay right.
        contradicted: proofs that a later attack broke; each is a fault of this program.
        adversarial: closest points that fool the model, the row itself where there is none.
        queries: rows asked for each row.
        counts: what each attack did, by its name and the words of `AttackCount`.
        contradicted: proofs that a later attack broke; each is a fault of this program.
    """

    broken: np.ndarray
    certified: np.ndarray
    adversarial: np.ndarray
    queries: np.ndarray
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    contradicted: int = 0


@dataclass(frozen=True)
class Setting:
    """All that the attacks on one subject share."""

    subject: Subject
    box: UnitBox
    members: tuple[Member, ...]
    epsilon: float
    norm: Norm
    queries: int
    scores: Scores
    structure: Structure | None
    pool: np.ndarray | None
    unproven: str = ""
    """Why nothing is known of the model's inside, in words."""

    @property
    def gradients(self) -> bool:
        """Whether the model's gradient can be asked."""
        return self.subject.has_gradient and self.box.passes_gradient

    def effort(self, member: Member) -> int:
        """Most rows that an attack may ask of the model for each row that it attacks."""
        factor = _GRADIENT_FACTOR if member.module.ACCESS == "gradients" else 1
        if member.name == "population":
            factor = _LAST_FACTOR
        if self.scores.saturated and member.name in _LABEL_SEARCHES:
            factor = _BLIND_FACTOR
        return self.queries * (1 if self.subject.remote else factor)

    def target(self, max_rows: int | None = None) -> Target:
        """The model as attacks see it, with a fresh budget."""
        from attacks.target import Target

        subject, box, ask = self.subject, self.box, self.scores.ask
        return Target(
            lambda x: subject.predict(box.decode(x)),
            len(subject.classes),
            box.low,
            box.high,
            scores=None if ask is None else (lambda x: ask(box.decode(x))),
            gradient=(lambda x, codes: box.gradient(subject, x, codes)) if self.gradients else None,
            constraints=box.constraints,
            max_rows=max_rows,
            structure=self.structure,
            pool=self.pool,
            # a network answers single rows at little loss, an estimator wants many at once
            call_rows=_NETWORK_ROWS if self.gradients else _ESTIMATOR_ROWS,
        )


def choose(
    subject: Subject, box: UnitBox, names: tuple[str, ...], norm: Norm, scores: Scores, structure: Structure | None
) -> tuple[Member, ...]:
    """The attacks to run, strongest knowledge first.

    Args:
        names: attacks that the policy asks for; none leaves the choice to the model's access and the kind of data.
        scores: what is known about the model's scores.
        structure: what is known of the model's inside.

    Raises:
        UnknownName: there is no such attack.
        NotMeasurable: an attack asks for more than the model gives.
    """
    gradients = subject.has_gradient and box.passes_gradient
    given = {"labels": True, "scores": scores.usable, "gradients": gradients, "structure": structure is not None}
    members = []
    fitting = names or (*_proofs(structure), *_fitting(subject, norm, scores, gradients=gradients))
    for name, module in modules(fitting).items():
        if not given.get(module.ACCESS, False) or (module.ACCESS == "structure" and name not in _proofs(structure)):
            raise NotMeasurable(f'attack "{name}" needs {module.ACCESS}, which this model does not give for this data')
        members.append(Member(name, module))
    return tuple(members)


def _proofs(structure: Structure | None) -> list[str]:
    if structure is None:
        return []
    from attacks.structure import Linear

    return ["exact_linear" if isinstance(structure.kind, Linear) else "exact_trees"]


_LABEL_SEARCHES = ("rays", "hop_skip_jump")


def _fitting(subject: Subject, norm: Norm, scores: Scores, *, gradients: bool) -> list[str]:
    import numpy as np

    frame = subject.test.frame is not None
    narrow = np.prod(np.shape(subject.test.features)[1:]) <= _MOST_COLUMNS
    chosen = ["apgd"] if gradients else []
    chosen += ["uniform_noise", "nearest_row"]
    if scores.usable:
        chosen += ["finite_difference", *(["coordinate"] if narrow else []), *([] if gradients else ["transfer"])]
        chosen += ["square"]
    elif frame:
        chosen += ["coordinate"]  # few others change categories
    # a search by labels needs many small calls, dear on the pipeline of a table; there the scores lead, where they can
    if not frame or not scores.usable or scores.saturated:
        chosen += ["rays"] if norm == "linf" else ["hop_skip_jump"]
        # its probes are as wide as epsilon, so that it sees over the steps of a rounded input
        chosen += ["hop_skip_jump"] if norm == "linf" and scores.saturated else []
    # a gradient leads further than any mixture of points, and an endpoint is asked no more than it has to be
    thorough = scores.usable and narrow and not gradients and not subject.remote
    return [*chosen, "population"] if thorough else chosen


def label_search(norm: Norm) -> Member:
    """The search that labels alone lead best in a norm."""
    name = "rays" if norm == "linf" else "hop_skip_jump"
    return Member(name, modules((name,))[name])


def known_rows(subject: Subject, box: UnitBox, seed: int) -> np.ndarray | None:
    """Up to 1,000 training rows that an attacker may know; None where there is no training data of the same columns."""
    import numpy as np

    if not subject.has("data.train"):
        return None
    train = subject.train
    if subject.test.frame is not None and not set(subject.test.features.columns) <= set(train.columns):
        return None
    rows = np.random.default_rng([seed, 1]).permutation(train.rows)[:_POOL]
    return box.encode(train.take(rows).features)


def attack(setting: Setting, x: np.ndarray, y: np.ndarray, *, seed: int) -> Tally:
    """Run every attack on the rows that stand, and confirm what it claims on the real model.

    Args:
        x: rows as stored values, all answered right.
        y: their true codes, shape (n,).
    """
    import numpy as np

    nothing = np.zeros(len(x), dtype=bool)
    tally = Tally(nothing, nothing.copy(), x.copy(), np.zeros(len(x), dtype=np.int64))
    for number, member in enumerate(setting.members):
        rows = _standing(tally, proven=0 if member.name in _DEAR else _TRIED)
        if not len(rows):
            continue
        target = setting.target(setting.effort(member) * len(rows))
        outcome = member.module.run(
            target, x[rows], y[rows], epsilon=setting.epsilon, norm=setting.norm,
            seed=int(np.random.default_rng([seed, number]).integers(2**31)),
        )  # fmt: skip
        asked, success = target.rows, _confirmed(setting, x[rows], y[rows], outcome.adversarial)
        tally.contradicted += int(tally.certified[rows[success]].sum())
        tally.broken[rows[success]] = True
        proven = int(tally.certified.sum())
        if outcome.certified is not None and member.proves:
            tally.certified[rows] |= outcome.certified
        tally.certified &= ~tally.broken
        tally.adversarial[rows[success]] = outcome.adversarial[success]
        tally.queries[rows] += np.where(outcome.queries > 0, outcome.queries, asked // len(rows))
        tally.counts[member.name] = {
            "tried": len(rows),
            "broken": int(success.sum()),
            "certified": max(0, int(tally.certified.sum()) - proven),
            "moved": int(outcome.moved.sum()),
            "blind": int((outcome.blind & ~success).sum()),
            "queries": asked,
        }
    _tighten(setting, x, y, tally)
    return tally


def _standing(tally: Tally, *, proven: int) -> np.ndarray:
    """Rows to attack: all that are neither broken nor proven, and some proven ones, which have to hold out as well."""
    import numpy as np

    chosen = ~tally.broken & ~tally.certified
    chosen[np.flatnonzero(tally.certified)[:proven]] = True
    return np.flatnonzero(chosen)


def _confirmed(setting: Setting, x: np.ndarray, y: np.ndarray, adversarial: np.ndarray) -> np.ndarray:
    """Which rows are broken, by the one test that every attack has to pass, also one of another package."""
    import numpy as np

    from attacks.outcome import allowed, confirm

    target, box = setting.target(), setting.box
    if not len(x):
        return np.zeros(0, dtype=bool)
    # a row that breaks a limit is none at all; it may not even be decodable
    fine = allowed(target, x, adversarial).reshape((-1,) + (1,) * (x.ndim - 1))
    # what counts is the row that the model really sees: whole numbers, known categories
    seen = box.encode(box.decode(np.where(fine, adversarial, x)))
    return confirm(target, x, y, seen, epsilon=setting.epsilon, norm=setting.norm).success


def _tighten(setting: Setting, x: np.ndarray, y: np.ndarray, tally: Tally) -> None:
    """Bring each adversarial row as close as it still fools the model."""
    import numpy as np

    from attacks.boundary import closer

    rows = np.flatnonzero(tally.broken)
    if not len(rows):
        return
    target = setting.target()
    nearer = closer(target, x[rows], y[rows], tally.adversarial[rows])
    sound = _confirmed(setting, x[rows], y[rows], nearer)
    tally.adversarial[rows[sound]] = nearer[sound]
    tally.queries[rows] += target.rows // len(rows)
