"""Lexical forms that JSON formats share: date-times of RFC 3339, dates of ISO 8601, addresses of RFC 3987.

Nothing here says whether an address leads anywhere.
"""

from __future__ import annotations

import datetime
import re

_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

# RFC 3987, section 2.2: what a path, a query or a name may hold; `*+` gives nothing back, so it takes no memory
_PLAIN = r"A-Za-z0-9\-._~!$&'()*+,;=\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000efffd"
_ESCAPED = "%[0-9A-Fa-f]{2}"
_HOST = rf"(?:\[[0-9A-Za-z:.\-_~!$&'()*+,;=]+\]|(?:[{_PLAIN}]|{_ESCAPED})*+)"
_AUTHORITY = rf"//(?:(?:[{_PLAIN}:]|{_ESCAPED})*+@)?{_HOST}(?::[0-9]*+)?(?=[/?#]|\Z)"
_PATH = rf"(?:[{_PLAIN}:@/]|{_ESCAPED})*+"
_NO_COLON = rf"(?:[{_PLAIN}@]|{_ESCAPED})*+"
_TAIL = rf"(?:\?(?:[{_PLAIN}:@/?\ue000-\uf8ff]|{_ESCAPED})*+)?(?:#(?:[{_PLAIN}:@/?]|{_ESCAPED})*+)?"
# two slashes open an authority, never a path
_ABSOLUTE = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:{_AUTHORITY}{_PATH}|(?!//){_PATH}){_TAIL}")
# without a scheme, a colon in the first segment would be read as the end of one
_RELATIVE = re.compile(rf"(?:{_AUTHORITY}{_PATH}|(?!//){_NO_COLON}(?:/{_PATH})?){_TAIL}")


def is_date_time(text: str) -> bool:
    """Whether a text is a date-time with a time zone, on a day that exists; leap seconds are not taken."""
    found = _DATE_TIME.fullmatch(text)
    return found is not None and is_date(found[1])


def is_date(text: str) -> bool:
    """Whether a text is a day that exists, as in 2026-02-28."""
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_uri(text: str) -> bool:
    """Whether a text is an absolute address in ASCII: it begins with a scheme."""
    return text.isascii() and _ABSOLUTE.fullmatch(text) is not None


def is_iri_reference(text: str) -> bool:
    """Whether a text is an address, absolute or relative."""
    return _ABSOLUTE.fullmatch(text) is not None or _RELATIVE.fullmatch(text) is not None
