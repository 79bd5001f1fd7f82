"""International bank account numbers of countries in Europe, in one piece and in groups of four."""

from __future__ import annotations

import random

from audit.pii.planted.accounts import NATIONAL
from audit.pii.planted.numbers import mod_97_10


def _iban(rng: random.Random, language: str) -> str:
    country = rng.choice(sorted(NATIONAL))
    body = NATIONAL[country](rng, language)
    whole = f"{country}{mod_97_10(body + country)}{body}"
    return rng.choice((whole, " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))))


MAKERS = {"IBAN_CODE": _iban}

LABELS = {"IBAN_CODE": {"en": "transfer to IBAN"}}
