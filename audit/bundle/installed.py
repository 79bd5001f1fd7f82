"""Tells whether the checks of a bundle are those that are installed here."""

from __future__ import annotations

from functools import cache

from audit import plugins, signature
from audit.bundle.write import WRITTEN_BY
from audit.errors import AuditError
from audit.records import Bundle, Entry
from audit.signature import CheckSpec


def spec_of(entry: Entry) -> CheckSpec | None:
    """What the check of an entry declares here; None where there is no such check."""
    try:
        return signature.describe(entry.check)
    except (AuditError, ImportError, AttributeError, TypeError, ValueError, SyntaxError):
        return None


@cache
def _version(check: str, known: tuple[str, ...]) -> str:
    return plugins.origin(signature.CHECKS, check) if check in known else WRITTEN_BY


def is_same(entry: Entry) -> bool:
    """Whether the check of an entry would be, by what the entry says, the one that is installed here.

    One that is not installed and says that it is a built-in one of this very version is no other check, but a lie.
    """
    return entry.version == _version(entry.check, signature.check_names())


def elsewhere(bundle: Bundle) -> frozenset[str]:
    """Ids of the rules whose checks are, by what the bundle says, not those that are installed here."""
    return frozenset(entry.id for entry in bundle.entries if not is_same(entry))
