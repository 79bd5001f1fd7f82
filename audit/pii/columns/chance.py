"""How often a value that means nothing is found: random letters and digits in the form of a column's cells.

A code such as 123-45-6789 passes as a social security number in nine of ten cases, a code of other groups as a
telephone number in every second. Cells that are what they seem pass in all.
"""

from __future__ import annotations

import random
import string

DRAWN = 200
"""Random values of a form: their share is exact to about three in a hundred."""

MEANINGLESS = 0.95
"""Share of random values found from which on a form alone proves nothing."""

OF_CHECK_DIGIT = 0.1
"""Share of random numbers that pass a rule with one check digit; other rules have less."""

BY_CHANCE = 1e-5
"""Share of columns of random numbers in which findings may stand by chance."""

_OF_SIGN = {"9": string.digits, "A": string.ascii_uppercase, "a": string.ascii_lowercase}


def fillings(form: str) -> list[str]:
    """Different random values of a form (`cells.forms`), the same ones each time."""
    rng = random.Random(form)
    return list(dict.fromkeys("".join(rng.choice(_OF_SIGN.get(sign, sign)) for sign in form) for _ in range(DRAWN)))


def explains(found: int, values: int) -> bool:
    """Whether chance finds so many of some values with a check digit in a share of columns above `BY_CHANCE`.

    One number in ten passes a check digit; the tail of the binomial distribution says how often more of them do.
    """
    from scipy.stats import binom

    return found <= 0 or float(binom.sf(found - 1, values, OF_CHECK_DIGIT)) > BY_CHANCE


def needed(by_chance: float) -> float:
    """Share of the cells of a form that has to be found: nearer to all than to what chance finds.

    Where chance finds most, hardly a cell may be missing; above 1 where the form proves nothing.
    """
    return max((1 + by_chance) / 2, 1 - (1 - by_chance) ** 2) if by_chance < MEANINGLESS else 2.0
