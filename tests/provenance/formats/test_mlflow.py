"""MLflow: a saved model and a store of runs tell where a model comes from, and a hostile store can do nothing."""

from __future__ import annotations

import random
import sqlite3
from typing import Any

import pytest
import yaml

from audit import provenance
from audit.provenance import Link, Malformed, Record
from tests.provenance.changes import ABSENT, changed

RUN = "d" * 32
MODEL: dict[str, Any] = {
    "artifact_path": "model",
    "flavors": {
        "python_function": {"loader_module": "mlflow.sklearn", "model_path": "model.pkl", "python_version": "3.11.7"},
        "sklearn": {"pickled_model": "model.pkl", "code": None, "sklearn_version": "1.5"},
    },
    "mlflow_version": "3.17.2",
    "model_uuid": "c" * 32,
    "run_id": RUN,
    "signature": {"inputs": "[]", "outputs": "[]"},
    "utc_time_created": "2026-11-01 12:00:00.000000",
}
RUNS = "CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name TEXT, status TEXT, lifecycle_stage TEXT);"
SCHEMA = f"""{RUNS}
CREATE TABLE datasets (dataset_uuid TEXT, experiment_id INTEGER, name TEXT, digest TEXT);
CREATE TABLE inputs (source_type TEXT, source_id TEXT, destination_type TEXT, destination_id TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE logged_models (model_id TEXT, name TEXT, source_run_id TEXT);
CREATE TABLE model_versions (name TEXT, version INTEGER, run_id TEXT);
CREATE TRIGGER watch BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'no'); END;
"""
ROWS = f"""
INSERT INTO runs VALUES ('{RUN}', 'train', 'FINISHED', 'active'), ('gone', 'old', 'FINISHED', 'deleted');
INSERT INTO datasets VALUES ('d1', 1, 'train.csv', '1a2b3c4d'), ('d2', 1, 'old.csv', '00000000');
INSERT INTO inputs VALUES ('DATASET', 'd1', 'RUN', '{RUN}'), ('DATASET', 'd2', 'RUN', 'gone'),
  ('RUN_OUTPUT', '{RUN}', 'MODEL_OUTPUT', 'm1'), ('DATASET', 'nothing', 'RUN', '{RUN}');
INSERT INTO tags VALUES ('mlflow.source.git.commit', '{"e" * 40}', '{RUN}'), ('mlflow.user', 'me', '{RUN}');
INSERT INTO logged_models VALUES ('m1', 'credit', '{RUN}'), ('m2', 'lost', NULL);
INSERT INTO model_versions VALUES ('credit-model', 3, '{RUN}');
"""


def store(statements: str) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.executescript(statements)
        return database.serialize()


def read(content: bytes | dict[str, Any], path: str = "mlflow.db") -> Record:
    if isinstance(content, dict):
        return provenance.read("model/MLmodel", yaml.safe_dump(content).encode())[0]
    return provenance.read(path, content)[0]


def test_a_saved_model_tells_its_run_and_when_it_was_made() -> None:
    record = read(MODEL)
    assert record.claims == ()
    assert record.made == "2026-11-01T12:00:00+00:00"
    assert record.links == (Link(RUN, "model.pkl", f"MLflow run {RUN}"),)
    assert record.facts["flavors"] == "python_function, sklearn"
    assert record.facts["run_id"] == RUN
    assert record.place("model.pkl") == "model/model.pkl"
    assert read({**MODEL, "run_id": None}).links == ()
    assert read(changed(MODEL, "utc_time_created", ABSENT)).made == ""


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("flavors", ABSENT), ("flavors", {}), ("flavors", ["sklearn"]), ("flavors/sklearn", "x"), ("signature", "x"),
        ("flavors/sklearn/pickled_model", "../model.pkl"), ("flavors/sklearn/pickled_model", "/model.pkl"),
        ("run_id", 5), ("run_id", "../../x"), ("model_uuid", "c" * 31), ("mlflow_version", 3),
        ("utc_time_created", "yesterday"), ("utc_time_created", 5), ("utc_time_created", "2026-13-01 00:00:00"),
    ],
)  # fmt: skip
def test_what_is_no_saved_model_is_refused(place: str, value: Any) -> None:
    with pytest.raises(Malformed, match="model/MLmodel"):
        read(changed(MODEL, place, value))


def test_a_store_tells_from_data_to_run_to_model() -> None:
    record = read(store(SCHEMA + ROWS))
    assert record.claims == ()
    assert record.links == (
        Link("train.csv", RUN, "input of MLflow run train"),
        Link(RUN, "credit", "logged by MLflow run train"),
        Link(RUN, "credit-model version 3", "registered from MLflow run train"),
    )
    assert record.facts == {"runs": "2", "git_commits": "e" * 40}
    assert "sample of the data" in record.notes[0]


def test_a_store_that_was_open_with_a_write_ahead_log_is_read() -> None:
    content = store(SCHEMA + ROWS)
    assert read(content[:18] + b"\x02\x02" + content[20:]) == read(content)


def test_an_older_store_has_fewer_tables() -> None:
    assert read(store(RUNS)).links == ()


LOOP = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ("CREATE TABLE other (a)", "no store of MLflow"),
        (f"CREATE VIEW runs AS {LOOP} SELECT x run_uuid, x name, x status, x lifecycle_stage FROM n", "'view'"),
        (RUNS + f"CREATE VIEW tags AS {LOOP} SELECT x run_uuid, x key, x value FROM n", "'view'"),
        ("CREATE TABLE runs (run_uuid, name, status)", "no column 'lifecycle_stage'"),
        ("CREATE TABLE runs (run_uuid, name AS (hex(zeroblob(9))), status, lifecycle_stage)", "no column 'name'"),
        (RUNS + "INSERT INTO runs VALUES (zeroblob(5), 1, 2, 3)", "no text"),
        (RUNS + "INSERT INTO runs VALUES (hex(zeroblob(9000)), 1, 2, 3)", "too long"),
        (RUNS + "INSERT INTO runs VALUES (CAST(x'ff' AS TEXT), 1, 2, 3)", "not readable"),
        (RUNS + LOOP + " INSERT INTO runs SELECT x, 1, 2, 3 FROM n LIMIT 25001", "more than 25,000 rows"),
    ],
)
def test_a_store_that_is_none_or_hostile_is_refused(statements: str, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as refused:
        read(store(statements))
    assert "mlflow.db" in str(refused.value)


def test_a_damaged_store_is_read_or_refused() -> None:
    content = store(SCHEMA + ROWS)
    chance = random.Random(5)
    for end in (16, 17, 100, 1000, 5000):
        with pytest.raises(Malformed, match=r"mlflow\.db"):
            read(content[:end])
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 5, 50))):
            damaged[chance.randrange(16, len(damaged))] = chance.randrange(256)
        try:
            read(bytes(damaged))
        except Malformed:
            refused += 1
    assert 30 < refused < 300
