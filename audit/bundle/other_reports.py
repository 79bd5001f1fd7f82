"""Looks at reports that another version rendered: they cannot be rendered again, but must be what their name says.

A reader opens them, so an HTML report that runs something, or a file that is no report at all, is refused even if a
trusted signer vouches for the bundle.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

from audit import plugins, strict_json
from audit.bundle.finding import Finding
from audit.bundle.layout import REPORT_FOLDER
from audit.bundle.read import Disk
from audit.bundle.write import REPORTS

_RUNNING = frozenset({"script", "iframe", "object", "embed", "base", "form", "link", "frame", "applet"})


def problems(disk: Disk) -> Iterator[Finding]:
    """Reports that no version of this program can have written; an older one may have written fewer."""
    known = {f"{REPORT_FOLDER}/{plugins.load(REPORTS, name).FILE}" for name in plugins.names(REPORTS)}
    for path in sorted(disk.under(REPORT_FOLDER)):
        if path not in known:
            yield Finding(path, "no report that is installed here writes this file")
        elif path not in disk.contents:
            yield Finding(path, "too large to be looked at, and written by another version")
        elif told := _fault(path, disk.contents[path]):
            yield Finding(path, told)


def _fault(path: str, content: bytes) -> str:
    kind = path.rpartition(".")[2]
    try:
        text = content.decode()
        if kind in ("json", "sarif"):
            strict_json.loads(text)
        elif kind == "xml":
            if "<!DOCTYPE" in text:  # entities in it could grow without end
                return "holds a document type; no audit writes one"
            ElementTree.fromstring(text)
    except (ValueError, ElementTree.ParseError) as error:
        return f"not readable as {kind}: {error}"
    return _running(text) if kind == "html" else ""


def _running(text: str) -> str:
    if "<script" in text.lower():  # wherever it stands: a browser may see it where the parser below does not
        return 'holds "<script"; no audit writes that'
    page = _Page()
    page.feed(text)
    page.close()
    return f"holds {page.runs[0]}, which can run or fetch something; no audit writes that" if page.runs else ""


class _Page(HTMLParser):
    """Notes what makes a browser run, fetch or send something; no report needs it."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        if tag in _RUNNING:
            self.runs.append(f"the tag {tag}")
        for name, value in attrs:
            word = "".join((value or "").split()).lower()
            refresh = tag == "meta" and name == "http-equiv" and word == "refresh"
            if name.startswith("on") or word.startswith(("javascript:", "vbscript:", "data:text/html")) or refresh:
                self.runs.append(f"the attribute {name}")
