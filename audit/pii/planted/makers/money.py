"""Valid bank account numbers in national forms, codes of banks and addresses of cryptocurrencies."""

from __future__ import annotations

from audit.pii.planted.numbers import mod_97_10, number, weighted


def _rib_key(body: str) -> str:
    return f"{97 - int(body) * 100 % 97:02d}"


_french = number("30004#####00#########", _rib_key, forms=("##### ##### ########### ##",))
_polish = number(
    "1140####################",
    lambda body: mod_97_10(f"{body}PL"),
    at=0,
    forms=("## #### #### #### #### #### ####", "#" * 26),
)
_portuguese = number("0035###############", mod_97_10, forms=("#### #### ########### ##",))
_german = number("[123456789]#########")
_BY_LANGUAGE = {"fr": _french, "pl": _polish, "pt": _portuguese}

MAKERS = {
    "ABA_ROUTING_NUMBER": number("0[123456789]######", weighted((3, 7, 1, 3, 7, 1, 3, 7), 10, sign=-1)),
    "BANK_ACCOUNT": lambda rng, language: _BY_LANGUAGE.get(language, _german)(rng, language),
    "BIC_CODE": number(("[ABCD]BANDE[FM]#", "BANKGB2L###", "[KLMN]OOPNL2@")),
    "IN_IFSC": number("[HSIK]BIN0######"),
    "UK_SORT_CODE": number("[0123456]#####", forms=("##-##-##", "## ## ##", "######")),
}

LABELS = {
    "ABA_ROUTING_NUMBER": {"en": "routing number"},
    "BANK_ACCOUNT": {
        "en": "sort code 12-34-56 account", "de": "Kontonummer", "fr": "compte",
        "es": "número de cuenta", "it": "conto corrente",
        "nl": "rekeningnummer", "pl": "numer konta", "pt": "conta",
    },
    "BIC_CODE": {"en": "BIC", "de": "BIC"},
    "IN_IFSC": {"en": "IFSC"},
    "UK_SORT_CODE": {"en": "sort code"},
}  # fmt: skip

BY_LABEL_ALONE = tuple(MAKERS)
