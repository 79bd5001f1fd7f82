"""Finds national identity, tax and social security numbers of Asia, Africa and Oceania by form, check digits and words.

Names are Presidio's where it has one.

Source: forms and rules as the `python-stdnum` modules document them; HK_ID and TW_ID: letters count as numbers from 10,
weights modulo 11 and 10; SG_NRIC_FIN: weights 2765432 modulo 11; AE and SA: Luhn.
"""

from __future__ import annotations

from audit.pii.patterns.check_digits import compact, luhn, possible, standard
from audit.pii.patterns.identifiers import by_form, by_word

ENTITIES = {
    "AE_EMIRATES_ID": "Emirati identity numbers",
    "AU_ABN": "Australian business numbers",
    "AU_TFN": "Australian tax file numbers",
    "CN_RESIDENT_ID": "Chinese resident identity numbers",
    "HK_ID": "Hong Kong identity numbers",
    "ID_NIK": "Indonesian identity numbers",
    "IL_ID": "Israeli identity numbers",
    "IN_AADHAAR": "Indian Aadhaar numbers",
    "IN_PAN": "Indian income tax numbers",
    "IN_VOTER": "Indian voter numbers",
    "JP_MY_NUMBER": "Japanese individual numbers",
    "KR_RRN": "South Korean resident numbers",
    "MY_NRIC": "Malaysian identity numbers",
    "NG_NIN": "Nigerian identity numbers",
    "NZ_IRD": "New Zealand tax numbers",
    "PK_CNIC": "Pakistani identity numbers",
    "SA_NATIONAL_ID": "Saudi identity and residence numbers",
    "SG_NRIC_FIN": "Singaporean identity numbers",
    "TH_TNIN": "Thai identity numbers",
    "TR_NATIONAL_ID": "Turkish identity numbers",
    "TW_ID": "Taiwanese identity numbers",
    "ZA_ID_NUMBER": "South African identity numbers",
}

_SINGAPORE = {"S": (0, "JZIHGFEDCBA"), "T": (4, "JZIHGFEDCBA"), "F": (0, "XWUTRQPNMLK"), "G": (4, "XWUTRQPNMLK"),
              "M": (3, "KLJNPQRTUWX")}  # fmt: skip
"""For each first letter what it adds to the sum, and the check letters by remainder."""

_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""First letters in the order of the two digits that they stand for, from 10."""


_verhoeff = standard("verhoeff")


def _singapore(number: str) -> bool:
    written = number.upper()
    added, letters = _SINGAPORE[written[0]]
    total = added + sum(int(digit) * weight for digit, weight in zip(written[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    # The series that began in 2022 counts its letters from the other end.
    return letters[10 - total % 11 if written[0] == "M" else total % 11] == written[8]


def _taiwan(number: str) -> bool:
    first = 10 + _TAIWAN.index(number[0].upper())
    digits = [first // 10, first % 10, *(int(digit) for digit in number[1:])]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def _hong_kong(number: str) -> bool:
    written = compact(number).replace("(", "").replace(")", "").rjust(9)
    # A missing first letter counts as 36, A as 10 up to Z as 35, a check digit of ten is written A.
    values = [36 if letter == " " else int(letter, 36) for letter in written]
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0


def _nigerian(number: str) -> bool:
    return _verhoeff(compact(number))


PATTERNS = (
    by_form("AE_EMIRATES_ID", r"784-?(?:19|20)\d{2}-?\d{7}-?\d", 0.5, luhn),
    by_word("AU_ABN", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", standard("au.abn"), "abn, australian business"),
    by_word("AU_TFN", r"\d{3} ?\d{3} ?\d{2,3}", standard("au.tfn"), "tfn, tax file"),
    by_form("CN_RESIDENT_ID", r"[1-8]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]", 0.5,
            standard("cn.ric")),
    by_form("HK_ID", r"[A-Z]{1,2}\d{6}\([\dA]\)", 0.5, _hong_kong),
    by_word("HK_ID", r"[A-Z]{1,2}\d{6}[\dA]", _hong_kong, "hkid, hong kong"),
    by_word("ID_NIK", r"[1-9]\d{15}", possible(standard("id.nik")), "nik, ktp, induk kependudukan, indonesian id"),
    by_word("IL_ID", r"\d{9}|\d{8}-\d", standard("il.idnr"), "teudat zehut, mispar zehut, זהות, ת.ז, israeli id"),
    by_word("IN_AADHAAR", r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", standard("in_.aadhaar"),
            "aadhaar, aadhar, uidai, uid, आधार"),
    by_form("IN_PAN", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", 0.5, possible(standard("in_.pan")),
            "pan, permanent account, income tax"),
    by_word("IN_VOTER", r"[A-Z]{3}\d{7}", standard("in_.epic"), "voter, epic, electoral"),
    by_word("JP_MY_NUMBER", r"\d{4}[ -]?\d{4}[ -]?\d{4}", standard("jp.in_"),
            "my number, mynumber, マイナンバー, 個人番号, japanese individual"),
    by_form("KR_RRN", r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-[1-8]\d{6}", 0.35, possible(standard("kr.rrn")),
            "resident registration, rrn, 주민등록번호, jumin, korean id"),
    by_word("KR_RRN", r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[1-8]\d{6}", possible(standard("kr.rrn")),
            "resident registration, rrn, 주민등록번호, jumin, korean id"),
    by_form("MY_NRIC", r"\d{6}-\d{2}-\d{4}", 0.4, possible(standard("my.nric")),
            "nric, mykad, kad pengenalan, malaysian id"),
    by_word("MY_NRIC", r"\d{12}", possible(standard("my.nric")), "nric, mykad, kad pengenalan, malaysian id"),
    by_word("NG_NIN", r"\d{11}|\d{4}[ -]\d{3}[ -]\d{4}", _nigerian,
            "nin, national identification number, nigerian id"),
    by_word("NZ_IRD", r"\d{2,3}[ -]?\d{3}[ -]?\d{3}", standard("nz.ird"), "ird, inland revenue"),
    by_form("PK_CNIC", r"\d{5}-\d{7}-\d", 0.5, possible(standard("pk.cnic")), "cnic, nadra"),
    by_word("PK_CNIC", r"\d{13}", possible(standard("pk.cnic")), "cnic, nadra, pakistani id"),
    by_word("SA_NATIONAL_ID", r"[12]\d{9}", luhn, "iqama, saudi, هوية, إقامة"),
    by_form("SG_NRIC_FIN", r"[STFGM]\d{7}[A-Z]", 0.5, _singapore, "nric, fin"),
    by_form("TH_TNIN", r"[1-8]-\d{4}-\d{5}-\d{2}-\d", 0.5, standard("th.pin")),
    by_word("TH_TNIN", r"[1-8]\d{12}", standard("th.pin"),
            "thai id, tnin, thai national, เลขประจำตัวประชาชน, บัตรประชาชน"),
    by_word("TR_NATIONAL_ID", r"[1-9]\d{10}", standard("tr.tckimlik"), "kimlik, tckn, t.c., turkish id"),
    by_word("TW_ID", r"[A-Z][1289]\d{8}", _taiwan, "身分證, 統一編號, taiwan, taiwanese id"),
    by_word("ZA_ID_NUMBER", r"\d{6} ?\d{4} ?[01]\d{2}", standard("za.idnr"),
            "id number, identity number, south african id, sa id, id no, rsa id"),
)  # fmt: skip
