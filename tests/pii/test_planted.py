"""Planted values: every kind has them, they are valid by other people's rules, and no recogniser had a hand in them."""

from __future__ import annotations

import ast
import ipaddress
import random
import re
import uuid
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import phonenumbers
import presidio_analyzer.predefined_recognizers as presidio
import pytest

import audit.pii
from audit.pii import planted
from audit.pii.entities import catalogue
from audit.pii.patterns import encodings
from audit.pii.planted import accounts, addresses, numbers
from audit.pii.planted.makers import (
    contact,
    devices_and_vehicles,
    health_and_documents,
    names,
    national_ids_elsewhere,
    national_ids_europe,
)
from audit.pii.recognisers import special_categories
from audit.pii.wordlists import callings, groups
from audit.pii.wordlists.lexicon import lexicon

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
ROOM = Path(audit.pii.__file__).parent


def made(entity: str, n: int = 60, language: str = "en") -> list[str]:
    return [planted.value(entity, random.Random(seed), language) for seed in range(n)]


def test_every_kind_of_the_catalogue_has_values_and_words_before_them() -> None:
    assert set(planted.entities()) == set(catalogue())
    assert all(planted.label(entity, language) for entity in planted.entities() for language in LANGUAGES)


# --- valid by other people's rules ------------------------------------------------------------------------------------

STDNUM = {
    "ABA_ROUTING_NUMBER": "us.rtn", "AE_EMIRATES_ID": "luhn", "AR_CUIT": "ar.cuit", "AR_DNI": "ar.dni",
    "AT_SOCIAL_SECURITY": "at.vnr", "AT_TAX_ID": "at.tin", "AU_ABN": "au.abn", "AU_TFN": "au.tfn",
    "BE_NATIONAL_NUMBER": "be.nn", "BG_EGN": "bg.egn", "BIC_CODE": "bic", "BR_CPF": "br.cpf",
    "CA_HEALTH_NUMBER": "luhn",
    "CA_SIN": "ca.sin", "CH_AHV": "ch.ssn", "CL_RUT": "cl.rut", "CN_RESIDENT_ID": "cn.ric", "CREDIT_CARD": "luhn",
    "CZ_BIRTH_NUMBER": "cz.rc", "DE_TAX_ID": "de.idnr", "DE_TAX_NUMBER": "de.stnr", "DE_VAT_ID": "de.vat",
    "DK_CPR": "dk.cpr", "DO_CEDULA": "do.cedula", "EC_CEDULA": "ec.ci", "EE_ISIKUKOOD": "ee.ik", "ES_NIE": "es.nie",
    "ES_NIF": "es.nif", "FI_PERSONAL_IDENTITY_CODE": "fi.hetu", "FR_INSEE": "fr.nir", "FR_TAX_ID": "fr.nif",
    "GR_AFM": "gr.vat", "GR_AMKA": "gr.amka", "HR_OIB": "hr.oib", "ICCID": "luhn", "ID_NIK": "id.nik",
    "IE_PPS": "ie.pps", "IL_ID": "il.idnr", "IMEI": "imei", "IMSI": "imsi", "IN_AADHAAR": "in_.aadhaar",
    "IN_PAN": "in_.pan", "IN_VOTER": "in_.epic", "IS_KENNITALA": "is_.kennitala", "IT_FISCAL_CODE": "it.codicefiscale",
    "IT_VAT_CODE": "it.iva", "JP_MY_NUMBER": "jp.in_", "KR_RRN": "kr.rrn", "LT_ASMENS_KODAS": "lt.asmens",
    "LV_PERSONAL_CODE": "lv.pvn", "MX_CURP": "mx.curp", "MX_RFC": "mx.rfc", "MY_NRIC": "my.nric", "NG_NIN": "verhoeff",
    "NL_BSN": "nl.bsn", "NL_ID_CARD": "nl.identiteitskaartnummer", "NO_FODSELSNUMMER": "no.fodselsnummer",
    "NZ_IRD": "nz.ird", "PE_RUC": "pe.ruc", "PK_CNIC": "pk.cnic", "PL_NIP": "pl.nip", "PL_PESEL": "pl.pesel",
    "PT_CITIZEN_CARD": "pt.cc", "PT_NIF": "pt.nif", "RO_CNP": "ro.cnp", "RS_JMBG": "si.emso", "RU_INN": "ru.inn",
    "SA_NATIONAL_ID": "luhn", "SE_PERSONNUMMER": "se.personnummer", "SI_EMSO": "si.emso", "TH_TNIN": "th.pin",
    "TR_NATIONAL_ID": "tr.tckimlik", "UA_RNOKPP": "ua.rntrc", "UK_NHS": "gb.nhs", "UK_UTR": "gb.utr",
    "US_SSN": "us.ssn", "VE_RIF": "ve.rif", "ZA_ID_NUMBER": "za.idnr",
}  # fmt: skip
"""Modules of `python-stdnum`, most of which test dates and regions inside the number too."""

PRESIDIO = {
    "AU_MEDICARE": "AuMedicareRecognizer", "DE_HEALTH_INSURANCE": "DeHealthInsuranceRecognizer",
    "DE_LANR": "DeLanrRecognizer", "DE_SOCIAL_SECURITY": "DeSocialSecurityRecognizer",
    "MEDICAL_LICENSE": "MedicalLicenseRecognizer", "UK_DRIVING_LICENCE": "UkDrivingLicenceRecognizer",
    "UK_VEHICLE_REGISTRATION": "UkVehicleRegistrationRecognizer", "US_NPI": "UsNpiRecognizer",
}  # fmt: skip
"""Recognisers of Presidio with a rule of their own for numbers that `python-stdnum` does not have."""


DIGITS_ALONE = ("luhn", "verhoeff", "us.ssn")
"""Modules that want digits, or know one way to write a number only."""


@pytest.mark.parametrize("entity", sorted(STDNUM))
def test_numbers_are_valid_by_stdnum(entity: str) -> None:
    module = import_module(f"stdnum.{STDNUM[entity]}")
    for value in made(entity, 120):
        number = re.sub(r"\D", "", value) if STDNUM[entity] in DIGITS_ALONE else value
        assert module.is_valid(number), value


@pytest.mark.parametrize("entity", sorted(PRESIDIO))
def test_numbers_are_valid_by_presidio(entity: str) -> None:
    recogniser = getattr(presidio, PRESIDIO[entity])()
    for value in made(entity):
        assert recogniser.analyze(value.replace(" ", ""), [entity]), value
        assert recogniser.validate_result(value.replace(" ", "")) is not False, value


SPECIMENS: tuple[tuple[Callable[[str], str | None], str, str], ...] = (
    (accounts._belgian, "5390075470", "34"),
    (accounts._dutch, "ABNA041716430", "0"),
    (accounts._french, "300060000112345678901", "89"),
    (accounts._polish, "10901010000071219812874", "4"),
    (accounts._spanish, "210004180200051332", "45"),
    (numbers.italian_letter, "0542811101000000123456", "X"),
    (numbers.mod_97_10, "0002012312345678901", "54"),
    (national_ids_europe._irish_with_letter, "1234567", "FA"),
    (national_ids_europe._snils, "112233445", "95"),
    (national_ids_europe._irish, "1234567", "T"),
    (national_ids_elsewhere._hong_kong, "A123456", "3"),
    (national_ids_elsewhere._singapore, "S1234567", "D"),
    (national_ids_elsewhere._taiwan, "A12345678", "9"),
    (health_and_documents._polish, "ABS23456", "1"),
    (health_and_documents._nhi, "ZZZ001", "6"),
    (devices_and_vehicles._vin, "1M8GDM9AKP042788", "X"),
)
"""Rules with the numbers that authorities and manuals show as examples, for kinds without another rule at hand."""


@pytest.mark.parametrize(("rule", "body", "digits"), SPECIMENS)
def test_rules_give_the_check_digits_of_published_specimens(
    rule: Callable[[str], str | None], body: str, digits: str
) -> None:
    assert rule(body) == digits


def test_accounts_are_valid_as_parts_of_international_numbers() -> None:
    from stdnum import iban

    values = made("IBAN_CODE", 400)
    assert len({value[:2] for value in values}) == 13
    # `python-stdnum` tests what is inside as well for Belgium, Spain and Norway.
    assert all(iban.is_valid(value) for value in values)
    for value in made("BANK_ACCOUNT", language="pl"):
        assert iban.is_valid(f"PL{value}", check_country=False)
    for value in made("BANK_ACCOUNT", language="pt"):
        assert iban.is_valid(f"PT50{value}", check_country=False)


def test_taxpayer_numbers_lie_in_the_groups_that_are_given_out() -> None:
    given_out = {*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)}
    for value in made("US_ITIN", 200):
        assert value[0] == "9"
        assert int(value[4:6]) in given_out


FREE = {
    1: r"\d{3}55501\d\d",
    33: r"(?:19900|26191|35301|46571|53649)\d{4}",
    44: r"(?:7700900|2079460|1134960|1632960)\d{3}",
    49: r"(?:3023125|6990009|4066969|2214710|8999998)\d{3}|17139200\d\d",
    61: r"[23]5550\d{4}|491570(?:156|006)",
}
"""National numbers that are kept free for fiction, by country code; elsewhere freephone numbers are planted."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_telephone_numbers_are_valid_in_a_country_and_nobodys(language: str) -> None:
    def right(number: phonenumbers.PhoneNumber) -> bool:
        national = str(number.national_number)
        # Ofcom gives these two ranges for drama to nobody, so that `phonenumbers` takes them for invalid.
        valid = phonenumbers.is_valid_number(number) or national.startswith(("7700900", "1632960"))
        return valid and re.fullmatch(FREE.get(number.country_code, r"[89]00\d{6,7}"), national) is not None

    regions = ("US", "GB", "AU") if language == "en" else (language.upper(),)
    for value in made("PHONE_NUMBER", 300, language):
        assert any(right(phonenumbers.parse(value, region)) for region in regions), value


def test_addresses_of_computers_and_mail_are_reserved_for_examples() -> None:
    reserved = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    for value in made("IP_ADDRESS"):
        address = ipaddress.ip_address(value)
        assert any(address in ipaddress.ip_network(net) for net in reserved)
    for value in (*made("EMAIL_ADDRESS", 200), *made("URL", 200)):
        assert re.search(r"[@/.]example\.(com|org|net)(/|$)", value.lower()), value
    for value in made("MAC_ADDRESS"):
        assert int(re.sub(r"[^0-9a-fA-F]", "", value)[:2], 16) & 3 == 2, value
    assert all(uuid.UUID(value).version == 4 for value in made("UUID"))


def test_addresses_of_coins_have_the_checksums_of_their_networks() -> None:
    from stdnum import bitcoin

    values = made("CRYPTO", 120)
    assert {value[:2] if value.startswith("0x") else value[0] for value in values} == {"0x", "1", "3", "b"}
    assert {value.islower() for value in values if value.startswith("0x")} == {True, False}
    for value in values:
        if value.startswith("0x"):
            assert re.fullmatch("0x[0-9a-f]{40}", value) or encodings.eip55(value), value
        else:
            assert bitcoin.is_valid(value), value


# --- no recogniser had a hand in them ---------------------------------------------------------------------------------


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_the_makers_import_nothing_of_the_recognisers_and_read_no_file() -> None:
    files = sorted((ROOM / "planted").rglob("*"))
    assert {path.suffix for path in files if path.is_file()} <= {".py", ".pyc"}
    plain = ("__future__.", "random", "re", "json", "base64", "string", "hashlib", "collections.", "dataclasses.",
             "functools.", "audit.plugins", "audit.pii.planted")  # fmt: skip
    for path in files:
        if path.suffix == ".py":
            assert {name for name in imported(path) if not name.startswith(plain)} == set(), path.name
            assert not re.search(r"\bopen\(|read_text|read_bytes|import_module|__import__", path.read_text("utf-8"))


def test_the_recognisers_import_nothing_of_the_makers() -> None:
    for room in ("recognisers", "patterns", "wordlists", "postal", "presidio", "language_models", "texts"):
        for path in (ROOM / room).rglob("*.py"):
            assert not any("planted" in name for name in imported(path)), path


def parts(lists: dict[str, str], language: str) -> list[str]:
    return lists[language].split("|") if "|" in lists[language] else lists[language].split()


def listed_share(words: list[str], listed: Callable[[str], bool]) -> float:
    return sum(listed(word.lower()) for word in words) / len(words)


def test_some_names_of_people_places_and_groups_are_on_no_list_of_the_recognisers() -> None:
    known = lexicon("en")
    shares = {
        "given": listed_share(parts(names._GIVEN, "en"), known.given.__contains__),
        "surnames": listed_share(parts(names._SURNAMES, "en"), known.surnames.__contains__),
        "places": listed_share(parts(names._PLACES, "en"), known.places.levels.__contains__),
        "towns": listed_share(parts(addresses._TOWNS, "en"), known.places.levels.__contains__),
        "groups": listed_share(
            [word for language in LANGUAGES for word in parts(names._GROUPS, language)],
            {form for language in LANGUAGES for form in groups._forms(language)}.__contains__,
        ),
        "occupations": listed_share(
            [word for language in LANGUAGES[1:] for word in parts(contact._OCCUPATIONS, language)],
            {word for language in LANGUAGES[1:] for word in callings.occupations(language)}.__contains__,
        ),
    }
    assert max(shares.values()) < 1, shares


@pytest.mark.parametrize("language", LANGUAGES)
def test_some_words_of_special_categories_are_on_no_list_of_the_recognisers(language: str) -> None:
    from audit.pii.planted.makers.special_categories import _VALUES

    listed = special_categories._words()
    unlisted = 0
    for entity, lists in _VALUES.items():
        known = re.compile(listed.get((entity, language), "(?!)"), re.IGNORECASE)
        unlisted += sum(known.fullmatch(word) is None for word in lists[language].split("|"))
    assert unlisted >= 5


def test_each_language_has_its_own_words_and_numbers() -> None:
    for entity in (
        "PERSON", "LOCATION", "ORGANIZATION", "NRP", "TITLE", "PHONE_NUMBER", "ZIP_CODE", "DATE_OF_BIRTH", "HEALTH",
        "RELIGION", "POLITICS", "TRADE_UNION", "ETHNIC_ORIGIN", "BIOMETRICS",
    ):  # fmt: skip
        seen = [set(made(entity, 40, language)) for language in LANGUAGES]
        assert len({frozenset(values) for values in seen}) >= 5, entity  # four countries write five digits


@pytest.mark.parametrize(
    "entity",
    ["PHONE_NUMBER", "PERSON", "DATE_OF_BIRTH", "UK_NHS", "MAC_ADDRESS", "CRYPTO", "US_DRIVER_LICENSE", "NL_BSN",
     "UK_SORT_CODE", "CA_SIN", "SE_PERSONNUMMER", "DE_TAX_NUMBER"],
)  # fmt: skip
def test_what_people_write_in_several_ways_is_planted_in_at_least_three(entity: str) -> None:
    shapes = {re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", value)) for value in made(entity, 200)}
    assert len(shapes) >= 3, shapes


def test_no_brand_country_or_form_of_an_address_stands_alone() -> None:
    """A scan that misses American Express or British numbers must show it."""
    cards = {re.sub(r"\D", "", value)[:2] for value in made("CREDIT_CARD", 300)}
    assert {"34", "37", "36", "35", "62", "65", "60"} <= cards
    assert {start[0] for start in cards} == {"2", "3", "4", "5", "6"}
    phones = made("PHONE_NUMBER", 300)
    assert any(value.startswith(("07700", "+44", "0044")) for value in phones)
    assert any(value.startswith(("04", "+61")) for value in phones)
    assert sum("555" in value for value in phones) > 150
    mails = made("EMAIL_ADDRESS", 200)
    assert all(any(sign in mail for mail in mails) for sign in "+_-23")
    assert any(mail.isupper() for mail in mails)
    assert any(mail.count(".") == 1 for mail in mails)
    assert any(mail.count(".") >= 4 for mail in mails)
