"""Valid identity, tax and social security numbers of European countries."""

from __future__ import annotations

import random

from audit.pii.planted.numbers import (
    either,
    filled,
    italian_letter,
    letter,
    luhn,
    mod_11_10,
    number,
    remainder,
    verhoeff,
    weighted,
)  # fmt: skip

_DOWN = tuple(range(9, 1, -1))
_BALTIC = (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)
_JMBG = (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_SPANISH = letter("TRWAGMYFPDXBNJZSQVHLCKE")


def _german_tax(rng: random.Random, language: str) -> str:
    digits = rng.sample("0123456789", 9)
    digits.insert(rng.randrange(1, 10), rng.choice(digits))
    body = "".join(digits)
    if body[0] == "0" or any(body[place] == body[place + 1] == body[place + 2] for place in range(8)):
        return _german_tax(rng, language)
    whole = body + mod_11_10(body)
    return rng.choice((whole, f"{whole[:2]} {whole[2:5]} {whole[5:8]} {whole[8:]}"))


def _german_pension(body: str) -> str:
    digits = f"{body[:8]}{ord(body[8]) - 64:02d}{body[9:]}"
    products = (int(digit) * weight for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return str(sum(sum(map(int, str(product))) for product in products) % 10)


def _baltic(body: str) -> str:
    first = weighted(_BALTIC, 11)(body)
    return first or weighted((3, 4, 5, 6, 7, 8, 9, 1, 2, 3), 11, ten="0")(body) or "0"


def _portuguese_card(body: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = int(sign, 36)
        if place % 2 == 0:
            value = 2 * value - 9 * (value > 4)
        total += value
    return str(-total % 10)


def _irish(body: str) -> str:
    return "WABCDEFGHIJKLMNOPQRSTUV"[sum(int(digit) * (8 - place) for place, digit in enumerate(body)) % 23]


def _irish_with_letter(body: str) -> str:
    # Numbers that are given out since 2013 end in an A, which counts 9.
    return "WABCDEFGHIJKLMNOPQRSTUV"[(sum(int(digit) * (8 - place) for place, digit in enumerate(body)) + 9) % 23] + "A"


def _british_tax(body: str) -> str:
    weights = (6, 7, 8, 9, 10, 5, 4, 3, 2)
    return "21987654321"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def _snils(body: str) -> str:
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(body))
    return f"{total % 101 % 100:02d}"


def _luxembourg(rng: random.Random, language: str) -> str:
    body = filled("{Ymd}###", rng)
    return body + luhn(body) + verhoeff(body)


MAKERS = {
    "AT_SOCIAL_SECURITY": number("[123456789]##{dmy}", weighted((3, 7, 9, 5, 8, 4, 2, 1, 6), 11), at=3,
        forms=("##########", "#### ######")),
    "AT_TAX_ID": number("09######", luhn, forms=("##-###/####", "#########")),
    "BE_NATIONAL_NUMBER": number("{ymd}[01234]##", remainder(97, width=2, complement=True),
        forms=("##.##.##-###.##", "###########")),
    "BG_EGN": number("{ymd}###", weighted((2, 4, 8, 5, 10, 9, 7, 3, 6), 11, ten="0")),
    "CH_AHV": number("756#########", weighted((1, 3) * 6, 10, sign=-1), forms=("###.####.####.##", "#############")),
    "CZ_BIRTH_NUMBER": number("{ymd}###",
        lambda body: str(-int(body) * 10 % 11) if -int(body) * 10 % 11 < 10 else None,
        forms=("######/####", "##########")),
    "DE_SOCIAL_SECURITY": number("[123456]#{dmy}@##", _german_pension, forms=("############", "## ###### # ###")),
    "DE_TAX_ID": _german_tax,
    "DE_TAX_NUMBER": number(("2[1234]/###/[0123]####", "2[1234]###[0123]####", "93###/0####")),
    "DE_VAT_ID": number("DE[123456789]#######", lambda body: mod_11_10(body[2:]),
        forms=("#" * 11, "## #########", "## ### ### ###")),
    "DK_CPR": number("{dmy}[0123]###", forms=("######-####", "##########")),
    "EE_ISIKUKOOD": number("[34]{ymd}###", _baltic),
    "ES_NIE": number("[XYZ]#######",
        lambda body: _SPANISH(str("XYZ".index(body[0])) + body[1:]),
        forms=("#########", "#-#######-#")),
    "ES_NIF": number("########", _SPANISH, forms=("#########", "########-#")),
    "ES_SOCIAL_SECURITY": number("28[123456789]#######", remainder(97, width=2),
        forms=("############", "## ######## ##", "##/########/##")),
    "FI_PERSONAL_IDENTITY_CODE": number("{dmy}[12345678]##", letter("0123456789ABCDEFHJKLMNPRSTUVWXY"),
        forms=("######-####",)),
    "FR_INSEE": number("[12][678]#0[123456789][1234567]#[01]##[01]##",
        remainder(97, width=2, complement=True), forms=("###############", "# ## ## ## ### ### ##")),
    "FR_TAX_ID": number("[0123]#########", remainder(511, width=3), forms=("#############", "## ## ### ### ###")),
    "GR_AFM": number("########", weighted((256, 128, 64, 32, 16, 8, 4, 2), 11, ten="0")),
    "GR_AMKA": number("{dmy}####", luhn),
    "HR_OIB": number("##########", mod_11_10),
    "HU_TAJ": number("########", weighted((3, 7) * 4, 10), forms=("#########", "### ### ###")),
    "HU_TAX_ID": number("8########", weighted(tuple(range(1, 10)), 11)),
    "IE_PPS": either(number("#######", _irish), number("#######", _irish_with_letter)),
    "IS_KENNITALA": number("{dmy}[23456789]#", weighted((3, 2, 7, 6, 5, 4, 3, 2), 11, sign=-1),
        lambda body: "9", forms=("######-####", "##########")),
    "IT_FISCAL_CODE": number("[BCDFGLMNPRST]" * 6 + "[56789]#[ABCDEHLMPRST][012][123456789][ABCDEFGHIL][1234567]##",
        italian_letter, forms=("#" * 16, "### ### ##### #####")),
    "IT_VAT_CODE": number(tuple(f"{state}0######0[123456789][123456789]" for state in ("", "IT")),
        lambda body: luhn(body.removeprefix("IT"))),
    "LT_ASMENS_KODAS": number("[34]{ymd}###", _baltic),
    "LU_NATIONAL_ID": _luxembourg,
    "LV_PERSONAL_CODE": number("{dmy}1###", weighted((10, 5, 8, 4, 2, 1, 6, 3, 7, 9), 11, plus=1, ten="0"),
        forms=("######-#####", "###########")),
    "NL_BSN": number("[12345678]#######", weighted(_DOWN, 11), forms=("#########", "####.##.###", "### ### ###")),
    "NO_FODSELSNUMMER": number("{dmy}[01234]##", weighted((3, 7, 6, 1, 8, 9, 4, 5, 2), 11, sign=-1),
        weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, sign=-1), forms=("###########", "###### #####")),
    "PL_NIP": number("[123456789]########", weighted((6, 5, 7, 2, 3, 4, 5, 6, 7), 11),
        forms=("##########", "###-###-##-##")),
    "PL_PESEL": number("{ymd}####", weighted((1, 3, 7, 9) * 2 + (1, 3), 10, sign=-1)),
    "PT_CITIZEN_CARD": number("[12]#######", weighted(_DOWN, 11, sign=-1, ten="0"), lambda body: "ZY",
        _portuguese_card, forms=("######## # ###", "############")),
    "PT_NIF": number("[12]#######", weighted(_DOWN, 11, sign=-1, ten="0"), forms=("#########", "### ### ###")),
    "PT_NISS": number("[12]#########", weighted((29, 23, 19, 17, 13, 11, 7, 5, 3, 2), 10, sign=-1, plus=9)),
    "RO_CNP": number("[12]{ymd}[0123][123456789]###", weighted((2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), 11, ten="1")),
    "RS_JMBG": number("{dm9y}71###", weighted(_JMBG, 11, sign=-1)),
    "RU_INN": number("77########", weighted((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), 11, ten="0"),
        weighted((3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8), 11, ten="0")),
    "RU_SNILS": number("1########", _snils, forms=("###-###-### ##", "###########")),
    "SE_PERSONNUMMER": either(
        number("{ymd}###", luhn, forms=("######-####", "##########")),
        number("{Ymd}###", lambda body: luhn(body[2:]), forms=("########-####", "############"))),
    "SI_EMSO": number("{dm9y}50[05]##", weighted(_JMBG, 11, sign=-1)),
    "UA_RNOKPP": number("[123]########", weighted((-1, 5, 7, 9, 4, 6, 10, 5, 7), 11, ten="0")),
    "UK_NINO": number("[ABCEHJ][ABCEHKL]######[ABCD]", forms=("## ## ## ## #", "#########")),
    "UK_UTR": number("#########", _british_tax, at=0, forms=("##########", "##### #####")),
}  # fmt: skip

LABELS = {
    "AT_SOCIAL_SECURITY": {"en": "Austrian social security number", "de": "SV-Nummer"},
    "AT_TAX_ID": {"en": "Austrian tax number", "de": "Abgabenkontonummer"},
    "BE_NATIONAL_NUMBER": {"en": "Belgian national number", "nl": "rijksregisternummer", "fr": "numéro national"},
    "BG_EGN": {"en": "Bulgarian EGN"},
    "CH_AHV": {"en": "AHV number", "de": "AHV-Nummer", "fr": "numéro AVS", "it": "numero AVS"},
    "CZ_BIRTH_NUMBER": {"en": "rodné číslo"},
    "DE_SOCIAL_SECURITY": {"en": "German pension insurance", "de": "Rentenversicherungsnummer"},
    "DE_TAX_ID": {"en": "German tax ID", "de": "Steuer-ID"},
    "DE_TAX_NUMBER": {"en": "German tax number", "de": "Steuernummer"},
    "DE_VAT_ID": {"en": "VAT number", "de": "USt-IdNr."},
    "DK_CPR": {"en": "CPR number"},
    "EE_ISIKUKOOD": {"en": "isikukood"},
    "ES_NIE": {"en": "NIE"},
    "ES_NIF": {"en": "DNI", "es": "con DNI"},
    "ES_SOCIAL_SECURITY": {"en": "Spanish social security", "es": "número de la Seguridad Social"},
    "FI_PERSONAL_IDENTITY_CODE": {"en": "henkilötunnus"},
    "FR_INSEE": {"en": "French social security number", "fr": "numéro de sécurité sociale"},
    "FR_TAX_ID": {"en": "French tax number", "fr": "numéro fiscal"},
    "GR_AFM": {"en": "AFM"},
    "GR_AMKA": {"en": "AMKA"},
    "HR_OIB": {"en": "OIB"},
    "HU_TAJ": {"en": "TAJ number"},
    "HU_TAX_ID": {"en": "Hungarian tax number"},
    "IE_PPS": {"en": "PPS number"},
    "IS_KENNITALA": {"en": "kennitala"},
    "IT_FISCAL_CODE": {"en": "Italian tax code", "it": "codice fiscale"},
    "IT_VAT_CODE": {"en": "Italian VAT", "it": "partita IVA"},
    "LT_ASMENS_KODAS": {"en": "asmens kodas"},
    "LU_NATIONAL_ID": {"en": "Luxembourg matricule", "fr": "matricule", "de": "Matricule"},
    "LV_PERSONAL_CODE": {"en": "personas kods"},
    "NL_BSN": {"en": "Dutch BSN", "nl": "burgerservicenummer"},
    "NO_FODSELSNUMMER": {"en": "fødselsnummer"},
    "PL_NIP": {"en": "Polish tax number", "pl": "NIP"},
    "PL_PESEL": {"en": "PESEL", "pl": "numer PESEL"},
    "PT_CITIZEN_CARD": {"en": "citizen card", "pt": "cartão de cidadão"},
    "PT_NIF": {"en": "Portuguese tax number", "pt": "contribuinte n.º"},
    "PT_NISS": {"en": "NISS", "pt": "Segurança Social"},
    "RO_CNP": {"en": "CNP"},
    "RS_JMBG": {"en": "JMBG"},
    "RU_INN": {"en": "INN"},
    "RU_SNILS": {"en": "SNILS"},
    "SE_PERSONNUMMER": {"en": "personnummer"},
    "SI_EMSO": {"en": "EMŠO"},
    "UA_RNOKPP": {"en": "RNOKPP"},
    "UK_NINO": {"en": "national insurance number"},
    "UK_UTR": {"en": "unique taxpayer reference"},
}

BY_LABEL_ALONE = tuple(
    entity
    for entity in MAKERS
    if entity not in ("CH_AHV", "DE_SOCIAL_SECURITY", "DE_VAT_ID", "ES_NIE", "IT_FISCAL_CODE")
)
"""All but those whose form with its checksum hardly anything else has."""
