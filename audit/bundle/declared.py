"""Compares the entries of a bundle with what their checks declare: names of measures, scales, what they cannot see.

A word is judged by its place on a scale, so a scale is never believed from the bundle: turned round, "absent" would be
more than "fresh".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from audit import signature
from audit.bundle import installed
from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding, cut
from audit.errors import AuditError
from audit.records import Bundle, Entry, Policy
from audit.signature import CheckSpec


@dataclass(frozen=True)
class Compared:
    """What came of it.

    Attributes:
        excusable: findings about checks that are not those installed here; a trusted signer can vouch for them.
    """

    problems: tuple[Finding, ...]
    excusable: tuple[Finding, ...]


def compare(bundle: Bundle, policy: Policy | None) -> Compared:
    """Compare every entry with its check.

    Args:
        policy: what the policy files of the bundle come to; None where that is not known.
    """
    rules = {} if policy is None else {rule.id: rule for rule in policy.rules}
    problems: list[Finding] = []
    excusable: list[Finding] = []
    for position, entry in enumerate(bundle.entries):
        place, rule = f"entries[{position}]", rules.get(entry.id)
        same, spec = installed.is_same(entry), installed.spec_of(entry)
        if spec is None:
            told = f'rule "{entry.id}": no check "{entry.check}" is installed here, so its measures are not known'
            found = [Finding(BUNDLE, told, None, f"{place}.check", "", entry.version)]
        else:
            with suppress(AuditError):  # files that do not fit this check add no measures
                spec = signature.with_files(spec, rule.params, rule.files) if rule is not None else spec
            found = [*_of_measures(entry, spec, place), *(_of_text(entry, spec, place) if same else ())]
        (problems if same else excusable).extend(found)
        if rule is not None and rule.location != entry.location:
            told = f'rule "{entry.id}": stands elsewhere in the policy files'
            problems.append(Finding(BUNDLE, told, None, f"{place}.location", rule.location, cut(entry.location)))
    return Compared(tuple(problems), tuple(excusable))


def _of_measures(entry: Entry, spec: CheckSpec, place: str) -> Iterator[Finding]:
    for name, measure in entry.measures.items():
        if name not in spec.measures:
            told = f'rule "{entry.id}": check "{entry.check}" has no such measure'
            yield Finding(BUNDLE, told, None, f"{place}.measures", "", cut(name))
        elif measure.scale != spec.scales.get(name, ()):
            told = f'rule "{entry.id}": not the scale of {name}'
            wanted = spec.scales.get(name, ())
            yield Finding(BUNDLE, told, None, f"{place}.measures.{name}.scale", cut(wanted), cut(measure.scale))
    if entry.power is not None and entry.power.scale:
        told = f'rule "{entry.id}": power is a share and has no scale'
        yield Finding(BUNDLE, told, None, f"{place}.power.scale", "", cut(entry.power.scale))


def _of_text(entry: Entry, spec: CheckSpec, place: str) -> Iterator[Finding]:
    wanted = spec.sections.get("Blind to", "")
    if entry.blind_to != wanted:
        told = f'rule "{entry.id}": not what its check says that it cannot see'
        yield Finding(BUNDLE, told, None, f"{place}.blind_to", cut(wanted), cut(entry.blind_to))
