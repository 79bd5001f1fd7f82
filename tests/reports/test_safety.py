"""Names come from files that nobody has vetted: no report may obey them, and none may hide what they are."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from audit import plugins
from audit.records import Bundle, Entry, RunFacts, TrustedType, TrustedTypeUse
from audit.reports import html, junit, markdown, sarif, text
from audit.reports._plain import LONGEST, plain, without_commands

FORMATS = plugins.names("audit.reports")


def hostile(bundle: Bundle, name: str) -> Bundle:
    """The bundle with a hostile text in every field of an entry that can hold one."""
    entry = bundle.entries[1]
    changed: Entry = replace(
        entry,
        id=name,
        check=name,
        version=name,
        params={name: name},
        severity="high",
        sentence=name,
        finding=name,
        measures={name: replace(entry.measures["robust_accuracy"], unit=name)},
        limits=(replace(entry.limits[0], measure=name),),
        doubts=(name,),
        notes=(name,),
        reasons=(name,),
        controls=(name, f"{name}/{name}"),
        evidence=(name,),
        why=name,
        blind_to=name,
        location=name,
        error=name,
    )
    use = TrustedTypeUse(TrustedType(name, name, name, name, name), name)
    return replace(
        bundle,
        entries=(changed, *bundle.entries[2:]),
        subject=replace(bundle.subject, name=name, version=name),
        policy=replace(bundle.policy, name=name, owner=name, isolation=name, trusted_types=(use,)),
        environment={name: name},
        run=RunFacts(name, 1.0, name, {name: {"isolation": name}}),
    )


@pytest.mark.parametrize("name", FORMATS)
def test_row_40_no_character_hides_reorders_or_commands(name: str, bundle: Bundle, example: SimpleNamespace) -> None:
    everything = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x202A, 0x202E, 0x2066, 0x2028, 0xFEFF]))
    bad = hostile(bundle, f"a{everything}{example.HOSTILE}\ud800\U000e0041")
    rendered = plugins.load("audit.reports", name).render(bad)
    found = {char for char in rendered if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert found <= {"\n"}


def test_row_40_text_has_no_line_that_a_ci_service_obeys(bundle: Bundle) -> None:
    for command in ("::error::x", "##[error]x", "##vso[task.complete]x", "\n::set-output name=a::b", "a::b"):
        rendered = text.render(hostile(bundle, command))
        assert "::" not in rendered
        assert not re.search(r"##(\[|vso)", rendered)
    assert without_commands("::::") == ": :: :"


def test_plain_keeps_what_people_write() -> None:
    for word in ("amount", "Größe in m²", "年齢", "می‌خواهم", "😀", "a b", "50 %"):
        assert plain(word) == word


def test_plain_shows_what_it_takes_out() -> None:
    assert plain("a\x1b[31mb") == "a\\x1b[31mb"
    assert plain("a\u202eb") == "a\\u202eb"
    assert plain("a\U000e0041b") == "a\\U000e0041b"
    assert plain(" a\r\n\tb ") == "a b"
    assert plain(plain("a\x1bb\ud800")) == plain("a\x1bb\ud800")


def test_plain_shortens_what_is_endless() -> None:
    assert len(plain("x" * 10**6)) == LONGEST


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "action", "data")]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'onload='x", "</style>"]
)
def test_row_39_html_has_only_its_own_markup(name: str, bundle: Bundle) -> None:
    expected, found = _Tags(), _Tags()
    expected.feed(html.render(bundle))
    found.feed(html.render(hostile(bundle, name)))
    assert found.tags <= expected.tags
    assert found.attributes <= expected.attributes
    assert not {attribute for attribute in found.attributes if attribute.startswith("on")}


def test_html_fetches_nothing_and_runs_nothing(bundle: Bundle) -> None:
    page = html.render(hostile(bundle, "javascript:alert(1)//https://evil.example/"))
    parser = _Tags()
    parser.feed(page)
    assert not parser.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"}
    assert all(link.startswith(("../", "#")) for link in parser.links)
    assert "default-src 'none'" in page
    assert not re.search(r"url\(|@import", page)


def test_markdown_calls_nobody_and_links_nowhere(bundle: Bundle) -> None:
    name = "@octocat <b>x</b> #12 GH-34 https://evil.example www.evil.example [a](b) ![c](d) | `e` **f** $g$ \\| ~~h~~"
    rendered = markdown.render(hostile(bundle, name))
    body = rendered.replace("&#8203;", "\u200b")
    assert not re.search(r"@\w", body)
    assert not re.search(r"#\d", body)
    assert not re.search(r"GH-\d", body)
    assert "://" not in body
    assert "www.e" not in body
    assert "<b>x" not in body
    markup = "\n".join(line for line in body.splitlines() if not line.startswith("<details>"))  # that line is HTML
    assert not re.search(r"(?<!\\)[`*](?!\*|[A-Z]+\*)", markup.replace("**", ""))
    # each row of a table keeps its number of cells
    rows = [line for line in rendered.splitlines() if line.startswith("| **")]
    assert rows
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows} == {5}


def test_markdown_fits_a_comment(bundle: Bundle) -> None:
    many = replace(
        bundle, entries=tuple(replace(bundle.entries[1], id=f"rule-{n}", why="w" * 1500) for n in range(400))
    )
    assert len(markdown.render(many)) < 65_536 * 1.5
    assert "more rules are in the bundle" in markdown.render(many)


def test_xml_is_well_formed_whatever_stands_in_it(bundle: Bundle, example: SimpleNamespace) -> None:
    etree = pytest.importorskip("lxml.etree")
    everything = "".join(map(chr, range(0x20))) + "\ufffe\uffff\ud800 ]]> <!-- & \" '"
    tree = etree.fromstring(junit.render(hostile(bundle, everything + example.HOSTILE)).encode())
    assert tree.tag == "testsuites"


def test_sarif_addresses_stay_relative(bundle: Bundle) -> None:
    for place in ("javascript:alert(1):3:4", "builtin:baseline:3:4", "a b/ü.yaml:3", "no place at all"):
        run = json.loads(sarif.render(hostile(bundle, place)))["runs"][0]
        uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert ":" not in uri
        assert uri.isascii()
        assert " " not in uri
