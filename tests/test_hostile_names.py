"""Names of columns, labels and files are chosen by whoever sent the data: no report, error or evidence obeys them."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest
from click.testing import CliRunner, Result

from audit import plugins
from audit.cli import root

CONTROL = "a\x1b[31m\x9b2J\r\u202e\u2066b\ufeff\x07"
NAMES = (
    CONTROL,
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "::error file=x::stop",
    "##vso[task.complete]x",
    "=1+1|cmd",
    "@octocat | **b** [l](https://evil.example)",
    "]]>&\ufffe\x01",
)
SAYS = """
def run(subject: Subject) -> CheckResult:
    from audit import spreadsheet
    names = [str(name) for name in subject.test.columns]
    text = " ".join(names)
    rows = spreadsheet.table(("row", "reason"), [(0, name) for name in names])
    return CheckResult({"share": Measure(1.0, n=9)}, evidence=(Evidence("suspect_rows.csv", rows, text),),
                       notes=tuple(names), doubts=(Doubt(text),), sentence=text)
"""
BREAKS = "def run(subject: Subject) -> CheckResult:\n    raise NotMeasurable(' '.join(subject.test.columns))\n"
Install = Callable[[str, str], None]
Write = Callable[..., Path]


def audit(*words: str | Path) -> Result:
    result = CliRunner().invoke(root, [str(word) for word in words], catch_exceptions=False, color=True)
    assert "Traceback" not in result.output
    return result


def obeyed(shown: str) -> set[str]:
    """Characters of a text that hide, reorder or command."""
    return {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}


def without_colour(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9]*m(?=PASS|FAIL|ERROR|INCON| )|(?<= )\x1b\[0m|(?<=[A-Z])\x1b\[0m", "", shown)


def table(path: Path) -> Path:
    """A table whose columns have every hostile name, quoted."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([NAMES, range(len(NAMES)), range(len(NAMES))])
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


@pytest.fixture
def bundle(tmp_path: Path, foreign_check: Install, write_policy: Write) -> Path:
    """The bundle of an audit in which a check repeats hostile names wherever it can, and another fails over them."""
    foreign_check("says", SAYS)
    foreign_check("breaks", BREAKS)
    more = "  - {id: other, check: breaks, require: {share: {min: 0.5}}, why: To be tried.}\n"
    policy = write_policy("says", "share: {min: 0.5}", more=more)
    out = tmp_path / "out"
    rows = table(tmp_path / "rows::b<b>@x.csv")
    result = audit("run", rows, "--policy", policy, "--out", out, "--engine", "inline")
    assert result.exit_code == 3, result.output
    assert not obeyed(without_colour(result.output))
    assert "::" not in result.output
    return out


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attrs)}


def test_rows_38_to_41_of_a_whole_audit(bundle: Path) -> None:
    for name in plugins.names("audit.reports"):
        shown = audit("report", bundle, "--format", name).stdout
        assert not obeyed(shown), name
        if name == "text":
            assert not re.search(r"::|##(\[|vso)", shown)
        elif name == "html":
            tags = _Tags()
            tags.feed(shown)
            assert not tags.found & {"script", "img", "onerror", "link", "iframe", "object"}
            assert "default-src 'none'" in shown
        elif name == "junit":
            assert minidom.parseString(shown.encode()).documentElement.tagName == "testsuites"
        elif name in ("json", "oscal", "sarif"):
            json.loads(shown)
        elif name == "markdown":
            assert "<script" not in shown
            assert "<img" not in shown
            assert not re.search(r"@octocat|\]\(https://evil", shown)


def test_row_38_evidence_holds_no_formula(bundle: Path) -> None:
    [path] = (bundle / "evidence").rglob("suspect_rows.csv")
    cells = [row[1] for row in csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))][1:]
    assert len(cells) == len(NAMES)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert any("=1+1|cmd" in cell for cell in cells), "and nothing is lost"


def test_row_39_no_stored_report_has_foreign_markup(bundle: Path) -> None:
    for path in (bundle / "reports").iterdir():
        text = path.read_text("utf-8")
        assert not obeyed(text), path.name
        if path.suffix in (".html", ".md", ".xml"):
            assert "<script" not in text
            assert "<img" not in text


def test_row_40_a_bundle_that_was_changed_is_told_of_in_plain_words(bundle: Path) -> None:
    (bundle / f"evidence{CONTROL}").write_text("x")
    (bundle / "::error::stop\n::error::x").write_text("x")
    result = audit("verify", bundle)
    assert result.exit_code == 4
    assert not obeyed(result.output)
    assert "::" not in result.output


@pytest.mark.parametrize("name", [*NAMES, "x\n::error::stop"])
def test_row_40_errors_of_the_command_line(name: str, tmp_path: Path) -> None:
    """Where a message repeats a hostile word, it is one line of plain characters."""
    rows = table(tmp_path / "rows.csv")
    quoted = json.dumps(name)
    (tmp_path / "audit.yaml").write_text(
        f"subject: s\ndata: {{test: {{path: rows.csv}}}}\ntarget: {quoted}x\n".replace('"x\n', 'x"\n')
        + f'groups: [{quoted[:-1]}y"]\n{quoted}: 1\nmodel: {{path: {quoted}}}\n'
    )
    (tmp_path / "p.yaml").write_text(f"policy: p\n{quoted}: 1\nrules:\n- {{id: {quoted}, check: {quoted}}}\n")
    for words in (
        ("measure", "leakage", tmp_path),
        ("policy", "lint", tmp_path / "p.yaml"),
        ("run", rows, "--policy", tmp_path / "p.yaml"),
        ("measure", "leakage", rows, f"columns={name}"),
        ("measure", name, rows),
    ):
        result = audit(*words)
        assert result.exit_code in (2, 3), result.output
        assert not obeyed(result.output), words
        assert "::" not in result.output
        assert not re.search(r"^(::|##)", result.output, re.MULTILINE)


def test_row_40_errors_of_the_words_of_a_command(command: Callable[..., Any]) -> None:
    for words in (
        ("a\x1b[31m\u202e::error::x\n::error::y",),
        ("measure", "a", "b", "--\x1b::x"),
        ("run", "x", "\u202e::y"),
    ):
        ended = command(*words)
        assert ended.code == 2
        assert not obeyed(ended.error)
        assert "::" not in ended.error
        assert "Traceback" not in ended.error


def test_row_41_no_secret_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "hunter2secret")
    for model in (
        "{url: 'https://user:hunter2secret@host.example/'}",
        "{url: 'https://host.example/', headers_from_env: {Authorization: Bearer hunter2secret}}",
        "{url: 'ftp://user:hunter2secret@host.example/'}",
    ):
        (tmp_path / "audit.yaml").write_text(f"subject: s\nmodel: {model}\n")
        result = audit("measure", "unsafe_file", tmp_path)
        assert result.exit_code == 2
        assert "audit.yaml:2:" in result.output
        assert "hunter2" not in result.output


def test_row_41_cells_are_not_repeated(tmp_path: Path, foreign_check: Install, write_policy: Write) -> None:
    """A cell that does not fit is described; what stands in it may be personal."""
    foreign_check("looks", "def run(subject: Subject) -> CheckResult:\n    return subject.test.rows\n")
    (tmp_path / "rows.csv").write_text("age,kind\n41,x\nJane Doe 4111111111111111,y\n")
    (tmp_path / "audit.yaml").write_text(
        "subject: s\ntarget: kind\ndata: {test: {path: rows.csv}}\nfeatures: {age: {type: integer}}\n"
    )
    policy = write_policy("looks", "share: {min: 0.5}")
    result = audit("run", tmp_path, "--policy", policy, "--out", tmp_path / "out", "--engine", "inline")
    assert result.exit_code == 3
    assert "rows.csv:3" in result.output
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    for secret in ("Jane", "4111111111111111"):
        assert secret not in result.output
        assert secret.encode() not in written
