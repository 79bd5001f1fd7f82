"""Finds numbers of telephones, SIM cards and other devices, and identifiers that advertisers follow people by.

Source: 3GPP TS 23.003 (IMEI, IMSI), ITU-T E.118 (ICCID), IEEE 802 (MAC); IMSI prefixes as in `python-stdnum`.
"""

from __future__ import annotations

from audit.pii.patterns.check_digits import luhn, possible, standard
from audit.pii.patterns.identifiers import by_form, by_word

ENTITIES = {
    "ADVERTISING_ID": "advertising and tracking identifiers",
    "DEVICE_ID": "serial numbers and identifiers of devices",
    "ICCID": "numbers of SIM cards",
    "IMEI": "numbers of mobile devices",
    "IMSI": "numbers of mobile subscribers",
    "MAC_ADDRESS": "addresses of network devices",
}

_UUID = r"[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}"
_SERIAL_WORDS = (
    "serial number, serial no, serial, s/n, device id, deviceid, android id, udid, seriennummer, geräte-id, "
    "numéro de série, número de serie, numero di serie, serienummer, numer seryjny, número de série"
)


def _mixed(written: str) -> bool | None:
    """False for plain words and dates: a serial number mixes letters and digits or has many digits."""
    digits = sum(letter.isdigit() for letter in written)
    return None if digits >= 3 and (digits < len(written) or digits >= 8) else False


PATTERNS = (
    by_form("IMEI", r"\d{2}([ -])\d{6}\1\d{6}\1\d", 0.5, luhn),
    by_word("IMEI", r"\d{15}|\d{2}[ -]\d{6}[ -]\d{6}[ -]\d|\d{6} \d{2} \d{6} \d", luhn, "imei"),
    by_word("IMEI", r"\d{16}", None, "imeisv"),
    by_word("IMSI", r"\d{14,15}", possible(standard("imsi")), "imsi"),
    by_word("ICCID", r"89\d{17,18}|89\d{2}(?: \d{4}){3} \d{3,4}", luhn, "iccid, sim, simkarte, simkaart, karta sim"),
    by_word("MAC_ADDRESS", r"[\dA-Fa-f]{12}|(?:[\dA-Fa-f]{2}[ :-]){5}[\dA-Fa-f]{2}", None, "mac"),
    by_form("MAC_ADDRESS", r"(?:[\dA-Fa-f]{2}:){7}[\dA-Fa-f]{2}", 0.5, None, "eui, zigbee, mac"),
    by_word("ADVERTISING_ID", rf"{_UUID}|[\da-fA-F]{{32}}", None,
            "idfa, idfv, gaid, aaid, adid, maid, advertising, ad id, werbe-id, identifiant publicitaire, device uuid"),
    by_form("ADVERTISING_ID", r"GA1\.\d\.\d{7,10}\.\d{10}|fb\.1\.\d{13}\.\d{9,19}", 0.8, None),
    by_word("DEVICE_ID", rf"[A-Z\d]{{8,20}}|[\da-f]{{16}}|[\da-f]{{40}}|[\dA-F]{{8}}-[\dA-F]{{16}}|{_UUID}", _mixed,
            _SERIAL_WORDS),
)  # fmt: skip
