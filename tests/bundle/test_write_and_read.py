"""A bundle on disk is the bundle in memory, whatever it holds, and the same one gives the same bytes."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.bundle import read, verify, write
from audit.bundle.canonical import Seal, encode, load
from audit.bundle.layout import distinct, evidence_paths, policy_paths, safe_name
from audit.dsse import PrivateKey
from audit.errors import BundleError
from audit.records import Bundle, Evidence, Measure

SEAL = Seal("auditgate 0.1.0")


def finite(bundle: Bundle) -> Bundle:
    """Without the entry whose numbers are not: such a number never equals itself."""
    return replace(bundle, entries=tuple(entry for entry in bundle.entries if entry.id != "odd"))


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_is_read_is_what_was_written(written: Path, bundle: Bundle) -> None:
    assert finite(read(written)) == finite(bundle)


def test_numbers_that_are_not_finite_come_back(written: Path) -> None:
    odd = next(entry for entry in read(written).entries if entry.id == "odd")
    assert math.isnan(odd.measures["ece"].value)
    assert odd.measures["brier"] == Measure(math.inf, "", 3, 0.1, math.inf)
    for word in (b"NaN", b"Infinity", b"nan,"):
        assert word not in (written / "bundle.json").read_bytes()


def test_a_bundle_without_run_facts_or_waivers(bundle: Bundle) -> None:
    bare = replace(finite(bundle), run=None, waivers=(), environment={})
    assert load(encode(bare, SEAL)).bundle == bare


NUMBERS = st.floats(allow_nan=False) | st.sampled_from([1e20, 1e21, 5e-324, -0.0, 1 / 3, 2.0**53, 2.0**53 + 2])


@settings(max_examples=60, deadline=None)
@given(
    value=NUMBERS,
    low=NUMBERS | st.none(),
    n=st.integers(0, 2**80),
    seed=st.integers(-(2**70), 2**70) | st.sampled_from([2**53, 2**53 - 1, -(2**53)]),
    text=st.text(),
)
def test_numbers_and_words_come_back_exactly(
    example: SimpleNamespace, value: float, low: float | None, n: int, seed: int, text: str
) -> None:
    entry = replace(
        example.BUNDLE.entries[0],
        measures={"m": Measure(value, text, n, low, value)},
        params={"a": value, "b": seed, "c": (text, ""), "d": True, "e": None, "f": text},
        seed=seed,
        sentence=text,
    )
    given_bundle = replace(example.BUNDLE, entries=(entry,))
    found = load(encode(given_bundle, SEAL)).bundle
    sound = text.encode("utf-8", "backslashreplace").decode()
    assert found.entries[0].measures["m"].value == value
    assert found.entries[0].seed == seed
    assert found.entries[0].measures["m"].n == n
    assert found.entries[0].sentence == sound
    if math.isfinite(value) and sound == text:
        assert found == given_bundle
    # and once read, it stays what it is
    assert encode(found, SEAL) == encode(given_bundle, SEAL)


def test_the_same_audit_gives_the_same_bytes(example: SimpleNamespace, tmp_path: Path) -> None:
    later = replace(example.BUNDLE, run=replace(example.BUNDLE.run, started="2026-12-24T18:00:00+00:00", seconds=1.0))
    shuffled = replace(later, environment=dict(reversed(later.environment.items())))
    for number, bundle in enumerate((example.BUNDLE, example.BUNDLE, shuffled)):
        write(bundle, example.POLICY, example.EVIDENCE, tmp_path / str(number))
    first, second, third = (snapshot(tmp_path / str(number)) for number in range(3))
    assert first == second
    assert first["bundle.json"] == third["bundle.json"]
    assert first["run.json"] != third["run.json"]


def test_the_layout_is_that_of_the_contract(signed: Path) -> None:
    assert set(snapshot(signed)) == {
        "bundle.json",
        "run.json",
        "policy.resolved.yaml",
        "policy/credit.yaml",
        "waivers.json",
        "evidence/robust/adversarial_rows.csv",
        "evidence/robust/distances.csv",
        "evidence/files/traceback.txt",
        "reports/report.html",
        "reports/report.md",
        "reports/report.json",
        "reports/report.txt",
        "reports/results.sarif",
        "reports/junit.xml",
        "reports/oscal-assessment-results.json",
        "attestation.dsse.json",
        "MANIFEST.sha256",
    }
    entry = json.loads((signed / "bundle.json").read_bytes())["entries"][0]
    wanted = (
        "id check version params severity blocking verdict sentence measures limits power doubts controls evidence seed"
    )
    assert set(wanted.split()) <= set(entry)
    assert set(entry["measures"]["balanced_accuracy"]) == {"value", "unit", "n", "low", "high"}


def test_policy_files_keep_their_exact_bytes(written: Path, example: SimpleNamespace) -> None:
    assert (written / "policy" / "credit.yaml").read_bytes() == example.POLICY.sources[0].content


def test_bundle_json_is_canonical(written: Path) -> None:
    import rfc8785

    content = (written / "bundle.json").read_bytes()
    assert rfc8785.dumps(json.loads(content)) == content


def test_sha256sum_agrees(signed: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "MANIFEST.sha256"]
    run = subprocess.run(command, cwd=signed, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.splitlines()) == len(snapshot(signed)) - 2  # neither the manifest nor the attestation
    (signed / "evidence" / "robust" / "distances.csv").write_bytes(b"row,distance\n3,0.02\n")
    assert subprocess.run(command, cwd=signed, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    "name",
    ["../../evil.csv", "/etc/passwd", "a\\b.csv", "..", ".", "", "a\nb.csv", "-rf", "x" * 300, "ü.csv", "CON.", "a\0b"],
)
def test_evidence_cannot_leave_its_folder(name: str, example: SimpleNamespace, tmp_path: Path) -> None:
    evidence = {**example.EVIDENCE, "accuracy": (Evidence(name, b"x", ""), Evidence("plain.csv", b"y", ""))}
    folder = write(example.BUNDLE, example.POLICY, evidence, tmp_path / "b")
    assert {path.name for path in tmp_path.iterdir()} == {"b"}
    paths = read(folder).entries[0].evidence
    assert len(paths) == 2
    assert paths[1] == "evidence/accuracy/plain.csv"
    assert {(folder / path).read_bytes() for path in paths} == {b"x", b"y"}
    assert all((folder / path).resolve().parent == (folder / "evidence" / "accuracy").resolve() for path in paths)
    assert verify(folder).ok


def test_names_never_become_one() -> None:
    names = ["a/b.csv", "a\\b.csv", "a b.csv", "a_b.csv", "A_b.csv", "a_b.csv", "..", "...", ""]
    assert len({name.lower() for name in distinct(names)}) == len(names)
    assert safe_name("suspect_rows.csv") == "suspect_rows.csv"
    assert policy_paths(["x/ci.yaml", "y/ci.yaml"]) == ["policy/ci.yaml", "policy/ci-2.yaml"]
    assert evidence_paths("robust", ["a.csv"]) == ["evidence/robust/a.csv"]


def test_a_bundle_cannot_be_written_with_another_policy(example: SimpleNamespace, tmp_path: Path) -> None:
    looser = tuple(replace(rule, severity="low") for rule in example.POLICY.rules)
    for policy in (
        replace(example.POLICY, rules=looser),
        replace(example.POLICY, sources=()),
        replace(example.POLICY, seed=1),
    ):
        with pytest.raises(BundleError):
            write(example.BUNDLE, policy, example.EVIDENCE, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_evidence_that_nobody_named_or_handed_over(example: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="does not have"):
        write(example.BUNDLE, example.POLICY, {**example.EVIDENCE, "ghost": ()}, tmp_path / "b")
    with pytest.raises(BundleError, match="not handed over"):
        write(example.BUNDLE, example.POLICY, {}, tmp_path / "b")


@pytest.mark.parametrize("content", [{}, {"bundle.json": b"old", "MANIFEST.sha256": b"old"}, {"MANIFEST.sha256": b""}])
def test_an_older_bundle_is_replaced_as_a_whole(
    content: dict[str, bytes], example: SimpleNamespace, tmp_path: Path
) -> None:
    target = tmp_path / "b"
    target.mkdir()
    for name, old in content.items():
        (target / name).write_bytes(old)
    write(example.BUNDLE, example.POLICY, example.EVIDENCE, target)
    assert verify(target).ok
    assert {path.name for path in tmp_path.iterdir()} == {"b"}


@pytest.mark.parametrize(
    "foreign", [{"notes.txt": b"mine"}, {"bundle.json": b"x", "thesis.tex": b"mine"}, {"reports": b""}]
)
def test_a_folder_that_is_no_bundle_is_left_alone(
    foreign: dict[str, bytes], example: SimpleNamespace, tmp_path: Path
) -> None:
    target = tmp_path / "b"
    target.mkdir()
    for name, content in foreign.items():
        (target / name).write_bytes(content)
    with pytest.raises(BundleError, match="no part of a bundle"):
        write(example.BUNDLE, example.POLICY, example.EVIDENCE, target)
    assert snapshot(target) == foreign


def test_links_and_files_are_no_targets(example: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_bytes(b"mine")
    for name in ("link", "file"):
        with pytest.raises(BundleError):
            write(example.BUNDLE, example.POLICY, example.EVIDENCE, tmp_path / name)
    assert list((tmp_path / "real").iterdir()) == []
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_wrong_key_is_said_before_anything_is_written(
    example: SimpleNamespace, keys: PrivateKey, tmp_path: Path
) -> None:
    for key in (b"", b"no key", keys.public.pem):
        with pytest.raises(BundleError, match="signing key"):
            write(example.BUNDLE, example.POLICY, example.EVIDENCE, tmp_path / "b", sign_key=key)
    assert list(tmp_path.iterdir()) == []


def test_when_the_disk_is_full_the_old_bundle_stays(written: Path, example: SimpleNamespace, tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the kernel refuses the write in the middle of one."""
    before = snapshot(written)
    script = f"""
        import resource, runpy
        from pathlib import Path
        from audit.bundle import write
        from audit.errors import BundleError
        example = runpy.run_path({str(Path(__file__).parents[1] / "reports" / "example.py")!r})
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
        try:
            write(example["BUNDLE"], example["POLICY"], example["EVIDENCE"], Path({str(written)!r}))
        except BundleError as error:
            print("refused:", error)
    """
    command = [sys.executable, "-B", "-c", textwrap.dedent(script)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert run.stdout.startswith("refused:")
    assert "could not be written" in run.stdout
    assert snapshot(written) == before
    assert {path.name for path in tmp_path.iterdir()} == {written.name}
    assert verify(written).ok


def test_when_the_folder_is_read_only_nothing_is_left(example: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BundleError, match="could not be written"):
        write(example.BUNDLE, example.POLICY, example.EVIDENCE, tmp_path / "file" / "b")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("bundle.json", lambda text: text.replace('"n":300', '"n":"many"', 1)),
        ("bundle.json", lambda text: text.replace('"verdict":"FAIL"', '"verdict":"FINE"')),
        ("bundle.json", lambda text: text.replace('"n":300', '"n":300,"n":300', 1)),
        ("bundle.json", lambda text: text.replace('"value":0.31', '"value":NaN')),
        ("bundle.json", lambda text: text.replace('"value":0.31', '"value":1e999')),
        ("bundle.json", lambda text: text.replace('"value":0.31', '"value":null')),
        ("bundle.json", lambda text: text.replace('"blocking":true', '"blocking":1', 1)),
        ("bundle.json", lambda text: text.replace('"blocking":true,', "", 1)),
        ("bundle.json", lambda text: text.replace('"blocking":true', '"blocking":true,"green":true', 1)),
        ("bundle.json", lambda text: text.replace('"schema_version":"1.0"', '"schema_version":"2.0"')),
        ("bundle.json", lambda text: text.replace("value is not a number", "it was fine")),
        ("bundle.json", lambda text: "[" * 200_000),
        ("bundle.json", lambda text: "[]"),
        ("bundle.json", lambda text: ""),
        ("run.json", lambda text: text.replace("{", '{"verdict": "PASS",', 1)),
        ("run.json", lambda text: "{}"),
        ("waivers.json", lambda text: text.replace('"applied"', "1")),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it(name: str, change: Callable[[str], str], written: Path) -> None:
    path = written / name
    changed = change(path.read_text("utf-8"))
    assert changed != path.read_text("utf-8")
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(BundleError, match=name):
        read(written)
    assert not verify(written).ok


def test_missing_folders_and_files(written: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no such folder"):
        read(tmp_path / "nowhere")
    (written / "waivers.json").unlink()
    with pytest.raises(BundleError, match=r"waivers\.json: missing"):
        read(written)
