"""What the command line does, a notebook can do; and nothing that changes under the audit is believed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import audit
from audit import api
from audit.errors import AuditError, UnknownName
from audit.subject import Subject

Install = Callable[[str, str], None]
Write = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    return path


def frame(rows: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 3))
    noisy = x[:, 0] + 0.5 * draw.normal(size=rows)
    return pd.DataFrame(x, columns=list("abc")).assign(target=np.where(noisy > 0, "yes", "no"))


def test_a_notebook_audits_objects_in_memory(write_policy: Write, tmp_path: Path) -> None:
    train, test = frame(400, 0), frame(400, 1)
    model = LogisticRegression().fit(train[list("abc")], train["target"])
    subject = Subject.in_memory(model=model, train=train, test=test)
    policy = write_policy("performance", "accuracy: {min: 0.7}, skill_over_dummy: {min: 0.1}")
    bundle = audit.run(subject, policy, out=tmp_path / "out")
    assert bundle.passed
    assert audit.verify(tmp_path / "out").ok
    result = audit.measure("performance", subject, seed=3, confidence=0.9)
    assert result.measures["accuracy"].value == bundle.entries[0].measures["accuracy"].value


def test_what_cannot_be_measured_is_raised(table: Path) -> None:
    with pytest.raises(AuditError, match="model"):
        audit.measure("performance", table)
    with pytest.raises(UnknownName, match="leakage"):
        audit.measure("leakge", table)
    with pytest.raises(AuditError, match="min_effect"):
        audit.measure("drift", table, min_efect=0.1)


@pytest.mark.parametrize("engine", ["inline", "local"])
def test_a_file_that_changes_during_the_audit_is_an_error(
    table: Path, write_policy: Write, foreign_check: Install, engine: str
) -> None:
    foreign_check(
        "changer",
        """
        def run(subject: Subject) -> CheckResult:
            subject.path.write_text("a,b\\n1,2\\n3,5\\n")
            return CheckResult({"share": Measure(1.0, n=subject.test.rows)})
        """,
    )
    subject = table if engine == "local" else Subject.load(table)
    bundle = api.run(subject, write_policy("changer", "share: {min: 0.5}"))
    assert [entry.verdict for entry in bundle.entries] == ["ERROR"]
    assert "chang" in bundle.entries[0].sentence
    assert bundle.exit_code == 3


def test_every_opened_file_lands_in_the_bundle(write_subject: Write, write_policy: Write, tmp_path: Path) -> None:
    import hashlib

    train, test = frame(200, 0), frame(200, 1)
    model = LogisticRegression().fit(train[list("abc")], train["target"])
    path = write_subject(model, train, test, extra="provenance: [SHA256SUMS]\n")
    names = ("model.skops", "train.csv", "test.csv")
    digests = {name: hashlib.sha256((path.parent / name).read_bytes()).hexdigest() for name in names}
    (path.parent / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()))
    bundle = api.run(path, write_policy("provenance", "level: {min: bound}"))
    assert bundle.exit_code == 0, bundle.entries[0].sentence
    found = {file.path: file.sha256 for file in bundle.subject.files}
    assert found.items() >= digests.items()
    assert {"SHA256SUMS", "audit.yaml"} <= set(found)


def test_seeds_of_rules_do_not_depend_on_other_rules(table: Path, write_policy: Write, foreign_check: Install) -> None:
    foreign_check(
        "good", "def run(subject: Subject) -> CheckResult:\n    return CheckResult({'share': Measure(1.0, n=9)})\n"
    )
    alone = api.run(Subject.load(table), write_policy("good", "share: {min: 0.5}"))
    more = "  - {id: other, check: good, require: {share: {min: 0.5}}, why: To be tried.}\n"
    beside = api.run(Subject.load(table), write_policy("good", "share: {min: 0.5}", more=more))
    assert alone.entries[0].seed == beside.entries[0].seed != beside.entries[1].seed


def test_the_public_names_need_no_other_import() -> None:
    program = (
        "import audit, attacks.evasion\n"
        "assert callable(audit.pii.scan_texts) and callable(audit.artifact.scan)\n"
        "assert callable(attacks.evasion.square.run)\n"
        "assert not hasattr(audit, 'nonsense') and not hasattr(attacks.evasion, 'nonsense')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
