"""The shipped samples: the sound one passes, its twin fails by the faults it was built with, both leave a bundle."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import audit
from audit import api, bundle, shipped
from audit.records import Bundle

SAMPLES = shipped.folder("sample_models")
FAULTS = {
    "credit_flawed": {"unchanged", "no-leak", "ranks-applicants", "honest-probabilities", "same-world", "documented"},
    "digits_flawed": {"not-fooled-by-noise", "clean-training-data"},
    "tickets_flawed": {"no-personal-data"},
}
"""Rules that have to fail, by twin; others may."""


@dataclass(frozen=True)
class Audited:
    """One sample after two audits in a row."""

    result: Bundle
    folder: Path
    again: Path


@pytest.fixture(scope="module", params=["credit", "digits", "tickets", *FAULTS])
def audited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Audited:
    name = request.param
    out = tmp_path_factory.mktemp(name)
    policy = SAMPLES / name.removesuffix("_flawed") / "policy.yaml"
    # one audit with one worker and one with two: the number of workers changes nothing
    for folder, jobs in ((out / "one", 1), (out / "two", 2)):
        result = api.run(SAMPLES / name / "audit.yaml", policy, api.Options(out=folder, jobs=jobs))
    return Audited(result, out / "one", out / "two")


@pytest.mark.slow
class TestEachSample:
    """Everything that is asked of one sample, on the same two audits."""

    def test_the_sound_one_passes_and_its_twin_fails(self, audited: Audited) -> None:
        name = audited.folder.parent.name.rstrip("0123456789")
        verdicts = {entry.id: entry.verdict for entry in audited.result.entries}
        faults = FAULTS.get(name, set())
        assert audited.result.exit_code == (1 if faults else 0), verdicts
        assert {verdicts[rule] for rule in faults} <= {"FAIL"}, verdicts

    def test_every_pass_shows_its_power(self, audited: Audited) -> None:
        for entry in audited.result.entries:
            if entry.verdict == "PASS":
                assert entry.power is not None
                assert isinstance(entry.power.value, float)
                assert entry.power.value >= (entry.min_power or 0)
                assert entry.power.n >= 10

    def test_two_runs_give_the_same_bytes(self, audited: Audited) -> None:
        assert (audited.folder / "bundle.json").read_bytes() == (audited.again / "bundle.json").read_bytes()

    def test_the_bundle_verifies(self, audited: Audited) -> None:
        assert bundle.verify(audited.folder).problems == ()
        done = subprocess.run(
            ["sha256sum", "--strict", "-c", "MANIFEST.sha256"], cwd=audited.folder, capture_output=True
        )
        assert done.returncode == 0, done.stdout

    def test_a_changed_byte_in_any_file_is_found(self, audited: Audited, tmp_path: Path) -> None:
        copy = tmp_path / "copy"
        shutil.copytree(audited.folder, copy)
        for path in sorted(path for path in copy.rglob("*") if path.is_file()):
            content = path.read_bytes()
            middle = len(content) // 2
            path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
            assert not bundle.verify(copy).ok, path.relative_to(copy)
            path.write_bytes(content)
        assert bundle.verify(copy).ok

    def test_no_path_of_the_machine_is_in_the_bundle(self, audited: Audited) -> None:
        for path in audited.folder.rglob("*"):
            if path.is_file() and path.name != "run.json":
                assert str(SAMPLES.parent).encode() not in path.read_bytes(), path.name


def test_the_unsafe_sample_is_called_unsafe() -> None:
    result = audit.measure("unsafe_file", SAMPLES / "unsafe" / "model.pkl")
    assert result.measures["unsafe_globals"].value == 1


def test_the_rule_of_the_credit_sample_holds_for_every_row() -> None:
    for name in ("german_credit", "train", "test"):
        with (SAMPLES / "credit" / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        amount = "credit_amount"
        months = next(column for column in rows[0] if column.startswith("duration"))
        assert all(float(row[amount]) <= 2500 * float(row[months]) for row in rows), name


@pytest.mark.slow
def test_samples_can_be_rebuilt(tmp_path: Path) -> None:
    """Twice in empty copies: the same bytes each time; the tables are those that ship."""
    for name in ("one", "two"):
        shutil.copytree(SAMPLES, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.skops", "*.onnx"))
        made = subprocess.run([sys.executable, str(tmp_path / name / "make.py")], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
    one, two = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*.*")
            if path.is_file()
        }
        for name in ("one", "two")
    )
    assert one == two
    for path, content in one.items():
        if path.suffix in (".csv", ".yaml", ".npz", ".parquet"):
            assert content == (SAMPLES / path).read_bytes(), path
    assert {path.suffix for path in one} >= {".skops", ".onnx"}
