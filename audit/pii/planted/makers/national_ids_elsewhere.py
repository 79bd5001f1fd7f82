"""Valid identity, tax and social security numbers of America, Asia, Africa and Oceania."""

from __future__ import annotations

from collections.abc import Sequence

from audit.pii.planted.numbers import CheckDigit, luhn, number, verhoeff, weighted

_CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"


def _curp(body: str) -> str:
    return str(-sum(_CURP.index(sign) * (18 - place) for place, sign in enumerate(body)) % 10)


def _chilean(body: str) -> str:
    rest = -sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(body))) % 11
    return "K" if rest == 10 else str(rest)


def _singapore(body: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(body[1:], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += 4 * (body[0] in "TG")
    return ("JZIHGFEDCBA" if body[0] in "ST" else "XWUTRQPNMLK")[total % 11]


def _hong_kong(body: str) -> str:
    total = 36 * 9 + sum(int(sign, 36) * (8 - place) for place, sign in enumerate(body))
    return "0123456789A"[-total % 11]


def _taiwan(body: str) -> str:
    first = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(body[0])
    digits = [first // 10, first % 10, *map(int, body[1:])]
    return str(-sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 10)


def _chinese(body: str) -> str:
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]


def _japanese(body: str) -> str:
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(body)))
    return str(11 - total % 11 if total % 11 > 1 else 0)


def _turkish(body: str) -> str:
    odd, even = sum(map(int, body[0::2])), sum(map(int, body[1::2]))
    tenth = (7 * odd - even) % 10
    return f"{tenth}{(odd + even + tenth) % 10}"


def _australian_business(body: str) -> str | None:
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    # The first two digits are the check; the first digit counts one less.
    for check in range(11, 100):
        digits = [int(digit) for digit in f"{check}{body}"]
        digits[0] -= 1
        if sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 89 == 0:
            return str(check)
    return None


def _mexican(body: str) -> str:
    values = map("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ ".index, body)
    return "0123456789A"[-sum(value * (13 - place) for place, value in enumerate(values)) % 11]


def _venezuelan(body: str) -> str:
    # The letter V counts 4.
    rest = weighted((3, 2, 7, 6, 5, 4, 3, 2), 11, sign=-1, plus=-4, ten="0")(body[1:])
    return rest or "0"


def _eleven_less(weights: Sequence[int]) -> CheckDigit:
    """Eleven less the remainder of the weighted sum, of which the last digit is written."""

    def check(body: str) -> str:
        total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
        return str((11 - total % 11) % 10)

    return check


_CPF = (weighted(range(10, 1, -1), 11, sign=-1, ten="0"), weighted(range(11, 1, -1), 11, sign=-1, ten="0"))
_CUIT = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)

MAKERS = {
    "AE_EMIRATES_ID": number("78419[6789]########", luhn, forms=("###-####-#######-#", "###############")),
    "AR_CUIT": number("2[07][1234]#######", weighted(_CUIT, 11, sign=-1), forms=("##-########-#", "###########")),
    "AR_DNI": number("[1234]#######", forms=("##.###.###", "########")),
    "AU_ABN": number("#########", _australian_business, at=0, forms=("## ### ### ###", "###########")),
    "AU_TFN": number("[1234]#######", weighted((1, 4, 3, 7, 5, 8, 6, 9), 11), forms=("### ### ###", "#########")),
    "BR_CPF": number("#########", *_CPF, forms=("###.###.###-##", "###########")),
    "BR_PIS": number("1#########", weighted((3, 2, 9, 8, 7, 6, 5, 4, 3, 2), 11, sign=-1, ten="0"),
        forms=("###.#####.##-#", "###########")),
    "BR_RG": number("[1234]########", forms=("##.###.###-#", "########-#", "#########")),
    "CA_SIN": number("[1234567]#######", luhn, forms=("### ### ###", "###-###-###", "#########")),
    "CL_RUT": number("1#######", _chilean, forms=("##.###.###-#", "########-#")),
    "CN_RESIDENT_ID": number("110105{Ymd}###", _chinese),
    "CO_CEDULA": number("1[01]########", forms=("#.###.###.###", "##########")),
    "DO_CEDULA": number("0[01][123456789]#######", luhn, forms=("###-#######-#", "###########")),
    "EC_CEDULA": number("17[012345]######", luhn, forms=("##########", "#########-#")),
    "HK_ID": number("[ABCDEGHKPRVZ]######", _hong_kong, forms=("#######(#)", "########")),
    "ID_NIK": number("317[1234]0[12345]{dmy}####"),
    "IL_ID": number("[0123]#######", luhn, forms=("#########", "########-#")),
    "IN_AADHAAR": number("[23456789]##########", verhoeff, forms=("#### #### ####", "############")),
    "IN_PAN": number("@@@P@####@"),
    "IN_VOTER": number("[ABCDEFGH]@@######", lambda body: luhn(body[3:])),
    "JP_MY_NUMBER": number("###########", _japanese, forms=("############", "#### #### ####")),
    "KR_RRN": number("{ymd}[12][012345678]####", _eleven_less((2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)),
        forms=("######-#######", "#############")),
    "MX_CURP": number("[BCDFGL][AEIOU][BCDFGL][BCDFGL]{ymd}[HM]DF[BCDFGL][BCDFGL][BCDFGL]0", _curp),
    "MX_RFC": number("[BCDFGL][AEIOU][BCDFGL][BCDFGL]{ymd}[BCDFGL]#", _mexican),
    "MY_NRIC": number("{ymd}1[01234]####", forms=("######-##-####", "############")),
    "NG_NIN": number("##########", verhoeff, forms=("###########", "#### ### ####")),
    "NZ_IRD": number("1[01234]######", weighted((3, 2, 7, 6, 5, 4, 3, 2), 11, sign=-1),
        forms=("###-###-###", "#########")),
    "PE_RUC": number("10########", _eleven_less(_CUIT)),
    "PK_CNIC": number("[1234567]###########[123456789]", forms=("#####-#######-#", "#############")),
    "SA_NATIONAL_ID": number("[12]########", luhn),
    "SG_NRIC_FIN": number("[STFG]#######", _singapore),
    "TH_TNIN": number("[12345678]###########", _eleven_less(range(13, 1, -1)),
        forms=("#-####-#####-##-#", "#############")),
    "TR_NATIONAL_ID": number("[123456789]########", _turkish),
    "TW_ID": number("@[12]#######", _taiwan),
    "UY_CI": number("[12345]######", weighted((2, 9, 8, 7, 6, 3, 4), 10, sign=-1), forms=("#.###.###-#", "#######-#")),
    "VE_RIF": number("V########", _venezuelan, forms=("#-########-#", "##########")),
    "ZA_ID_NUMBER": number("{ymd}####08", luhn, forms=("#############", "###### #### ###")),
}  # fmt: skip

LABELS = {
    "AE_EMIRATES_ID": {"en": "Emirates ID"},
    "AR_CUIT": {"en": "CUIT"},
    "AR_DNI": {"en": "Argentine DNI", "es": "DNI"},
    "AU_ABN": {"en": "ABN"},
    "AU_TFN": {"en": "tax file number"},
    "BR_CPF": {"en": "CPF"},
    "BR_PIS": {"en": "PIS", "pt": "PIS/PASEP"},
    "BR_RG": {"en": "Brazilian RG", "pt": "RG"},
    "CA_SIN": {"en": "social insurance number", "fr": "numéro d'assurance sociale"},
    "CL_RUT": {"en": "RUT"},
    "CN_RESIDENT_ID": {"en": "resident identity number"},
    "CO_CEDULA": {"en": "cédula de ciudadanía"},
    "DO_CEDULA": {"en": "Dominican cédula"},
    "EC_CEDULA": {"en": "Ecuadorian cédula", "es": "cédula"},
    "HK_ID": {"en": "HKID"},
    "ID_NIK": {"en": "NIK"},
    "IL_ID": {"en": "teudat zehut"},
    "IN_AADHAAR": {"en": "Aadhaar"},
    "IN_PAN": {"en": "PAN"},
    "IN_VOTER": {"en": "voter ID"},
    "JP_MY_NUMBER": {"en": "My Number"},
    "KR_RRN": {"en": "resident registration number"},
    "MX_CURP": {"en": "CURP"},
    "MX_RFC": {"en": "RFC"},
    "MY_NRIC": {"en": "MyKad"},
    "NG_NIN": {"en": "Nigerian NIN"},
    "NZ_IRD": {"en": "IRD number"},
    "PE_RUC": {"en": "RUC"},
    "PK_CNIC": {"en": "CNIC"},
    "SA_NATIONAL_ID": {"en": "iqama"},
    "SG_NRIC_FIN": {"en": "NRIC"},
    "TH_TNIN": {"en": "Thai national ID"},
    "TR_NATIONAL_ID": {"en": "TC kimlik no"},
    "TW_ID": {"en": "Taiwanese ID"},
    "UY_CI": {"en": "Uruguayan cédula", "es": "cédula"},
    "VE_RIF": {"en": "RIF"},
    "ZA_ID_NUMBER": {"en": "South African ID"},
}

BY_LABEL_ALONE = tuple(
    entity for entity in MAKERS if entity not in ("CN_RESIDENT_ID", "MX_CURP", "MX_RFC", "IN_PAN", "SG_NRIC_FIN")
)
"""All but those whose form with its checksum hardly anything else has."""
