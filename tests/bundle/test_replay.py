"""An audit that is run again says the same, and a number that was shifted is found though the bundle is signed anew."""

from __future__ import annotations

import datetime
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

from audit import api, judge
from audit.bundle import read, sign, verify
from audit.bundle.audited import FilesNow, problems
from audit.bundle.canonical import Seal, encode, load
from audit.bundle.statement import Basis
from audit.bundle.write import WRITTEN_BY, render_reports
from audit.cli import root
from audit.dsse import new_private_key
from audit.records import Bundle, Entry, Measure, Policy
from audit.replay import replay

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
        ("no-copies", {"measures": {"duplicate_share": Measure(0.07, "bytes", 140)}}, "measures.duplicate_share"),
        ("no-copies", {"power": Measure(0.91, "bytes", 20, 0.9, 0.92)}, "power"),
        ("no-copies", {"power": None}, "power"),
        ("origin", {"doubts": ("it may flatter",)}, "verdict"),
        ("origin", {"finding": "Nobody has seen any of it before."}, "finding"),
        ("origin", {"notes": ("all of it was looked at",)}, "notes"),
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
    told = 'rule "no-copies", duplicate_share: another run gives another result; expected 0.07 share, n = 140, found'
    assert f"{told} 0.1428" in result.stdout


def test_other_evidence_is_found(small: SimpleNamespace, resigned: Callable[[Bundle], Path]) -> None:
    name = next(path for entry in read(small.folder).entries for path in entry.evidence)
    written = small.folder / name
    content = written.read_bytes()
    folder = resigned(read(small.folder))
    (folder / name).write_bytes(content + b"one more line\n")
    (finding,) = replay(folder, small.subject, engine="inline").findings
    assert (finding.file, finding.expected) == (name, sha256(content + b"one more line\n").hexdigest())


def test_another_day_and_another_folder_change_nothing(
    small: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, subject = (shutil.copytree(place, tmp_path / place.name) for place in (small.folder, small.subject.parent))
    monkeypatch.chdir(tmp_path)

    later = SimpleNamespace(now=lambda zone: datetime.datetime.now(zone) + datetime.timedelta(days=200))
    monkeypatch.setattr(api, "datetime", SimpleNamespace(datetime=later, UTC=datetime.UTC))
    found = replay(folder, Path("subject") / subject.relative_to(tmp_path / "subject") / "audit.yaml", engine="inline")
    assert found.findings == ()


class TestStrangers:
    """Whoever made a bundle also chose its policy, so a reader who knows nobody is careful."""

    @pytest.fixture
    def policies(self, monkeypatch: pytest.MonkeyPatch) -> list[Policy]:
        """Every policy that is run."""
        seen: list[Policy] = []
        run_audit = api.run

        def watched(subject: Path, rules: Policy, options: api.Options, progress: Any) -> Bundle:
            seen.append(rules)
            return run_audit(subject, rules, replace(options, engine="inline"), progress)

        monkeypatch.setattr(api, "run", watched)
        return seen

    @pytest.fixture
    def trusting(self, tmp_path: Path) -> SimpleNamespace:
        """A signed bundle whose policy does not keep the model apart, and trusts a name of it."""
        last = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)
        (tmp_path / "rows.csv").write_text("a,b\n" + "".join(f"{row},{row % 2}\n" for row in range(40)))
        rules = tmp_path / "trusting.yaml"
        rules.write_text(
            'policy: p\nversion: "1"\nisolation: "off"\n'
            f"trusted_types: [{{name: my.Gate, owner: ann, expires: {last}}}]\n"
            "params: {most: 40}\nrules:\n  - {id: r, check: reidentification, with: {quasi_identifiers: [b]},"
            ' require: {k_anonymity: {max: "${most}"}}, why: w}\n'
        )
        key = new_private_key()
        (tmp_path / "key.pem").write_bytes(key.public.pem)
        options = api.Options(out=tmp_path / "b", engine="inline", sign_key=key.pem(), overrides={"most": "39"})
        api.run(tmp_path / "rows.csv", rules, options)
        return SimpleNamespace(
            folder=tmp_path / "b", subject=tmp_path / "rows.csv", policy=rules, key=tmp_path / "key.pem"
        )

    def test_nobody_vouches(self, trusting: SimpleNamespace, policies: list[Policy]) -> None:
        result = run("verify", trusting.folder, "--subject", trusting.subject, "--replay")
        assert result.exit_code == 0, result.stdout
        (judged,) = policies
        assert (judged.isolation, judged.trusted_types, judged.allow_trusted_types) == ("required", (), False)
        assert "nobody vouched for the policy" in result.stdout

    @pytest.mark.parametrize("vouching", ["key", "policy"])
    def test_somebody_vouches(self, vouching: str, trusting: SimpleNamespace, policies: list[Policy]) -> None:
        words = ("--key", trusting.key) if vouching == "key" else ("--policy", trusting.policy, "--set", "most=39")
        result = run("verify", trusting.folder, "--subject", trusting.subject, "--replay", *words)
        assert result.exit_code == 0, result.stdout
        (judged,) = policies
        assert (judged.isolation, [one.name for one in judged.trusted_types]) == ("off", ["my.Gate"])
        assert "nobody vouched" not in result.stdout

    def test_a_key_that_did_not_sign_runs_nothing(
        self, trusting: SimpleNamespace, policies: list[Policy], tmp_path: Path
    ) -> None:
        other = tmp_path / "other.pem"
        other.write_bytes(new_private_key().public.pem)
        words = ("verify", trusting.folder, "--subject", trusting.subject, "--replay", "--key", other)
        assert (run(*words).exit_code, policies) == (4, [])

    def test_params_of_the_command_line(self, trusting: SimpleNamespace) -> None:
        words = ("verify", trusting.folder, "--policy", trusting.policy)
        assert run(*words).exit_code == 4
        assert run(*words, "--set", "most=39").exit_code == 0
        assert run(*words, "--set", "most=38").exit_code == 4
        assert run(*words, "--set", "most").exit_code == 2
        assert run("verify", trusting.folder, "--set", "most=39").exit_code == 2


def test_a_bundle_that_names_no_declaration(small: SimpleNamespace) -> None:
    bundle = read(small.folder)
    rest = tuple(file for file in bundle.subject.files if file.role != "subject")
    less = replace(bundle, subject=replace(bundle.subject, files=rest))
    declared = [file for file in bundle.subject.files if file.role == "subject"]
    digests = {file.path: file.sha256 for file in bundle.subject.files}
    assert not list(problems(bundle, FilesNow(digests, bundle.subject.files)))
    (finding,) = problems(less, FilesNow(digests, declared))
    assert str(finding) == "audit.yaml (subject): declared by the subject, and not in the bundle"
    (finding,) = problems(bundle, FilesNow(digests, [replace(declared[0], path="other.yaml", sha256="0" * 64)]))
    assert "not the declaration that was audited" in str(finding)


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
