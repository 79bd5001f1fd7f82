"""Reports of another version are not rendered again, and still have to be reports that harm no reader."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from audit.bundle import Verification, verify, write
from audit.dsse import PrivateKey

Older = Callable[[str, bytes], Verification]


@pytest.fixture
def older(example: SimpleNamespace, keys: PrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Older:
    """Verifies a signed bundle of another version with one report replaced, by somebody who knows the signer."""
    writing = sys.modules["audit.bundle.write"]
    rendered = writing.render_reports

    def made(path: str, content: bytes) -> Verification:
        with monkeypatch.context() as patch:
            patch.setattr(writing, "WRITTEN_BY", "auditgate 0.0.9")
            patch.setattr(writing, "render_reports", lambda bundle: {**rendered(bundle), path: content})
            folder = write(example.BUNDLE, example.POLICY, example.EVIDENCE, tmp_path / "b", sign_key=keys.pem())
        return verify(folder, public_key=keys.public.pem)

    return made


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("reports/report.html", b"<p title='>'>one=1 on x = 2, javascript: is a word</p>"),
        ("reports/results.sarif", b'{"runs": []}'),
        ("reports/junit.xml", b"<testsuites/>"),
        ("reports/report.txt", b"other words"),
    ],
)
def test_other_words_are_said_not_to_be_compared(path: str, content: bytes, older: Older) -> None:
    found = older(path, content)
    assert found.problems == ()
    assert any("the reports were not compared" in note for note in found.notes)


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("reports/report.html", b"<h1>PASSED</h1><ScRiPt>alert(1)</script>", "<script"),
        ("reports/report.html", b"<!-- --!><script >x</script> -->", "<script"),
        ("reports/report.html", b'<img alt=">" onerror="x">', "onerror"),
        ("reports/report.html", b'<a href="java\nscript:x">y</a>', "href"),
        ("reports/report.html", b"<iframe src=x>", "iframe"),
        ("reports/report.html", b'<meta http-equiv="Refresh" content="0;url=//x">', "http-equiv"),
        ("reports/report.html", b"\xff", "not readable as html"),
        ("reports/results.sarif", b"not even json", "not readable as sarif"),
        ("reports/report.json", b'{"a": 1, "a": 2}', "not readable as json"),
        ("reports/junit.xml", b"<a>", "not readable as xml"),
        ("reports/junit.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
        ("reports/install.sh", b"rm -rf /", "no report that is installed here"),
    ],
)
def test_a_signature_does_not_make_it_a_report(path: str, content: bytes, says: str, older: Older) -> None:
    (finding,) = older(path, content).findings
    assert finding.file == path
    assert says in finding.message
