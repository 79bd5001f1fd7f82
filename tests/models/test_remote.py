"""Endpoints and programs: real ones, on this machine; their answers are taken as they are or refused."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression

from audit.errors import NotMeasurable, SubjectError
from audit.subject import Subject

COLUMNS = ["sl", "sw", "pl", "pw"]
SECRET = "Bearer not-to-be-seen"


def table() -> pd.DataFrame:
    x, y = load_iris(return_X_y=True, as_frame=True)
    x.columns = COLUMNS
    frame: pd.DataFrame = x.assign(kind=np.array(["c", "a", "b"])[y])
    return frame


FRAME = table()
ESTIMATOR = LogisticRegression(max_iter=300).fit(FRAME[COLUMNS], FRAME["kind"])
Reply = Callable[[dict[str, Any]], Any]


class Server(ThreadingHTTPServer):
    """Keeps what it was asked; `failures` requests are answered with 503 first."""

    reply: Reply
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.questions: list[dict[str, Any]] = []
        self.headers_seen: list[str | None] = []
        self.failures = 0
        self.status = 200


class Handler(BaseHTTPRequestHandler):
    """Answers with whatever `reply` returns: bytes as they are, anything else as JSON."""

    server: Server

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.questions.append(question)
        self.server.headers_seen.append(self.headers["Authorization"])
        status = self.server.status
        if self.server.failures:
            self.server.failures -= 1
            status = 503
        answer = self.server.reply(question)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests are quiet."""


@contextmanager
def serving(reply: Reply) -> Iterator[Server]:
    server = Server()
    server.reply = staticmethod(reply)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def subject_at(tmp_path: Path, model: str, *, task: str = "classification", rest: str = "") -> Subject:
    FRAME[["kind", *COLUMNS[::-1]]].to_csv(tmp_path / "t.csv", index=False)
    text = f"subject: s\ntask: {task}\nmodel: {model}\ndata: {{test: {{path: t.csv}}}}\n"
    (tmp_path / "audit.yaml").write_text(text + (rest or "target: kind\n"))
    return Subject.load(tmp_path / "audit.yaml")


def at(server: Server, extra: str = "") -> str:
    return f"{{url: 'http://127.0.0.1:{server.server_port}/score'{extra}}}"


def rows(question: dict[str, Any]) -> pd.DataFrame:
    """The rows of a question of any protocol."""
    if "dataframe_split" in question:
        split = question["dataframe_split"]
        return pd.DataFrame(split["data"], columns=split["columns"])
    if "name" in question["inputs"][0]:
        return pd.DataFrame({column["name"]: column["data"] for column in question["inputs"]})
    return pd.DataFrame(question["inputs"])


def labels(question: dict[str, Any]) -> dict[str, Any]:
    return {"predictions": ESTIMATOR.predict(rows(question)[COLUMNS]).tolist()}


def probabilities(question: dict[str, Any]) -> dict[str, Any]:
    return {"probabilities": ESTIMATOR.predict_proba(rows(question)[COLUMNS]).tolist()}


def v2_labels(question: dict[str, Any]) -> dict[str, Any]:
    found = labels(question)["predictions"]
    return {"outputs": [{"name": "predict", "shape": [len(found)], "datatype": "BYTES", "data": found}]}


def v2_both(question: dict[str, Any]) -> dict[str, Any]:
    found = np.array(probabilities(question)["probabilities"])
    output = {"name": "p", "shape": list(found.shape), "datatype": "FP64", "data": found.ravel().tolist()}
    return {"outputs": [*v2_labels(question)["outputs"], output]}


@pytest.mark.parametrize(
    ("protocol", "reply"), [("json", labels), ("mlflow", labels), ("v2", v2_labels)], ids=["json", "mlflow", "v2"]
)
def test_labels(tmp_path: Path, protocol: str, reply: Reply) -> None:
    with serving(reply) as server:
        subject = subject_at(tmp_path, at(server, f", protocol: {protocol}"))
        assert subject.remote
        assert not subject.has_probabilities
        predicted = [subject.classes[code] for code in subject.predict(subject.test)]
        assert predicted == ESTIMATOR.predict(FRAME[COLUMNS]).tolist()
        assert [len(rows(question)) for question in server.questions] == [1, 32, 64, 54]
        with pytest.raises(NotMeasurable):
            subject.probabilities(subject.test)


@pytest.mark.parametrize(("protocol", "reply"), [("json", probabilities), ("v2", v2_both)], ids=["json", "v2"])
def test_probabilities(tmp_path: Path, protocol: str, reply: Reply) -> None:
    with serving(reply) as server:
        extra = f", protocol: {protocol}, classes: [a, b, c], rows_per_request: 40"
        subject = subject_at(tmp_path, at(server, extra))
        assert subject.has_probabilities
        expected = ESTIMATOR.predict_proba(FRAME[COLUMNS])
        np.testing.assert_allclose(subject.probabilities(subject.test), expected)
        np.testing.assert_array_equal(subject.predict(subject.test), expected.argmax(axis=1))


def test_headers_come_from_the_environment_and_are_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def echoed(question: dict[str, Any]) -> bytes:
        return SECRET.encode()

    with serving(echoed) as server:
        subject = subject_at(tmp_path, at(server, ", headers_from_env: {Authorization: SCORE_TOKEN}"))
        with pytest.raises(SubjectError, match="SCORE_TOKEN"):
            subject.predict(subject.test)
        monkeypatch.setenv("SCORE_TOKEN", SECRET)
        with pytest.raises(SubjectError) as caught:
            subject.predict(subject.test)
        assert server.headers_seen[-1] == SECRET
        assert SECRET not in str(caught.value)
        server.status = 401
        with pytest.raises(SubjectError, match="status 401") as caught:
            subject.predict(subject.test)
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "model",
    [
        "'https://me:not-to-be-seen@host/'",
        "{url: 'https://me:not-to-be-seen@host/'}",
        "{url: 'https://me:not-to-be-seen@host:port/'}",
        "{url: 'host/?not-to-be-seen'}",
        "{url: 'https://host/', headers_from_env: {Authorization: 'Bearer not-to-be-seen'}}",
        "{url: 'https://host/', headers_from_env: {X-Key: 20261123}}",
        "{url: 'https://host/', headers_from_env: 'Authorization=not-to-be-seen'}",
        "{url: 'https://host/', headers_from_env: [not-to-be-seen]}",
        "{url: 'https://host/', query_from_env: {key: not-to-be-seen}}",
        "{url: 'https://host/', query_from_env: {'a=b&c': NAME}}",
    ],
)
def test_a_mistake_in_the_declaration_shows_no_secret(tmp_path: Path, model: str) -> None:
    with pytest.raises(SubjectError, match=r"audit\.yaml:3:") as caught:
        subject_at(tmp_path, model)
    assert not any(secret in str(caught.value) for secret in ("not-to-be-seen", "20261123"))


def test_the_query_budget_is_kept(tmp_path: Path) -> None:
    with serving(labels) as server:
        subject = subject_at(tmp_path, at(server, ", query_budget: 200, classes: [a, b, c]"))
        subject.predict(subject.test)
        with pytest.raises(NotMeasurable, match="150 more rows are needed and 50 are left"):
            subject.predict(subject.test)
        assert sum(len(rows(question)) for question in server.questions) == 150


def test_a_passing_fault_is_tried_again_and_a_lasting_one_is_not(tmp_path: Path) -> None:
    with serving(labels) as server:
        subject = subject_at(tmp_path, at(server))
        server.failures = 2
        assert len(subject.predict(subject.test.take([0]))) == 1
        asked = len(server.questions)
        server.status = 400
        with pytest.raises(SubjectError, match="status 400"):
            subject.predict(subject.test.take([0]))
        assert len(server.questions) == asked + 1


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with serving(labels) as server:
        server.status = 307
        subject = subject_at(tmp_path, at(server))
        with pytest.raises(SubjectError, match="status 307"):
            subject.predict(subject.test)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", "web page"),
        (b'{"predictions": [NaN]}', "not JSON"),
        (b'{"prediction": ["a"]}', 'neither "predictions" nor'),
        (b'{"predictions": []}', "0 predictions for 1 rows"),
        (b'{"predictions": ["a", "b"]}', "2 predictions for 1 rows"),
        (b'{"predictions": [null]}', "no usable label"),
        (b'{"predictions": ["z"]}', "'z'"),
        (b'{"probabilities": [[0.5, 0.9, 0.1]]}', "do not sum to 1"),
        (b'{"probabilities": [["a", "b", "c"]]}', "not numbers"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1]", "JSON object"),
    ],
)
def test_row_20_answers_are_looked_at(tmp_path: Path, answer: bytes, words: str) -> None:
    with serving(lambda question: answer) as server:
        subject = subject_at(tmp_path, at(server, ", classes: [a, b, c]"))
        with pytest.raises(SubjectError, match=words):
            subject.predict(subject.test.take([0]))


def test_nobody_answers(tmp_path: Path) -> None:
    subject = subject_at(tmp_path, "{url: 'http://127.0.0.1:9/', timeout_seconds: 1}")
    with pytest.raises(SubjectError, match=r"http://127\.0\.0\.1:9 gave no answer in 6 tries.*connection refused"):
        subject.predict(subject.test)


def test_regression_endpoint(tmp_path: Path) -> None:
    model = LinearRegression().fit(FRAME[COLUMNS[:3]], FRAME["pw"])

    def reply(question: dict[str, Any]) -> dict[str, Any]:
        return {"predictions": [[value] for value in model.predict(rows(question)[COLUMNS[:3]])]}

    with serving(reply) as server:
        subject = subject_at(tmp_path, at(server), task="regression", rest="target: pw\n")
        np.testing.assert_allclose(subject.predict(subject.test), model.predict(FRAME[COLUMNS[:3]]))


PROGRAM = """\
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    label = "c" if row["pl"] < 2.5 else "a" if row["pw"] < 1.7 else "b"
    {body}
"""


def program(tmp_path: Path, body: str) -> str:
    (tmp_path / "predict.py").write_text(PROGRAM.replace("{body}", body))
    return f"{{command: ['{sys.executable}', predict.py], timeout_seconds: 20}}"


def test_program_that_answers_labels(tmp_path: Path) -> None:
    subject = subject_at(tmp_path, program(tmp_path, 'print(json.dumps({"prediction": label}))'))
    expected = np.where(FRAME["pl"] < 2.5, "c", np.where(FRAME["pw"] < 1.7, "a", "b"))
    assert [subject.classes[code] for code in subject.predict(subject.test)] == expected.tolist()
    assert not subject.has_probabilities
    assert "predict.py" in {file.path for file in subject.files if file.role == "model.command"}


def test_program_that_answers_probabilities(tmp_path: Path) -> None:
    body = 'print(json.dumps({"probabilities": [float(label == word) for word in "abc"]}))'
    model = program(tmp_path, body).replace("timeout", "classes: [a, b, c], timeout")
    subject = subject_at(tmp_path, model)
    assert subject.has_probabilities
    assert subject.probabilities(subject.test).shape == (150, 3)
    assert (subject.predict(subject.test) == subject.codes(subject.test)).mean() > 0.9


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("pass", "0 lines for 3 rows"),
        ("print('{}')", '"prediction" or "probabilities"'),
        ("print(label)", "not JSON"),
        ("sys.exit('out of \\x1b memory')", "status 1: out of  memory"),
    ],
)
def test_program_that_does_not_answer(tmp_path: Path, body: str, words: str) -> None:
    subject = subject_at(tmp_path, program(tmp_path, body))
    with pytest.raises(SubjectError, match=words):
        subject.predict(subject.test.take([0, 1, 2]))


def test_program_that_hangs_is_ended(tmp_path: Path) -> None:
    model = program(tmp_path, "import time; time.sleep(60)").replace("20", "0.5")
    subject = subject_at(tmp_path, model)
    started = time.monotonic()
    with pytest.raises(SubjectError, match=r"within 0\.5 seconds"):
        subject.predict(subject.test)
    assert time.monotonic() - started < 20


def test_program_that_is_not_there(tmp_path: Path) -> None:
    subject = subject_at(tmp_path, "{command: [./no-such-program]}")
    with pytest.raises(SubjectError, match="cannot be started"):
        subject.predict(subject.test)


@pytest.mark.parametrize(
    "url", ["ftp://h/", "http://", "http://h:99999/", "http://h:x/", "http://[::1/", "http://user:word@h/", "http:///x"]
)
def test_addresses_that_no_model_has(tmp_path: Path, url: str) -> None:
    with pytest.raises(SubjectError, match=r'audit\.yaml:3:.*"url"') as caught:
        subject_at(tmp_path, f"{{url: '{url}'}}")
    assert "word@" not in str(caught.value)


def test_the_keys_of_an_endpoint(tmp_path: Path) -> None:
    given = "{url: 'http://h/', requests_per_second: 0.5, query_budget: 9, rows_per_request: 2, timeout_seconds: 1.5}"
    declared = subject_at(tmp_path, given).declaration.model
    assert declared is not None
    assert declared.settings["requests_per_second"] == 0.5
    for wrong in ("0", "-1", "fast"):
        with pytest.raises(SubjectError, match="requests_per_second"):
            subject_at(tmp_path, f"{{url: 'http://h/', requests_per_second: {wrong}}}")
