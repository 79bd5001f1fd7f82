"""Finds dates and times in words of eight languages, and dates of birth.

Presidio reads dates in digits and "12-MAR-1999"; here are months and weekdays by name, years behind a word of time,
clock times, and digits in orders that it leaves out. A date beside a word of birth is a date of birth as well.
"""

from __future__ import annotations

from audit.pii.patterns.pattern import Pattern

ENTITIES = {"DATE_OF_BIRTH": "dates of birth", "DATE_TIME": "dates and times"}

_MONTHS = {
    "en": "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec",
    "de": "januar jänner februar märz april mai juni juli august september oktober november dezember "
    "jan feb mär apr jun jul aug sep sept okt nov dez",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre "
    "janv févr avr juil sept oct nov déc",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre "
    "ene feb mar abr may jun jul ago sep sept oct nov dic",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre "
    "gen feb mar apr mag giu lug ago set sett ott nov dic",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december "
    "jan feb mrt apr jun jul aug sep sept okt nov dec",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia "
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro "
    "jan fev mar abr mai jun jul ago set out nov dez",
}
_WEEKDAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pl": "poniedziałek wtorek środa środę czwartek piątek sobota sobotę niedziela niedzielę",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
}


def _either(*listed: str) -> str:
    return "|".join(sorted({word for words in listed for word in words.split()}, key=lambda word: (-len(word), word)))


_MONTH = rf"(?:{_either(*_MONTHS.values())})\b(?:\.(?=[ ]?[\d,]))?"
_WEEKDAY = rf"(?:{_either(*_WEEKDAYS.values())})"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)(?:st|nd|rd|th|er|º|°|ª|\.)?"
_YEAR = r"(?:(?:1[89]|20)\d\d|['’]\d\d)(?!\d)"
_OF = r"(?:[ ]?[-–/]|,)?[ ]?(?:of |de |del |di |do )?"
_BOUND, _END = r"(?<![\w.,:/+-])", r"(?![\w])"
_CLOCK = r"(?:[01]?\d|2[0-3])[:.h][0-5]\d(?:[:.][0-5]\d)?(?: ?[ap]\.?m\b\.?)?"

_WORDED = (
    rf"(?:{_DAY}{_OF}{_MONTH}(?:{_OF}{_YEAR})?|{_MONTH} ?{_DAY}(?:[ ]?[,/-]?[ ]?(?:of )?{_YEAR})?|{_MONTH}(?:,? "
    rf"|[-/]|{_OF}){_YEAR})"
)
_DIGITS = (
    r"(?:\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)|\d{1,2}\.[ ]?\d{1,2}\.[ ]?(?:\d{4}|\d\d)|\d{1,2}-\d{1,2}-(?:\d{4}|\d\d)"
    r"|(?:19|20)\d\d(?:/\d{1,2}/|\.\d{1,2}\.|-\d{1,2}-)\d{1,2}|\d{1,2} \d{1,2} (?:19|20)\d\d"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
_BORN = (
    r"(?:\bborn|\bd\.?o\.?b\b\.?|\bdate of birth|\bbirth ?da(?:te|y)|\bgeboren|\bgeb\.|\bgeburts(?:datum|tag)"
    r"|\bnée? le|\bdate de naissance|\bnacid[oa]|\bfecha de nacimiento|\bnat[oa] (?:il|a)|\bdata di nascita"
    r"|\bgeboortedatum|\burodz\w+|\bur\.|\bdata urodzenia|\bnascid[oa]|\bdata de nascimento)"
)
_OF_BIRTH = (
    rf"{_BORN}(?: (?:on|am|le|el|il|op|dnia|em))?(?: (?:the|is|was|ist|:))?[:=]? ?(?P<value>{_WORDED}|{_DIGITS})"
)

_BIRTH_COLUMNS = (
    "birth", "dob", "geburt", "gebdat", "geboren", "naissance", "nacimiento", "nascita", "geboorte", "urodz",
    "nascimento",
)  # fmt: skip


def _date(name: str, regex: str, score: float, *, ignore_case: bool = True) -> Pattern:
    return Pattern(name, "DATE_TIME", regex, score, ignore_case=ignore_case)


PATTERNS = (
    _date(
        "12 March 1999, March 12", rf"{_BOUND}(?:{_WEEKDAY},? (?:the )?)?{_WORDED}(?:,? (?:at )?{_CLOCK})?{_END}", 0.65
    ),
    _date(
        "1999-03-12T08:30:00.123Z",
        rf"{_BOUND}(?:(?:19|20)\d\d-[01]\d-[0-3]\d|\d{{1,2}}[/.]\d{{1,2}}[/.](?:19|20)\d\d)"
        r"(?:T|,? (?:at )?)(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?: ?[AP]\.?M\b\.?)?"
        r"(?:Z|[ ]?[+-]\d\d:?\d\d| (?:UTC|GMT|CET|E[SD]T|P[SD]T))?(?!\w)",
        0.95,
    ),
    _date("digits with two-figure years or spaces", rf"{_BOUND}{_DIGITS}(?![\w.,:/-]\d)", 0.45),
    _date("weekday", rf"(?<![\w-])(?:(?:last|next|this) )?{_WEEKDAY}s?(?! \d)(?![\w-])", 0.5),
    _date(
        "year behind a word of time",
        r"\b(?:in|since|until|till|by|during|before|after|from|year|around|circa|seit|im Jahr|bis|en|depuis|desde"
        r"|dal|nel|sinds|od|w|roku|em|ano|año|anno|année|jaar|rok) (?P<value>(?:1[89]|20)\d\d)"
        r"(?![\w%€$£:/-]|[.,]\d| (?:items|rows|people|units|times))",
        0.5,
    ),
    _date("decade", r"(?<![\w.])(?:the )?(?P<value>(?:1[89]|20)\d0s)(?!\w)", 0.5),
    _date("time of day", r"(?<![\w.,:/+-])(?:[01]?\d|2[0-3])(?:[:.][0-5]\d(?::[0-5]\d)?)? ?[ap]\.?m\b\.?", 0.5),
    Pattern("date beside a word of birth", "DATE_OF_BIRTH", _OF_BIRTH, 0.85, ignore_case=True),
    Pattern(
        "date in a column of births",
        "DATE_OF_BIRTH",
        rf"\A\s*(?P<value>{_WORDED}|{_DIGITS})(?:[T ]00:00:00)?\s*\Z",
        0.5,
        context=_BIRTH_COLUMNS,
        needs_context=True,
        ignore_case=True,
    ),
    _date("date of a birth, as a date", _OF_BIRTH, 0.85),
)
