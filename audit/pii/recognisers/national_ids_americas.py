"""Finds national identity, tax and social security numbers of American countries by form, check digits and words.

Source: forms and rules as the `python-stdnum` modules document them; BR_PIS: eleven weights modulo 11 (Caixa);
UY_CI: weights 2987634 modulo 10 (Dirección Nacional de Identificación Civil).
"""

from __future__ import annotations

from audit.pii.patterns.check_digits import compact, possible, standard
from audit.pii.patterns.identifiers import by_form, by_word

ENTITIES = {
    "AR_CUIT": "Argentine tax numbers",
    "AR_DNI": "Argentine identity numbers",
    "BR_CPF": "Brazilian taxpayer numbers",
    "BR_PIS": "Brazilian social insurance numbers",
    "BR_RG": "Brazilian identity card numbers",
    "CA_SIN": "Canadian social insurance numbers",
    "CL_RUT": "Chilean identity numbers",
    "CO_CEDULA": "Colombian identity numbers",
    "DO_CEDULA": "Dominican identity numbers",
    "EC_CEDULA": "Ecuadorian identity numbers",
    "MX_CURP": "Mexican population registry codes",
    "MX_RFC": "Mexican tax codes",
    "PE_RUC": "Peruvian tax numbers",
    "US_ITIN": "American taxpayer numbers",
    "US_SSN": "American social security numbers",
    "UY_CI": "Uruguayan identity numbers",
    "VE_RIF": "Venezuelan tax numbers",
}


def _weighted_from_end(number: str, weights: tuple[int, ...], modulus: int) -> bool:
    """Whether the check digit brings the weighted sum to a multiple of the modulus; 10 and 11 are written as 0."""
    digits = [int(digit) for digit in compact(number)]
    total = sum(digit * weight for digit, weight in zip(digits, weights, strict=False))
    return -total % modulus % 10 == digits[-1]


_ITIN_GROUPS = frozenset((*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)))


def _pis(number: str) -> bool:
    return _weighted_from_end(number, (3, 2, 9, 8, 7, 6, 5, 4, 3, 2), 11)


def _uruguayan(number: str) -> bool:
    return _weighted_from_end(compact(number).zfill(8), (2, 9, 8, 7, 6, 3, 4), 10)


_american = standard("us.ssn")


def _ssn(number: str) -> bool | None:
    return None if _american(compact(number)) else False


def _itin(number: str) -> bool | None:
    """The middle digits are those that the Internal Revenue Service gives out; nine equal digits fill a form."""
    digits = compact(number)
    return None if int(digits[3:5]) in _ITIN_GROUPS and len(set(digits)) > 1 else False


PATTERNS = (
    by_form("AR_CUIT", r"(?:2[03457]|3[034])-\d{8}-\d", 0.5, standard("ar.cuit"), "cuit"),
    by_word("AR_CUIT", r"(?:2[03457]|3[034])\d{9}", standard("ar.cuit"), "cuit, cuil, argentine tax"),
    by_word("AR_DNI", r"\d{7,8}|\d{1,2}\.\d{3}\.\d{3}", possible(standard("ar.dni")),
            "dni, documento nacional, argentine id"),
    by_form("BR_CPF", r"\d{3}\.\d{3}\.\d{3}-\d{2}", 0.5, standard("br.cpf")),
    by_word("BR_CPF", r"\d{11}|\d{9}-\d{2}", standard("br.cpf"),
            "cpf, cadastro de pessoa, contribuinte, brazilian tax"),
    by_form("BR_PIS", r"\d{3}\.\d{5}\.\d{2}-\d", 0.5, _pis),
    by_word("BR_PIS", r"\d{11}", _pis, "pis, pasep, pis/pasep, nis, brazilian social"),
    by_word("BR_RG", r"\d{1,2}\.\d{3}\.\d{3}-[\dXx]|\d{7,8}-?[\dXx]", None,
            "rg, registro geral, carteira de identidade, identidade, brazilian id"),
    by_word("CA_SIN", r"\d{3}[ -]?\d{3}[ -]?\d{3}", standard("ca.sin"),
            "sin, social insurance, assurance sociale, nas, canadian social"),
    # Brazilian identity cards are written in the same form, so its check digit alone proves nothing.
    by_form("CL_RUT", r"\d{1,2}\.\d{3}\.\d{3}-[\dKk]", 0.5, possible(standard("cl.rut")),
            "rut, rol único, rol unico, run"),
    by_word("CL_RUT", r"\d{7,8}-?[\dKk]", standard("cl.rut"), "rut, rol único, rol unico, run, chilean id"),
    by_word("CO_CEDULA", r"\d{6,10}|\d{1,3}(?:\.\d{3}){2,3}", None,
            "cédula de ciudadanía, cedula de ciudadania, nuip, colombian id"),
    by_form("DO_CEDULA", r"\d{3}-\d{7}-\d", 0.5, standard("do.cedula"), "cédula, cedula"),
    by_word("DO_CEDULA", r"\d{11}", standard("do.cedula"), "cédula, cedula, dominican id"),
    by_word("EC_CEDULA", r"\d{10}|\d{9}-\d", standard("ec.ci"), "cédula, cedula, ecuadorian id"),
    by_form("MX_CURP", r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", 0.5, standard("mx.curp"),
            "curp", ignore_case=True),
    by_form("MX_RFC", r"[A-ZÑ&]{4}[ -]?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ -]?[A-Z\d]{3}", 0.5,
            possible(standard("mx.rfc")),
            "rfc, registro federal"),
    by_word("PE_RUC", r"(?:10|15|17|20)\d{9}", standard("pe.ruc"), "ruc, peruvian tax"),
    by_form("US_ITIN", r"9\d{2}([ -])\d{2}\1\d{4}", 0.5, _itin, "itin, taxpayer, tax id"),
    by_form("US_SSN", r"\d{3}-\d{2}-\d{4}", 0.5, _ssn, "ssn, social security, ss#, social"),
    by_word("US_SSN", r"\d{9}|\d{3}[ .]\d{2}[ .]\d{4}", _ssn, "ssn, social security, ss#, soc sec"),
    by_word("UY_CI", r"\d\.\d{3}\.\d{3}-\d|\d{6,7}-?\d", _uruguayan, "cédula, cedula, uruguayan id"),
    by_form("VE_RIF", r"[VEJPG]-\d{8}-\d", 0.5, standard("ve.rif")),
    by_word("VE_RIF", r"[VEJPG]-?\d{8}-?\d", standard("ve.rif"), "rif, registro de información fiscal, venezuelan tax"),
)  # fmt: skip
