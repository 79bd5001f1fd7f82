"""What programs do wrong: each ends in an answer or in a clear error, in time and in bounded memory."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audit import models
from audit.errors import NotMeasurable, SubjectError
from audit.models import Source

SECRET = "s3cret-of-the-environment"
HEAD = "import json, os, sys, time\nsay = lambda **words: print(json.dumps(words), flush=True)\n"


def predict(folder: Path, body: str, rows: int = 3, **settings: Any) -> list[Any]:
    (folder / "predict.py").write_text(HEAD + body)
    settings = {"command": [sys.executable, "predict.py"], "timeout_seconds": 20.0, **settings}
    return list(models.load(Source(settings=settings, folder=folder), "command").predict(np.zeros((rows, 4))))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("print('<html>' + 'x' * 50)", "line 1 of the output: .*not JSON"),
        ("for line in sys.stdin: sys.stdout.buffer.write(b'\\xff\\n')", "not UTF-8"),
        ("for line in sys.stdin: print('[' * 5000)", "nested too deeply"),
        ("for line in sys.stdin: say(prediction=[1])", "a list or a mapping"),
        ("for line in sys.stdin: say(prediction=None)", "no usable label"),
        ("for line in sys.stdin: print('{\"prediction\": NaN}')", "NaN is no JSON number"),
        ('for line in sys.stdin: print(\'{"prediction": 1, "prediction": 2}\')', "twice"),
        ("for line in sys.stdin: say(probabilities=[0.5, 0.4])", "do not sum to 1"),
        ("for line in sys.stdin: say(probabilities=['0.5', '0.5'])", "not numbers"),
        ("for i, line in enumerate(sys.stdin): say(probabilities=[1.0] + [0.0] * i)", "another number of prob"),
        ("say(prediction=1); sys.stdin.read()", "1 lines for 3 rows"),
        ("for i in range(4): say(prediction=1)", "4 lines for 3 rows"),
        ("say(prediction=1); os._exit(7)", "status 7: no message"),
        ("say(prediction=1); os.kill(os.getpid(), 9)", "status -9"),
        ("sys.stdin.close(); time.sleep(60)", r"within 0\.7 seconds"),
        ("os.close(1); os.close(2); time.sleep(60)", r"within 0\.7 seconds"),
        ("if os.fork() == 0: time.sleep(60)", r"within 0\.7 seconds"),
        ("while True: print('x' * 70_000)", "printed more than 4,194,304 bytes"),
        ("while True: print('x' * 70_000, file=sys.stderr)", r"within 0\.7 seconds"),
    ],
)
def test_answers_that_are_none(tmp_path: Path, body: str, words: str) -> None:
    started = time.monotonic()
    with pytest.raises(SubjectError, match=words):
        predict(tmp_path, body, timeout_seconds=0.7 if "within" in words else 20.0)
    assert time.monotonic() - started < 10


def test_what_a_program_leaves_running_is_ended(tmp_path: Path) -> None:
    body = (
        "pid = os.fork()\nif pid == 0:\n    os.close(1); os.close(2); time.sleep(60)\n"
        "for line in sys.stdin: say(prediction=pid)"
    )
    pid = predict(tmp_path, body)[0]
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.02)
    pytest.fail("it still runs")


def test_a_process_that_left_the_group_and_holds_the_input_is_not_waited_for(tmp_path: Path) -> None:
    body = (
        "if os.fork() == 0:\n    os.setsid(); os.close(1); os.close(2); time.sleep(15); os._exit(0)\n"
        "for i in range(30_000): print('{\"prediction\": 1}')\nsys.stdout.flush(); os._exit(0)"
    )
    started = time.monotonic()
    assert predict(tmp_path, body, rows=30_000, rows_per_request=30_000) == [1] * 30_000
    assert time.monotonic() - started < 10


def test_complaints_show_neither_rows_nor_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_TOKEN", SECRET)
    body = "raise ValueError(f\"cannot read 'Ada Lovelace' ada@example.org for {os.environ['MODEL_TOKEN']}\")"
    with pytest.raises(SubjectError, match="status 1: ValueError: cannot read") as caught:
        predict(tmp_path, body)
    assert not any(word in str(caught.value) for word in (SECRET, "Ada", "ada@"))


@pytest.mark.parametrize(
    "body",
    [
        "for line in sys.stdin: say(prediction=1)",
        "rows = sys.stdin.readlines()\nfor line in rows: say(prediction=1)",
        "for i in range(10_000): say(prediction=1, note='x' * 200)",
        "for line in sys.stdin:\n    say(prediction=1)\n    print('x' * 200, file=sys.stderr)",
    ],
    ids=["one by one", "all at once", "never reads", "complains"],
)
def test_many_rows_do_not_deadlock(tmp_path: Path, body: str) -> None:
    assert predict(tmp_path, body, rows=10_000) == [1] * 10_000


@pytest.mark.slow
def test_gigabytes_are_not_kept(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    body = "block = b'x' * (1 << 20)\nfor i in range(4096): os.write(1, block)"
    with pytest.raises(SubjectError, match="printed more than 268,435,456 bytes"):
        predict(tmp_path, body, rows=10_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # kB


def test_the_budget_counts_rows_of_a_program(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurable, match="3 more rows are needed and 2 are left"):
        predict(tmp_path, "open('started', 'w')", query_budget=2)
    assert not (tmp_path / "started").exists()
    assert os.listdir(tmp_path) == ["predict.py"]
    body = "for line in sys.stdin: say(prediction=1)"
    assert predict(tmp_path, body, query_budget=3, rows_per_request=1) == [1, 1, 1]
