"""Valid payment cards, bank accounts in national forms, codes of banks and addresses of coins.

Source: ISO/IEC 7812-1 and the ranges that card brands publish for merchants. Rare lengths of cards, as of UnionPay's
with 19 digits, are left out.
"""

from __future__ import annotations

import random

from audit.pii.planted import coins
from audit.pii.planted.accounts import NATIONAL
from audit.pii.planted.numbers import Maker, either, luhn, mod_97_10, number, weighted, written

_FOURS = ("#" * 16, "#### #### #### ####", "####-####-####-####")
_CARD = either(
    number("4" + "#" * 14, luhn, forms=_FOURS),  # Visa
    number(("5[12345]" + "#" * 13, "2[3456]" + "#" * 13), luhn, forms=_FOURS),  # Mastercard
    number("3[47]" + "#" * 12, luhn, forms=("#" * 15, "#### ###### #####", "####-######-#####")),  # American Express
    number(("6011" + "#" * 11, "65" + "#" * 13), luhn, forms=_FOURS),  # Discover
    number(("3[68]" + "#" * 11, "30[012345]" + "#" * 10), luhn, forms=("#" * 14, "#### ###### ####")),  # Diners Club
    number("35[345678]" + "#" * 12, luhn, forms=_FOURS),  # JCB
    number("62" + "#" * 13, luhn, forms=_FOURS),  # UnionPay
)


def _polish(rng: random.Random, language: str) -> str:
    body = NATIONAL["PL"](rng, language)
    return written(mod_97_10(f"{body}PL") + body, rng.choice(("## #### #### #### #### #### ####", "#" * 26)))


def _account(country: str, *forms: str) -> Maker:
    return lambda rng, language: written(NATIONAL[country](rng, language), rng.choice(forms))


_BY_LANGUAGE = {
    "en": number("#" * 8),
    "es": _account("ES", "#### #### ## ##########", "####-####-##-##########", "#" * 20),
    "fr": _account("FR", "##### ##### ########### ##"),
    "pl": _polish,
    "pt": _account("PT", "#### #### ########### ##"),
}
_german = number("[123456789]#########")

MAKERS: dict[str, Maker] = {
    "ABA_ROUTING_NUMBER": number("0[123456789]######", weighted((3, 7, 1, 3, 7, 1, 3, 7), 10, sign=-1)),
    "BANK_ACCOUNT": lambda rng, language: _BY_LANGUAGE.get(language, _german)(rng, language),
    "BIC_CODE": number(("[ABCD]BANDE[FM]#", "BANKGB2L###", "[KLMN]OOPNL2@")),
    "CREDIT_CARD": _CARD,
    "CRYPTO": coins.address,
    "IN_IFSC": number("[HSIK]BIN0######"),
    "UK_SORT_CODE": number("[0123456]#####", forms=("##-##-##", "## ## ##", "######")),
    "US_BANK_NUMBER": number(tuple("[123456789]" + "#" * digits for digits in (9, 10, 11))),
}

LABELS = {
    "ABA_ROUTING_NUMBER": {"en": "routing number"},
    "BANK_ACCOUNT": {
        "en": "sort code 12-34-56 account", "de": "Kontonummer", "fr": "compte",
        "es": "número de cuenta", "it": "conto corrente",
        "nl": "rekeningnummer", "pl": "numer konta", "pt": "conta",
    },
    "BIC_CODE": {"en": "BIC", "de": "BIC"},
    "CREDIT_CARD": {"en": "credit card"},
    "CRYPTO": {"en": "crypto wallet"},
    "IN_IFSC": {"en": "IFSC"},
    "UK_SORT_CODE": {"en": "sort code"},
    "US_BANK_NUMBER": {"en": "bank account"},
}  # fmt: skip

BY_LABEL_ALONE = tuple(entity for entity in MAKERS if entity not in ("CREDIT_CARD", "CRYPTO"))
"""All but those whose form with its checksum hardly anything else has."""
