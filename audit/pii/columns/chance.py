"""How often a value that means nothing is found: random letters and digits in the form of a column's cells.

A code such as 123-45-6789 passes as a social security number in nine of ten cases, a code of other groups as a
telephone number in every second. Cells that are what they seem pass in all. Of random numbers of 16 digits three in a
hundred have the check digit of a payment card, one in ten of those that begin as cards do; of random account numbers
one in 97 is right. So it is tried for each kind, with values that begin as those of the column and go on at random.
"""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass

DRAWN = 200
"""Random values of a form: their share is exact to about three in a hundred."""

TRIED = 1000
"""Random values that begin as those of a column: the share of one in 97 is exact to about three in a thousand."""

SHUFFLED = 3000
"""Codes whose signs are put in another order: a finding in a thousand of them is rare, and no more than chance."""

MEANINGLESS = 0.95
"""Share of random values found from which on a form alone proves nothing."""

BY_CHANCE = 1e-4
"""Share of columns of random values in which findings of a kind may stand; a column is asked about ten kinds at most.

So about one column of random numbers in a thousand is wrongly said to hold something.
"""

_OF_SIGN = {"9": string.digits, "A": string.ascii_uppercase, "a": string.ascii_lowercase}


@dataclass(frozen=True)
class Outcome:
    """How many of some different values were found."""

    found: int
    values: int


ONE_IN_TEN = Outcome(TRIED // 10, TRIED)
"""What one check digit of ten lets pass."""


def fillings(form: str) -> list[str]:
    """Different random values of a form (`cells.forms`), the same ones each time."""
    rng = random.Random(form)
    return list(dict.fromkeys("".join(rng.choice(_OF_SIGN.get(sign, sign)) for sign in form) for _ in range(DRAWN)))


def continued(texts: Sequence[str]) -> list[str]:
    """Different random values that begin as some texts do, the same ones each time.

    The second half of the letters and digits of each is drawn anew: what comes first tells the bank, the country or
    the day, and numbers of one source have it alike; what depends on a check digit is left to chance.
    """
    rng = random.Random(len(texts))
    return list(dict.fromkeys(_continued(texts[turn % len(texts)], rng) for turn in range(TRIED))) if texts else []


def shuffled(texts: Sequence[str]) -> list[str]:
    """Different texts of the signs of some texts in random order, the same ones each time."""
    rng = random.Random(len(texts))
    turns = range(SHUFFLED if texts else 0)
    return list(dict.fromkeys("".join(rng.sample(one := texts[turn % len(texts)], len(one))) for turn in turns))


def _continued(text: str, rng: random.Random) -> str:
    places = [place for place, sign in enumerate(text) if sign.isascii() and sign.isalnum()]
    signs = list(text)
    for place in places[-(len(places) // 2) :]:
        sign = signs[place]
        like = string.digits if sign.isdigit() else string.ascii_uppercase if sign.isupper() else string.ascii_lowercase
        signs[place] = rng.choice(like)
    return "".join(signs)


def explains(seen: Outcome, by_chance: Outcome) -> bool:
    """Whether chance finds so many of some values in a share of columns above `BY_CHANCE`.

    Fisher's exact test, one-sided, of the values of a column against random ones.
    """
    from scipy.stats import hypergeom

    if not seen.found:
        return True
    values, found = seen.values + by_chance.values, seen.found + by_chance.found
    return float(hypergeom.sf(seen.found - 1, values, found, seen.values)) > BY_CHANCE


def needed(by_chance: float) -> float:
    """Share of the cells of a form that has to be found: nearer to all than to what chance finds.

    Where chance finds most, hardly a cell may be missing; above 1 where the form proves nothing.
    """
    return max((1 + by_chance) / 2, 1 - (1 - by_chance) ** 2) if by_chance < MEANINGLESS else 2.0
