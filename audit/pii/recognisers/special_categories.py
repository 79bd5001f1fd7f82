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

LONGEST_INITIALS = 6
"""Letters of a name in capitals that is read as initials."""

_OF_A_PERSON = (
    # English
    "patient", "diagnos", "suffer", "treated for", "history of", "she ", "he ", "his ", "her ", "i am", "i'm", "my ",
    "who is", "mother", "father", "wife", "husband", "son ", "daughter", "employee", "applicant", "member", "raised",
    "identifies", "practising", "practicing", "devout", "voted", "supports",
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
        expressions[entity, language] = "|".join(_expression(word) for word in words)
    return expressions


def _expression(word: str) -> str:
    escaped = re.escape(word).replace(r"\*", r"\w{0,12}")
    # "ELA" is a union and "ela" means she: initials are read as they are written, other than HIV and DNA.
    initials = word.isupper() and len(word) <= LONGEST_INITIALS and word not in ("HIV", "VIH", "DNA")
    return f"(?-i:{escaped})" if initials else escaped


_WORDS = _words()


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
        for (entity, language), words in _WORDS.items()
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

_STOP = (
    r"(?:and|or|but|at|in|on|by|for|from|since|when|while|who|which|that|the|is|was|are|were|has|had|to|with|as|after"
    r"|before|during|last|this|und|oder|seit|im|am|ist|war|hat|mit|nach|et|ou|depuis|est|a|avec|dans|y|o|desde|es"
    r"|fue|con|por|que|e|da|dal|è|era|nel|per|che|en|of|sinds|op|met|i|lub|od|w|na|oraz|ou|é|foi|com|no)\b"
)
"""Small words that end the name of an illness, in eight languages."""

_PART = r"[^\W\d_][\w'’-]{2,30}"
_ILLNESS = (
    rf"(?:typ[eo]? \d )?(?:(?:{_PART} ){{0,3}}(?:cancer|syndrome|disease|disorder|failure|deficiency|attacks?|injury"
    rf"|infection|intolerance|allergy)(?!\w)"
    rf"|{_PART}(?: (?:de|du|di|del|da|do|al|la|of the) {_PART}|(?: (?!{_STOP}){_PART}){{1,3}}(?=[ ]?(?:[.,;:!?)\n]|\Z"
    rf"|{_STOP})))"
    rf"|{_PART})"
)
"""The name of an illness behind words that announce it: up to a noun that ends such names, or up to the next small word
or sign, else its first word."""

_UNIONS = (
    r"(?-i:(?:(?!European|Soviet|African|Credit|Students?|Rugby|Customs|Monetary|Economic|Civil|Postal)[A-Z][\w'’&-]* "
    r"(?:(?:of|the|and|for|&) ){0,2}){1,5}(?:Union|Workers|Federation of Labou?r)"
    r"(?: of (?:the )?[A-Z][\w'’-]+(?:,? (?:and |& )?[A-Z][\w'’-]+){0,3})?)"
)
_PARTIES = (
    "Labour|Tor(?:y|ies)|Conservatives?|Liberals?|Greens?|Lib ?Dems?|Republicans?|Democrats?|UKIP|SNP|Plaid Cymru"
    "|Sinn Féin|DUP|GOP|Libertarians?"
)

_LABELS = {
    "ETHNIC_ORIGIN": r"ethnicity|ethnic (?:group|origin|background)|ethnische herkunft|origine ethnique|origen étnico"
    r"|etnia|origine etnica|etnische afkomst|pochodzenie etniczne|origem étnica",
    "POLITICS": r"political (?:party|affiliation|views?|opinions?)|party affiliation|parteizugehörigkeit"
    r"|parti politique|opinion politique|partido político|partito politico|politieke partij|partia polityczna",
    "RELIGION": r"religion|religious (?:belief|affiliation)|denomination|konfession|glaube|religión|religione|religie"
    r"|geloof|wyznanie|religia|religião",
    "TRADE_UNION": r"trade union|union membership|gewerkschaft|syndicat|sindicato|sindacato|vakbond|związek zawodowy",
}
"""What a form asks for, in eight languages."""

_NO_ANSWER = r"(?!(?:none|no|yes|not|n/?a|unknown|other|null|true|false|keine?|aucune?|nessun[ao]|geen|brak|nenhum)\b)"

PATTERNS = (
    *_patterns(),
    *(
        Pattern(
            "what somebody suffers from",
            "HEALTH",
            rf"\b(?:{words}) ?(?:(?:an?|the|her|his|einem?|einer|une?|una?|um|een) )?"
            rf"(?P<value>(?:{_WORDS['HEALTH', language]})(?!\w)|{_ILLNESS})",
            IN_A_STATEMENT,
            ignore_case=True,
            languages=(language,),
        )
        for language, words in _STATEMENTS.items()
    ),
    *(
        Pattern(f"{entity.lower()} behind its label", entity,
                rf"\b(?:{labels}) ?[:=] ?{_NO_ANSWER}(?P<value>{_PART}(?:[ ]{_PART}){{0,2}})(?=[ ]?(?:[.,;|)\n]|\Z))",
                IN_A_STATEMENT, ignore_case=True)
        for entity, labels in _LABELS.items()
    ),
    Pattern("illness by its last letters", "HEALTH",
            r"(?<![\w@/.-])[a-z]{3,20}(?:itis|carcinoma|sarcoma|sclerosis|thyroidism|cirrhosis|[ln]aemia|plegia|neuropathy"
            r"|myopathy|phrenia)(?![\w@/-])", ALONE, context=(*_OF_A_PERSON, *_COLUMNS["HEALTH"]), ignore_case=True),
    Pattern("illness by its last word", "HEALTH",
            rf"(?<![\w@/.-])(?!{_STOP}){_PART} (?:syndrome|cancer|disease|disorder|dystrophy|palsy)(?![\w@/-])", ALONE,
            context=(*_OF_A_PERSON, *_COLUMNS["HEALTH"]), ignore_case=True, languages=("en",)),
    Pattern("what somebody votes for", "POLITICS",
            rf"\b(?i:vot(?:es?|ed|ing)(?: for)?|staunch|lifelong|registered|supports|canvass(?:es|ed|ing) for"
            rf"|s?he is|is an?|i am|i['’]m|member of)(?: the)? (?P<value>{_PARTIES})(?![\w-]| [A-Z])", IN_A_STATEMENT,
            languages=("en",)),
    Pattern("union that somebody belongs to", "TRADE_UNION",
            rf"\b(?i:members?(?:ship)? (?:of|in)|belongs to|joined|rep(?:resentative)? (?:of|for))(?: the)? "
            rf"(?P<value>{_UNIONS})(?!\w)(?! (?:Bank|Territory))", IN_A_STATEMENT, languages=("en",)),
    Pattern("blood group", "HEALTH",
            r"\b(?i:blood (?:type|group)|Blutgruppe|groupe sanguin|grupo sanguíneo|gruppo sanguigno)"
            r":? ?(?:is )?(?P<value>(?:AB|A|B|O|0)(?:[+-]|\b))(?!\w)", 0.8),
    Pattern("code of a diagnosis", "HEALTH", r"(?<![\w.-])[A-TV-Z]\d[0-9AB](?:\.\d{1,4})?(?![\w-]|\.\d)", 0.1,
            context=("icd", "diagnos", "krank", "maladie", "schlüssel"), needs_context=True),
)  # fmt: skip
