"""Finds numbers of patients, of their insurance and of those who treat them.

A record number has no form of its own: each hospital counts as it likes. It is told by its label alone, so the pattern
takes what follows one. Insurance numbers with check digits stand up to them.

Source: 42 CFR 414 / CMS "MBI format"; 45 CFR 162.406 (NPI, Luhn with the prefix 80840); 21 CFR 1301 (DEA check digit);
GKV-Spitzenverband (KVNR and LANR); Medicare Australia; HISO 10046 (NHI); Brazil: CNS modulo 11; `python-stdnum` for BC.
"""

from __future__ import annotations

from audit.pii.patterns.check_digits import luhn, standard, weighted
from audit.pii.patterns.identifiers import OF_ANY, by_form, by_word
from audit.pii.patterns.pattern import Pattern

ENTITIES = {
    "AU_MEDICARE": "Australian health insurance numbers",
    "BR_CNS": "Brazilian health cards",
    "CA_HEALTH_NUMBER": "Canadian health numbers",
    "DE_HEALTH_INSURANCE": "German health insurance numbers",
    "DE_LANR": "German numbers of physicians",
    "MEDICAL_LICENSE": "licence numbers of physicians",
    "MEDICAL_RECORD_NUMBER": "numbers of patients and their records",
    "NZ_NHI": "New Zealand health numbers",
    "US_HEALTH_INSURANCE_MEMBER_ID": "member numbers of American health insurers",
    "US_MBI": "American Medicare numbers",
    "US_NPI": "American numbers of health care providers",
}

_LABELS = (
    r"mrn|medical record|med rec|patient[ _-]?(?:id|nr|record|account|identifier)|hospital (?:number|id)|chart|"
    r"patienten-?(?:nummer|nr|id)|fall-?(?:nummer|nr)|aktenzeichen patient|"
    r"dossier (?:médical|medical|patient)|numéro (?:de |du )?(?:patient|dossier)|ipp\b|"
    r"historia cl[ií]nica|n[úu]mero de paciente|nhc|"
    r"cartella clinica|codice paziente|numero paziente|"
    r"pati[ëe]nt-?(?:nummer|nr|en-?nummer)|"
    r"numer (?:pacjenta|historii choroby|kartoteki)|nr pacjenta|"
    r"processo cl[ií]nico|n[úu]mero (?:de|do) (?:utente|paciente)|prontu[áa]rio"
)
_NUMBER_WORD = r"(?:\s{0,2}(?:number|num|nummer|no|nr|n°|nº|id|#|is|ist|est|es|è|:|=|-|\.))"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_MBI_LETTER = "AC-HJKMNP-RT-Y"
_MBI = rf"[1-9](?:[{_MBI_LETTER}][{_MBI_LETTER}\d]\d-?){{2}}[{_MBI_LETTER}]{{2}}\d{{2}}"


def _npi(number: str) -> bool:
    return luhn(f"80840{number}")


def _dea(number: str) -> bool:
    digits = [int(digit) for digit in number[2:]]
    return (sum(digits[0:5:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def _kvnr(number: str) -> bool:
    # The letter counts as two digits; the rule is Luhn's from the left.
    digits = f"{ord(number[0].upper()) - 64:02d}{number[1:]}"
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits[:10]))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(digits[10])


def _lanr(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, (4, 9, 4, 9, 4, 9), strict=False))
    return -total % 10 == int(number[6])


def _nhi(number: str) -> bool:
    total = sum((_ALPHABET.index(letter) + 1) * weight for letter, weight in zip(number[:3], (7, 6, 5), strict=True))
    total += sum(int(digit) * weight for digit, weight in zip(number[3:6], (4, 3, 2), strict=True))
    return total % 11 != 0 and (11 - total % 11) % 10 == int(number[6])


def _cns(number: str) -> bool:
    digits = [int(digit) for digit in number if digit.isdecimal()]
    return sum(digit * weight for digit, weight in zip(digits, range(15, 0, -1), strict=True)) % 11 == 0


_medicare = weighted((1, 3, 7, 9, 1, 3, 7, 9), 10)


def _australian(number: str) -> bool:
    return _medicare("".join(letter for letter in number if letter.isdecimal())[:9])


PATTERNS = (
    Pattern("number after the label of a record", "MEDICAL_RECORD_NUMBER",
            rf"(?<![^\W_])(?:{_LABELS}){_NUMBER_WORD}{{0,4}}\s{{0,3}}"
            r"(?P<value>[A-Z]{0,4}[- ]?\d[\d-]{3,14}\d)(?![\w-])",
            0.85, ignore_case=True),
    by_word("MEDICAL_RECORD_NUMBER", r"[A-Z]{0,4}-?\d{5,12}", None,
            "mrn, medical record, patient id, patient number, patient no, patientennummer, patienten-nr, "
            "dossier patient, historia clínica, historia clinica, nhc, cartella clinica, patiëntnummer, "
            "numer pacjenta, prontuário"),
    by_form("US_MBI", _MBI, 0.5, None, "medicare, mbi, beneficiary"),
    by_word("US_NPI", r"[12]\d{9}", _npi, "npi, provider"),
    by_word("MEDICAL_LICENSE", r"[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}", _dea,
            "dea, medical, certificate, prescriber, license"),
    by_word("US_HEALTH_INSURANCE_MEMBER_ID", r"[A-Z]{1,5}-?\d{6,12}|\d{9,12}", None,
            "member id, member number, member no, subscriber id, subscriber number, insurance id, health insurance, "
            "health plan, policy holder id", score=OF_ANY),
    by_word("DE_HEALTH_INSURANCE", r"[A-Z]\d{9}", _kvnr,
            "krankenkasse, krankenversicher, versichertennummer, versicherten-nr, kvnr, gesundheitskarte, "
            "german health insurance"),
    by_word("DE_LANR", r"\d{9}", _lanr, "lanr, arztnummer, german physician"),
    by_word("AU_MEDICARE", r"[2-6]\d{3} ?\d{5} ?\d(?:[ /-]?\d)?", _australian, "medicare"),
    by_word("NZ_NHI", r"[A-HJ-NP-Z]{3}\d{4}", _nhi, "nhi, national health index"),
    by_word("CA_HEALTH_NUMBER", r"9\d{3} ?\d{3} ?\d{3}", standard("ca.bc_phn"), "phn, personal health, health number"),
    by_word("CA_HEALTH_NUMBER", r"\d{4}[ -]?\d{3}[ -]?\d{3}(?:[ -]?[A-Z]{2})?", luhn, "ohip, health card"),
    by_word("BR_CNS", r"[12789]\d{14}|[12789]\d{2} \d{4} \d{4} \d{4}", _cns,
            "cns, cartão nacional de saúde, sus, saúde"),
)  # fmt: skip
