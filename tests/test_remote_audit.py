"""A model behind a bad network is audited as the same model in a file is, and no secret is left behind."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from audit import api
from audit.records import Bundle
from tests.models.endpoint import Act, Endpoint, Request, answer, endpoint

Write = Callable[..., Path]
pytestmark = pytest.mark.slow
COLUMNS = list("abcd")
TOKEN, KEY = "t0ken-that-nobody-sees", "query-key-that-nobody-sees"
FEATURES = "features:\n" + "".join(f"  {name}: {{type: number, range: [-6, 6]}}\n" for name in COLUMNS)
RULES = """\
  - id: calibrated
    check: calibration
    require: {brier: {max: 0.5}}
    why: To be tried.
  - id: robust
    check: evasion
    with: {epsilon: 0.1, max_rows: 40, queries: 40, attacks: [uniform_noise, coordinate, square]}  # what both allow
    require: {robust_accuracy: {min: 0.1}}
    why: To be tried.
"""


def frame(rows: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 4))
    noisy = x[:, 0] + 0.5 * x[:, 1] + 0.5 * draw.normal(size=rows)
    return pd.DataFrame(x, columns=COLUMNS).assign(target=np.where(noisy > 0, "yes", "no"))


TRAIN, TEST = frame(300, 0), frame(1500, 1)
MODEL = RandomForestClassifier(10, max_depth=6, random_state=0).fit(TRAIN[COLUMNS], TRAIN["target"])


def probabilities(request: Request) -> dict[str, Any]:
    rows = pd.DataFrame(request.question["inputs"])
    return {"probabilities": MODEL.predict_proba(rows[COLUMNS]).tolist()}


class Unreliable:
    """Drops a fifth of all requests at points drawn by a seed, and refuses more than so many within a tenth second."""

    def __init__(self, most: int, honest: Callable[[Request], dict[str, Any]] = probabilities) -> None:
        self.draw, self.most, self.honest = random.Random(7), most, honest
        self.taken: list[float] = []
        self.dropped = self.refused = self.answered = 0

    def __call__(self, request: Request) -> Act:
        self.taken = [moment for moment in self.taken if moment > request.at - 0.1]
        if len(self.taken) >= self.most:
            self.refused += 1
            return Act(answer({"detail": "too fast"}, status=429, headers="Retry-After: 0\r\n"))
        self.taken.append(request.at)
        content = answer(self.honest(request))
        if self.draw.random() < 0.2:
            self.dropped += 1
            at = self.draw.choice([0, self.draw.randrange(1, 60), self.draw.randrange(60, len(content)), len(content)])
            return Act(content[:at], end=self.draw.choice(["close", "reset"]))
        self.answered += 1
        return Act(content)


def remote(local: Path, server: Endpoint, more: str = "") -> Path:
    """The same subject with the model at an address."""
    folder = shutil.copytree(local.parent, local.parent.parent / "remote")
    text = local.read_text().replace("path: model.skops", f"url: '{server.url()}', classes: ['no', 'yes']{more}")
    (folder / "model.skops").unlink()
    (folder / "audit.yaml").write_text(text)
    return folder / "audit.yaml"


def measures(bundle: Bundle) -> dict[str, Any]:
    return {entry.id: (entry.verdict, entry.measures, entry.error) for entry in bundle.entries}


def test_a_model_behind_a_bad_network_measures_as_the_local_one(write_subject: Write, write_policy: Write) -> None:
    policy = write_policy("performance", "accuracy: {min: 0.5}", more=RULES)
    local = write_subject(MODEL, TRAIN, TEST, extra=FEATURES)
    unreliable = Unreliable(most=2)
    with endpoint(unreliable) as server:
        path = remote(local, server, ", timeout_seconds: 5")
        found = measures(api.run(path, policy, api.Options(engine="local")))
        alone = api.measure("performance", path, {}).measured
    expected = measures(api.run(local, policy, api.Options(engine="local", jobs=1)))
    assert all(error == "" for _, _, error in expected.values())
    assert found == expected
    expected_alone = api.measure("performance", local, {}).measured
    assert (alone.result.measures, alone.error) == (expected_alone.result.measures, "")
    asked = unreliable.answered + unreliable.dropped
    assert asked > 40
    assert 0.1 < unreliable.dropped / asked < 0.3
    assert unreliable.refused > 1


def test_no_secret_is_left_in_the_bundle_or_printed(
    write_subject: Write, write_policy: Write, command: Callable[..., Any], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MODEL_TOKEN", f"Bearer {TOKEN}")
    echoes = [
        answer({"predictions": [f"Bearer {TOKEN}"]}),
        answer({"predictions": [KEY]}),
        answer({KEY: TOKEN, TOKEN: KEY}),
        answer(f"<html>{TOKEN} {KEY}</html>".encode(), kind="text/html"),
        answer(f'{{"{TOKEN}": NaN, {KEY}'.encode()),
        answer({}, status=302, headers=f"Location: http://127.0.0.1:9/?{KEY}&{TOKEN}\r\n"),
        answer({"detail": f"{TOKEN} {KEY}"}, status=403),
        answer({}, status=400, headers=f"X-Echo: {TOKEN} {KEY}\r\n"),
    ]
    rules = [f"  - {{id: r{i}, check: performance, require: {{accuracy: {{min: 0}}}}, why: x}}\n" for i in range(7)]
    policy = write_policy("performance", "accuracy: {min: 0.5}", more="".join(rules))
    local = write_subject(MODEL, TRAIN.head(50), TEST.head(50), extra=FEATURES)
    with endpoint(lambda request: echoes[request.number % len(echoes)]) as server:
        more = ", headers_from_env: {Authorization: MODEL_TOKEN}"
        path = remote(local, server, more)
        path.write_text(path.read_text().replace("/score", f"/score?code={KEY}"))
        ended = command("run", path, "--policy", policy, "--out", tmp_path / "out")
        assert len(server.requests) >= len(echoes)
        assert TOKEN in server.requests[0].head
        assert KEY in server.requests[0].head
    assert ended.code == 3, ended.output + ended.error
    left = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and file != path]
    assert b"status 403" in b"".join(left)
    for text in (*left, ended.output.encode(), ended.error.encode()):
        assert TOKEN.encode() not in text
        assert KEY.encode() not in text


def test_the_budget_outlives_a_worker_that_is_killed(
    write_subject: Write, write_policy: Write, foreign_check: Callable[[str, str], None]
) -> None:  # fmt: skip
    foreign_check(
        "asks",
        """
        def run(subject: Subject, *, sleep: int = 0) -> CheckResult:
            subject.predict(subject.test)
            time.sleep(sleep)
            return CheckResult({"share": Measure(1.0, n=subject.test.rows)})
        """,
    )
    rule = "  - {id: again, check: asks, require: {share: {min: 0.5}}, why: To be tried.}\n"
    policy = write_policy("asks", "share: {min: 0.5}", "sleep: 60", "    timeout_seconds: 4\n" + rule)
    local = write_subject(MODEL, TRAIN.head(50), TEST.head(100), extra=FEATURES)
    with endpoint(lambda request: answer(probabilities(request))) as server:
        bundle = api.run(remote(local, server, ", query_budget: 150"), policy, api.Options(engine="local"))
        assert sum(len(request.question["inputs"]) for request in server.requests) == 100
    assert "not finished within 4 seconds" in bundle.entries[0].error
    assert "100 more rows are needed and 50 are left" in bundle.entries[1].error
