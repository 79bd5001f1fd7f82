"""Finds bank account numbers of single countries, routing codes and codes of banks.

International numbers (IBAN) are in `iban`. Most national numbers are bare digits and need a telling word.

Source: `python-stdnum` for ABA, BIC and the accounts of Spain, Argentina, Norway, New Zealand and the Czech Republic;
France: RIB key (97); Poland: NRB (ISO 7064 MOD 97-10 with the letters PL); Portugal: NIB (the same without letters);
Mexico: CLABE weights 371.
"""

from __future__ import annotations

from audit.pii.patterns.check_digits import compact, possible, standard
from audit.pii.patterns.identifiers import OF_ANY, by_form, by_word

ENTITIES = {
    "ABA_ROUTING_NUMBER": "routing numbers of American banks",
    "BANK_ACCOUNT": "bank account numbers in national forms",
    "BIC_CODE": "codes of banks",
    "IN_IFSC": "codes of Indian bank branches",
    "UK_SORT_CODE": "sort codes of British banks",
    "US_BANK_NUMBER": "American bank account numbers",
}

_ACCOUNT = (
    "account, acct, a/c, bank, konto, kontonummer, kontonr, kto.-nr, compte, cuenta, conto corrente, conto, rekening, "
    "rekeningnummer, rachunek, rachunku, nr konta, numer konta, conta, número da conta"
)
_RIB_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
"""The French key counts letters as digits, three to four letters a digit."""


def _rib(number: str) -> bool:
    digits = compact(number).translate(_RIB_DIGITS)
    bank, branch, account, key = int(digits[:5]), int(digits[5:10]), int(digits[10:21]), int(digits[21:])
    return 97 - (89 * bank + 15 * branch + 3 * account) % 97 == key


_mod_97_10 = standard("iso7064.mod_97_10")


def _polish(number: str) -> bool:
    digits = compact(number)
    return _mod_97_10(f"{digits[2:]}PL{digits[:2]}")


def _portuguese(number: str) -> bool:
    return _mod_97_10(compact(number))


def _clabe(number: str) -> bool:
    digits = [int(digit) for digit in number]
    total = sum(digit * weight % 10 for digit, weight in zip(digits[:17], (3, 7, 1) * 6, strict=False))
    return -total % 10 == digits[17]


PATTERNS = (
    by_form("BANK_ACCOUNT", r"\d{5} \d{5} [A-Z\d]{11} \d{2}", 0.5, _rib),
    by_word("BANK_ACCOUNT", r"\d{10}[A-Z\d]{11}\d{2}", _rib, f"{_ACCOUNT}, rib"),
    by_form("BANK_ACCOUNT", r"\d{2}(?: \d{4}){6}", 0.5, _polish),
    by_word("BANK_ACCOUNT", r"\d{26}", _polish, _ACCOUNT),
    by_form("BANK_ACCOUNT", r"\d{4}[ -]\d{4}[ -]\d{2}[ -]\d{10}", 0.5, standard("es.ccc")),
    by_word("BANK_ACCOUNT", r"\d{20}", standard("es.ccc"), f"{_ACCOUNT}, ccc"),
    by_form("BANK_ACCOUNT", r"\d{4}[ .]\d{4}[ .]\d{11}[ .]\d{2}", 0.5, _portuguese),
    by_word("BANK_ACCOUNT", r"\d{21}", _portuguese, f"{_ACCOUNT}, nib"),
    by_word("BANK_ACCOUNT", r"\d{18}", _clabe, f"{_ACCOUNT}, clabe"),
    by_word("BANK_ACCOUNT", r"\d{22}", standard("ar.cbu"), f"{_ACCOUNT}, cbu"),
    by_form("BANK_ACCOUNT", r"\d{2}-\d{4}-\d{7}-\d{2,3}", 0.5, standard("nz.bankaccount")),
    by_word("BANK_ACCOUNT", r"\d{4}\.\d{2}\.\d{5}|\d{11}", standard("no.kontonr"), "kontonr, kontonummer, konto nr"),
    by_word("BANK_ACCOUNT", r"(?:\d{1,6}-)?\d{2,10}/\d{4}", standard("cz.bankaccount"), "účet, ucet, účtu, uctu"),
    by_word("BANK_ACCOUNT", r"\d{5,10}", None,
            "kontonummer, konto-nr, kontonr, kto-nr, kto.-nr, numéro de compte, n° de compte, número de cuenta, "
            "conto corrente, rekeningnummer, numer konta, número da conta, sort code, bsb", score=OF_ANY),
    by_word("US_BANK_NUMBER", r"\d{8,17}|\d{4}[ -]\d{4}[ -]\d{2,4}", None,
            "account number, account no, account #, acct, bank account, checking, savings account"),
    by_word("ABA_ROUTING_NUMBER", r"(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}|\d{4}-\d{4}-\d",
            standard("us.rtn"), "routing, aba, rtn, transit, wire"),
    by_word("UK_SORT_CODE", r"\d{2}-\d{2}-\d{2}|\d{6}|\d{2} \d{2} \d{2}", None, "sort code, sortcode, sort-code"),
    by_word("BIC_CODE", r"[A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?", possible(standard("bic")), "bic, swift"),
    by_form("IN_IFSC", r"[A-Z]{4}0[A-Z\d]{6}", 0.35, None, "ifsc"),
)  # fmt: skip
