"""Policies: YAML files that say what is measured and what the measures have to satisfy.

`load` reads one with all that it extends, `load_waivers` the exceptions to it. Every mistake is found before a model is
touched, and all are reported at once, each with file, line and column.
"""

from audit.policy.attached import Finder, text_of
from audit.policy.loader import Reading, inspect, load
from audit.policy.sources import builtin_names
from audit.policy.trusted import expired_types, trusted_names, trusted_uses
from audit.policy.waivers import load_waivers

__all__ = [
    "Finder",
    "Reading",
    "builtin_names",
    "expired_types",
    "inspect",
    "load",
    "load_waivers",
    "text_of",
    "trusted_names",
    "trusted_uses",
]
