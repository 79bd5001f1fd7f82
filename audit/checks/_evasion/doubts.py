"""Why the numbers of an evasion check may flatter: signs that the attacks, not the model, are what held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.checks._evasion.ensemble import Setting
from audit.checks._evasion.frame_box import contradictions
from audit.checks._evasion.second_look import SecondLook
from audit.records import Doubt
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

_GAP = 0.05
_BLIND_SHARE = 0.1
_FLAT_SHARE = 0.5
_FEW_MOVED = 0.1
_FEW_COLUMNS = 10
_WIDE_MOVES = ("coordinate", "square")
"""Attacks whose moves are as wide as epsilon, so that flat steps of an honest score do not stop them."""


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
        again: what a second look at some of these rows found.
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
    again: SecondLook


def doubts(facts: Facts) -> tuple[Doubt, ...]:
    """Every sign that a high robust accuracy would not be the model's own."""
    signs = (_data, _idle, _proofs, _blind, _flat_scores, _outdone)
    texts = [text for sign in signs for text in sign(facts)]
    return tuple(Doubt(text) for text in (*texts, *facts.again.doubts()))


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
    """What leads an attack has to lead somewhere: attacks without it, on the rows that are left, should find little."""
    if not facts.setting.box.continuous:
        return []
    names = [name for name in facts.counts if not _of(facts, "structure", name)]
    texts = []
    for access, word in (("gradients", "gradient"), ("scores", "score")):
        led = [place for place, name in enumerate(names) if _of(facts, access, name)]
        if not led or (access == "scores" and _led(facts)):
            continue
        given = facts.counts[names[led[0]]]["tried"]
        later = sum(facts.counts[name]["broken"] for name in names[led[0] :] if not _of(facts, access, name))
        if later >= max(3, _GAP * given) and (access == "gradients" or later > _broken(facts, names, led)):
            texts.append(
                f"attacks without {word}s broke {later} more of {given} rows than {word} attacks could; the {word} "
                "leads nowhere here, and a stronger attack may break more"
            )
    return texts


def _broken(facts: Facts, names: list[str], places: list[int]) -> int:
    return sum(facts.counts[names[place]]["broken"] for place in places)


def _flat_scores(facts: Facts) -> list[str]:
    """Where wide moves leave the scores as they are on most rows. Few columns of a tree may do that by nature."""
    scored = [name for name in _WIDE_MOVES if facts.counts.get(name, {}).get("tried")]
    narrow = facts.subject.test.frame is not None and len(facts.setting.box.movable) < _FEW_COLUMNS
    if not scored or narrow or facts.setting.structure is not None:
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
