"""A finding says which file, which line or place, what was expected and what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.bundle import verify
from audit.bundle.finding import LONGEST, Finding, cut, cut_around, of_text

Reseal = Callable[[Path], None]


def the_one(folder: Path, file: str) -> Finding:
    (finding,) = [finding for finding in verify(folder).findings if finding.file == file]
    return finding


def test_one_sentence() -> None:
    finding = Finding("a/b.txt", "wrong", 3, "entries[1]", "x", "y")
    assert str(finding) == "a/b.txt:3: entries[1]: wrong; expected x, found y"
    assert str(Finding("", "nothing is signed")) == "nothing is signed"
    assert str(Finding("a", "wrong", found="y")) == "a: wrong; found y"


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("bundle.json: schema", Finding("bundle.json", "schema")),
        (
            "bundle.json.entries[3].verdict: expected one of A, B, found 'C'",
            Finding("bundle.json", "does not fit", None, "entries[3].verdict", "one of A, B", "'C'"),
        ),
        ("policy.resolved.yaml:12:3: key twice", Finding("policy.resolved.yaml", "key twice", 12)),
        ("reports/report.md: missing", Finding("reports/report.md", "missing")),
        ("/tmp/x: no such folder", Finding("", "/tmp/x: no such folder")),
    ],
)
def test_messages_of_errors_have_their_places(text: str, finding: Finding) -> None:
    assert of_text(text) == finding


def test_values_are_cut() -> None:
    assert len(cut("x" * 1000)) <= LONGEST
    line = "a" * 500 + "!" + "b" * 500
    assert "!" in cut_around(line, 500)
    assert len(cut_around(line, 500)) < LONGEST + 20
    assert cut_around("short", 4) == "'short'"
    assert "\x1b" not in cut("\x1b[31m") + cut_around("\x1b[31m", 0)


def test_a_report_names_its_first_line_that_differs(written: Path, reseal: Reseal) -> None:
    path = written / "reports" / "report.txt"
    lines = path.read_text().split("\n")
    lines[4] = lines[4].replace("a", "A", 1)
    path.write_text("\n".join(lines))
    reseal(written)
    finding = the_one(written, "reports/report.txt")
    assert finding.line == 5
    assert finding.expected != finding.found != ""


def test_the_resolved_policy_names_its_line(small_written: Path, reseal: Reseal) -> None:
    path = small_written / "policy.resolved.yaml"
    path.write_bytes(path.read_bytes().replace(b"max: 0.02", b"max: 0.2"))
    reseal(small_written)
    finding = the_one(small_written, "policy.resolved.yaml")
    lines = path.read_text().splitlines()
    assert finding.line is not None
    assert "max: 0.2" in lines[finding.line - 1]
    assert (finding.expected, finding.found) == ("0.02", "0.2")


def test_a_verdict_names_its_place(written: Path, reseal: Reseal) -> None:
    path = written / "bundle.json"
    path.write_bytes(path.read_bytes().replace(b'"verdict":"FAIL"', b'"verdict":"PASS"', 1))
    reseal(written)
    entries = json.loads(path.read_bytes())["entries"]
    found = [finding for finding in verify(written).findings if finding.place.endswith(".verdict")]
    (finding,) = found
    position = int(finding.place.removeprefix("entries[").split("]")[0])
    assert entries[position]["verdict"] == finding.found == "PASS"
    assert finding.expected == "FAIL"


def test_a_type_that_does_not_fit_names_its_place(written: Path) -> None:
    path = written / "bundle.json"
    path.write_bytes(path.read_bytes().replace(b'"blocking":true', b'"blocking":"yes"', 1))
    places = {(finding.file, finding.place): finding for finding in verify(written).findings}
    finding = places[("bundle.json", "entries[0].blocking")]
    assert (finding.expected, finding.found) == ("true or false", "'yes'")
    assert ("bundle.json", "") in places, "the manifest says it too"


@pytest.mark.parametrize("depth", [22, 900])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_values_nested_without_end_are_an_answer(depth: int, brackets: str, written: Path) -> None:
    opening = brackets[0] if brackets == "[]" else '{"a":'
    deep = opening * depth + ("0" if brackets == "{}" else "") + brackets[1] * depth
    run, bundle = written / "run.json", written / "bundle.json"
    originals = run.read_text(), bundle.read_text()
    run.write_text(originals[0].replace('"cached": false', f'"cached": {deep}', 1))
    assert any("levels deep" in problem for problem in verify(written).problems)
    run.write_text(originals[0])
    bundle.write_text(originals[1].replace('"epsilon":0.05', f'"epsilon":{deep}', 1))
    assert not verify(written).ok
