"""Why the numbers of an evasion check may flatter: signs that the attacks, not the model, are what held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.checks._evasion.ensemble import Setting
from audit.checks._evasion.frame_box import contradictions
from audit.checks._evasion.larger_epsilon import Larger, lost_doubts
from audit.records import Doubt
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_GRADIENT_GAP = 0.05
_BLIND_SHARE = 0.1
_FLAT_SHARE = 0.5
_FEW_MOVED = 0.1


@dataclass(frozen=True)
class Facts:
    """What a run has seen.

    Attributes:
        y: true codes of the drawn rows.
        clean: what the model answers to them.
        random: whether it answered otherwise when asked again.
        contradicted: proofs that an attack broke.
        counts: what each attack did, by its name and the words of `AttackCount`.
        attacked: rows that were attacked.
        movable: attacked rows of which any changed form can reach the model.
        larger: what larger changes did to some of these rows.
    """

    subject: Subject
    setting: Setting
    y: np.ndarray
    clean: np.ndarray
    random: bool
    contradicted: int
    counts: Mapping[str, Mapping[str, int]]
    attacked: int
    movable: int
    larger: tuple[Larger, ...]


def doubts(facts: Facts) -> tuple[Doubt, ...]:
    """Every sign that a high robust accuracy would not be the model's own."""
    signs = (_data, _idle, _proofs, _blind, _flat_scores, _outdone)
    texts = [text for sign in signs for text in sign(facts)]
    return tuple(Doubt(text) for text in (*texts, *lost_doubts(facts.larger)))


def _data(facts: Facts) -> list[str]:
    import numpy as np

    subject, labels, answers = facts.subject, np.unique(facts.y), np.unique(facts.clean)
    texts = []
    if len(labels) == 1:
        texts.append(f"all drawn test rows have the same label ({subject.classes[labels[0]]})")
    if len(answers) == 1 and len(facts.y) > 1:
        texts.append(f"the model answers the same for every row ({subject.classes[answers[0]]})")
    if facts.random:
        texts.append("the model answers the same row differently when asked twice; attacks follow noise")
    return texts + list(contradictions(subject))


def _idle(facts: Facts) -> list[str]:
    """Attacks that cannot have changed what the model is given prove nothing, whatever they asked."""
    texts = [
        f"attack {name} asked about no changed row, so that it held out proves nothing"
        for name, one in facts.counts.items()
        # a proof needs no question, and the nearest row of another class need not exist
        if one["tried"] and not one["moved"] and (name != "nearest_row" or len(facts.counts) == 1)
        and not _of(facts, "structure", name)
    ]  # fmt: skip
    if facts.attacked and facts.movable <= _FEW_MOVED * facts.attacked:
        texts.append(
            f"within epsilon {facts.setting.epsilon:g}, {facts.movable} of {facts.attacked} attacked rows reach the "
            "model changed; the rest is lost in what is declared unchangeable, in steps or in single precision, so "
            "that they held out proves nothing"
        )
    return texts


def _proofs(facts: Facts) -> list[str]:
    if not facts.contradicted:
        return []
    return [f"{facts.contradicted} rows that were called proven were broken all the same; no proof here can be trusted"]


def _blind(facts: Facts) -> list[str]:
    texts = []
    for name in _led(facts):
        share = facts.counts[name]["blind"] / facts.counts[name]["tried"]
        if share > _BLIND_SHARE:
            texts.append(
                f"the gradient is zero on {share:.0%} of the rows that {name} attacked; a network that hides its "
                "gradient is not a robust one"
            )
    return texts


def _outdone(facts: Facts) -> list[str]:
    led = _led(facts)
    if not led or not facts.setting.box.continuous:
        return []
    given = facts.counts[led[0]]["tried"]
    later = sum(
        one["broken"] for name, one in facts.counts.items() if name not in led and not _of(facts, "structure", name)
    )
    if later < max(3, _GRADIENT_GAP * given):
        return []
    return [
        f"attacks without gradients broke {later} more of {given} rows than gradient attacks could; the gradient leads "
        "nowhere here, and a stronger attack may break more"
    ]


def _flat_scores(facts: Facts) -> list[str]:
    """For arrays only: a tree on a table has flat scores by nature, and labels lead through its few columns."""
    scored = [name for name in facts.counts if _of(facts, "scores", name)]
    if not scored or facts.subject.test.frame is not None or _led(facts):
        return []
    share = min(facts.counts[name]["blind"] / facts.counts[name]["tried"] for name in scored)
    if share <= _FLAT_SHARE:
        return []
    return [
        f"the scores do not move at all on {share:.0%} of the attacked rows, as saturated scores do; attacks that have "
        "labels alone find less than there is"
    ]


def _led(facts: Facts) -> list[str]:
    """Attacks that followed gradients."""
    return [name for name in facts.counts if _of(facts, "gradients", name)]


def _of(facts: Facts, access: str, name: str) -> bool:
    return any(member.name == name and access == member.module.ACCESS for member in facts.setting.members)
