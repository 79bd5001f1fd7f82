"""Code of a subject tries to leave its process; none of it gets out, and without restrictions most of it does."""

from __future__ import annotations

import platform
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.errors import SubjectError, WorkerFailed
from audit.isolation import Isolated, landlock
from tests.isolation import intruder

INTRUDER = Path(intruder.__file__).read_text()
TRIED = set(intruder.TRIED)
HARMLESS_ALONE = {
    # what the kernel refuses, or what has no effect, without our doing on one machine or another
    "read_process", "terminal", "second_interface", "queue_signal", "keyring", "events", "user_faults", "loosen_filter",
    "namespace", "io_uring", "clone3", "trace", "read_memory_of_parent", "new_session", "programs_in_kernel", "execute",
    "kill_group", "execute_descriptor", "limits_of_parent", "clone",
}  # fmt: skip

restricted = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() != "x86_64" or landlock.version() < 1,
    reason="numbers of system calls are those of x86-64 Linux with Landlock",
)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A folder with a victim, a file outside the subject, and sockets that listen."""
    (tmp_path / "subject").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "victim").write_text("precious")
    (tmp_path / "outside" / "secret").write_text("secret")
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        named.bind(str(tmp_path / "s"))
        named.listen()
        abstract.bind(f"\0auditgate-{tmp_path.name}")
        abstract.listen()
        yield {
            "port": str(server.getsockname()[1]),
            "socket": str(tmp_path / "s"),
            "abstract": f"auditgate-{tmp_path.name}",
            "folder": str(tmp_path / "outside"),
            "victim": str(tmp_path / "outside" / "victim"),
            "outside": str(tmp_path / "outside" / "secret"),
        }


def done(wanted: str, places: dict[str, str], skip: tuple[str, ...] = ()) -> tuple[set[str], Isolated]:
    """What the intruder managed to do."""
    source = f"{INTRUDER}\nPLACES = {places!r}\nfor name in {skip!r}: TRIED.pop(name)\n"
    isolated = Isolated(wanted)
    model = isolated.train(source.encode(), "train.py", "fit", [[0.0]], [0], 0)
    return set(model.predict([[0.0]] * 100).tolist()) - {"nothing"}, isolated


@restricted
def test_nothing_gets_out(places: dict[str, str]) -> None:
    found, isolated = done("required", places)
    assert found == set()
    assert isolated.reached is not None
    assert isolated.reached.level == "kernel"
    assert {"tcp", "udp", "write", "read", "exec", "fork", "signal", "trace"} <= set(isolated.reached.refused)
    assert Path(places["victim"]).read_text() == "precious"
    assert sorted(path.name for path in Path(places["folder"]).iterdir()) == ["secret", "victim"]


@restricted
def test_without_restrictions_the_same_code_does_it(places: dict[str, str]) -> None:
    ends_or_harms = ("execute", "clone", "clone3", "unlink", "rename", "execute_descriptor", "terminal", "trace")
    found, isolated = done("off", places, skip=ends_or_harms)
    assert TRIED - HARMLESS_ALONE - set(ends_or_harms) - found == set()
    assert isolated.reached is not None
    assert isolated.reached.level == "process"
    assert isolated.reached.mechanisms == ()


@restricted
def test_the_interface_of_32_bit_programs_ends_the_process(places: dict[str, str]) -> None:
    with pytest.raises(WorkerFailed, match="SIGSYS"):
        Isolated().train(INTRUDER.encode(), "train.py", "interrupt", [[0.0]], [0], 0)


@restricted
def test_a_recipe_reads_nothing_that_was_not_hashed(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    recipe = (
        b"class M:\n    def predict(self, rows): return [self.word] * len(rows)\n"
        b"def fit(x, y, seed):\n    model = M()\n    model.word = open(x).read()\n    return model\n"
    )
    words = str(tmp_path / "words.txt")
    assert Isolated("off").train(recipe, "train.py", "fit", words, None, 0).predict([1]).tolist() == ["words"]
    with pytest.raises(WorkerFailed, match="PermissionError"):
        Isolated().train(recipe, "train.py", "fit", words, None, 0)


@restricted
def test_secrets_of_the_environment_do_not_reach_the_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODEL_TOKEN", "secret-token")
    recipe = (
        b"import os\n"
        b"class M:\n    def predict(self, rows): return [str(dict(os.environ))] * len(rows)\n"
        b"def fit(x, y, seed): return M()\n"
    )
    seen = Isolated().train(recipe, "train.py", "fit", None, None, 0).predict([1])[0]
    assert "PATH" in seen
    assert "secret-token" not in seen


def test_required_is_refused_where_the_kernel_offers_less(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recipe = b"def fit(x, y, seed): raise SystemError('it must not run')\n"
    weaker = tmp_path / "sitecustomize.py"
    # the worker of a system without Landlock: the call for its version fails
    weaker.write_text("import audit.isolation.landlock as found\nfound.version = lambda: 0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SubjectError, match=r"requires isolation.*run the audit on Linux"):
        Isolated("required").train(recipe, "train.py", "fit", None, None, 0)
    isolated = Isolated("best_effort")
    with pytest.raises(WorkerFailed, match="must not run"):
        isolated.train(recipe, "train.py", "fit", None, None, 0)
    assert isolated.reached is not None
    assert isolated.reached.level == "process"
    assert "seccomp" in isolated.reached.mechanisms
    assert "read" not in isolated.reached.refused
