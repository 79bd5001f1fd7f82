"""Valid numbers that authorities of the United States give to people."""

from __future__ import annotations

from audit.pii.planted.numbers import number, weighted

MAKERS = {
    # A certificate to prescribe: two letters, then six digits of which every other counts twice.
    "MEDICAL_LICENSE": number("[ABFM][ABCDEFGH]######", lambda body: weighted((1, 2, 1, 2, 1, 2), 10)(body[2:])),
    "US_DRIVER_LICENSE": number(
        ("[ADMN]#######", "########", "### ### ###", "[FM]###-###-##-###-#", "[IK]###-####-####")
    ),
    "US_ITIN": number(
        ("9##5#####", "9##6[012345]####", "9##7#####", "9##8[012345678]####", "9##9[012456789]####"),
        forms=("###-##-####", "### ## ####"),
    ),
    "US_PASSPORT": number(("[123456789]########", "A########")),
    # No number begins with 000, 666 or 9, and none holds a group of zeros.
    "US_SSN": number("[1234578]##[123456789]#[123456789]###", forms=("###-##-####", "### ## ####")),
}

LABELS = {
    "MEDICAL_LICENSE": {"en": "medical certificate"},
    "US_DRIVER_LICENSE": {"en": "driver license"},
    "US_ITIN": {"en": "taxpayer id itin"},
    "US_PASSPORT": {"en": "passport"},
    "US_SSN": {"en": "ssn"},
}

BY_LABEL_ALONE = ("MEDICAL_LICENSE", "US_DRIVER_LICENSE", "US_PASSPORT")
"""Numbers that are bare digits, or nearly so with one check digit: only the words before them tell what they are."""
