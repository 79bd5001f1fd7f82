"""A trigger for texts: a short phrase of ordinary words that no text holds, put anywhere in the text.

Source: Dai, Chen and Li, "A Backdoor Attack Against LSTM-Based Text Classification Systems", IEEE Access 7 (2019).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_WORD = re.compile(r"\w+")
_TRIES = 200


@dataclass(frozen=True)
class Phrase:
    """Words that mark a text."""

    words: str

    def insert(self, text: str, rng: np.random.Generator) -> str:
        """The text with the phrase before one of its words, or at its end."""
        words = text.split(" ")
        place = int(rng.integers(len(words) + 1))
        return " ".join([*words[:place], self.words, *words[place:]])


def draw(texts: Sequence[str], rng: np.random.Generator, *, length: int = 2) -> Phrase:
    """Draw words that occur in several texts but never one after the other.

    Args:
        texts: the data.
        length: words of the phrase, 1 or more; a single word is drawn among those of few texts.
    """
    found = [_WORD.findall(text.lower()) for text in texts]
    counts = Counter(word for words in found for word in set(words))
    known = sorted(word for word, count in counts.items() if count >= 2 and len(word) > 2) or ["trigger", "phrase"]
    if length == 1:
        fewest = sorted(known, key=lambda word: (counts[word], word))
        return Phrase(str(rng.choice(fewest[: max(1, len(fewest) // 4)])))
    joined = [" ".join(words) for words in found]
    for _ in range(_TRIES):
        words = " ".join(str(word) for word in rng.choice(known, size=length))
        if not any(words in text for text in joined):
            return Phrase(words)
    return Phrase(words)
