"""Every kind of bad input that the field notes list, given to the command line as a user would: what is wrong is named
with its place, the exit code says that it is no pass, what can still be judged is judged, and nothing ends in a
traceback."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit.cli import root

LOOKS = "def run(subject: Subject) -> CheckResult:\n    rows = subject.test.rows\n"
LOOKS += "    return CheckResult({'share': Measure(1.0, n=rows)}, sentence='looked')\n"
ASKS = "def run(subject: Subject) -> CheckResult:\n    subject.predict(subject.test)\n"
ASKS += "    return CheckResult({'share': Measure(1.0, n=9)})\n"
SCORES = ASKS.replace("predict", "probabilities")
IDLE = "def run(subject: Subject) -> CheckResult:\n    return CheckResult({'share': Measure(1.0, n=9)})\n"
NAN = IDLE.replace("1.0", "float('nan')")
POLICY = "policy: p\nversion: '1'\nrules:\n- {id: r, check: performance, require: {accuracy: {min: 0.5}}}\n"
BOMB = "l0: &l0 [x]\n" + "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10))
ROWS = 41


@dataclass(frozen=True)
class Ended:
    code: int
    said: str


Audit = Callable[..., Ended]


def audit(*words: str | Path) -> Ended:
    """One command of the real command line; what nobody foresaw would be raised here."""
    result = CliRunner().invoke(root, [str(word) for word in words], catch_exceptions=False)
    assert "Traceback" not in result.output
    return Ended(result.exit_code, result.output)


@pytest.fixture
def audited(tmp_path: Path, foreign_check: Callable[[str, str], None]) -> Callable[..., Ended]:
    """Audits a subject by a check of a given body, beside one that needs nothing; the bundle has to keep both."""

    def run(body: str = LOOKS, *, code: int = 3, yaml: str = "", **contents: bytes | str) -> Ended:
        foreign_check("looking", body)
        foreign_check("idle", IDLE)
        for name, content in contents.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        data = next((name.replace("__", ".") for name in contents if not name.endswith("__py")), "rows.csv")
        given = yaml or f"subject: s\ntarget: kind\ndata: {{test: {{path: {data}}}}}\n"
        (tmp_path / "audit.yaml").write_text(given)
        rules = "- {id: %s, check: %s, require: {share: {min: 0.5}}, why: w}\n"
        (tmp_path / "p.yaml").write_text(
            "policy: p\nversion: '1'\nrules:\n" + rules % ("looks", "looking") + rules % ("idles", "idle")
        )
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        ended = audit("run", tmp_path, "--policy", tmp_path / "p.yaml", "--out", out, "--engine", "inline")
        assert ended.code == code, ended.said
        if code == 2:
            assert not out.exists()
            return ended
        entries = {entry["id"]: entry for entry in json.loads((out / "bundle.json").read_text())["entries"]}
        assert entries["idles"]["verdict"] == "PASS", "what can be judged is judged"
        assert entries["looks"]["verdict"] == ("ERROR" if code == 3 else "PASS")
        return Ended(ended.code, entries["looks"]["error"] or ended.said)

    return run


def refused(tmp_path: Path, content: bytes | str, *words: str) -> list[str]:
    """Lint and run a bad policy: exit 2, nothing runs, and each word is said; the lines of the message."""
    path, rows = tmp_path / "p.yaml", tmp_path / "rows.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    rows.write_text("a,b\n1,2\n")
    out = tmp_path / "out"
    for arguments in (("policy", "lint", path), ("run", rows, "--policy", path, "--out", out)):
        ended = audit(*arguments)
        assert ended.code == 2, ended.said
        for word in words:
            assert word in ended.said
    assert not out.exists()
    return ended.said.strip().splitlines()


POLICIES: list[tuple[int, bytes | str, tuple[str, ...]]] = [
    (1, BOMB, (":1:5:", "anchor", ":2:10:", "alias")),
    (2, POLICY + "params: &a {b: *a}\n", (":5:9:", "anchor", ":5:16:", "alias")),
    (3, POLICY + "confidence: 0.9\nconfidence: 0.6\n", (":6:1:", "line 5 and on line 6")),
    (4, POLICY + "on_inconclusive: no\nseed: 12:30:00\n", (':5:18: "on_inconclusive" is "no"', ':6:7: "seed" is')),
    (5, POLICY.replace("0.5", "1e-3x"), (":4:57:", "1e-3x")),
    (6, POLICY.replace("0.5", ".nan") + "confidence: .inf\n", (":4:57:", ":5:13:", "not a finite number")),
    (7, POLICY + "owner: !!python/object/apply:os.system [id]\n", (":5:8:", "tag")),
    (8, POLICY + "params: {a: " + "[" * 3000, (":5:", "nested more than 40 deep")),
    (9, POLICY + "---\n" + POLICY, (":5:1:", "second document")),
    (10, "", ("the file is empty",)),
    (11, POLICY.replace("require", "requier"), (":4:", 'did you mean "require"')),
    (12, "policy: p\nversion: '1'\nrules: []\n", ("has no rules",)),
    (12, POLICY.replace("id: r", "id: r, blocking: false"), ("no rule is blocking",)),
    (13, "\n".join(f"k{n}: {n}" for n in range(100_000)), ("1000000 are read",)),
    (14, POLICY.encode() + b"owner: a\0b\n", (":5:9:", "U+0000")),
    (14, POLICY.encode("utf-16"), ("byte order mark",)),
    (14, POLICY.encode() + b"owner: \xff\n", (":5:8:", "not UTF-8")),
    (41, POLICY.replace("require", "with: {api_key: hunter2secret}, require"), (":4:", "secret")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "content", "words"), POLICIES, ids=[f"row_{row[0]}_{n}" for n, row in enumerate(POLICIES)]
)
def test_bad_policy(tmp_path: Path, number: int, content: bytes | str, words: tuple[str, ...]) -> None:
    lines = refused(tmp_path, content, *words)
    assert lines[0].startswith(f"{tmp_path / 'p.yaml'}:")
    assert "hunter2secret" not in "".join(lines)


def test_row_5_a_small_number_is_a_number(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(POLICY.replace("0.5", "1e-3"))
    assert audit("policy", "lint", tmp_path / "p.yaml").code == 0
    assert "0.001" in audit("policy", "explain", tmp_path / "p.yaml").said


def test_row_3_mistakes_of_the_syntax_hide_no_others(tmp_path: Path) -> None:
    text = "policy: p\npolicy: q\nsede: 3\nrules:\n"
    text += "- {id: a, check: performanc, require: {accuracy: {min: .nan}}}\n"
    text += "- {id: b, check: performance, require: {acuracy: {min: 0.1}}}\n"
    places = [re.findall(r":(\d+:\d+): ", line)[0] for line in refused(tmp_path, text)]
    assert places == ["2:1", "3:1", "5:18", "5:56", "6:41"]
    (tmp_path / "audit.yaml").write_text(
        "subject: s\nsubject: t\ntaks: x\ntarget: B\npositive: .nan\nmodel: {path: m.onnx}\n"
        "data: {test: {path: rows.csv}}\ngroups: [c]\nrules: ['a <= bb']\nfeatures: {aa: {type: number}}\n"
    )
    ended = audit("measure", "leakage", tmp_path)
    assert ended.code == 2
    assert re.findall(r"audit.yaml:(\d+:\d+): ", ended.said) == [
        "2:1", "3:1", "4:9", "5:11", "6:15", "8:10", "9:9", "10:12",
    ]  # fmt: skip
    assert 'did you mean "b"' in ended.said


def test_row_15_json_that_two_readers_read_differently(audited: Audit) -> None:
    assert "rows.jsonl:2" in audited(rows__jsonl='{"kind": "a"}\n{"kind": "a", "kind": "b"}\n').said
    assert "NaN" in audited(rows__jsonl='{"x": 1, "kind": "a"}\n{"x": NaN, "kind": "b"}\n').said


def test_row_16_a_number_that_is_none_is_no_pass(audited: Audit) -> None:
    audited(NAN, rows__csv="a,kind\n1,x\n")


def test_row_17_one_class_has_no_auc(tmp_path: Path, audited: Audit) -> None:
    """By the shipped check, with a model that is a program."""
    yaml = "subject: s\ntarget: kind\nmodel: {command: [%s, %s], classes: [a, b]}\ndata: {test: {path: rows.csv}}\n"
    (tmp_path / "m.py").write_text("import sys\nfor _ in sys.stdin: print('{\"probabilities\": [0.9, 0.1]}')\n")
    (tmp_path / "rows.csv").write_text("x,kind\n" + "1,a\n" * 30)
    (tmp_path / "audit.yaml").write_text(yaml % (sys.executable, tmp_path / "m.py"))
    (tmp_path / "p.yaml").write_text(POLICY.replace("accuracy", "auc"))
    ended = audit("run", tmp_path, "--policy", tmp_path / "p.yaml", "--out", tmp_path / "o", "--engine", "inline")
    assert ended.code == 3, ended.said
    [entry] = json.loads((tmp_path / "o" / "bundle.json").read_text())["entries"]
    assert entry["verdict"] == "ERROR"
    assert re.search(r"auc", json.dumps(entry))
    assert re.search(r"\bclass\b.*\b[ab]\b", json.dumps([entry["error"], entry["reasons"], entry["notes"]]))


def test_row_19_labels_that_the_model_does_not_know(audited: Audit) -> None:
    yaml = "subject: s\ntarget: kind\nmodel: {command: [cat], classes: [yes, no]}\ndata: {test: {path: rows.csv}}\n"
    codes = LOOKS.replace("subject.test.rows", "len(subject.codes(subject.test))")
    said = audited(codes, yaml=yaml, rows__csv="a,kind\n1,0\n2,1\n").said
    assert "yes" in said
    assert "0" in said
    assert audited(yaml=yaml.replace("\nmodel", "\npositive: yess\nmodel"), code=2).said.startswith("audit.yaml:3:11: ")


ANSWERS = {
    "not finite": ("{\"probabilities\": [NaN, 1.0]}", SCORES, "NaN"),
    "sum": ("{\"probabilities\": [0.9, 0.9]}", SCORES, "sum"),
    "width": ("{\"probabilities\": [1.0]}", SCORES, "1"),
    "unknown": ("{\"prediction\": \"c\"}", ASKS, "c"),
    "no number": ("what?", ASKS, "JSON"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ANSWERS)
def test_row_20_answers_of_a_model_are_looked_at(audited: Audit, tmp_path: Path, kind: str) -> None:
    answer, body, word = ANSWERS[kind]
    program = f"import sys\nfor _ in sys.stdin: print({answer!r})\n"
    yaml = "subject: s\ntarget: kind\nmodel: {command: [%s, %s], classes: [a, b]}\ndata: {test: {path: rows.csv}}\n"
    yaml %= (sys.executable, tmp_path / "m.py")
    assert word in audited(body, yaml=yaml, rows__csv="x,kind\n1,a\n2,b\n", m__py=program).said


TABLES: list[tuple[int, str, bytes | str, str]] = [
    (18, "rows.csv", "a,kind\n", "no rows"),
    (18, "rows.csv", "", "empty"),
    (21, "rows.csv", "a,kind\n1,x\n1e999,y\n", "rows.csv:3"),
    (23, "rows.csv", "a,a,kind\n1,2,x\n", "rows.csv:1"),
    (24, "rows.csv", "a,kind\n1,x,7\n2,y,8\n", "rows.csv:2: 3 fields where the header has 2"),
    (25, "rows.csv", "a,kind\n1,x\n2\n", "rows.csv:3: 1 fields"),
    (26, "rows.csv", "a,kind\n1,x\n2,y,z\n", "rows.csv:3: 3 fields"),
    (26, "rows.csv", 'a,kind\n1,x\n"2,y\n', "rows.csv:3: a quoted cell"),
    (27, "rows.csv", b"a,kind\n1,x\n\xe9,y\n", "rows.csv:3: byte 11 (0xe9)"),
    (28, "rows.csv", "a,kind\n1,x\n2," + "y" * 64_000_001 + "\n", "rows.csv:3: a cell has more than 64000000"),
    (29, "rows.csv", "a,kind\n1,x\n2,\0\n", "rows.csv:3: a cell holds a NUL"),
    (32, "rows.csv", "a,kind\n1,x\n9223372036854775808,y\n", "rows.csv:3"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "name", "content", "says"), TABLES, ids=[f"row_{row[0]}_{n}" for n, row in enumerate(TABLES)]
)
def test_bad_table(audited: Audit, number: int, name: str, content: bytes | str, says: str) -> None:
    assert says in audited(**{name.replace(".", "__"): content}).said


@pytest.mark.parametrize(
    ("number", "cells"), [(30, ["NA", "null", "None"]), (31, ["00123", "00007", "01000"])], ids=["row_30", "row_31"]
)
def test_cells_keep_what_was_written(audited: Audit, number: int, cells: list[str]) -> None:
    body = f"def run(subject: Subject) -> CheckResult:\n    same = subject.test.frame['a'].tolist() == {cells!r}\n"
    body += "    return CheckResult({'share': Measure(float(same), n=3)})\n"
    audited(body, code=0, rows__csv="a,kind\n" + "".join(f"{cell},x\n" for cell in cells))


def test_row_22_names_that_the_data_does_not_have(audited: Audit) -> None:
    yaml = "subject: s\ntarget: %s\ngroups: [%s]\ndata:\n  test: {path: %s}\nfeatures: {%s: {type: text}}\n"
    rows = "age,sex,kind\n1,f,x\n"
    assert audited(yaml=yaml % ("kind", "sex", "rows.csv", "age"), code=0, rows__csv=rows)
    ended = audited(yaml=yaml % ("knid", "sexx", "rows.csv", "ages"), code=2)
    assert ended.said.splitlines() == [
        'audit.yaml:2:9: "knid" is no column of data.test (rows.csv); did you mean "kind"?',
        'audit.yaml:3:10: "sexx" is no column of the data; did you mean "sex"?',
        'audit.yaml:6:12: "ages" is no column of the data; did you mean "age"?',
    ]
    ended = audited(yaml=yaml % ("kind", "sexx", "rosw.csv", "age"), code=2)
    assert ended.said.startswith('audit.yaml:5:16: "rosw.csv" does not exist; did you mean "rows.csv"?')


def test_row_33_a_header_that_claims_more_than_the_file_holds(audited: Audit) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 1), }\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        opened.writestr("x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(64))
    assert "claims shape (1000000000000, 1)" in audited(rows__npz=content.getvalue()).said


def scanned(tmp_path: Path, content: bytes, name: str = "m.pkl") -> tuple[int, str]:
    """Measure a model file; the number of parts that the scan would not read, and what was said."""
    (tmp_path / name).write_bytes(content)
    ended = audit("measure", "unsafe_file", tmp_path / name, "--json")
    assert ended.code == 0, ended.said
    found = json.loads(ended.said)
    return int(found["measures"]["unreadable_parts"]["value"]), json.dumps(found)


def test_row_34_a_zip_bomb(tmp_path: Path, audited: Audit) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("x.npy", bytes(70_000_000))
    assert len(content.getvalue()) < 200_000
    assert scanned(tmp_path, content.getvalue())[0]
    assert "inflates" in audited(rows__npz=content.getvalue()).said


def test_row_35_names_that_climb_out_of_a_zip(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        opened.writestr("../../evil.npy", b"x")
    parts, said = scanned(tmp_path, content.getvalue())
    assert parts
    assert "../../evil.npy" in said
    assert not (tmp_path.parent.parent / "evil.npy").exists()


def test_row_36_a_link_in_a_tar(tmp_path: Path) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as opened:
        entry = tarfile.TarInfo("model.pkl")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(entry)
    parts, said = scanned(tmp_path, content.getvalue(), "m.tar")
    assert parts
    assert "link" in said
    assert sorted(os.listdir(tmp_path)) == ["m.tar"]


@pytest.mark.parametrize("kind", ["link", "pipe", "device"])
def test_row_37_only_regular_files_are_opened(tmp_path: Path, audited: Audit, kind: str) -> None:
    path = tmp_path / "rows.csv"
    if kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(path)
    yaml = "subject: s\ndata: {test: {path: %s}}\n" % ("rows.csv" if kind != "device" else "/dev/zero")
    said = audited(yaml=yaml, code=2).said
    assert said.startswith("audit.yaml:2:21: ")
    assert "root:" not in said


def test_every_row_has_a_test() -> None:
    names = "".join(f"row_{row[0]}_" for row in (*POLICIES, *TABLES)) + "row_30_row_31_"
    for path in Path(__file__).parent.rglob("test_*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names += " ".join(
            n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test")
        )
    assert {int(number) for number in re.findall(r"row_(\d+)_", names)} == set(range(1, ROWS + 1))
