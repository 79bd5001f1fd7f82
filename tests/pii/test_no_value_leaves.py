"""No personal value, no part of one and no hash of one leaves an audit, and no socket is opened in it.

Known values are put into a table, its column names, a text, a JSON document and the metadata of a picture. A whole
audit runs over them twice, the second time from its cache, a third one is killed midway, and every byte that they
wrote or said is searched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

NAME = "Quirinia Zwetschkenbaum"
MAIL = "quirinia.zwetschkenbaum@post.example.org"
STREET = "Pflaumenallee 17, 29221 Celle"
VALUES = {
    "name": NAME,
    "mail": MAIL,
    "phone": "+49 30 23125 871",
    "card": "4539 5787 6362 1486",
    "iban": "DE63 9999 9999 0417 2635 98",
    "ssn": "219-09-9999",
    "address": STREET,
    "secret": "ghp_Zx81Qw42Lk97Mn03Vb56Rt28Yh74Pq19Sd65",
    "position": "33.856936",
}
"""Addresses of example domains, numbers reserved for fiction and documentation, and an invented person."""

COLUMN = "ruprecht.ohneland@post.example.net"
"""A column whose name is personal: a table that was turned on its side has such names."""

GUARD = """
import os, sys
def _refuse(event, details):
    if event.startswith("socket.") and event != "socket.gethostname":
        family = details[1] if event == "socket.__new__" else None
        # sockets within the machine have a path and no address; a library tries at its import whether there is IPv6
        probe = sys._getframe(1).f_back.f_code.co_filename.endswith("urllib3/util/connection.py")
        if family != 1 and not probe:
            with open(os.environ["SOCKETS_SEEN"], "a") as seen:
                seen.write(f"{event} {details[1:]}\\n")
        if family != 1:
            raise OSError("sockets are shut")
with open(os.environ["SOCKETS_SEEN"] + ".guarded", "a") as told:
    told.write(f"{os.getpid()}\\n")
sys.addaudithook(_refuse)
"""

POLICY = """
policy: personal
version: 1.0.0
owner: tests@example.org
rules:
  - {id: exact, check: pii, with: {mode: exact}, require: {cell_share: {max: 0.0}},
     severity: high, why: Personal data must not be in here., controls: [NIST-AI-RMF/MEASURE 2.10]}
  - {id: sample, check: pii, with: {mode: sample}, require: {cell_share: {max: 0.9}},
     severity: high, why: Personal data must not be in here., controls: [NIST-AI-RMF/MEASURE 2.10]}
  - {id: singled-out, check: reidentification, with: {quasi_identifiers: [name, town], tables: [train, test]},
     require: {k_anonymity: {min: 5}}, severity: high, why: Nobody may be singled out.,
     controls: [NIST-AI-RMF/MEASURE 2.10]}
  - {id: guessed, check: reidentification, with: {tables: [test]}, require: {unique_share: {max: 0.1}},
     severity: high, why: Nobody may be singled out., controls: [NIST-AI-RMF/MEASURE 2.10]}
  - {id: leak, check: leakage, require: {duplicate_share: {max: 0.0}}, severity: high,
     why: Copied rows flatter., controls: [NIST-AI-RMF/MEASURE 2.3]}
"""


@dataclass(frozen=True)
class Traces:
    """What an audit left: bytes by where they lie, and how many processes ran behind the guard."""

    files: Mapping[str, bytes]
    processes: int


def table(seed: int) -> pd.DataFrame:
    """Rows of a shop: in a tenth of them the known values, elsewhere none."""
    rng = random.Random(seed)
    rows = 120
    frame = pd.DataFrame({name: ["" for _ in range(rows)] for name in VALUES}, dtype=object)
    for row in range(0, rows, 10):
        frame.loc[row] = list(VALUES.values())
    frame["note"] = [f"{NAME} asked to write to {MAIL}" if row % 10 == 0 else "paid in time" for row in range(rows)]
    frame["town"] = [rng.choice(["Aachen", "Bonn"]) for _ in range(rows)]
    frame["amount"] = [round(rng.uniform(1, 900), 2) for _ in range(rows)]
    frame[COLUMN] = [rng.choice(["yes", "no"]) for _ in range(rows)]
    return frame


def write_all(folder: Path) -> None:
    """A subject of two tables, a text, a JSON document and a picture, and two files that cannot be read."""
    table(0).to_csv(folder / "train.csv", index=False)
    pd.concat([table(1), table(0).head(5)]).to_csv(folder / "test.csv", index=False)
    (folder / "audit.yaml").write_text(
        "subject: shop\nversion: '1'\ndata:\n  train: {path: train.csv}\n  test: {path: test.csv}\n"
        "  reference: {path: letter.txt}\n  current: {path: tree.json}\n  trusted: {path: photo.jpg}\n"
    )
    (folder / "letter.txt").write_text("\n\n".join([*VALUES.values(), "Kind regards"]))
    (folder / "tree.json").write_text(json.dumps({"customers": [{"contact": VALUES}, {MAIL: 1}]}))
    (folder / "broken.json").write_text(json.dumps({"customers": VALUES})[:-1] + f', "{MAIL}": 1, "{MAIL}": 2}}')
    (folder / "bad.csv").write_text(f"name,mail\n{NAME},{MAIL}\n{NAME},{MAIL},{VALUES['phone']}\n")
    exif = Image.Exif()
    exif[0x013B], exif[0x9C9D] = NAME, MAIL.encode("utf-16-le")
    position = exif.get_ifd(0x8825)
    position[1], position[2], position[3], position[4] = "S", (33.0, 51.0, 24.97), "E", (151.0, 12.0, 54.7)
    Image.new("RGB", (8, 8)).save(folder / "photo.jpg", exif=exif)


def kill_once_measured(command: Sequence[object], journal: Path, environment: Mapping[str, str]) -> None:
    """Start an audit and kill it, with its workers, as soon as its journal holds what the first rule found."""
    with subprocess.Popen(
        [*map(str, command)],
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        deadline = time.monotonic() + 200
        while not (journal.exists() and b"findings.csv" in journal.read_bytes()):
            assert running.poll() is None, "the audit ended before it could be killed"
            assert time.monotonic() < deadline, "no rule was measured"
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """Runs the audit twice, the second time from its cache, in processes that cannot open a socket."""
    folder, left, site = (tmp_path_factory.mktemp(name) for name in ("subject", "left", "site"))
    seen = site / "seen"
    (site / "sitecustomize.py").write_text(GUARD)
    environment = {
        **os.environ, "PYTHONPATH": str(site), "SOCKETS_SEEN": str(seen), "AUDITGATE_CACHE": str(left / "cache"),
        "TMPDIR": str(left), "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    write_all(folder)
    (folder / "policy.yaml").write_text(POLICY)
    said: dict[str, bytes] = {}

    def audit(place: str, *words: object) -> None:
        command = [sys.executable, "-m", "audit", *map(str, words)]
        ended = subprocess.run(command, env=environment, cwd=left, capture_output=True, timeout=280)
        said[f"output of {place}"] = ended.stdout + ended.stderr
        assert b"Traceback" not in ended.stderr, ended.stderr

    for turn in ("first", "second"):
        audit(turn, "run", folder / "audit.yaml", "--policy", folder / "policy.yaml", "--out", left / turn, "--jobs", 1)
    killed = [
        sys.executable, "-m", "audit", "run", folder / "audit.yaml", "--policy", folder / "policy.yaml",
        "--out", left / "killed", "--jobs", "1", "--no-cache",
    ]  # fmt: skip
    kill_once_measured(killed, left / ".killed.journal", environment)
    for name in ("broken.json", "bad.csv"):
        audit(name, "measure", "reidentification", folder / name)
    socket = subprocess.run(
        [sys.executable, "-c", "import socket; socket.socket()"], env=environment, capture_output=True
    )
    assert socket.returncode == 1, "the guard is not in place"
    refused = seen.read_text().splitlines()
    assert len(refused) == 1, refused
    written = {str(path.relative_to(left)): path.read_bytes() for path in left.rglob("*") if path.is_file()}
    return Traces({**written, **said}, len((site / "seen.guarded").read_text().splitlines()))


def parts(value: str) -> Iterator[str]:
    """The value, its words of six letters or more, and its digits where there are seven or more."""
    yield value
    yield from re.findall(r"[A-Za-z]{6,}(?=\W|$)", value.replace("example", ""))
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 7:
        yield from (digits, value.replace(" ", ""), digits[-7:], digits[:7])


def spellings(part: str) -> Iterator[bytes]:
    """How a part could be written without being seen: other letters, other bytes, hashes."""
    for text in {part, part.lower(), part.upper()}:
        plain = text.encode()
        yield from (plain, text.encode("utf-16-le"), base64.b64encode(plain).rstrip(b"="), plain.hex().encode())
        for name in ("md5", "sha1", "sha256"):
            digest = hashlib.new(name, plain)
            yield from (digest.hexdigest().encode(), digest.digest(), digest.hexdigest()[:12].encode())


def unpacked(content: bytes) -> bytes:
    """The bytes, and what is packed in them."""
    found = [content]
    for start in (match.start() for match in re.finditer(b"\x1f\x8b\x08|x[\x01\x5e\x9c\xda]", content)):
        try:
            found.append(zlib.decompressobj(47).decompress(content[start:], 10_000_000))
        except zlib.error:
            continue
    for match in re.finditer(rb"[A-Za-z0-9+/]{40,}={0,2}", content):  # files inside JSON
        letters = match[0].rstrip(b"=")
        whole = letters[:-1] if len(letters) % 4 == 1 else letters
        found.append(base64.b64decode(whole + b"=" * (-len(whole) % 4)))
    return b"\0".join(found)


@cache
def left_by(place: str, content: bytes) -> bytes:
    """All that one file tells, its name included."""
    return unpacked(content) + b"\0" + place.encode()


def test_the_values_were_found_at_all(traces: Traces) -> None:
    """A search that finds nothing shows nothing where nothing was read."""
    bundle = json.loads(traces.files["first/bundle.json"])
    verdicts = {entry["id"]: entry["verdict"] for entry in bundle["entries"]}
    assert verdicts["exact"] == "FAIL"
    assert verdicts["singled-out"] in ("PASS", "INCONCLUSIVE", "FAIL")
    assert "ERROR" not in verdicts.values(), verdicts
    findings = traces.files["first/evidence/exact/findings.csv"].decode()
    assert {"EMAIL_ADDRESS", "IBAN_CODE", "PHONE_NUMBER"} <= set(re.split(r"[,\n]", findings))
    assert {line.split(",")[0] for line in findings.splitlines()[1:]} == {
        f"data.{role}" for role in ("train", "test", "reference", "current", "trusted")
    }
    assert any(name.startswith("cache/") for name in traces.files)
    assert b"findings.csv" in traces.files[".killed.journal"]


def test_damaged_files_are_told_without_their_values(traces: Traces) -> None:
    assert b"broken.json" in traces.files["output of broken.json"]
    assert b"bad.csv" in traces.files["output of bad.csv"]


@pytest.mark.parametrize("value", [*VALUES.values(), COLUMN])
def test_no_byte_of_a_value_is_anywhere(traces: Traces, value: str) -> None:
    found = {
        (place, part)
        for part in set(parts(value))
        for spelling in spellings(part)
        for place, content in traces.files.items()
        if spelling in left_by(place, content)
    }
    assert not found


def test_the_search_sees_what_it_looks_for() -> None:
    inside = b'{"content": "' + base64.b64encode(b"row,reason\n7,said to " + MAIL.encode()) + b'"}'
    assert MAIL.encode() in unpacked(inside)
    hidden = zlib.compress(b"to " + MAIL.upper().encode())
    assert any(spelling in unpacked(b"..." + hidden) for spelling in spellings(MAIL))
    told = hashlib.sha256(b"zwetschkenbaum").hexdigest().encode()
    assert any(spelling in told for part in parts(NAME) for spelling in spellings(part))
    assert "4933023" not in parts(VALUES["phone"])
    assert {"Zwetschkenbaum", "Quirinia"} <= set(parts(NAME))


def test_processes_were_guarded(traces: Traces) -> None:
    """Refused sockets fail the fixture; here only that every command ran behind the guard."""
    assert traces.processes >= 5
