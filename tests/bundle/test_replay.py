"""An audit that is run again says the same, and a number that was shifted is found though the bundle is signed anew."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from audit import judge
from audit.bundle import read, sign, verify
from audit.bundle.canonical import Seal, encode, load
from audit.bundle.statement import Basis
from audit.bundle.write import WRITTEN_BY, render_reports
from audit.cli import root
from audit.dsse import new_private_key
from audit.records import Bundle, Entry, Measure, Verdict
from audit.replay import compare, replay

Reseal = Callable[[Path], None]


def run(*words: object) -> Result:
    return CliRunner().invoke(root, [str(word) for word in words])


def on_entry(bundle: Bundle, name: str, **changes: Any) -> Bundle:
    """Another bundle, judged again by what it now says."""

    def changed(entry: Entry) -> Entry:
        entry = replace(entry, **changes)
        found = judge.decide(
            entry.limits, entry.measures, doubts=entry.doubts, power=entry.power, min_power=entry.min_power,
            error=entry.error, finding=entry.finding, waived=entry.waiver is not None,
        )  # fmt: skip
        return replace(entry, verdict=found.verdict, sentence=found.sentence, reasons=found.reasons)

    return replace(bundle, entries=tuple(changed(one) if one.id == name else one for one in bundle.entries))


@pytest.fixture
def resigned(small: SimpleNamespace, tmp_path: Path, reseal: Reseal) -> Callable[[Bundle], Path]:
    """The bundle of the small audit with another content, in order in every way and signed by somebody."""

    def write(bundle: Bundle) -> Path:
        key = new_private_key()
        folder = Path(shutil.copytree(small.folder, tmp_path / "resigned"))
        encoded = encode(bundle, Seal(WRITTEN_BY, sign.key_text(key.public)))
        for name, content in {**encoded, **render_reports(load(encoded).bundle)}.items():
            (folder / name).write_bytes(content)
        reseal(folder)
        digests = [sha256((folder / name).read_bytes()).hexdigest() for name in ("MANIFEST.sha256", RESOLVED)]
        (folder / "attestation.dsse.json").write_bytes(sign.attest(Basis(bundle, *digests), key))
        assert verify(folder).ok, verify(folder).problems
        return folder

    return write


RESOLVED = "policy.resolved.yaml"


def test_the_same_audit_says_the_same(small: SimpleNamespace) -> None:
    result = run("verify", small.folder, "--subject", small.subject, "--replay", "--json")
    assert result.exit_code == 0, result.stdout
    notes = json.loads(result.stdout[result.stdout.index("{") :])["notes"]
    compared = sum(len(entry.measures) + (entry.power is not None) for entry in read(small.folder).entries)
    assert f"the audit was run again: {compared} measures compared, 0 differences" in notes
    again = replay(small.folder, small.subject, engine="inline")
    assert (again.findings, again.compared) == ((), compared)


@pytest.mark.parametrize(
    ("rule", "changes", "place"),
    [
        ("no-copies", {"measures": {"duplicate_share": Measure(0.07, "share", 140)}}, "measures.duplicate_share"),
        ("no-copies", {"power": Measure(0.91, "share", 20, 0.9, 0.92)}, "power"),
        ("no-copies", {"measures": {}, "error": "it took too long"}, "verdict"),
        ("origin", {"doubts": ("it may flatter",)}, "verdict"),
    ],
)
def test_what_was_shifted_is_found_though_it_is_signed(
    rule: str, changes: dict[str, Any], place: str, small: SimpleNamespace, resigned: Callable[[Bundle], Path]
) -> None:
    bundle = read(small.folder)
    folder = resigned(on_entry(bundle, rule, **changes))
    position = [entry.id for entry in bundle.entries].index(rule)
    found = replay(folder, small.subject, engine="inline").findings
    assert f"entries[{position}].{place}" in [finding.place for finding in found]
    assert all(finding.expected and finding.found for finding in found)


def test_a_shifted_number_exits_4(small: SimpleNamespace, resigned: Callable[[Bundle], Path]) -> None:
    measures = {"duplicate_share": Measure(0.07, "share", 140)}
    folder = resigned(on_entry(read(small.folder), "no-copies", measures=measures))
    assert run("verify", folder, "--subject", small.subject).exit_code == 0, "only another run can tell"
    result = run("verify", folder, "--subject", small.subject, "--replay")
    assert result.exit_code == 4
    assert (
        'rule "no-copies", duplicate_share: another run gives another result; expected 0.07, found 0.1428'
        in result.stdout
    )


def test_other_bytes_are_not_run(small: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = Path(shutil.copytree(small.subject.parent, tmp_path / "subject"))
    (moved / "test.csv").write_bytes((moved / "test.csv").read_bytes() + b"1,a1,1,0\n")

    def fail(*arguments: object, **options: object) -> None:
        raise AssertionError("it ran")

    monkeypatch.setattr(sys.modules["audit.replay"], "replay", fail)
    result = run("verify", small.folder, "--subject", moved / "audit.yaml", "--replay")
    assert result.exit_code == 4
    assert "test.csv (data.test): not the file that was audited" in result.stdout
    assert "was not run again" in result.stdout


def test_nothing_to_run_is_a_wrong_command_line(small: SimpleNamespace) -> None:
    assert run("verify", small.folder, "--replay").exit_code == 2


class TestCompare:
    """On bundles made by hand, since no small audit has a number of every kind."""

    @pytest.mark.parametrize(
        ("then", "now", "agree"),
        [
            (Measure(0.8, "share", 100, 0.7, 0.9), Measure(0.89, "share", 100, 0.8, 0.95), True),
            (Measure(0.8, "share", 100, 0.7, 0.9), Measure(0.91, "share", 100, 0.85, 0.95), False),
            (Measure(0.8, "share", 100, 0.7, 0.9), Measure(0.7, "share", 100, 0.6, 0.8), True),
            (Measure(0.8, "share", 100, 0.7, 0.9), Measure(0.69, "share", 100, 0.6, 0.8), False),
            (Measure(0.8, "share", 100, 0.7, None), Measure(0.85, "share", 100, 0.7, None), False),
            (Measure(3.0, "rows", 100), Measure(3.0, "rows", 100), True),
            (Measure(3.0, "rows", 100), Measure(3.0 + 1e-10, "rows", 100), True),
            (Measure(3.0, "rows", 100), Measure(3.00001, "rows", 100), False),
            (Measure(0.0, "rows", 100), Measure(1e-12, "rows", 100), False),
            (Measure(float("nan")), Measure(float("nan")), True),
            (Measure(float("nan")), Measure(0.5, n=3), False),
            (Measure(0.5, n=3), Measure(float("inf")), False),
            (Measure("a", scale=("a", "b")), Measure("a", scale=("a", "b")), True),
            (Measure("a", scale=("a", "b")), Measure("b", scale=("a", "b")), False),
            (Measure("a", scale=("a", "b")), Measure(1.0), False),
            (None, Measure(0.5, n=3), False),
            (Measure(0.5, n=3), None, False),
        ],
    )
    def test_numbers(self, then: Measure | None, now: Measure | None, agree: bool, bundle: Bundle) -> None:
        (robust,) = [entry for entry in bundle.entries if entry.id == "robust"]
        measures = ({**robust.measures, **({"extra": one} if one else {})} for one in (then, now))
        old, new = (on_entry(bundle, "robust", measures=found) for found in measures)
        assert bool(compare(old, new).findings) != agree

    @pytest.mark.parametrize("unit", ["seconds", "rows per second", "bytes", "ms", "MiB", "bytes per row"])
    def test_what_the_machine_was_busy_with_is_told_and_not_compared(self, unit: str, bundle: Bundle) -> None:
        limit = replace(bundle.entries[0].limits[0], measure="speed", min=2.0)
        slow, quick = (
            on_entry(bundle, "robust", measures={"speed": Measure(value, unit, 9)}, limits=(limit,), power=None)
            for value in (1.0, 3.0)
        )
        found = compare(slow, quick)
        assert found.findings == ()
        assert any("speed: 1.0" in note for note in found.notes)

    def test_a_rule_that_could_not_be_measured_twice(self, bundle: Bundle) -> None:
        failed = on_entry(bundle, "robust", error="one reason")
        assert not compare(failed, on_entry(bundle, "robust", error="another", measures={})).findings
        (finding,) = compare(failed, bundle).findings
        assert (finding.expected, finding.found) == (Verdict.ERROR, Verdict.FAIL)

    def test_a_rule_less_and_other_libraries(self, bundle: Bundle) -> None:
        less = replace(bundle, entries=bundle.entries[:-1], environment={**bundle.environment, "numpy": "9"})
        found = compare(bundle, less)
        assert [finding.place for finding in found.findings] == [f"entries[{len(less.entries)}]"]
        assert "numpy was 2.3.0 then, and is 9 now" in found.notes
