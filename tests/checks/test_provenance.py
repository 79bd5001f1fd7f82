"""The check of provenance on subjects on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from audit.checks import provenance
from audit.errors import NotMeasurable
from audit.subject import Subject

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "target": [0, 0, 1, 1]})
NAMES = ("model.skops", "train.csv", "test.csv")


@pytest.fixture
def subject_with(write_subject: Callable[..., Path]) -> Callable[..., Path]:
    """Writes a subject with a SHA256SUMS over the given files."""

    def write(names: tuple[str, ...] = NAMES, more: str = "") -> Path:
        model = LogisticRegression().fit(FRAME[["a"]], FRAME["target"])
        path = write_subject(model, FRAME, FRAME.iloc[::-1], extra=f"provenance: [SHA256SUMS{more}]\n")
        lines = [f"{hashlib.sha256((path.parent / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        (path.parent / "SHA256SUMS").write_text("".join(lines))
        return path

    return write


def measured(path: Path) -> tuple[str | float, str | float, str]:
    result = provenance.run(Subject.load(path))
    return result.measures["level"].value, result.measures["unverified_files"].value, result.sentence


def test_recorded_files_are_bound(subject_with: Callable[..., Path]) -> None:
    path = subject_with()
    level, unverified, sentence = measured(path)
    assert (level, unverified) == ("bound", 0)
    assert "All 3" in sentence
    result = provenance.run(Subject.load(path))
    assert result.measures["level"].n == 3
    assert result.measures["level"].finite
    assert result.evidence[0].content.splitlines()[0] == b"path,state,records"


def test_without_records_the_level_is_absent(write_subject: Callable[..., Path]) -> None:
    model = LogisticRegression().fit(FRAME[["a"]], FRAME["target"])
    path = write_subject(model, FRAME, FRAME)
    assert measured(path)[:2] == ("absent", 3)
    with pytest.raises(NotMeasurable, match="SHA256SUMS"):
        provenance.plant(Subject.load(path), seed=0, confidence=0.95)


@pytest.mark.parametrize("name", NAMES)
def test_one_flipped_bit_is_found(subject_with: Callable[..., Path], name: str) -> None:
    path = subject_with()
    content = bytearray((path.parent / name).read_bytes())
    content[len(content) // 2] ^= 1
    (path.parent / name).write_bytes(bytes(content))
    level, unverified, sentence = measured(path)
    assert (level, unverified) == ("present", 1)
    assert name in sentence
    assert "changed" in sentence


def test_a_file_that_no_record_names_is_counted(subject_with: Callable[..., Path]) -> None:
    level, unverified, sentence = measured(subject_with(("model.skops", "train.csv")))
    assert (level, unverified) == ("well_formed", 1)
    assert "test.csv" in sentence


def test_a_record_that_cannot_be_read_caps_the_level(subject_with: Callable[..., Path]) -> None:
    path = subject_with(more=", notes.json")
    (path.parent / "notes.json").write_text('{"a": 1, "a": 2}')
    level, _, sentence = measured(path)
    assert level == "present"
    assert "notes.json" in sentence
    assert "twice" in sentence


def test_records_of_other_things_are_no_pass(subject_with: Callable[..., Path]) -> None:
    path = subject_with(())
    (path.parent / "SHA256SUMS").write_text(f"{'a' * 64}  elsewhere.bin\n")
    result = provenance.run(Subject.load(path))
    assert result.measures["level"].value == "well_formed"
    assert "not one of them speaks" in result.doubts[0].text


def test_records_that_disagree_are_no_pass(subject_with: Callable[..., Path]) -> None:
    path = subject_with(more=", OLD.sha256")
    sums = (path.parent / "SHA256SUMS").read_text()
    (path.parent / "SHA256SUMS").write_text(f"{sums}{'a' * 64}  raw.csv\n")
    (path.parent / "OLD.sha256").write_text(f"{'b' * 64}  raw.csv\n")
    result = provenance.run(Subject.load(path))
    assert result.measures["level"].value == "bound"
    assert ["raw.csv" in doubt.text for doubt in result.doubts] == [True]


def test_what_became_of_each_record_is_evidence(subject_with: Callable[..., Path]) -> None:
    path = subject_with(more=", broken.json")
    (path.parent / "broken.json").write_text("{")
    files = {file.name: file.content.decode().splitlines() for file in provenance.run(Subject.load(path)).evidence}
    assert files["records.csv"][:2] == ["record,kind,level,signers,problems", "SHA256SUMS,checksums,bound,,"]
    assert files["records.csv"][2].startswith(",not read,present,,")
    assert "broken.json" in files["records.csv"][2]


def test_planted_changes_are_all_found(subject_with: Callable[..., Path]) -> None:
    subject = Subject.load(subject_with())
    power = provenance.plant(subject, seed=0, confidence=0.95)
    assert power == provenance.plant(subject, seed=0, confidence=0.95)
    assert (power.share.value, power.share.n) == (1.0, 21)
    assert power.share.low is not None
    assert 0.8 < power.share.low < 1
    assert power.notes == ("planted faults noticed: a changed byte 20 of 20, a removed record 1 of 1",)


def test_what_is_in_memory_has_no_provenance() -> None:
    with pytest.raises(NotMeasurable):
        provenance.run(Subject.in_memory(train=FRAME))


def test_every_file_is_recorded(subject_with: Callable[..., Path]) -> None:
    subject = Subject.load(subject_with())
    provenance.run(subject)
    assert {file.path for file in subject.files} >= {*NAMES, "SHA256SUMS"}
