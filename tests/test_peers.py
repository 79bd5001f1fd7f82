"""Cases in which other tools say PASS. Here each is FAIL, ERROR or INCONCLUSIVE, or refused before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from audit import api
from audit.records import Bundle
from audit.subject import Subject

Write = Callable[..., Path]
Run = Callable[..., Any]


def cancer(rows: int = 569, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = load_breast_cancer(as_frame=True).frame.rename(columns=lambda name: name.replace(" ", "_"))
    frame = frame.iloc[:, [0, 1, 2, 3, 4, 5, 6, 7, -1]].sample(rows, random_state=seed)
    return frame.iloc[: rows * 6 // 10], frame.iloc[rows * 6 // 10 :]


def fitted(model: Any, train: pd.DataFrame) -> Any:
    return model.fit(train.drop(columns="target"), train["target"])


@pytest.fixture
def sound(write_subject: Write) -> Path:
    train, test = cancer()
    return write_subject(fitted(make_pipeline(StandardScaler(), LogisticRegression()), train), train, test)


def audited(subject: Path, policy: Path) -> Bundle:
    """The audit in this process; `tests/cli` shows that the command ends the same way."""
    return api.run(Subject.load(subject), policy)


def test_the_sound_model_passes_so_that_the_cases_below_mean_something(sound: Path, write_policy: Write) -> None:
    policy = write_policy("performance", "accuracy: {min: 0.8}, skill_over_dummy: {min: 0.1}")
    assert audited(sound, policy).exit_code == 0


def test_a_model_file_that_does_not_exist(sound: Path, write_policy: Write, command: Run, tmp_path: Path) -> None:
    (sound.parent / "model.skops").rename(sound.parent / "model1.skops")
    ended = command("run", sound, "--policy", write_policy("performance", "accuracy: {min: 0}"), "--out", "out")
    assert ended.code == 2
    assert "audit.yaml:5" in ended.error
    assert "model1.skops" in ended.error, "the file that is there is suggested"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("check", "require", "params", "more", "place", "hint"),
    [
        ("performence", "accuracy: {min: 0}", "", "", ":6:", "performance"),
        ("performance", "acuracy: {min: 0}", "", "", ":7:", "accuracy"),
        ("evasion", "robust_accuracy: {min: 0}", "epsilon: 0.1, norn: linf", "", ":7:", "norm"),
        ("evasion", "robust_accuracy: {min: 0}", "epsilon: 0.1, attacks: [sqare]", "", ":7:", "square"),
        ("performance", "accuracy: {min: 0}", "", "    severiti: high\n", ":9:", "severity"),
        ("performance", "accuracy: {mim: 0}", "", "", ":7:", "min"),
        ("performance", "accuracy: {min: .nan}", "", "", ":7:", "finite"),
    ],
)
def test_a_mistyped_word(
    sound: Path, write_policy: Write, command: Run, tmp_path: Path,
    check: str, require: str, params: str, more: str, place: str, hint: str,
) -> None:  # fmt: skip
    ended = command("run", sound, "--policy", write_policy(check, require, params, more), "--out", "out")
    assert ended.code == 2
    assert f"policy.yaml{place}" in ended.error
    assert hint in ended.error
    assert not (tmp_path / "out").exists()


def test_an_attack_that_crashes(
    sound: Path, write_policy: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    information = site / "broken_attack-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-attack\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[attacks.evasion]\nbroken = broken_attack\n")
    (site / "broken_attack.py").write_text(
        "ACCESS = 'labels'\n"
        "def run(target, x, y, *, epsilon, norm='linf', seed):\n    raise RuntimeError('out of order')\n"
    )
    monkeypatch.syspath_prepend(str(site))
    policy = write_policy("evasion", "robust_accuracy: {min: 0.0}", "epsilon: 0.01, attacks: [broken]")
    bundle = audited(sound, policy)
    assert bundle.exit_code == 3
    assert [entry.verdict for entry in bundle.entries] == ["ERROR"]
    assert "out of order" in bundle.entries[0].error


@pytest.mark.parametrize(
    ("check", "require", "params"),
    [
        ("performance", "accuracy: {min: 0.5}", ""),
        ("performance", "skill_over_dummy: {min: 0}", ""),
        ("evasion", "robust_accuracy: {min: 0.5}", "epsilon: 0.01"),
        ("calibration", "ece: {max: 0.3}", ""),
    ],
)
def test_a_model_that_always_answers_the_same(
    write_subject: Write, write_policy: Write, check: str, require: str, params: str
) -> None:
    train, test = cancer()
    subject = write_subject(fitted(DummyClassifier(), train), train, test)
    assert audited(subject, write_policy(check, require, params)).exit_code in (1, 3)


def test_random_labels(write_subject: Write, write_policy: Write) -> None:
    train, test = cancer()
    model = fitted(make_pipeline(StandardScaler(), LogisticRegression()), train)
    test = test.assign(target=np.random.default_rng(0).permutation(test["target"]))
    subject = write_subject(model, train, test)
    assert audited(subject, write_policy("performance", "skill_over_dummy: {min: 0}")).exit_code in (1, 3)


@pytest.mark.parametrize(
    ("check", "require", "params"),
    [
        ("performance", "accuracy: {min: 0.6}", ""),
        ("evasion", "robust_accuracy: {min: 0.5}", "epsilon: 0.001"),
        ("calibration", "ece: {max: 0.1}", ""),
    ],
)
def test_five_rows_prove_nothing(
    write_subject: Write, write_policy: Write, check: str, require: str, params: str
) -> None:
    train, test = cancer()
    model = fitted(make_pipeline(StandardScaler(), LogisticRegression()), train)
    answers = model.predict(test.drop(columns="target"))
    right = test[answers == test["target"]].iloc[:5]
    subject = write_subject(model, train, right)
    bundle = audited(subject, write_policy(check, require, params))
    assert bundle.exit_code == 3
    assert [entry.verdict for entry in bundle.entries] == ["INCONCLUSIVE"]


def test_a_metric_that_is_not_a_number(sound: Path, write_policy: Write, foreign_check: Run) -> None:
    foreign_check(
        "trial",
        "def run(subject: Subject) -> CheckResult:\n    return CheckResult({'share': Measure(float('nan'), n=9)})\n",
    )
    assert audited(sound, write_policy("trial", "share: {min: 0}")).exit_code == 3


def test_one_class_of_labels_leaves_auc_undefined(write_subject: Write, write_policy: Write) -> None:
    train, test = cancer()
    model = fitted(make_pipeline(StandardScaler(), LogisticRegression()), train)
    subject = write_subject(model, train, test[test["target"] == 1])
    assert audited(subject, write_policy("performance", "auc: {min: 0.5}")).exit_code == 3


def test_words_in_a_readme_change_nothing(sound: Path, write_policy: Write) -> None:
    policy = write_policy("provenance", "level: {min: bound}")
    first = audited(sound, policy)
    (sound.parent / "README.md").write_text("Privacy by design, provenance, SBOM, signed, verified, GDPR compliant.\n")
    second = audited(sound, policy)
    assert first.entries == second.entries
    assert first.exit_code in (1, 3)


def test_the_same_audit_says_the_same_each_time(sound: Path, write_policy: Write, tmp_path: Path) -> None:
    policy = write_policy("evasion", "robust_accuracy: {min: 0.3}", "epsilon: 0.05, max_rows: 64")
    for name in ("one", "two"):
        api.run(Subject.load(sound), policy, api.Options(out=tmp_path / name))
    assert (tmp_path / "one" / "bundle.json").read_bytes() == (tmp_path / "two" / "bundle.json").read_bytes()
