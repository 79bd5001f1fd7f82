"""The kinds of personal data that can be looked for, with the words that a reader gets for each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from audit.pii import recognisers

FROM_PRESIDIO = {
    "CREDIT_CARD": "payment card numbers",
    "CRYPTO": "cryptocurrency addresses",
    "DATE_TIME": "dates and times",
    "EMAIL_ADDRESS": "e-mail addresses",
    "IBAN_CODE": "international bank account numbers",
    "IP_ADDRESS": "addresses of computers on a network",
    "LOCATION": "places and postal addresses",
    "MAC_ADDRESS": "addresses of network devices",
    "MEDICAL_LICENSE": "licence numbers of physicians",
    "NRP": "nationalities, religious and political groups",
    "ORGANIZATION": "organisations",
    "PERSON": "names of people",
    "PHONE_NUMBER": "telephone numbers",
    "UK_NHS": "British health service numbers",
    "URL": "web addresses",
    "US_BANK_NUMBER": "American bank account numbers",
    "US_DRIVER_LICENSE": "American driving licence numbers",
    "US_ITIN": "American taxpayer numbers",
    "US_PASSPORT": "American passport numbers",
    "US_SSN": "American social security numbers",
    "UUID": "universally unique identifiers",
}
"""Entities of the recognisers that `presidio-analyzer` loads for English, its language model's included."""

HARMLESS_ALONE = ("AGE", "DATE_TIME", "ORGANIZATION", "TITLE", "URL", "UUID", "ZIP_CODE")
"""Kinds that single out nobody by themselves: they count where a policy names them."""


@cache
def catalogue() -> Mapping[str, str]:
    """Words for the reader by entity, of all recognisers in all languages, sorted."""
    ours = {entity: words for module in recognisers.every() for entity, words in module.ENTITIES.items()}
    return dict(sorted({**FROM_PRESIDIO, **ours}.items()))
