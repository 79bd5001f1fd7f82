"""Finds attacks by their names, and refuses those that are for another kind of model."""

from __future__ import annotations

from types import ModuleType

from audit import plugins
from audit.errors import NotMeasurable

PACKAGE = "attacks.evasion"
_KINDS = {
    ("numbers", "classes"): "the model answers classes and does not read text alone",
    ("text", "classes"): "the model reads text alone",
    ("numbers", "numbers"): "the task is a regression",
}


def modules(
    names: tuple[str, ...], *, reads: str = "numbers", answers: str = "classes", instead: tuple[str, ...] = ()
) -> dict[str, ModuleType]:
    """The files of attacks, by name.

    Args:
        names: as in a policy.
        reads: what the model reads, "numbers" or "text"; an attack says with `READS` what it changes.
        answers: what the model answers, "classes" or "numbers"; an attack says with `ANSWERS` what it turns.
        instead: attacks to name in an error.

    Raises:
        UnknownName: there is no such attack.
        NotMeasurable: an attack is for another kind of model.
    """
    known, found = plugins.names(PACKAGE), {}
    for name in names:
        if name not in known:
            raise plugins.unknown("attack", name, known)
        module = plugins.load(PACKAGE, name)
        changes, turns = getattr(module, "READS", "numbers"), getattr(module, "ANSWERS", "classes")
        if (changes, turns) != (reads, answers):
            hint = f"; there is {', '.join(instead)}" if instead else ""
            raise NotMeasurable(
                f'attack "{name}" changes {changes} to turn {turns}, and {_KINDS[reads, answers]}{hint}'
            )
        found[name] = module
    return found
