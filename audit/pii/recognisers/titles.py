"""Finds what people are called besides their names: forms of address, academic titles, occupations.

An occupation is a word for a calling with the words before it that belong to it ("regional sales manager"). Such words
are common, so they count where they are written like a title ("Chief Executive Officer") or where the sentence says
that somebody is one ("works as a nurse").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from audit.pii.patterns.pattern import Pattern, Text
from audit.pii.spans import Span
from audit.pii.wordlists.callings import LAST_WORDS, first_words, occupations

ENTITIES = {"TITLE": "forms of address, academic titles and occupations"}

_ADDRESS = {
    "en": r"Mr|Mrs|Ms|Miss|Mx|Messrs|Mister|Madam|Sir|Dame|Dr|Doctor|Prof|Professor|Rev|Reverend|Capt|Captain|Lt|Sgt"
    r"|Col(?=\.)",
    "de": r"Herrn?|Frau|Hr|Fr(?=\.)|Dipl\.-Ing|Mag(?=\.)|Dr|Prof",
    "fr": r"M(?=\.)|Monsieur|Madame|Mademoiselle|Mme|Mlle|Mgr|Maître|Docteur|Dr|Pr|Prof",
    "es": r"Señor|Señora|Licenciad[oa]|Lic|Ing|Señorita|Sr|Sra|Srta|Don|Doña|D\.ª|Dr|Dra|Prof",
    "it": r"Sig|Signor|Signora|Signorina|Sig\.ra|Dott|Dottor|Dottoressa|Dott\.ssa|Avv|Ing|Geom|Prof",
    "nl": r"Dhr|Mevr|Mw|(?:De )?heer|Meneer|Mevrouw|Drs|Dr|Prof|Ir|Ing",
    "pl": r"Pana?|Pani|Panią|Panem|Dr|Prof|Mgr|Inż|Hab",
    "pt": r"Senhora?|Sr|Sra|Dra?|Doutora?|Eng|Exmo|Prof",
}
_EVERYWHERE = (
    r"Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Monsieur|Madame|Mme|Mlle|Señor|Señora|Signor|Signora|Mevrouw|Sig|Sra|Dott|Dhr|Mevr"
)
_JOB_LABELS = (
    "occupation|profession|job|job title|position|role|Beruf|Tätigkeit|métier|profesión|puesto|professione|beroep"
    "|functie|zawód|stanowisko|profissão|cargo"
)
_WORDS = r"[^\W\d_][\w'’/-]{1,24}(?: [\w'’/&-]{1,24}){0,3}"
_WRITTEN_SMALL = "mr|mrs|ms|dr|prof|mx|messrs|sgt|capt"
_IN_NAMES = "van|von|de|den|der|del|della|di|da|do|dos|ter|ten|le|la"
_MEDICAL = r"(?: (?:med|rer|phil|jur|nat|oec|h\.c)\.)*"


def _in_case(language: str, forms: str) -> str:
    """The forms in any case; in German the wife is small and in English what somebody does not hit."""
    return forms if language in ("de", "en") else f"(?i:{forms})"


def _before_name(forms: str, languages: tuple[str, ...] = ()) -> Pattern:
    form = rf"(?:{forms})(?!\w)\.?{_MEDICAL}"
    return Pattern(
        "form of address before a name",
        "TITLE",
        rf"(?<![\w.'’-])(?P<value>(?:{form} ?){{0,2}}{form})(?=[ \n](?:(?:{_IN_NAMES}) ){{0,2}}[A-ZÀ-Þ][\w'’.-])",
        0.7,
        languages=languages,
    )


PATTERNS = (
    _before_name(_EVERYWHERE),
    *(_before_name(_in_case(language, forms), (language,)) for language, forms in _ADDRESS.items()),
    Pattern(
        "form of address in small letters",
        "TITLE",
        rf"(?<![\w.-])(?<!\d )(?:(?:{_WRITTEN_SMALL})\.|mrs?|ms|(?<=dear )miss)(?= [a-z]{{2}})",
        0.6,
    ),
    Pattern(
        "form of address by itself",
        "TITLE",
        r"\A\s*(?P<value>(?i:mr|mrs|ms|miss|mx|dr|prof|herr|frau|mme|mlle|monsieur|madame|sr|sra|srta|sig|dott|dhr|mevr|pani?)\.?)\s*\Z",
        0.6,
    ),
    Pattern(
        "behind its label",
        "TITLE",
        rf"(?i:\b(?:title|prefix|salutation|anrede|civilité|tratamiento|aanhef)) ?[:=] "
        rf"?(?P<value>(?i:{'|'.join(_ADDRESS.values())})\b\.?)",
        0.7,
    ),
    Pattern(
        "occupation on a line of its own",
        "TITLE",
        rf"(?m:^)\s{{0,8}}(?i:{_JOB_LABELS}) ?[:=] ?(?P<value>{_WORDS})(?=\s*(?:[,;.|\n]|\Z))",
        0.6,
    ),
    Pattern(
        "occupation behind its label",
        "TITLE",
        rf"(?<!\w)(?i:{_JOB_LABELS}) ?[:=] ?(?P<value>[^\W\d_][\w'’/-]{{2,}})",
        0.5,
    ),
)

AS_TITLE, TOLD, BARE = 0.55, 0.6, 0.3
"""Scores of an occupation: written like a title, told by the words round it, neither."""

MOST_WORDS = 5
"""Words of an occupation, the last one included."""

REACH = 80
"""Characters before an occupation in which a word that tells it counts."""

_WORD = re.compile(r"[^\W\d_][\w'’&/-]*")
_SAYS = (
    r"as|is|was|be|become|became|becoming|am|job(?: title)?|title|position|role|occupation|profession"
    r"|hired|hire|appointed|elected|named|seeking|hiring"
    r"|als|ist|wird|Beruf|comme|est|était|como|es|era|come|è|jako|jest|é|zawód|beroep|métier|profesión|professione|profissão"
)
_ARTICLE = r"an?|the|our new|the new|your new|eine?|une?|una?|uma?|een|il|la|le|el"
_TOLD = re.compile(
    rf"(?:\b(?:{_SAYS})|['’][ms])(?: of| as)?[:=]? (?:(?:{_ARTICLE}) )?"
    rf"(?P<before>(?:(?!appointed|elected|named|hired)[a-z][\w/&-]+ ){{0,3}})$",
    re.IGNORECASE,
)
"""A sentence that says that somebody is one, up to the last word; what stands behind the article belongs to it."""

_THINGS = (
    "agent assembler carrier cleaner conductor controller decorator designer driver editor examiner generator guide "
    "handler interpreter keeper logger model mover operator planner player porter printer processor producer reader "
    "recorder trainer translator worker writer"
)
_ALSO_THINGS = frozenset(_THINGS.split())
"""Occupations whose names programs and machines have too."""

_OF_PEOPLE = re.compile(
    r"(?i)\b(?:i|i['’]m|he|she|who|we|they|you|my|works?|worked|working|hired|employed|job|occupation|profession|title"
    r"|position|role|career|mother|father|wife|husband|son|daughter|brother|sister|friend|mr|mrs|ms|dr)\b"
)

_SET_OFF = re.compile(r"(?:\A|[,|\n(]|[-–] )\s?(?P<before>(?:[A-Za-z][\w/&-]+ ){0,3})$")
_ENDS = re.compile(
    r",? (?:at|of|for|with|bei|chez|en|presso|bij|w|na) (?:the )?[A-ZÀ-Þ]|, [A-ZÀ-Þ]|\s*[-–|)]|\s*\n|\s*\Z"
)
"""An occupation between signs, behind a name or on a line of its own: what stands before it and behind it."""

_APPOSITION = re.compile(
    r"(?<=[^\W\d_]), (?:the |our |a |an |her |his |their )(?:former |new |chief )?"
    r"(?P<value>[A-Za-z][\w'’/-]{1,24}(?:,? [a-z][\w'’/-]{1,24}){0,5})"
    r", (?:said|says|told|who|has|was|is|wrote|added|will)\b"
)
"""What stands behind the name of somebody between commas: "Anna Roe, the airport ramp planner, said"."""

_SIGNATURE = re.compile(
    r"(?m:^)[A-ZÀ-Þ][\w'’.-]{0,24}(?: [A-ZÀ-Þ][\w'’.-]{0,24}){1,3}[ ,]{0,3}\n{1,2}"
    r"(?P<value>[A-Z][\w'’/-]{1,24}(?:,? [a-z][\w'’/-]{1,24}){1,5})[ ]{0,3}(?=\n)"
)
"""A line below the line of a name, which goes on in small letters."""

_DOER = re.compile(
    r"(?:[a-z]{2,24}(?:er|or|ist|ian|ant|ent|eer|man|woman|ary|ess|yst|pilot|hand)|nurse|chef|judge|clerk)s?",
    re.IGNORECASE,
)
"""How English words for somebody who does something end."""

_LEARNED_ENDS = ("ologist", "ographer", "ician", "iatrist", "opath", "onomist", "therapist")
_LEARNED = re.compile(rf"[a-z]{{3,}}(?:{'|'.join(_LEARNED_ENDS)})", re.IGNORECASE)
_JOINING = frozenset(("and", "of", "&", "for"))
_SENTENCES = "a an the to in on by with from that this and or our my your his her their not very"
_NO_PART = frozenset(_SENTENCES.split())


def find(text: Text) -> Iterator[Span]:
    """Occupations; of several that lie over each other the longest."""
    yield from _beside_names(text)
    if not _may_hold_one(text):
        return
    words = list(_WORD.finditer(text.value))
    before: Span | None = None
    for place, word in enumerate(words):
        if text.language == "en" and not _ends_occupation(word[0]):
            continue
        found = _told(text, word) or _by_lists(text, words, place)
        if found is None:
            continue
        # "Chief Executive" ends where "Chief Executive Officer" goes on.
        if before is not None and found.start >= before.end:
            yield before
        before = found
    if before is not None:
        yield before


def _may_hold_one(text: Text) -> bool:
    """Whether a word is one with which occupations end; few texts have any."""
    lowered = text.value.lower()
    if not _last_words(text.language).isdisjoint(_WORD.findall(lowered)):
        return True
    return text.language == "en" and any(map(lowered.__contains__, _LEARNED_ENDS))


@cache
def _last_words(language: str) -> frozenset[str]:
    if language == "en":
        return LAST_WORDS
    return frozenset(_WORD.findall(name)[-1] for name in occupations(language) if _WORD.search(name))


def _beside_names(text: Text) -> Iterator[Span]:
    """Occupations that no list has, in places where an English text tells what somebody is."""
    if text.language != "en":
        return
    for form, sign in ((_APPOSITION, ", "), (_SIGNATURE, "\n")):
        if sign not in text.value:
            continue
        for match in form.finditer(text.value):
            if _DOER.fullmatch(match["value"].rpartition(" ")[2]):
                yield Span(*match.span("value"), "TITLE", TOLD, "context")


def _said(value: str, start: int, last_word: str) -> re.Match[str] | None:
    """The words before a place that say that somebody is what follows; of what may be a thing, that speak of people."""
    if last_word.lower() in _ALSO_THINGS and not _OF_PEOPLE.search(value, max(0, start - REACH), start):
        return None
    return _TOLD.search(value, max(0, start - REACH), start)


def _told(text: Text, word: re.Match[str]) -> Span | None:
    """The occupation that ends with an English word, where the sentence or the signs round it say that it is one."""
    if text.language != "en":
        return None
    start, end = word.span()
    told = _said(text.value, start, word[0])
    if told is None and _ENDS.match(text.value, end):
        told = _SET_OFF.search(text.value, max(0, start - REACH), start)
    if told is None or _NO_PART.intersection(told["before"].lower().split()):
        return None
    return Span(told.start("before"), end, "TITLE", TOLD, "context")


def _by_lists(text: Text, words: list[re.Match[str]], last: int) -> Span | None:
    """The occupation that ends with a word as far as lists tell; alone it counts where it is written like a title."""
    first = _listed_first(text, words, last) if text.language != "en" else _english_first(text, words, last)
    if first is None:
        return None
    start, end = words[first].start(), words[last].end()
    name = text.value[start:end]
    if _said(text.value, start, words[last][0]) or (start == 0 and end == len(text.value)):
        return Span(start, end, "TITLE", TOLD, "word list")
    like_a_title = name.istitle() and " " in name and words[last][0].lower() not in _ALSO_THINGS
    return Span(start, end, "TITLE", AS_TITLE if like_a_title else BARE, "word list")


def _ends_occupation(word: str) -> bool:
    small = word.lower()
    return small in LAST_WORDS or (small.endswith(_LEARNED_ENDS) and _LEARNED.fullmatch(word) is not None)


def _listed_first(text: Text, words: list[re.Match[str]], last: int) -> int | None:
    for first in range(max(0, last - MOST_WORDS + 1), last + 1):
        if text.value[words[first].start() : words[last].end()].lower() in occupations(text.language):
            return first
    return None


def _english_first(text: Text, words: list[re.Match[str]], last: int) -> int:
    title = words[last][0][0].isupper()
    first = last
    while first and last - first < MOST_WORDS - 1:
        before = words[first - 1]
        part = before[0].lower() in first_words("en") or (title and before[0][0].isupper())
        parted = text.value[before.end() : words[first].start()] not in (" ", " & ")
        if parted or not part or before[0].lower() in _JOINING:
            break
        first -= 1
    return first
