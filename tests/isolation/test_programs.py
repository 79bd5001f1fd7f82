"""A model that is a program: it may start others and write in a folder of its own, and reaches nothing else."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import numpy as np
import pytest

from audit.errors import SubjectError
from audit.isolation import landlock
from audit.subject import Subject

PROGRAM = """
import json, os, socket, subprocess, sys, tempfile

def tcp(): socket.create_connection(("127.0.0.1", {port}), timeout=2).close()
def udp(): socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
def write_beside(): open(os.path.join(os.getcwd(), "new"), "w").close()
def write_outside(): open({outside!r}, "a").close()
def read_outside(): open({outside!r}).close()
def list_root(): os.listdir("/")
def signal_parent(): os.kill(os.getppid(), 0)

def write_scratch():
    with tempfile.TemporaryFile("w") as file: file.write("x")
def start(): subprocess.run([sys.executable, "-c", "print(1)"], check=True, stdout=subprocess.DEVNULL)
def read_beside(): open("words.txt").close()
def read_environment(): os.environ["WANTED_BY_PROGRAM"]

done = []
for name, act in list(globals().items()):
    if callable(act) and getattr(act, "__module__", "") == "__main__":
        try:
            act()
            done.append(name)
        except (OSError, KeyError, subprocess.CalledProcessError):
            pass
for line in sys.stdin:
    print(json.dumps({{"prediction": " ".join(sorted(done))}}))
"""
ALLOWED = {"write_scratch", "start", "read_beside", "read_environment"}

restricted = pytest.mark.skipif(landlock.version() < 6, reason="needs a kernel that offers all of it")


def answer(folder: Path, wanted: str, monkeypatch: pytest.MonkeyPatch) -> tuple[set[str], Subject]:
    """What the program managed to do."""
    (folder / "subject").mkdir()
    (folder / "outside.txt").write_text("precious")
    (folder / "subject" / "words.txt").write_text("words")
    monkeypatch.setenv("WANTED_BY_PROGRAM", "yes")
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = PROGRAM.format(port=server.getsockname()[1], outside=str(folder / "outside.txt"))
        (folder / "subject" / "program.py").write_text(program)
        (folder / "subject" / "audit.yaml").write_text(
            "subject: program\nversion: '1'\ntask: classification\n"
            f"model: {{command: ['{sys.executable}', program.py]}}\ndata: {{test: {{path: test.npz}}}}\n"
        )
        np.savez(folder / "subject" / "test.npz", x=np.zeros((2, 2)), y=["a", "b"])
        subject = Subject.load(folder / "subject", isolation=wanted)
        return set(subject.model.predict(np.zeros((1, 2)))[0].split()), subject


@restricted
def test_a_program_reaches_nothing_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, subject = answer(tmp_path, "required", monkeypatch)
    assert found == ALLOWED
    assert subject.isolation is not None
    assert subject.isolation.level == "kernel"
    assert sorted(path.name for path in (tmp_path / "subject").iterdir()) == [
        "audit.yaml", "program.py", "test.npz", "words.txt",
    ]  # fmt: skip


def test_off_leaves_the_program_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, subject = answer(tmp_path, "off", monkeypatch)
    assert found >= ALLOWED | {"tcp", "udp", "write_beside", "write_outside", "read_outside", "signal_parent"}
    assert subject.isolation is not None
    assert subject.isolation.level == "process"


@restricted
def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "audit.yaml").write_text(
        "subject: program\nversion: '1'\ntask: classification\nmodel: {command: [./absent]}\n"
        "data: {test: {path: test.npz}}\n"
    )
    np.savez(tmp_path / "test.npz", x=np.zeros((2, 2)), y=["a", "b"])
    subject = Subject.load(tmp_path)
    with pytest.raises(SubjectError, match=r"status 126: the program cannot be started: No such file"):
        subject.model.predict(np.zeros((1, 2)))
