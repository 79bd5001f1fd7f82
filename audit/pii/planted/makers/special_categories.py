"""Words of the special categories of personal data, in eight languages, behind words that tell them of a person."""

from __future__ import annotations

import random
from collections.abc import Callable

_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
_VALUES = {
    "BIOMETRICS": (
        ("fingerprint", "iris scan"), ("Fingerabdruck", "Irisscan"), ("empreinte digitale",), ("huella dactilar",),
        ("impronta digitale",), ("vingerafdruk", "irisscan"), ("odcisk palca",), ("impressão digital",),
    ),
    "ETHNIC_ORIGIN": (
        ("Hispanic", "African American", "Roma"), ("Sinti", "kurdisch"), ("kurde", "maghrébine"), ("gitana", "mestizo"),
        ("rom", "sinti"), ("Koerdisch", "Roma"), ("romskie", "kaszubskie"), ("cigana", "indígena"),
    ),
    "HEALTH": (
        ("asthma", "epilepsy", "breast cancer", "HIV"), ("Diabetes", "Asthma", "Epilepsie"), ("asthme", "diabète"),
        ("diabetes", "epilepsia"), ("asma", "diabete"), ("astma", "epilepsie"), ("cukrzycę", "padaczkę"),
        ("asma", "epilepsia"),
    ),
    "POLITICS": (
        ("Democrat", "Republican", "communist"), ("SPD", "CDU"), ("communiste", "socialiste"), ("PSOE", "Podemos"),
        ("comunista", "Forza Italia"), ("VVD", "GroenLinks"), ("Konfederacja", "komunista"), ("comunista",
        "socialista"),
    ),
    "RELIGION": (
        ("Catholic", "Muslim", "Hindu", "Jewish"), ("katholisch", "muslimisch"), ("catholique", "musulmane"),
        ("católica", "budista"), ("cattolica", "ebrea"), ("katholiek", "joods"), ("katoliczka", "prawosławna"),
        ("católica", "muçulmana"),
    ),
    "SEXUAL_ORIENTATION": (
        ("gay", "lesbian", "bisexual"), ("lesbisch", "bisexuell"), ("homosexuel", "lesbienne"), ("lesbiana",
        "bisexual"),
        ("lesbica", "bisessuale"), ("lesbisch", "biseksueel"), ("lesbijka", "biseksualna"), ("lésbica", "bissexual"),
    ),
    "TRADE_UNION": (
        ("trade union", "Teamsters"), ("IG Metall", "ver.di"), ("CGT", "CFDT"), ("CCOO", "sindicato"), ("CGIL", "CISL"),
        ("FNV", "vakbond"), ("OPZZ", "NSZZ Solidarność"), ("CGTP", "sindicato"),
    ),
}  # fmt: skip
_BEFORE = {
    "BIOMETRICS": ("her", "Mitarbeiter:", "salarié :", "empleado:", "paziente:", "haar", "pacjent:", "paciente:"),
    "HEALTH": (
        "diagnosed with", "leidet an", "elle est atteinte :", "padece", "affetta da", "lijdt aan", "choruje na",
        "sofre de",
    ),
    "TRADE_UNION": (
        "member of", "Mitglied:", "membre :", "miembro de", "iscritta:", "lid van", "członek:", "membro:",
    ),
}  # fmt: skip
_OF_A_PERSON = ("she is", "Patientin:", "elle est", "paciente:", "paziente:", "hij is", "pacjentka:", "paciente:")


def _maker(values: tuple[tuple[str, ...], ...]) -> Callable[[random.Random, str], str]:
    by_language = dict(zip(_LANGUAGES, values, strict=True))
    return lambda rng, language: rng.choice(by_language.get(language, by_language["en"]))


MAKERS: dict[str, Callable[[random.Random, str], str]] = {entity: _maker(values) for entity, values in _VALUES.items()}
LABELS = {entity: dict(zip(_LANGUAGES, _BEFORE.get(entity, _OF_A_PERSON), strict=True)) for entity in _VALUES}
BY_LABEL_ALONE = tuple(_VALUES)
"""A word such as "asthma" is about somebody only where a person is spoken of."""
