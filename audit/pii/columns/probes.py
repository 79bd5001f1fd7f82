"""Values made for the kinds that are looked for: a column is asked with them before any cell is left unread."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

from audit.pii import planted
from audit.pii.columns.options import Options

EACH = 6
"""Values of each kind: makers write a kind in several ways."""


def all_made(options: Options) -> bool:
    """Whether values of all demanded kinds can be made; the user's own recognisers may find anything."""
    return options.custom is None and set(options.entities) <= set(planted.entities())


@cache
def values(entities: tuple[str, ...], language: str) -> Sequence[str]:
    """Different values of the kinds.

    Args:
        entities: kinds; empty for all of which values can be made.
        language: of the texts.
    """
    rng = random.Random(0)
    kinds = [kind for kind in entities or planted.entities() if kind in planted.entities()]
    return tuple(dict.fromkeys(planted.value(kind, rng, language) for kind in kinds for _ in range(EACH)))
