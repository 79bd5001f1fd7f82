"""A model that needs a reviewed type opens while somebody answers for it, and the bundle says who and how long."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pytest

from audit import api
from audit.bundle import verify
from audit.records import Bundle, Verdict

pytestmark = pytest.mark.slow
TODAY = datetime.datetime.now(datetime.UTC).date()
TYPE = "reviewed_gates.Gate"


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "reviewed_gates.py").write_text(
        "class Gate:\n    classes_ = [0, 1]\n    def predict(self, rows): return (rows[:, 0] > 0).astype(int)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    from reviewed_gates import Gate

    x = np.random.default_rng(0).normal(size=(200, 2))
    np.savez(tmp_path / "test.npz", x=x, y=(x[:, 0] > 0).astype(int))
    joblib.dump(Gate(), tmp_path / "model.joblib")
    (tmp_path / "audit.yaml").write_text(
        "subject: gate\nversion: '1'\ntask: classification\nmodel: {path: model.joblib}\n"
        "data: {test: {path: test.npz}}\n"
    )
    return tmp_path


def audited(subject: Path, days: int | None, today: datetime.date = TODAY) -> Bundle:
    expires = "" if days is None else (TODAY + datetime.timedelta(days)).isoformat()
    trusted = f"trusted_types:\n  - {{name: {TYPE}, owner: ann@example.org, expires: {expires}}}\n" if expires else ""
    (subject / "policy.yaml").write_text(
        f"policy: gates\nversion: '1'\nowner: ann\nisolation: best_effort\n{trusted}rules:\n"
        "  - {id: right, check: performance, require: {accuracy: {min: 0.9}}, why: Wrong answers cost.}\n"
        "  - {id: safe, check: unsafe_file, require: {unsafe_globals: {max: 0}}, why: It has to be ours.}\n"
    )
    return api.run(subject, subject / "policy.yaml", api.Options(out=subject / "out", today=today))


def verdicts(bundle: Bundle) -> dict[str, Verdict]:
    return {entry.id: entry.verdict for entry in bundle.entries}


def test_a_trusted_type_opens_and_an_expired_one_does_not(subject: Path) -> None:
    valid = audited(subject, 10)
    assert verdicts(valid) == {"right": Verdict.PASS, "safe": Verdict.PASS}
    assert [(use.trusted.name, use.trusted.owner, use.state) for use in valid.policy.trusted_types] == [
        (TYPE, "ann@example.org", "valid")
    ]
    assert verify(subject / "out").problems == ()
    for days in (-1, None):
        expired = audited(subject, days)
        assert verdicts(expired) == {"right": Verdict.ERROR, "safe": Verdict.FAIL}
        assert TYPE in expired.entries[0].error
        assert verify(subject / "out").problems == ()
    assert verdicts(audited(subject, -1)) == {"right": Verdict.ERROR, "safe": Verdict.FAIL}


@pytest.mark.parametrize("change", ["state", "expires", "owner", "name", "absent", "isolation"])
def test_who_was_trusted_cannot_be_changed_afterwards(
    subject: Path, reseal: Callable[[Path], None], change: str
) -> None:
    audited(subject, -1)
    path = subject / "out" / "bundle.json"
    content = json.loads(path.read_text())
    policy = content["policy"]
    (use,) = policy["trusted_types"]
    if change == "absent":
        policy["trusted_types"] = []
    elif change == "isolation":
        policy["isolation"] = "required"
    elif change == "state":
        use["state"] = "valid"
    else:
        use["trusted"][change] = {"expires": "2099-01-01", "owner": "bob", "name": "a.B"}[change]
    path.write_text(json.dumps(content, sort_keys=True, separators=(",", ":")))
    reseal(subject / "out")
    assert verify(subject / "out").problems
