"""Finds words that tell a special category of personal data: health, religion, politics and the others of Article 9.

A word alone says little: a report on cancer names nobody. It counts beside words that speak of a person ("was diagnosed
with", "my", "she is"), or in a column whose name says what it holds. The words stand in `special_categories.txt`.

Source: kinds of the General Data Protection Regulation, Article 9(1); the lists of words are this project's own.
"""

from __future__ import annotations

import re
from pathlib import Path

from audit.pii.patterns.pattern import Pattern

ENTITIES = {
    "BIOMETRICS": "biometric and genetic data",
    "ETHNIC_ORIGIN": "racial or ethnic origin",
    "HEALTH": "data about health",
    "POLITICS": "political opinions and parties",
    "RELIGION": "religious beliefs",
    "SEXUAL_ORIENTATION": "sexual orientation",
    "TRADE_UNION": "trade union membership",
}

ALONE, IN_A_STATEMENT = 0.25, 0.7
"""Scores: a word without one of a person near it, which does not count; the object of "was diagnosed with"."""

_OF_A_PERSON = (
    # English
    "patient", "diagnos", "suffer", "treated for", "history of", "she ", "he ", "his ", "her ", "i am", "i'm", "my ",
    "who is", "mother", "father", "wife", "husband", "son ", "daughter", "employee", "applicant", "member", "raised",
    "identifies",
    "practising", "practicing", "devout", "voted", "supports",
    # German
    "patient", "leidet", "erkrankt", "bin ", "meine", "mein ", "seine", "ihre", "mitglied", "mitarbeiter",
    # French
    "souffre", "atteint", "elle est", "il est", "je suis", "mon ", "ma ", "son ", "sa ", "membre", "salarié",
    # Spanish, Portuguese, Italian
    "paciente", "sufre", "padece", "soy ", "su ", "mi ", "miembro", "emplead", "sofre", "sou ", "minha", "meu ",
    "membro", "paziente", "soffre", "affett", "sono ", "sua ", "suo ", "iscritt",
    # Dutch, Polish
    "patiënt", "lijdt", "heeft ", "hij ", "zij ", "mijn ", "haar ", "lid ", "pacjent", "choruje", "cierpi",
    "jestem", "moja", "mój", "człon",
)  # fmt: skip
_COLUMNS = {
    "BIOMETRICS": ("biometri", "fingerprint", "dna"),
    "ETHNIC_ORIGIN": ("ethnic", "race", "origin", "herkunft", "ethni", "etnia", "etnic", "etnis"),
    "HEALTH": ("diagnos", "disease", "illness", "medical", "health", "condition", "krank", "maladie", "enfermedad",
               "malattia", "ziekte", "chorob", "doenca", "doença", "salud", "santé", "zdrow", "saúde"),
    "POLITICS": ("politic", "party", "partei", "parti", "partij", "polity", "vote"),
    "RELIGION": ("religi", "faith", "confession", "konfession", "belief", "godsdienst", "wyznanie", "croyance"),
    "SEXUAL_ORIENTATION": ("orient", "sexual", "gender", "seksu"),
    "TRADE_UNION": ("union", "gewerk", "syndic", "sindic", "sindac", "vakbond", "związ"),
}  # fmt: skip


def _words() -> dict[tuple[str, str], str]:
    """Expressions for the words of each kind in each language."""
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    expressions = {}
    for section in text.split("\n[")[1:]:
        heading, _, listed = section.partition("]\n")
        entity, language = heading.split()
        words = sorted(re.split(r",\s+", " ".join(listed.split())), key=len, reverse=True)
        expressions[entity, language] = "|".join(re.escape(word).replace(r"\*", r"\w{0,12}") for word in words)
    return expressions


def _patterns() -> tuple[Pattern, ...]:
    return tuple(
        Pattern(
            name=f"word of {entity.lower().replace('_', ' ')}",
            entity=entity,
            regex=rf"(?<![\w@/.-])(?:{words})(?![\w@/-])",
            score=ALONE,
            context=(*_OF_A_PERSON, *_COLUMNS[entity]),
            ignore_case=True,
            languages=(language,),
        )
        for (entity, language), words in _words().items()
    )


_STATEMENTS = {
    "en": r"diagnosed with|suffers? from|suffering from|suffered a|allergic to|tested positive for|treated for"
    r"|prescribed",
    "de": r"leidet an|erkrankt an|allergisch gegen|behandelt wegen|diagnostiziert mit",
    "fr": r"souffre d['’e]|atteinte? d['’e]|allergique à|traitée? pour",
    "es": r"sufre de|padece|alérgic[oa] a|diagnosticad[oa] con|diagnosticad[oa] de",
    "it": r"soffre di|affett[oa] da|allergic[oa] a",
    "nl": r"lijdt aan|allergisch voor|gediagnosticeerd met",
    "pl": r"cierpi na|choruje na|uczulon[ya] na",
    "pt": r"sofre de|alérgic[oa] a|diagnosticad[oa] com",
}

PATTERNS = (
    *_patterns(),
    *(
        Pattern(
            "what somebody suffers from",
            "HEALTH",
            rf"\b(?:{words}) ?(?P<value>(?:typ[eo]? \d )?[^\W\d_][\w'’-]{{2,30}})",
            IN_A_STATEMENT,
            ignore_case=True,
            languages=(language,),
        )
        for language, words in _STATEMENTS.items()
    ),
    Pattern("blood group", "HEALTH", r"\b(?i:blood (?:type|group)|Blutgruppe|groupe sanguin|grupo sanguíneo|gruppo "
    r"sanguigno)"
            r":? ?(?:is )?(?P<value>(?:AB|A|B|O|0)(?:[+-]|\b))(?!\w)", 0.8),
    Pattern("code of a diagnosis", "HEALTH", r"(?<![\w.-])[A-TV-Z]\d[0-9AB](?:\.\d{1,4})?(?![\w-]|\.\d)", 0.1,
            context=("icd", "diagnos", "krank", "maladie", "schlüssel"), needs_context=True),
)  # fmt: skip
