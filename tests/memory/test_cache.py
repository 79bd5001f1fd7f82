"""What is believed of a cache: exactly what was written, by this user, for this key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import signature
from audit.errors import AuditError, BundleError
from audit.memory import Memory
from audit.memory.cache import Cache
from audit.memory.journal import Journal
from audit.records import CheckResult, Doubt, Evidence, FileRecord, Isolation, Limit, Measure, Measured, Rule, Task

KEY = "ab" + "0" * 62
MEASURED = Measured(
    result=CheckResult(
        {"share": Measure(0.75, "share", 40, 0.6, 0.9), "level": Measure("bound", scale=("absent", "bound"))},
        evidence=(Evidence("rows.csv", bytes(range(256)), "some rows"),),
        notes=("a note",),
        doubts=(Doubt("a doubt"),),
        sentence="30 of 40.",
    ),
    power=Measure(0.95, "share", 20, 0.8, 1.0),
    notes=("another",),
    files=(FileRecord("rows.csv", "data.test", "0" * 64, 12),),
    isolation=Isolation("kernel", ("seccomp",), ("tcp",)),
)
RULE = Rule("r", "performance", {"a": 1}, (Limit("accuracy", min=0.5),))
SURROUNDINGS = {"files": [["data.test", "rows.csv", "0" * 64]]}
TASK = Task("r", "performance", {"a": 1}, 7, 0.95, 60.0)
SPEC = replace(signature.describe("performance"), needs=())


def stored(folder: Path) -> Path:
    """The one file of a cache with one result."""
    Cache(folder).keep(KEY, MEASURED)
    (path,) = folder.rglob("*.json")
    return path


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    warnings: list[str] = []
    cache = Cache(tmp_path / "c", warnings.append)
    assert cache.find(KEY) is None
    cache.keep(KEY, MEASURED)
    assert cache.find(KEY) == MEASURED
    assert warnings == []
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o700


def test_a_flipped_byte_anywhere_is_a_miss(tmp_path: Path) -> None:
    path = stored(tmp_path)
    whole = path.read_bytes()
    warnings: list[str] = []
    for position in range(len(whole)):
        bit = (0x01, 0x20, 0x80)[position % 3]
        path.write_bytes(whole[:position] + bytes([whole[position] ^ bit]) + whole[position + 1 :])
        assert Cache(tmp_path, warnings.append).find(KEY) is None, position
    assert len(warnings) == len(whole)
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert Cache(tmp_path).find(KEY) is None
    path.write_bytes(whole + b" ")
    assert Cache(tmp_path).find(KEY) is None
    path.write_bytes(whole)
    assert Cache(tmp_path).find(KEY) == MEASURED


def test_a_result_under_another_key_is_a_miss(tmp_path: Path) -> None:
    path = stored(tmp_path)
    other = "ab" + "1" * 62
    path.rename(path.with_name(f"{other}.json"))
    assert Cache(tmp_path).find(other) is None


def test_what_others_can_write_is_not_believed(tmp_path: Path) -> None:
    path = stored(tmp_path / "c")
    path.chmod(0o666)
    assert Cache(tmp_path / "c").find(KEY) is None
    path.chmod(0o600)
    (tmp_path / "elsewhere").mkdir()
    path.rename(tmp_path / "elsewhere" / path.name)
    path.symlink_to(tmp_path / "elsewhere" / path.name)
    assert Cache(tmp_path / "c").find(KEY) is None
    (tmp_path / "open").mkdir(mode=0o700)
    (tmp_path / "open").chmod(0o777)
    warnings: list[str] = []
    cache = Cache(tmp_path / "open", warnings.append)
    cache.keep(KEY, MEASURED)
    assert cache.find(KEY) is None
    assert len(warnings) == 1
    assert not list((tmp_path / "open").iterdir())


def test_errors_are_never_kept(tmp_path: Path) -> None:
    cache, journal = Cache(tmp_path / "c"), Journal(tmp_path / "out")
    memory = Memory(SURROUNDINGS, journal=journal, cache=cache)
    memory.keep(RULE, TASK, replace(MEASURED, error="out of time"), SPEC)
    assert memory.recall(RULE, TASK) is None
    memory.keep(RULE, TASK, MEASURED, SPEC)
    assert memory.recall(RULE, TASK) is not None
    journal.close(finished=True)


@pytest.mark.parametrize(
    "change",
    [
        {"params": {"a": 2}}, {"limits": (Limit("accuracy", min=0.6),)}, {"min_power": 0.5}, {"check": "calibration"},
        {"seed": 8}, {"confidence": 0.99}, {"surroundings": {"installation": "another"}}, {"id": "s"},
    ],
)  # fmt: skip
def test_whatever_the_numbers_depend_on_is_in_the_key(tmp_path: Path, change: dict[str, Any]) -> None:
    cache = Cache(tmp_path)
    Memory(SURROUNDINGS, cache=cache).keep(RULE, TASK, MEASURED, SPEC)
    of_task = {name: value for name, value in change.items() if name in ("params", "seed", "confidence")}
    of_rule = {name: value for name, value in change.items() if name in ("limits", "min_power", "check", "id")}
    other = Memory({**SURROUNDINGS, **change.get("surroundings", {})}, cache=cache)
    assert Memory(SURROUNDINGS, cache=cache).recall(RULE, TASK) is not None
    assert other.recall(replace(RULE, **of_rule), replace(TASK, **of_task)) is None


def test_an_undeclared_file_is_looked_at_again_and_serves_no_other_run(tmp_path: Path) -> None:
    extra = replace(MEASURED, files=(*MEASURED.files, FileRecord("extra.csv", "other", "1" * 64, 3)))
    cache, journal = Cache(tmp_path / "c"), Journal(tmp_path / "out")
    Memory(SURROUNDINGS, cache=cache, journal=journal).keep(RULE, TASK, extra, SPEC)
    same, other = (Memory(SURROUNDINGS, journal=journal, unchanged=lambda file, is_it=is_it: is_it) for is_it in (1, 0))
    assert same.recall(RULE, TASK) is not None
    assert other.recall(RULE, TASK) is None
    assert Memory(SURROUNDINGS, cache=cache).recall(RULE, TASK) is None
    journal.close(finished=True)


def test_with_a_secret_only_its_results_are_believed(tmp_path: Path) -> None:
    warnings: list[str] = []
    ours, theirs, open_to_all = (Cache(tmp_path, warnings.append, secret) for secret in (b"ours", b"theirs", b""))
    open_to_all.keep(KEY, MEASURED)
    theirs.keep(KEY, MEASURED)
    assert ours.find(KEY) is None
    ours.keep(KEY, MEASURED)
    assert [cache.find(KEY) for cache in (ours, theirs, open_to_all)] == [MEASURED] * 3
    assert warnings == []
    public, *_ = (path for path in tmp_path.rglob("*.json") if path.stem == KEY)
    for path in tmp_path.rglob("*.json"):  # a result without its secret, put where the keyed ones lie
        path.write_bytes(public.read_bytes())
    assert (ours.find(KEY), theirs.find(KEY)) == (None, None)


def test_what_may_have_read_undeclared_files_serves_one_run_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    memory = Memory(SURROUNDINGS, cache=cache)
    memory.keep(RULE, TASK, MEASURED, replace(SPEC, volatile=True))
    memory.keep(RULE, TASK, MEASURED, replace(SPEC, needs=("provenance",)))
    memory.keep(RULE, TASK, MEASURED, replace(SPEC, needs=("model|baseline",)))
    asking = replace(TASK, params={"second_opinions": ("modelaudit",)})
    memory.keep(RULE, asking, MEASURED, replace(SPEC, needs=("model",)))
    assert memory.recall(RULE, asking) is None
    memory.keep(
        RULE, TASK, replace(MEASURED, isolation=Isolation("process")), replace(SPEC, needs=("training", "data.train"))
    )
    assert memory.recall(RULE, TASK) is None


def test_the_oldest_results_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    cache = Cache(tmp_path)
    keys = [f"{number:064x}" for number in range(5)]
    for age, key in enumerate(keys):
        cache.keep(key, MEASURED)
        path = tmp_path / key[:2] / f"{key}.json"
        os.utime(path, (1e9 - age, 1e9 - age))
    monkeypatch.setattr("audit.memory.cache.LARGEST_BYTES", 2 * path.stat().st_size)
    cache.prune()
    assert [cache.find(key) is not None for key in keys] == [True, True, False, False, False]


def test_an_unusable_folder_is_said_once_and_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    warnings: list[str] = []
    cache = Cache(tmp_path / "file" / "cache", warnings.append)
    cache.keep(KEY, MEASURED)
    assert cache.find(KEY) is None
    assert len(warnings) == 1


def test_a_damaged_line_of_a_journal_is_not_believed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "out")
    for number in range(3):
        journal.keep(f"rule-{number}", f"{number:064x}", MEASURED)
    journal.close(finished=False)
    whole = journal.path.read_bytes()
    lines = whole.split(b"\n")
    middle = len(lines[0]) + len(lines[1]) + 2
    for position in range(middle, middle + len(lines[2]), 11):
        journal.path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        again = Journal(tmp_path / "out", resume=True)
        assert (again.interrupted, again.find(f"{1:064x}")) in ((2, None), (0, None), (1, None))
        assert again.find(f"{2:064x}") is None or again.find(f"{2:064x}") == MEASURED
        again.close(finished=False)
    journal.path.write_bytes(whole[:-20])
    torn = Journal(tmp_path / "out", resume=True)
    assert torn.interrupted == 2
    assert torn.ignored == 0
    torn.keep("rule-2", f"{2:064x}", MEASURED)
    torn.close(finished=False)
    assert all(json.loads(line) for line in torn.path.read_bytes().splitlines())


def test_a_journal_that_others_can_write_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "out")
    journal.keep("r", KEY, MEASURED)
    journal.close(finished=False)
    journal.path.chmod(0o622)
    for resume in (True, False):
        with pytest.raises(AuditError, match="others can write there"):
            Journal(tmp_path / "out", resume=resume)
    journal.path.unlink()
    journal.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="cannot be written"):
        Journal(tmp_path / "out")
    assert not (tmp_path / "elsewhere").exists()
