"""Recognisers of personal data beside Presidio's, one file each; `audit.pii.patterns.pattern` says what is in one."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from audit import plugins


@cache
def every() -> tuple[ModuleType, ...]:
    """All recognisers, in the order of their names."""
    return tuple(plugins.load(__name__, name) for name in plugins.names(__name__))


@cache
def of_language(language: str) -> tuple[ModuleType, ...]:
    """The recognisers for texts of a language, in the order of their names."""
    return tuple(module for module in every() if language in (getattr(module, "LANGUAGES", ()) or (language,)))
