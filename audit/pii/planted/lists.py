"""Draws from lists of words by language; a list is written as one text, its entries parted by bars or by spaces."""

from __future__ import annotations

import random
from collections.abc import Mapping


def one_of(lists: Mapping[str, str], rng: random.Random, language: str) -> str:
    """An entry of a language's list; of the English one where the language has none."""
    text = lists.get(language, lists["en"])
    return rng.choice(text.split("|") if "|" in text else text.split())
