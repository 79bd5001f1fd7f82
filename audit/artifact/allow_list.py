"""The exact names that a model file may refer to.

`allowed.json` lies beside this module and is written by `python -m audit.artifact.introspect`, which looks at the
installed libraries. It holds names, never prefixes: "numpy.*" would also admit numpy.memmap, which writes files.
Three lists, each stricter than the one before: a name may be mentioned (and an empty object of that class created),
called with arguments that the file chooses, or filled with items through the methods of its type.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).with_name("allowed.json")


@dataclass(frozen=True)
class AllowList:
    """Names as `module.name`.

    Attributes:
        named: may be imported, and created empty without running their constructor.
        called: may be called with any arguments; part of `named`.
        filled: types whose objects may be filled with items; part of `named`.
    """

    named: frozenset[str]
    called: frozenset[str]
    filled: frozenset[str]

    def trusting(self, names: Collection[str]) -> AllowList:
        """The same list with exact names added; somebody reviewed them, so they may be called and filled too."""
        return AllowList(self.named.union(names), self.called.union(names), self.filled.union(names))


@lru_cache(maxsize=1)
def shipped() -> AllowList:
    """The list that comes with the package."""
    document = json.loads(DATA.read_text(encoding="utf-8"))
    called, filled = _flat(document["called"]), _flat(document["filled"])
    return AllowList(_flat(document["named"]) | called | filled, called, filled)


@lru_cache(maxsize=1)
def mappings() -> frozenset[str]:
    """Those types of the list that may be filled and are dicts."""
    return shipped().filled - {"collections.deque"}


def _flat(by_module: dict[str, list[str]]) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module, names in by_module.items() for name in names)
