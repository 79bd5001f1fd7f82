"""Valid numbers of patients, physicians, passports, identity cards and driving licences."""

from __future__ import annotations

from audit.pii.planted.numbers import luhn, number, weighted

_MBI_LETTER = "[ACDEFGHJKMNPQRTUVWXY]"
_GERMAN = "[CFGHJKLMNPRTVWXYZ0123456789]"


def _npi(body: str) -> str:
    return luhn(f"80840{body}")


def _kvnr(body: str) -> str:
    digits = f"{ord(body[0]) - 64:02d}{body[1:]}"
    return str(sum(sum(map(int, str(int(digit) * (1 + place % 2)))) for place, digit in enumerate(digits)) % 10)


def _nhi(body: str) -> str | None:
    values = ["ABCDEFGHJKLMNPQRSTUVWXYZ".index(sign) + 1 if sign.isalpha() else int(sign) for sign in body]
    rest = sum(value * weight for value, weight in zip(values, (7, 6, 5, 4, 3, 2), strict=True)) % 11
    return None if rest == 0 else str((11 - rest) % 10)


_polish = weighted((7, 3, 1, 7, 3, 1, 7, 3), 10)


def _cnh(body: str) -> str:
    digits = [int(digit) for digit in body]
    first = sum(digit * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True)) % 11
    second = sum(digit * weight for digit, weight in zip(digits, range(1, 10), strict=True)) % 11
    if first == 10:
        first, second = 0, (second - 2) % 11
    return f"{first}{second % 10}"


MAKERS = {
    "AU_MEDICARE": number("[23456]#######", weighted((1, 3, 7, 9, 1, 3, 7, 9), 10), lambda body: "1",
        forms=("#### ##### #", "##########")),
    "BR_CNH": number("#########", _cnh),
    "BR_CNS": number("7#############", weighted(range(15, 1, -1), 11, sign=-1),
        forms=("### #### #### ####", "###############")),
    "CA_HEALTH_NUMBER": number("[123456]########", luhn, forms=("####-###-###", "#### ### ###")),
    "DE_FUEHRERSCHEIN": number("[BN]0[123456789][ABC0123456789]######[123456789]"),
    "DE_HEALTH_INSURANCE": number("@########", _kvnr),
    "DE_ID_CARD": number(f"L{_GERMAN}#{_GERMAN * 6}"),
    "DE_LANR": number("######", weighted((4, 9, 4, 9, 4, 9), 10, sign=-1), lambda body: "01"),
    "DE_PASSPORT": number(f"C{_GERMAN}#{_GERMAN * 6}"),
    "ES_PASSPORT": number("[ABPX]A[ABCDE]######"),
    "FR_DRIVER_LICENSE": number(("[012]#[01][123456789]########", "[12]#A[ABCDEFGH]#####")),
    "FR_ID_CARD": number(("[012]#[01][123456789]########", "[DFHKL][FHKLMN]#[FHKLMN]##[FHKLMN]##")),
    "FR_PASSPORT": number("[012]#[ABCDEF][ABCDEF]#####"),
    "IN_PASSPORT": number("[JKLMNP][123456789]#####[123456789]"),
    "IT_DRIVER_LICENSE": number(("U1######9@", "[MRT][IMO]#######@")),
    "IT_IDENTITY_CARD": number("C[ABC]#####[ABC][ABC]"),
    "IT_PASSPORT": number("Y[AB]#######"),
    "MEDICAL_RECORD_NUMBER": number(("########", "[123456789]######", "M-#######")),
    "NL_DRIVER_LICENSE": number("[3456]#########"),
    "NL_ID_CARD": number("[NIS][BXCP][PQRST]#####[123456789]"),
    "NZ_NHI": number("[ABCDZ][ABCDEFGH][ABCDEFGH]###", _nhi),
    "PASSPORT": number(("[AKN][BR]#######", "[DEGM]######")),
    "PL_DRIVER_LICENSE": number("#####/[012]#/####"),
    "PL_ID_CARD": number("[AC][ABCDEFG][ABCDEFG]#####", _polish, at=3, forms=("#########", "### ######")),
    "PL_PASSPORT": number("[AE][ABCDEFG]######", _polish, at=2, forms=("#########", "## #######")),
    "PT_DRIVER_LICENSE": number(("L-####### #", "PO-######")),
    "PT_PASSPORT": number("[CLMN][ABCD]######"),
    "UK_DRIVING_LICENCE": number("[BCDFG]O[NRT]ES[56789][05][123456789][01][123456789]#[ABCDE][FGHJK][123456789]@@",
        forms=("#" * 16, "##### ###### #####", "##### ###### ### ##")),
    "UK_NHS": number("#########", weighted(range(10, 1, -1), 11, sign=-1),
        forms=("### ### ####", "###-###-####", "##########")),
    "UK_PASSPORT": number("[125]########"),
    "US_HEALTH_INSURANCE_MEMBER_ID": number(("[WXYZ][ABCDE]@#########", "W#########")),
    "US_MBI": number(f"[123456789]{_MBI_LETTER}##{_MBI_LETTER}##{_MBI_LETTER}{_MBI_LETTER}##",
        forms=("####-###-####", "###########")),
    "US_NPI": number("[12]########", _npi),
}  # fmt: skip

LABELS = {
    "AU_MEDICARE": {"en": "Medicare card"},
    "BR_CNH": {"en": "Brazilian CNH", "pt": "CNH"},
    "BR_CNS": {"en": "CNS", "pt": "cartão nacional de saúde"},
    "CA_HEALTH_NUMBER": {"en": "health card"},
    "DE_FUEHRERSCHEIN": {"en": "German driving licence", "de": "Führerschein"},
    "DE_HEALTH_INSURANCE": {"en": "German health insurance number", "de": "Krankenversichertennummer"},
    "DE_ID_CARD": {"en": "German ID card", "de": "Personalausweis"},
    "DE_LANR": {"en": "LANR", "de": "Arztnummer"},
    "DE_PASSPORT": {"en": "German passport", "de": "Reisepass"},
    "ES_PASSPORT": {"en": "Spanish passport", "es": "pasaporte"},
    "FR_DRIVER_LICENSE": {"en": "French driving licence", "fr": "permis de conduire"},
    "FR_ID_CARD": {"en": "French ID card", "fr": "carte d'identité"},
    "FR_PASSPORT": {"en": "French passport", "fr": "passeport"},
    "IN_PASSPORT": {"en": "Indian passport"},
    "IT_DRIVER_LICENSE": {"en": "Italian driving licence", "it": "patente"},
    "IT_IDENTITY_CARD": {"en": "Italian ID card", "it": "carta d'identità"},
    "IT_PASSPORT": {"en": "Italian passport", "it": "passaporto"},
    "MEDICAL_RECORD_NUMBER": {
        "en": "medical record number", "de": "Patientennummer", "fr": "numéro de dossier médical",
        "es": "historia clínica",
        "it": "cartella clinica", "nl": "patiëntnummer", "pl": "numer pacjenta", "pt": "número do utente",
    },
    "NL_DRIVER_LICENSE": {"en": "Dutch driving licence", "nl": "rijbewijs"},
    "NL_ID_CARD": {"en": "Dutch ID card", "nl": "paspoort"},
    "NZ_NHI": {"en": "NHI"},
    "PASSPORT": {"en": "passport number"},
    "PL_DRIVER_LICENSE": {"en": "Polish driving licence", "pl": "prawo jazdy"},
    "PL_ID_CARD": {"en": "Polish ID card", "pl": "dowód osobisty"},
    "PL_PASSPORT": {"en": "Polish passport", "pl": "paszport"},
    "PT_DRIVER_LICENSE": {"en": "Portuguese driving licence", "pt": "carta de condução"},
    "PT_PASSPORT": {"en": "Portuguese passport", "pt": "passaporte"},
    "UK_DRIVING_LICENCE": {"en": "driving licence"},
    "UK_NHS": {"en": "nhs number"},
    "UK_PASSPORT": {"en": "British passport"},
    "US_HEALTH_INSURANCE_MEMBER_ID": {"en": "member ID"},
    "US_MBI": {"en": "Medicare number"},
    "US_NPI": {"en": "NPI"},
}  # fmt: skip

BY_LABEL_ALONE = tuple(entity for entity in MAKERS if entity not in ("UK_DRIVING_LICENCE", "US_MBI"))
