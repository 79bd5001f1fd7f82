"""`trusted_types` of a policy: single names that a model file may use beyond the list of the static scan.

Each has an owner and a last day, as a waiver has: it is an exception that somebody answers for. Those past their last
day count for nothing and stay in the bundle, so an auditor sees which names were trusted, by whom and until when.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from audit.policy import never_trusted
from audit.policy.problems import Problems, shown
from audit.policy.schema import PolicyFile, TrustedTypeFile, validate
from audit.policy.waivers import day
from audit.records import Policy, TrustedType, TrustedTypeUse
from audit.yaml_file import Document, KeyPath

_PART = r"[A-Za-z_][A-Za-z0-9_]*"
NAME = re.compile(rf"{_PART}(?:\.{_PART})+", re.ASCII)
_EXAMPLE = "mypackage.layers.Gate"


@dataclass(frozen=True)
class DraftType:
    """A trusted type as a file gives it.

    Attributes:
        expires_place: `file:line:column` of its last day.
    """

    trusted: TrustedType
    expires_place: str


def trusted_names(policy: Policy, today: datetime.date) -> tuple[str, ...]:
    """Names that count on a day, sorted.

    Args:
        today: the day in UTC.
    """
    return tuple(sorted(use.trusted.name for use in trusted_uses(policy, today) if use.state == "valid"))


def expired_types(policy: Policy, today: datetime.date) -> tuple[TrustedType, ...]:
    """Trusted types past their last day, which count for nothing."""
    return tuple(use.trusted for use in trusted_uses(policy, today) if use.state == "expired")


def trusted_uses(policy: Policy, today: datetime.date) -> tuple[TrustedTypeUse, ...]:
    """All trusted types with their state on a day, as the bundle keeps them."""
    return tuple(TrustedTypeUse(trusted, state(trusted, today)) for trusted in policy.trusted_types)


def state(trusted: TrustedType, today: datetime.date) -> str:
    """`valid` up to and on the last day, `expired` after it."""
    return "expired" if today.isoformat() > trusted.expires else "valid"


def read_types(document: Document, file: PolicyFile, problems: Problems) -> dict[str, DraftType]:
    """Trusted types of one file by name; every mistake of their form is noted."""
    found: dict[str, DraftType] = {}
    raw = document.value.get("trusted_types")
    for position, value in enumerate(raw if isinstance(raw, list) and file.trusted_types else []):
        at: KeyPath = ("trusted_types", position)
        if not isinstance(value, dict):
            continue  # already noted: the list has to hold mappings
        draft = _read_type(document, at, value, problems)
        if draft is None:
            continue
        name = draft.trusted.name
        if name in found:
            place = document.mark((*at, "name"))
            problems.add(place, f"{shown(name)} is trusted at {found[name].trusted.location} already; keep one")
        found.setdefault(name, draft)
    return found


def _read_type(document: Document, at: KeyPath, value: dict[str, object], problems: Problems) -> DraftType | None:
    before = len(problems)
    file = validate(TrustedTypeFile, value, document, problems, at=at)
    place = document.mark((*at, "expires"))
    name = document.source_text((*at, "name"))
    if name and (wrong := mistake(name)):
        problems.add(document.mark((*at, "name")), f"{shown(name)} cannot be trusted: {wrong}")
    text = document.source_text((*at, "expires"))
    if text and day(text) is None:
        problems.add(place, f'"expires" is {shown(text)}; expected a day that exists, written as 2026-12-31')
    if file is None or len(problems) > before:
        return None
    return DraftType(TrustedType(file.name, file.owner, file.expires, file.why, document.mark(at)), place)


def mistake(name: str) -> str:
    """Why a name cannot be trusted; empty where it can."""
    if "*" in name or "?" in name or name.endswith("."):
        return f"a pattern also trusts names that nobody has seen; write each name out, such as {_EXAMPLE}"
    if not NAME.fullmatch(name):
        return f"expected the exact dotted name of a type, such as {_EXAMPLE}"
    return never_trusted.refusal(name)


def merged(parents: list[Mapping[str, DraftType]]) -> dict[str, DraftType]:
    """Trusted types of several policies as one: all of them, and of two with one name the one that ends first."""
    found: dict[str, DraftType] = {}
    for types in parents:
        for name, draft in types.items():
            if name not in found or draft.trusted.expires <= found[name].trusted.expires:
                found[name] = draft
    return found


def check_days(types: Mapping[str, DraftType], most: int, today: datetime.date, problems: Problems) -> None:
    """Note every trusted type that ends later than a waiver of today might.

    Args:
        most: `max_waiver_days` of the whole policy.
        today: the day in UTC.
    """
    for name, draft in types.items():
        last = day(draft.trusted.expires)
        days = (last - today).days if last else 0
        if days > most:
            message = f"{shown(name)} would be trusted for {days} more days; the policy allows {most} (max_waiver_days)"
            problems.add(draft.expires_place, message)
