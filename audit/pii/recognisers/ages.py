"""Finds how old people are: the number alone, as "45" in "45 years old".

Numbers are everywhere, so only the words beside one make it an age: "aged 45", "a 45-year-old", "Anna Berg, 45, of
Leeds".
"""

from __future__ import annotations

from audit.pii.patterns.pattern import Pattern

ENTITIES = {"AGE": "ages of people"}

OLDEST = 122
"""Years; the greatest age that is documented."""

_NUMBER = r"(?<![\w.,:/$€£-])(?P<value>\d{1,3})"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_IN_WORDS = (
    rf"(?<!\w)(?P<value>(?:{_TENS})(?:[- ](?:{_ONES}))?|{_ONES}|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh"
    rf"|nine)teen)"
)
_OLD = (
    r"[- ]?(?:years?|yrs?|months?|weeks?|days?)[- ]?(?:old|of age)\b|[ -]?y[./]?o\b|[ -]?jährig|[ -]jarige\b"
    r"| Jahren? alt\b| jaar oud\b| ans d['’]âge\b| años de edad\b| anni d['’]età\b| anos de idade\b"
    r"|[ -]letni|[ -]year[- ]olds?\b"
)
_LABEL = (
    r"(?:\bage[ds]?|\bAlter|\bâge|\bedad|\betà|\bleeftijd|\bwiek|\bidade)"
    r"(?: of| at [a-z]{3,12}| is| was| ist| est| es| è| to)?(?: about| around| over| under)?[ ]?[:=]?[ ]?"
)
_CAPITAL = r"[A-ZÀ-Þ][\w'’-]+"
_PERSON = (
    r"(?:I|he|she|who|son|daughter|wife|husband|mother|father|mum|mom|dad|brother|sister|partner|child|boy|girl|baby)"
)
_YEARS = "(?:ans|años|anni|anos|lata?)"
_ROMANCE = (
    r"(?:j['’]ai|il a|elle a|qui a|âgée? de|tengo|tiene|tenía|de edad de|ho|ha|di|aveva|tenho|tem|tinha|mam|ma"
    r"|mia[łl]a?) "
)


def _plausible(number: str) -> bool | None:
    return None if not number.isdecimal() or int(number) <= OLDEST else False


def _age(name: str, regex: str, score: float, *, languages: tuple[str, ...] = ()) -> Pattern:
    return Pattern(name, "AGE", regex, score, check=_plausible, ignore_case=True, languages=languages)


PATTERNS = (
    _age("45 years old", rf"{_NUMBER}(?={_OLD})", 0.85),
    _age("forty-five years old", rf"{_IN_WORDS}(?={_OLD})", 0.85, languages=("en",)),
    _age("aged 45", rf"{_LABEL}(?P<value>\d{{1,3}})(?![\w%]|[.,:/-]\d)", 0.75),
    _age(
        "she is 45",
        rf"\b{_PERSON}(?:['’]m|['’]s)?(?: [A-Z][a-z]+)?(?: is| was| am| are|,)?(?: only| just| now| already)?"
        r"(?: turn(?:s|ed|ing))? (?P<value>\d{1,3})(?=\s*(?:[.,;!?)]|$)(?!\d)| and\b| but\b| or\b| when\b| "
        r"years?\b(?! ago| later))",
        0.6,
        languages=("en",),
    ),
    _age("turned 45", r"\bturn(?:s|ed|ing) (?P<value>\d{1,3})(?![\w%°]|[.,:/-]\d)", 0.6, languages=("en",)),
    _age("il a 45 ans", rf"\b{_ROMANCE}(?P<value>\d{{1,3}})(?= {_YEARS}\b)", 0.7),
    Pattern(
        "Anne Roche a 45 ans; Anne Roche, 45 ans",
        "AGE",
        rf"\b{_CAPITAL}(?: (?:a|avait|ha|aveva|tiene|tenía|tem|tinha|ma|miała?|skończyła?)|,(?: de)?) "
        rf"(?P<value>[1-9]\d{{0,2}})(?= {_YEARS}\b(?! \w{{2,12}} (?:fa|temu)\b))",
        0.6,
        check=_plausible,
    ),
    Pattern(
        "Anna Berg, 45, of Leeds",
        "AGE",
        rf"\b{_CAPITAL}(?: [A-Z]\.?)?(?: {_CAPITAL}){{1,2}}(?<!Street)(?<!Road)(?<!Avenue)(?:, | "
        rf"\()(?P<value>[1-9]\d?)(?=,(?! \d)|\))",
        0.5,
        check=_plausible,
    ),
    Pattern(
        "Anna was 45",
        "AGE",
        rf"\b{_CAPITAL} (?:is|was|turned|turns)(?: only| just| now)? (?P<value>[1-9]\d?)(?=,(?! ?\d)|\.(?!\d)| and\b"
        rf"| when\b)",
        0.5,
        check=_plausible,
    ),
    Pattern(
        "a number in a column of ages",
        "AGE",
        r"\A\s*(?P<value>\d{1,3})\s*\Z",
        0.1,
        check=_plausible,
        context=("age", "alter", "âge", "edad", "età", "leeftijd", "wiek", "idade"),
        needs_context=True,
    ),
)
