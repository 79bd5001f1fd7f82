"""Files that a rule names: found beside the policy, checked at load, kept in the bundle, handed to the check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit import api, policy
from audit.bundle import verify
from audit.errors import PolicyError
from audit.policy.compare import policy_changes
from audit.policy.explain import explain
from audit.policy.file_tests import run_file_tests
from audit.records import Bundle

Install = Callable[[str, str], None]
CHECK = """
from audit.errors import AuditError
from audit.yaml_file import YamlError, read as read_yaml


class words:
    @staticmethod
    def read(name, content):
        document = read_yaml(name, content)
        wrong = [key for key, value in document.value.items() if not isinstance(value, int)]
        if wrong:
            raise YamlError(tuple(f"{document.mark((key,))}: expected a number" for key in wrong))
        return document.value

    @staticmethod
    def test(name, content):
        return tuple("" if value < 5 else f"{name}: {key} is large" for key, value in words.read(name, content).items())


FILES = {"listed": words}


def further_measures(*, listed=None):
    return {f"share.{key}": "share of it, 0 to 1" for key in listed or {}}


def run(subject: Subject, *, times: float = 1.0, listed: dict | None = None) -> CheckResult:
    return CheckResult({f"share.{key}": Measure(times * n / 10, n=10) for key, n in (listed or {}).items()})
"""
POLICY = """policy: own
rules:
  - id: words
    check: counted
    with: {listed: lists/words.yaml}
    require: {share.blue: {max: 0.3}}
    why: Blue is rare.
"""


@pytest.fixture
def place(tmp_path: Path, foreign_check: Install, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy, the file that it names, and data."""
    foreign_check("counted", CHECK)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "words.yaml").write_text("blue: 2\nred: 4\n")
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def audited(out: str = "out", engine: str = "inline", **options: bool) -> Bundle:
    return api.run("rows.csv", "policy.yaml", api.Options(out=Path(out), engine=engine, **options))


def problems(text: str, **files: str) -> list[str]:
    Path("policy.yaml").write_text(text)
    for name, content in files.items():
        Path("lists", f"{name}.yaml").write_text(content)
    with pytest.raises(PolicyError) as caught:
        policy.load("policy.yaml")
    return str(caught.value).splitlines()


@pytest.mark.parametrize("engine", ["inline", "local"])
def test_the_check_gets_the_content_and_its_measures_can_be_limited(place: Path, engine: str) -> None:
    bundle = audited(engine=engine)
    assert bundle.exit_code == 0
    assert bundle.entries[0].measures["share.blue"].value == pytest.approx(0.2)
    assert bundle.entries[0].params["listed"] == "lists/words.yaml"


def test_the_bundle_keeps_the_exact_bytes_and_verifies(place: Path) -> None:
    content = b"blue:   2 # as written\nred: 4\n"
    (place / "lists" / "words.yaml").write_bytes(content)
    audited()
    assert (place / "out" / "policy" / "words.yaml").read_bytes() == content
    found = verify(place / "out", policy=policy.load("policy.yaml"))
    assert found.ok, found.problems
    (place / "lists" / "words.yaml").write_text("blue: 3\nred: 4\n")
    assert not verify(place / "out", policy=policy.load("policy.yaml")).ok


def test_a_changed_or_missing_file_in_the_bundle_does_not_verify(place: Path) -> None:
    audited()
    kept = place / "out" / "policy" / "words.yaml"
    kept.write_text("blue: 2\nred: 5\n")
    assert not verify(place / "out").ok
    kept.unlink()
    assert not verify(place / "out").ok


@pytest.mark.parametrize("times", ["1.0", "1.2"])
def test_a_bundle_verifies_where_policies_of_two_folders_name_files_of_one_name(place: Path, times: str) -> None:
    house = place / "house"
    (house / "lists").mkdir(parents=True)
    (house / "lists" / "words.yaml").write_text("green: 1\n")
    (house / "house.yaml").write_text(POLICY.replace("id: words", "id: green").replace("share.blue", "share.green"))
    (place / "policy.yaml").write_text(
        POLICY.replace(
            "rules:", "extends: [house/house.yaml]\nparams: {file: lists/none.yaml, times: 1.0}\nrules:"
        ).replace("lists/words.yaml", '"${file}", times: "${times}"')
    )
    settings = {"file": "lists/words.yaml", "times": times}
    loaded = policy.load("policy.yaml", overrides=settings)
    assert {rule.id: dict(rule.files) for rule in loaded.rules} == {
        "green": {"listed": "green: 1\n"},
        "words": {"listed": "blue: 2\nred: 4\n"},
    }
    api.run("rows.csv", "policy.yaml", api.Options(out=Path("out"), engine="inline", overrides=settings))
    found = verify(place / "out")
    assert found.ok, found.problems
    assert not any("not resolved again" in note for note in found.notes)


def test_the_result_is_measured_again_when_only_the_file_changed(place: Path) -> None:
    assert audited("one", cache=True).entries[0].measures["share.blue"].value == pytest.approx(0.2)
    again = audited("two", cache=True)
    assert again.run is not None
    assert again.run.entries["words"]["cached"] is True
    (place / "lists" / "words.yaml").write_text("blue: 1\nred: 4\n")
    changed = audited("three", cache=True)
    assert changed.run is not None
    assert changed.run.entries["words"]["cached"] is False
    assert changed.entries[0].measures["share.blue"].value == pytest.approx(0.1)


def test_all_mistakes_of_policy_and_file_come_at_once(place: Path) -> None:
    wrong = POLICY.replace("why: Blue is rare.", "severity: enormous")
    assert problems(wrong, words="blue: much\nred: 4\ngreen: little\n") == [
        'policy.yaml:7:15: rule "words": "severity" is "enormous"; expected one of low, medium, high, critical',
        "lists/words.yaml:1:7: expected a number",
        "lists/words.yaml:3:8: expected a number",
    ]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("lists/word.yaml", 'no such file; did you mean "words.yaml"?'),
        ("../words.yaml", "leads out of the folder of the policy"),
        ("/etc/passwd", "absolute path"),
        ("lists", "Is a directory"),
        ("https://example.org/words.yaml", "nothing is fetched"),
        ("builtin:ci", "name of a file"),
        ("7", "no such file"),
    ],
)
def test_what_is_no_file_beside_the_policy_is_refused_with_its_place(place: Path, word: str, said: str) -> None:
    lines = problems(POLICY.replace("lists/words.yaml", word))
    assert len(lines) == 1
    assert lines[0].startswith('policy.yaml:5:20: rule "words": listed: ')
    assert said in lines[0]


def test_a_measure_that_the_file_does_not_add_is_unknown(place: Path) -> None:
    lines = problems(POLICY.replace("share.blue", "share.bleu"))
    assert lines == ['policy.yaml:6:15: rule "words": no counted measure "share.bleu"; did you mean "share.blue"?']


def test_a_diff_shows_that_the_file_changed(place: Path) -> None:
    old = policy.load("policy.yaml")
    (place / "lists" / "words.yaml").write_text("blue: 2\nred: 3\n")
    changes = policy_changes(old, policy.load("policy.yaml"))
    assert [(change.direction, change.key) for change in changes] == [("changed", ("with", "listed"))]
    assert changes[0].old != changes[0].new
    assert "share of it" in explain(old)


def test_one_measure_reads_the_file_from_the_working_folder(place: Path) -> None:
    found = api.measure("counted", "rows.csv", {"listed": "lists/words.yaml"}, from_text=True)
    assert not found.measured.error
    assert set(found.measured.result.measures) == {"share.blue", "share.red"}
    with pytest.raises(PolicyError, match="no such file"):
        api.measure("counted", "rows.csv", {"listed": "none.yaml"}, from_text=True)


def test_the_tests_in_a_named_file_are_run_once(place: Path) -> None:
    loaded = policy.load("policy.yaml")
    (found,) = run_file_tests([loaded, loaded])
    assert (found.name, found.run, found.mismatches) == ("lists/words.yaml", 2, ())
    (place / "lists" / "words.yaml").write_text("blue: 2\nred: 9\n")
    (found,) = run_file_tests([policy.load("policy.yaml")])
    assert found.mismatches == ("lists/words.yaml: red is large",)
