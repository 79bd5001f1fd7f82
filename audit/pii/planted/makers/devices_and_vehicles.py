"""Valid numbers of devices, SIM cards and vehicles, and licence plates."""

from __future__ import annotations

import random

from audit.pii.planted.numbers import filled, luhn, number, weighted

_HEX = "[0123456789abcdef]"
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_PLATES = {
    "es": ("#### [BCDFGHJKLM][BCDFGHJKLM][BCDFGHJKLM]",),
    "fr": ("[ABCDEFG][ABCDEFG]-###-[ABCDEFG][ABCDEFG]",),
    "it": ("[ABCDEFG][ABCDEFG] ###[ABCDEFG][ABCDEFG]",),
    "nl": ("[GHJKL]-###-[BDFGH][BDFGH]",),
    "pl": ("W[ABCDE] #####",),
    "pt": ("@@-##-@@",),
    "en": ("#[ABCDEFGH]@@###", "[ABCDEFGH]@@ ####"),
}


def _plate(rng: random.Random, language: str) -> str:
    return filled(rng.choice(_PLATES.get(language, _PLATES["en"])), rng)


def _vin(body: str) -> str | None:
    digits = body.translate(str.maketrans(_VIN_LETTERS, "12345678123457923456789"))
    return weighted((8, 7, 6, 5, 4, 3, 2, 10, 9, 8, 7, 6, 5, 4, 3, 2), 11, ten="X")(digits)


MAKERS = {
    "ADVERTISING_ID": number("-".join(_HEX * length for length in (8, 4, 4, 4, 12))),
    "DE_KFZ": number(("BX-@@ [123456789]##", "MX-@ [123456789]###")),
    "DEVICE_ID": number(("[CDFG]0[123456789]@@###@@##", _HEX * 13 + "789")),
    "ICCID": number("8900" + "#" * 15, luhn, forms=("#" * 20, "#### #### #### #### ####")),
    "IMEI": number("00440[12345]########", luhn, forms=("###############", "##-######-######-#")),
    "IMSI": number("00101##########"),
    "LICENSE_PLATE": _plate,
    "UK_VEHICLE_REGISTRATION": number(("[ABCD][ABCD][16]#[ABCD][EFGH][JKLM]", "[ABCD][123456789]##[BCD][EFGH][JKLM]"),
        forms=("#### ###", "#######")),
    "VIN": number(f"1[{_VIN_LETTERS}][{_VIN_LETTERS}]#####[{_VIN_LETTERS}][{_VIN_LETTERS}]######", _vin, at=8),
}  # fmt: skip

LABELS = {
    "ADVERTISING_ID": {"en": "IDFA", "de": "Werbe-ID"},
    "DE_KFZ": {"en": "German license plate", "de": "Kennzeichen"},
    "DEVICE_ID": {"en": "serial number", "de": "Seriennummer", "es": "número de serie"},
    "ICCID": {"en": "SIM card ICCID"},
    "IMEI": {"en": "IMEI"},
    "IMSI": {"en": "IMSI"},
    "LICENSE_PLATE": {
        "en": "license plate", "fr": "immatriculation", "es": "matrícula", "it": "targa", "nl": "kenteken",
        "pl": "numer rejestracyjny", "pt": "matrícula",
    },
    "UK_VEHICLE_REGISTRATION": {"en": "vehicle reg"},
    "VIN": {"en": "VIN", "de": "Fahrgestellnummer"},
}  # fmt: skip

BY_LABEL_ALONE = tuple(entity for entity in MAKERS if entity != "VIN")
