"""Reads model cards and datasheets: what they say under which title, and the numbers that they claim.

A document is text of a person's hand, so nothing is demanded of its form: Markdown with headings, a Hugging Face card
with YAML at its top, or JSON (Model Card Toolkit, CycloneDX, Croissant). What could hide something from a reader or
from this program, such as a repeated key or an anchor, is an error. Time and memory grow with the length of the text.
"""

from __future__ import annotations

from audit import front_matter
from audit.documents.document import Claim, Document, Entry, Fact, Keys, Malformed, Number, Place
from audit.documents.fields import Found, find
from audit.documents.hub_card import read_front
from audit.documents.json_card import read_json
from audit.documents.markdown import read_body

__all__ = [
    "MAX_BYTES",
    "Claim",
    "Document",
    "Entry",
    "Fact",
    "Found",
    "Keys",
    "Malformed",
    "Number",
    "Place",
    "find",
    "read",
]

MAX_BYTES = 8_000_000
LONGEST_LINE = 200_000


def read(path: str, content: bytes) -> Document:
    """Read a document.

    Args:
        path: relative to the folder of the subject; messages go by it.
        content: its bytes.

    Raises:
        Malformed: it is too large, no UTF-8, or JSON or YAML that two readers would read differently.
    """
    text = _text(path, content)
    if text.lstrip()[:1] == "{" and path.lower().endswith(".json"):
        return read_json(path, text)
    return _card(path, text)


def _text(path: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise Malformed(f"{path}: larger than {MAX_BYTES:,} bytes")
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Malformed(f"{path}: not UTF-8 at byte {problem.start}; documents are read as text or JSON") from problem
    if "\0" in text:
        raise Malformed(f"{path}: holds a zero byte, so it is no text")
    return text


def _card(path: str, text: str) -> Document:
    """A document in Markdown, with or without YAML at its top."""
    if max(map(len, text.split("\n"))) > LONGEST_LINE:
        raise Malformed(f"{path}: a line is longer than {LONGEST_LINE:,} characters")
    front = front_matter.split(text)
    if front is None:
        body = read_body(path, text)
        return Document(path, text, body.entries, body.claims, body.facts)
    entries, claims, facts = read_front(path, front)
    body = read_body(path, front.body, front.body_line)
    return Document(path, text, (*entries, *body.entries), (*claims, *body.claims), (*facts, *body.facts))
