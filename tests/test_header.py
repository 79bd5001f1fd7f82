"""Names in audit.yaml are held against the columns of the data before anything runs, and never wrongly."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.data import Layout, header, parse
from audit.errors import SubjectError
from audit.subject import Subject
from audit.subject.columns import rule_names

FRAME = pd.DataFrame({"a b": [1, 2], "größe": [1.5, 2.5], "kind": ["x", "y"]})


def parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


FILES: dict[str, tuple[bytes, Layout]] = {
    "t.csv": (FRAME.to_csv(index=False).encode(), Layout()),
    "bom.csv": (b"\xef\xbb\xbf" + FRAME.to_csv(index=False).encode(), Layout()),
    "wide.csv": (FRAME.to_csv(index=False).encode("utf-16"), Layout(encoding="utf-16")),
    "marks.csv": (FRAME.to_csv(index=False, sep=";").encode("latin-1"), Layout(encoding="latin-1", delimiter=";")),
    "quoted.csv": (b'"a\nb","c,""d""",kind\n1,2,x\n', Layout()),
    "long.csv": (FRAME.to_csv(index=False).encode() + b"1,1.5,x\n" * 200_000, Layout()),
    "t.tsv": (FRAME.to_csv(index=False, sep="\t").encode(), Layout()),
    "t.parquet": (parquet(FRAME), Layout()),
    "t.jsonl": (b'{"a": 1}\n{"b": 2, "kind": "x"}\n', Layout()),
}


@pytest.mark.parametrize("name", FILES)
def test_the_header_has_the_columns_of_the_table(name: str, tmp_path: Path) -> None:
    content, layout = FILES[name]
    (tmp_path / name).write_bytes(content)
    format = name.rpartition(".")[2]
    table = parse(content, name=name, format=format, role="data.test", target=None, layout=layout)
    assert header.columns(tmp_path, name, format=format, layout=layout) == table.columns


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b""), ("t.csv", b"\xe9,b\n"), ("t.csv", b'"a,b\n'), ("t.csv", b"a;b\n1;2\n"),
        ("t.csv", b"x," * 600_000),
        ("t.jsonl", b"[1]\n"), ("t.jsonl", b'{"a": 1}\n' * 200_000 + b'{"b": 1}\n'), ("t.jsonl", b'{"a": 1, "a": 2}\n'),
        ("t.parquet", b"PAR1"), ("t.npz", b"PK"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_not_guessed(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert header.columns(tmp_path, name, format=name.rpartition(".")[2], layout=Layout()) is None
    assert header.columns(tmp_path, "missing.csv", format="csv", layout=Layout()) is None


def problems(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "audit.yaml").write_text("subject: s\n" + text)
    try:
        Subject.load(tmp_path)
    except SubjectError as error:
        return str(error).splitlines()
    return []


def test_a_name_is_wrong_only_where_no_table_has_it(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a,kind\n1,x\n")
    (tmp_path / "test.csv").write_text("a,kind,region\n1,x,n\n")
    (tmp_path / "new.jsonl").write_text('{"a": 1}\n{"a": 1, "late": 2}\n')
    np.savez(tmp_path / "t.npz", x=np.ones((2, 2)))
    tables = "data:\n  train: {path: train.csv}\n  test: {path: test.csv}\n  current: {path: new.jsonl}\n"
    assert problems(tmp_path, tables + "target: kind\ngroups: [region, late]\nrules: ['a <= late']\n") == []
    assert len(problems(tmp_path, tables + "groups: [regoin]\nrules: ['a <= 2 * c', \"'d e' <= a\"]\n")) == 3
    arrays = tables + "  reference: {path: t.npz}\n"
    assert problems(tmp_path, arrays + "groups: [regoin]\n") == [], "nobody knows what stands for it in arrays"
    assert len(problems(tmp_path, arrays + "target: knid\n")) == 1
    broken = tables.replace("train.csv", "tran.csv")
    assert [line[:16] for line in problems(tmp_path, broken + "groups: [regoin]\n")] == ["audit.yaml:3:17:"]


def test_a_target_has_to_be_in_train_and_in_test(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a,kind\n1,x\n")
    (tmp_path / "test.csv").write_text("a,Kind\n1,x\n")
    tables = "data: {train: {path: train.csv}, test: {path: test.csv}, current: {path: train.csv}}\n"
    assert problems(tmp_path, tables + "target: kind\n") == [
        'audit.yaml:3:9: "kind" is no column of data.test (test.csv); did you mean "Kind"?'
    ]
    assert (
        problems(tmp_path, tables.replace("test: {path: test.csv}", "test: {path: train.csv}") + "target: kind\n") == []
    )
    assert problems(tmp_path, "data: {current: {path: test.csv}}\ntarget: kind\n") == []


def test_looking_at_a_header_opens_no_file_of_the_record(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("a,kind\n1,x\n")
    (tmp_path / "audit.yaml").write_text("subject: s\ntarget: kind\ndata: {test: {path: test.csv}}\n")
    assert {file.role for file in Subject.load(tmp_path).files} == {"subject"}


def test_names_in_a_relation() -> None:
    assert rule_names("amount <= 40 * 'credit sum' - amount") == ("amount", "credit sum")
    for nonsense in ("a is big", "a <=", "(" * 500, "a", "\0"):
        assert rule_names(nonsense) == ()


def test_row_19_spreadsheet_booleans_are_the_classes_of_a_model() -> None:
    from audit.subject.labels import coded

    found = coded(["TRUE", "FALSE", "TRUE"], (False, True), where="data.test")
    assert found.codes.tolist() == [1, 0, 1]
    assert "matched by their text" in found.note
