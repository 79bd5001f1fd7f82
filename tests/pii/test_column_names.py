"""What column names declare: words are read whole, in eight languages, and names of things declare nothing."""

import pytest

from audit.pii.column_names import says
from audit.pii.entities import catalogue

DECLARED = {
    "PERSON": [
        "first_name",
        "lastName",
        "SURNAME",
        "customerName",
        "Kundenname",
        "prénom",
        "imię_i_nazwisko",
        "Apellidos",
    ],
    "PHONE_NUMBER": ["phone_no", "Telefonnummer", "numero_de_telephone", "cellPhone", "MobileNumber", "telemovel"],
    "EMAIL_ADDRESS": ["e-mail", "emailAddress", "correo_electronico", "adres_email"],
    "LOCATION": ["address", "shipping_address_line_1", "Straße", "ville", "endereço", "miejscowość", "home_state"],
    "ZIP_CODE": ["ZIPCode", "plz", "código_postal", "kod_pocztowy"],
    "AGE": ["age", "patientAge", "Alter", "age_at_diagnosis", "leeftijd"],
    "DATE_OF_BIRTH": ["DOB", "birthDate", "Geburtsdatum", "fecha_nacimiento", "data_urodzenia"],
    "HEALTH": ["diagnosis", "icd10", "is_pregnant", "Blutgruppe", "enfermedad"],
    "RELIGION": ["religion", "Konfession", "wyznanie"],
    "TRADE_UNION": ["union_membership", "Gewerkschaft", "sindacato"],
    "ETHNIC_ORIGIN": ["ethnicity", "race", "etnia"],
    "SEXUAL_ORIENTATION": ["sexual_orientation", "orientation_sexuelle"],
    "POLITICS": ["politicalParty", "partido_politico"],
    "BIOMETRICS": ["fingerprint", "face_embedding", "Fingerabdruck"],
}

NOTHING = [
    "name", "file_name", "hostname", "productName", "page", "average", "storage", "server_age", "vehicle_age", "state",
    "memory_address", "phone_count", "phone_model", "email_verified", "address_id", "city_id", "zip_file", "market_cap",
    "birth_rate", "race_time", "union", "device_fingerprint", "created_at", "iPhone", "microphone", "mobile_app",
    "x1", "",
    "cell_voltage", "cancellation", "capital", "language", "usage", "mileage",
]  # fmt: skip


@pytest.mark.parametrize(("entity", "name"), [(entity, name) for entity, names in DECLARED.items() for name in names])
def test_a_name_declares_its_kind(entity, name):
    assert entity in says(name)


@pytest.mark.parametrize("name", NOTHING)
def test_names_of_things_declare_nothing(name):
    assert says(name) == frozenset()


def test_ip_and_e_mail_addresses_are_no_postal_ones():
    assert says("ip_address") == {"IP_ADDRESS"}
    assert says("email_address") == {"EMAIL_ADDRESS"}
    assert says("plz_ort") == {"ZIP_CODE", "LOCATION"}


def test_only_kinds_that_the_scanner_knows_are_declared():
    declared = {entity for names in DECLARED.values() for name in names for entity in says(name)}
    assert declared <= set(catalogue())


@pytest.mark.parametrize("name", ["bday", "BIRTHDT", "birth_dt", "BirthDt"])
def test_short_names_for_a_date_of_birth(name: str) -> None:
    assert says(name) == {"DATE_OF_BIRTH"}
