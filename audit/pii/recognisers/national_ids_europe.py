"""Finds national identity, tax and social security numbers of European countries by form, check digits and words.

Names are Presidio's where it has one. Forms with points, slashes or a letter of their own count alone if the check is
right; bare digits need a telling word (see `audit.pii.patterns.identifiers`).

Source: forms and rules as the `python-stdnum` modules document them; DE_SOCIAL_SECURITY: VKVV section 2; HU: act XX of
1996, annexes; PT_NISS: rule published by the Portuguese social security; ES_SOCIAL_SECURITY: remainder of 97.
"""

from __future__ import annotations

from dataclasses import replace

from audit.pii.patterns.check_digits import compact, luhn, standard, weighted
from audit.pii.patterns.identifiers import by_form, by_word

ENTITIES = {
    "AT_SOCIAL_SECURITY": "Austrian social insurance numbers",
    "AT_TAX_ID": "Austrian tax numbers",
    "BE_NATIONAL_NUMBER": "Belgian national numbers",
    "BG_EGN": "Bulgarian personal numbers",
    "CH_AHV": "Swiss social insurance numbers",
    "CZ_BIRTH_NUMBER": "Czech and Slovak birth numbers",
    "DE_SOCIAL_SECURITY": "German pension insurance numbers",
    "DE_TAX_ID": "German tax identification numbers",
    "DE_TAX_NUMBER": "German tax office numbers",
    "DE_VAT_ID": "German value added tax numbers",
    "DK_CPR": "Danish personal numbers",
    "EE_ISIKUKOOD": "Estonian personal codes",
    "ES_NIE": "Spanish identity numbers of foreigners",
    "ES_NIF": "Spanish identity numbers",
    "ES_SOCIAL_SECURITY": "Spanish social security numbers",
    "FI_PERSONAL_IDENTITY_CODE": "Finnish personal identity codes",
    "FR_INSEE": "French social security numbers",
    "FR_TAX_ID": "French tax numbers",
    "GR_AFM": "Greek tax numbers",
    "GR_AMKA": "Greek social security numbers",
    "HR_OIB": "Croatian personal numbers",
    "HU_TAJ": "Hungarian social security numbers",
    "HU_TAX_ID": "Hungarian tax numbers",
    "IE_PPS": "Irish personal public service numbers",
    "IS_KENNITALA": "Icelandic identity codes",
    "IT_FISCAL_CODE": "Italian tax codes",
    "IT_VAT_CODE": "Italian value added tax numbers",
    "LT_ASMENS_KODAS": "Lithuanian personal codes",
    "LU_NATIONAL_ID": "Luxembourgish identification numbers",
    "LV_PERSONAL_CODE": "Latvian personal codes",
    "NL_BSN": "Dutch citizen service numbers",
    "NO_FODSELSNUMMER": "Norwegian birth numbers",
    "PL_NIP": "Polish tax numbers",
    "PL_PESEL": "Polish personal numbers",
    "PT_CITIZEN_CARD": "Portuguese citizen card numbers",
    "PT_NIF": "Portuguese tax numbers",
    "PT_NISS": "Portuguese social security numbers",
    "RO_CNP": "Romanian personal codes",
    "RS_JMBG": "Serbian, Bosnian, Macedonian and Montenegrin citizen numbers",
    "RU_INN": "Russian tax numbers",
    "RU_SNILS": "Russian social insurance numbers",
    "SE_PERSONNUMMER": "Swedish personal numbers",
    "SI_EMSO": "Slovenian citizen numbers",
    "UA_RNOKPP": "Ukrainian tax numbers",
    "UK_NHS": "British health service numbers",
    "UK_NINO": "British national insurance numbers",
    "UK_UTR": "British taxpayer references",
}


def _german_pension(number: str) -> bool:
    written = compact(number)
    digits = [int(digit) for digit in f"{written[:8]}{ord(written[8]) - 64:02d}{written[9:]}"]
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    products = (digit * weight for digit, weight in zip(digits, weights, strict=False))
    return sum(product // 10 + product % 10 for product in products) % 10 == digits[-1]


def _spanish_social_security(number: str) -> bool:
    written = compact(number)
    body, check = written[:-2], int(written[-2:])
    # The number within the province counts without its leading zero.
    return int(body[:2] + body[3:] if body[2] == "0" else body) % 97 == check


def _luxembourg(number: str) -> bool:
    return luhn(number[:12]) and standard("verhoeff")(number[:11] + number[12])


def _snils(number: str) -> bool:
    written = compact(number)
    total = sum(int(digit) * weight for digit, weight in zip(written[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(written[9:])


_niss_total = weighted((29, 23, 19, 17, 13, 11, 7, 5, 3, 2), 10)


def _niss(number: str) -> bool:
    written = compact(number)
    # The rule subtracts the last digit of the sum from 9: the complement of what `weighted` compares.
    return _niss_total(f"{written[:10]}{9 - int(written[10])}")


_FINNISH = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[-+A-FU-Y]\d{3}"
_spanish = standard("es.nif")


def _nif(number: str) -> bool:
    return _spanish(compact(number).zfill(9))


_IT = r"[\dL-NP-V]"
"""A digit of an Italian tax code, or the letter that stands for it where two people would share a code."""
_NINO = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"

PATTERNS = (
    by_word("AT_SOCIAL_SECURITY", r"\d{4} ?\d{6}", standard("at.vnr"),
            "svnr, sv-nummer, sv-nr, sozialversicherung, austrian social, versicherungsnummer"),
    by_word("AT_TAX_ID", r"\d{2}-?\d{3}/?\d{4}", standard("at.tin"), "abgabenkonto, steuernummer, austrian tax"),
    by_form("BE_NATIONAL_NUMBER", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", 0.5, standard("be.nn")),
    by_word("BE_NATIONAL_NUMBER", r"\d{11}|\d{6}[ -]\d{3}[ -]\d{2}", standard("be.nn"),
            "rijksregister, registre national, numéro national, numero national, insz, niss, national number, "
            "nationalregister, national register"),
    by_word("BG_EGN", r"\d{10}", standard("bg.egn"), "egn, егн, bulgarian"),
    by_form("CH_AHV", r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", 0.5, standard("ch.ssn")),
    by_word("CZ_BIRTH_NUMBER", r"\d{6}/?\d{3,4}", standard("cz.rc"),
            "rodné číslo, rodne cislo, rč, birth number, rodné, rodne"),
    by_form("DE_SOCIAL_SECURITY", r"\d{2} ?(?:[0-7]\d|8[01])(?:0\d|1[0-2])\d{2} ?[A-Z] ?\d{3}", 0.5, _german_pension),
    by_word("DE_TAX_ID", r"[1-9]\d{10}|[1-9]\d (?:\d{3} ){2}\d{3}", standard("de.idnr"),
            "steuer-id, steuerid, steuer id, steueridentifikation, steuerliche identifikation, idnr, id-nr, "
            "identifikationsnummer, tin, tax id, german tax, tax number"),
    by_word("DE_TAX_NUMBER", r"\d{2,3}[/ ]?\d{3}[/ ]?\d{4,5}", standard("de.stnr"),
            "steuernummer, steuernr, steuer-nr, st.-nr, stnr, german tax number"),
    by_form("DE_VAT_ID", r"DE ?[1-9]\d{8}|DE(?: ?\d{3}){3}", 0.5, standard("de.vat"), "ust, umsatzsteuer, vat",
            ignore_case=True),
    by_word("DK_CPR", r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[- ]?\d{4}", standard("dk.cpr"),
            "cpr, personnummer, danish personal"),
    by_word("EE_ISIKUKOOD", r"[1-8]\d{10}", standard("ee.ik"), "isikukood, estonian"),
    by_form("ES_NIE", r"[XYZ][-. ]?\d{7}[-. ]?[A-Z]", 0.5, standard("es.nie"), "nie, extranjero", ignore_case=True),
    by_form("ES_NIF", r"\d{8}-[A-Z]|\d{1,2}\.\d{3}\.\d{3}[- ]?[A-Z]", 0.5, _nif, "nif, dni", ignore_case=True),
    by_word("ES_NIF", r"(?:\d{8}|[KLM]\d{7}) ?[A-Z]", _nif,
            "nif, dni, documento nacional, documento de identidad, identificación fiscal, spanish id, cif",
            ignore_case=True),
    by_word("ES_SOCIAL_SECURITY", r"\d{2}[ /-]?\d{8}[ /-]?\d{2}", _spanish_social_security,
            "seguridad social, afiliación, afiliacion, nuss, naf, spanish social"),
    by_form("FI_PERSONAL_IDENTITY_CODE", rf"{_FINNISH}[A-HJ-NPR-Y]", 0.5, standard("fi.hetu")),
    by_word("FI_PERSONAL_IDENTITY_CODE", rf"{_FINNISH}\d", standard("fi.hetu"),
            "henkilötunnus, hetu, personbeteckning, finnish personal"),
    by_form("FR_INSEE", r"[12] \d{2} \d{2} \d[\dAB] \d{3} \d{3} \d{2}|[12]\d{12} \d{2}", 0.5, standard("fr.nir")),
    # Fifteen digits in one piece are elsewhere more often a card or a device, of which the key lets one in 97 pass.
    replace(
        by_form("FR_INSEE", r"[12]\d{2}(?:0[1-9]|1[0-2])(?:[013-9]\d|2[\dAB])\d{8}", 0.35, standard("fr.nir")),
        languages=("fr",),
    ),
    by_word("FR_INSEE", r"[12]\d{5}[\dAB]\d{8}|[12](?:[ .-]?\d{2}){2}[ .-]?\d[\dAB](?:[ .-]?\d{3}){2}[ .-]?\d{2}",
            standard("fr.nir"),
            "sécurité sociale, securite sociale, sécu, secu, insee, nir, assuré, assure, carte vitale, "
            "french social, immatriculation"),
    by_word("FR_TAX_ID", r"[0-3]\d{12}|[0-3]\d (?:\d{2} \d{3} \d{3} \d{3})", standard("fr.nif"),
            "numéro fiscal, numero fiscal, nif, spi, référence fiscale, identifiant fiscal, french tax, fiscal"),
    by_word("GR_AFM", r"\d{9}", standard("gr.vat"), "αφμ, afm, greek tax"),
    by_word("GR_AMKA", r"\d{11}", standard("gr.amka"), "αμκα, amka, greek social"),
    by_word("HR_OIB", r"\d{11}", standard("hr.oib"), "oib, osobni identifikacijski, croatian"),
    by_word("HU_TAJ", r"\d{3}[ -]?\d{3}[ -]?\d{3}", weighted((3, 7, 3, 7, 3, 7, 3, 7), 10),
            "taj, társadalombiztosítás, hungarian social"),
    by_word("HU_TAX_ID", r"8\d{9}", weighted(tuple(range(1, 10)), 11), "adóazonosító, adoazonosito, hungarian tax"),
    by_word("IE_PPS", r"\d{7}[A-W][A-IW]?", standard("ie.pps"), "pps, ppsn, personal public service", ignore_case=True),
    by_word("IS_KENNITALA", r"[0-7]\d{5}-?\d{4}", standard("is_.kennitala"), "kennitala, icelandic, kt."),
    by_form("IT_FISCAL_CODE", rf"[A-Z]{{6}}{_IT}{{2}}[A-EHLMPR-T]{_IT}{{2}}[A-Z]{_IT}{{3}}[A-Z]"
            r"|[A-Z]{3} [A-Z]{3} \d{2}[A-EHLMPR-T]\d{2} [A-Z]\d{3}[A-Z]", 0.5,
            standard("it.codicefiscale"), "codice fiscale", ignore_case=True),
    by_form("IT_VAT_CODE", r"IT ?\d{11}", 0.5, standard("it.iva"), "partita iva"),
    by_word("IT_VAT_CODE", r"\d{11}", standard("it.iva"), "partita iva, p.iva, p. iva, piva, p.i., vat"),
    by_word("LT_ASMENS_KODAS", r"[1-6]\d{10}", standard("lt.asmens"), "asmens kodas, asmens, lithuanian"),
    by_word("LU_NATIONAL_ID", r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{7}", _luxembourg, "matricule, luxembourg, cnss"),
    by_word("LV_PERSONAL_CODE", r"\d{6}-?\d{5}", standard("lv.pvn"), "personas kods, personas, latvian"),
    by_word("NL_BSN", r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3}", standard("nl.bsn"),
            "bsn, burgerservice, sofi, citizen service"),
    by_word("NO_FODSELSNUMMER", r"\d{6} ?\d{5}", standard("no.fodselsnummer"),
            "fødselsnummer, fodselsnummer, fnr, personnummer, norwegian, d-nummer"),
    by_form("PL_NIP", r"\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3}", 0.5, standard("pl.nip")),
    by_word("PL_NIP", r"(?:PL ?)?\d{10}", standard("pl.nip"),
            "nip, numer identyfikacji podatkowej, podatnik, polish tax"),
    by_word("PL_PESEL", r"\d{11}", standard("pl.pesel"), "pesel, numer ewidencyjny, polish personal, polish national"),
    by_form("PT_CITIZEN_CARD", r"\d{8}[ -]\d[ -]?[A-Z0-9]{2}\d", 0.5, standard("pt.cc")),
    by_word("PT_CITIZEN_CARD", r"\d{9}[A-Z0-9]{2}\d", standard("pt.cc"),
            "cartão de cidadão, cartao de cidadao, citizen card, nº cc, cartão, documento de identificação"),
    by_word("PT_NIF", r"(?:PT ?)?\d{9}|\d{3}[ .]\d{3}[ .]\d{3}", standard("pt.nif"),
            "nif, contribuinte, identificação fiscal, identificacao fiscal, portuguese tax"),
    by_word("PT_NISS", r"[12]\d{10}", _niss, "niss, segurança social, seguranca social, portuguese social"),
    by_word("RO_CNP", r"[1-9]\d{12}", standard("ro.cnp"), "cnp, cod numeric personal, romanian"),
    by_word("RS_JMBG", r"\d{13}", standard("si.emso"), "jmbg, јмбг, matični broj, maticni broj, embg, jmb"),
    by_word("RU_INN", r"\d{12}", standard("ru.inn"), "inn, инн, russian tax"),
    by_form("RU_SNILS", r"\d{3}-\d{3}-\d{3} \d{2}", 0.5, _snils),
    by_word("RU_SNILS", r"\d{11}", _snils, "snils, снилс"),
    by_word("SE_PERSONNUMMER", r"(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+]?\d{4}",
            standard("se.personnummer"),
            "personnummer, personnr, swedish personal, swedish id, samordningsnummer, pnr"),
    by_word("SI_EMSO", r"\d{13}", standard("si.emso"), "emšo, emso, slovenian"),
    by_word("UA_RNOKPP", r"\d{10}", standard("ua.rntrc"), "rnokpp, рнокпп, іпн, ukrainian tax"),
    by_word("UK_NHS", r"\d{3}[ -]?\d{3}[ -]?\d{4}", standard("gb.nhs"), "nhs, national health, health service"),
    by_form("UK_NINO", rf"{_NINO} \d{{2}} \d{{2}} \d{{2}} [A-D]", 0.6, None,
            "national insurance, nino, ni number, ni no", ignore_case=True),
    by_form("UK_NINO", rf"{_NINO}(?:\d{{6}}| \d{{6}} )[A-D]", 0.35, None,
            "national insurance, nino, ni number, ni no, insurance number", ignore_case=True),
    by_word("UK_UTR", r"\d{5} ?\d{5}", standard("gb.utr"), "utr, unique taxpayer, taxpayer reference, self assessment"),
)  # fmt: skip
