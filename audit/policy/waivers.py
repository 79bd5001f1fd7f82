"""Reads a file of waivers, and tells which of them count on a day and what became of each."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from audit import plugins
from audit.errors import PolicyError
from audit.policy.problems import Problems, shown
from audit.policy.schema import WaiverFile, WaiversFile, validate
from audit.policy.sources import portable, read_bytes
from audit.records import Policy, Waiver, WaiverUse
from audit.yaml_file import Document, KeyPath, YamlError, read

_IN_WORDS = ("reason", "owner", "approved_by")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def load_waivers(path: str | Path, policy: Policy) -> tuple[Waiver, ...]:
    """Read the waivers for a policy.

    Args:
        path: the file.
        policy: the rules that can be waived, and for how many days at most.

    Returns:
        All waivers of the file, in its order; those past their last day too.

    Raises:
        PolicyError: the file is wrong; it carries every mistake, each with its place.
    """
    name, problems = str(path), Problems()
    try:
        document = read(name, read_bytes(Path(path), name))
    except YamlError as error:
        raise PolicyError(error.problems) from error
    file = validate(WaiversFile, document.value, document, problems)
    items = document.value.get("waivers")
    found = [
        _waiver(document, ("waivers", position), policy, problems)
        for position, item in enumerate(items if file and isinstance(items, list) else [])
        if isinstance(item, dict)
    ]
    if len(problems):
        raise problems.error()
    kept = portable(Path(path))  # the bundle names no folder outside the working folder
    return tuple(
        replace(waiver, location=kept + waiver.location.removeprefix(name)) for waiver in found if waiver is not None
    )


def _waiver(document: Document, at: KeyPath, policy: Policy, problems: Problems) -> Waiver | None:
    value: dict[str, Any] = document.value["waivers"][at[-1]]
    rule = document.source_text((*at, "rule")) or ""
    digest = document.source_text((*at, "model_sha256"))
    if digest is not None:  # sixty-four digits without a letter would else be read as a number
        value = {**value, "model_sha256": digest}
    before = len(problems)
    file = validate(WaiverFile, value, document, problems, at=at, rule=rule)
    known = [known.id for known in policy.rules]
    if rule and rule not in known:
        problems.add(document.mark((*at, "rule")), str(plugins.unknown("rule", rule, known)))
    created, expires = (_day(document, (*at, key), problems, rule) for key in ("created", "expires"))
    if created and expires:
        days, place = (expires - created).days, document.mark((*at, "expires"))
        if days < 0:
            problems.add(place, f"expires on {expires}, before it was created on {created}", rule=rule)
        elif days > policy.max_waiver_days:
            message = f"lasts {days} days; the policy allows {policy.max_waiver_days} (max_waiver_days)"
            problems.add(place, message, rule=rule)
    for key in _IN_WORDS:
        text = document.source_text((*at, key))
        if text is not None and not text.strip():
            problems.add(document.mark((*at, key)), f'"{key}" is blank; say it in words', rule=rule)
    if file is None or len(problems) > before:
        return None
    fields = file.model_dump()
    return Waiver(**{**fields, "model_sha256": file.model_sha256.lower() or None}, location=document.mark(at))


def _day(document: Document, path: KeyPath, problems: Problems, rule: str) -> datetime.date | None:
    text = document.source_text(path)
    if not text:
        return None  # the missing key is noted already
    found = day(text)
    if found is not None:
        return found
    message = f'"{path[-1]}" is {shown(text)}; expected a day that exists, written as 2026-12-31'
    problems.add(document.mark(path), message, rule=rule)
    return None


def day(text: str) -> datetime.date | None:
    """The day that a text such as 2026-12-31 names; None where it is no such text, or no such day."""
    try:
        return datetime.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def waiver_states(
    waivers: Sequence[Waiver], policy: Policy, model_digests: Collection[str], today: datetime.date
) -> tuple[WaiverUse, ...]:
    """Which waivers count on a day, before it is known whether they are needed.

    Args:
        model_digests: sha256 of the files of the model.
        today: the day in UTC.

    Returns:
        One a waiver; its state is `valid`, `expired`, `not_yet`, `other_model` or `not_waivable`.
    """
    rules = {rule.id: rule for rule in policy.rules}

    def state(waiver: Waiver) -> str:
        if not rules[waiver.rule].waivable:
            return "not_waivable"
        if today.isoformat() > waiver.expires:
            return "expired"
        if today.isoformat() < waiver.created:
            return "not_yet"
        return "valid" if waiver.model_sha256 in (None, *model_digests) else "other_model"

    return tuple(WaiverUse(waiver, state(waiver)) for waiver in waivers)


def waiver_uses(states: Sequence[WaiverUse], waived: Collection[str]) -> tuple[WaiverUse, ...]:
    """What became of each waiver, in the order in which `waivers.json` lists them.

    Args:
        states: as `waiver_states` gives them.
        waived: ids of the rules that read WAIVED.
    """
    words = {True: "applied", False: "unused"}
    uses = [replace(use, state=words[use.waiver.rule in waived]) if use.state == "valid" else use for use in states]
    first = ("applied", "expired")
    return tuple(sorted(uses, key=lambda use: first.index(use.state) if use.state in first else len(first)))
