"""What the labels of common language models mean, in the words of this package.

Sources: OntoNotes 5 (spaCy's English pipelines), CoNLL 2003 and WikiNER (its others, many token classifiers), the
National Corpus of Polish, i2b2 2014 (models that take personal data out of medical notes) and AI4Privacy's data sets.
"""

from __future__ import annotations

import re

MEANINGS = {
    "PERSON": (
        "PERSON", "PER", "PERSNAME", "NAME", "FULLNAME", "FIRSTNAME", "MIDDLENAME", "LASTNAME", "GIVENNAME", "SURNAME",
        "PATIENT", "DOCTOR", "STAFF", "HCW",
    ),
    "LOCATION": (
        "LOCATION", "LOC", "GPE", "FAC", "FACILITY", "PLACENAME", "GEOGNAME", "ADDRESS", "STREET", "STREETADDRESS",
        "BUILDINGNUMBER", "BUILDINGNUM", "SECONDARYADDRESS", "CITY", "STATE", "COUNTY", "COUNTRY",
    ),
    "ORGANIZATION": (
        "ORGANIZATION", "ORGANISATION", "ORG", "ORGNAME", "COMPANY", "COMPANYNAME", "HOSPITAL", "HOSP", "VENDOR",
    ),
    "NRP": ("NRP", "NORP", "NATIONALITY", "RELIGION"),
    "DATE_TIME": ("DATE", "TIME", "DATETIME"),
    "DATE_OF_BIRTH": ("DATEOFBIRTH", "DOB", "BIRTHDATE"),
    "AGE": ("AGE",),
    "TITLE": ("TITLE", "PREFIX", "PROFESSION", "JOBTITLE", "JOBTYPE"),
    "ZIP_CODE": ("ZIP", "ZIPCODE", "POSTCODE", "POSTALCODE"),
    "PHONE_NUMBER": ("PHONE", "PHONENUMBER", "TELEPHONENUM", "FAX"),
    "EMAIL_ADDRESS": ("EMAIL", "EMAILADDRESS"),
    "URL": ("URL",),
    "IP_ADDRESS": ("IP", "IPADDRESS", "IPV4", "IPV6"),
    "MAC_ADDRESS": ("MAC", "MACADDRESS"),
    "CREDIT_CARD": ("CREDITCARD", "CREDITCARDNUMBER"),
    "IBAN_CODE": ("IBAN", "IBANCODE"),
    "US_SSN": ("SSN", "USSSN"),
}  # fmt: skip
"""Labels, without case, signs and the mark of their place in a name (`B-`, `I-` ...), by entity."""

_ENTITIES = {label: entity for entity, labels in MEANINGS.items() for label in labels}


def entity(label: str) -> str | None:
    """What a label means, or None where it names no kind of personal data.

    >>> entity("B-PER"), entity("persName"), entity("I-STREET_ADDRESS"), entity("MISC")
    ('PERSON', 'PERSON', 'LOCATION', None)
    """
    bare = re.sub(r"^[BIESLU][-_]", "", label)
    return _ENTITIES.get(re.sub(r"[^A-Za-z0-9]", "", bare).upper())
