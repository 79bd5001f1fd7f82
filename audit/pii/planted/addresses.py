"""Makes whole postal addresses in the forms of eight languages; no street of them exists at that number."""

from __future__ import annotations

import random

from audit.pii.planted.lists import one_of

_STREETS = {
    "en": "Kestrel Lane|Quarry Road|Heron Street|Juniper Avenue|Saffron Drive",
    "de": "Kiebitzweg|Wacholderstraße|Am Steinbruch|Reiherallee|Safrangasse",
    "fr": "rue du Héron|avenue des Genévriers|place du Safran|chemin de la Carrière",
    "es": "Calle del Azafrán|Avenida de la Cantera|Plaza de la Garza|Paseo del Enebro",
    "it": "Via dello Zafferano|Viale del Ginepro|Piazza Airone|Vicolo della Cava",
    "nl": "Reigerstraat|Jeneverbeslaan|Saffraanplein|Groeveweg",
    "pl": "ul. Szafranowa|ul. Jałowcowa|al. Czapli|pl. Kamienny",
    "pt": "Rua do Açafrão|Avenida da Pedreira|Travessa da Garça|Praça do Zimbro",
}
_TOWNS = {
    "en": "Ashcombe|Fernhollow|Millbrook", "de": "Neuhausen|Altenfeld", "fr": "Villeneuve|Beaumont",
    "es": "Villaverde|Montenegro", "it": "Castelnuovo|Montalto", "nl": "Nieuwdorp|Zandhoek",
    "pl": "Nowa Wieś|Zielonka", "pt": "Vila Nova|Montalegre",
}  # fmt: skip


def address(rng: random.Random, language: str = "en") -> str:
    """A street with a number, a code and a town, on one line or on two.

    Args:
        rng: source of all choices.
        language: two-letter code; English addresses are American or British.
    """
    street, town = one_of(_STREETS, rng, language), one_of(_TOWNS, rng, language)
    house, code = rng.randrange(1, 400), f"{rng.randrange(10_000, 99_999)}"
    gap = rng.choice(("\n", ", "))
    if language == "en":
        american = f"{house} {street}{gap}{town}, {rng.choice(('OH', 'TX', 'NY'))} {code}"
        british = f"{house} {street}{gap}{town}{gap}{rng.choice('BLMS')}{rng.randrange(1, 20)} {rng.randrange(1, 10)}AB"
        return rng.choice((american, british))
    code = {"nl": f"{code[:4]} AB", "pl": f"{code[:2]}-{code[2:]}", "pt": f"{code[:4]}-{code[2:]}"}.get(language, code)
    first = f"{house} {street}" if language == "fr" else f"{street} {house}"
    return f"{first}{gap}{code} {town}"
