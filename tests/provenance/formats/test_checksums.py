"""Checksum files: what the usual programs write is read, and a line that could mean two things is refused."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from audit import provenance
from audit.provenance import Claim, Malformed, Record

DIGEST = hashlib.sha256(b"model").hexdigest()
OTHER = hashlib.sha256(b"data").hexdigest()
LONG = hashlib.blake2b(b"model").hexdigest()
NAMES = ("model.skops", "with space.csv", "Model.skops", "-dash", "ünï.csv", " leading", "a(b) = c", "*star")


def read(text: str | bytes, path: str = "SHA256SUMS") -> Record:
    return provenance.read(path, text.encode() if isinstance(text, str) else text)[0]


def written(folder: Path, *command: str) -> bytes:
    """What a program prints for files of all the names, each with its own name as content."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    for name in NAMES:
        (folder / name).write_bytes(name.encode())
    names = [name if command[0] != "openssl" else f"./{name}" for name in NAMES]
    separator = [] if command[0] == "openssl" else ["--"]
    done = subprocess.run([*command, *separator, *names], cwd=folder, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"this {command[0]} does not know {command[-1]}")
    return done.stdout


@pytest.mark.parametrize(
    ("command", "path", "algorithm"),
    [
        (("sha256sum",), "SHA256SUMS", "sha256"), (("sha256sum", "--binary"), "any", "sha256"),
        (("sha256sum", "--tag"), "any", "sha256"), (("md5sum",), "MD5SUMS", "md5"), (("sha1sum", "--tag"), "x", "sha1"),
        (("sha384sum",), "any", "sha384"), (("sha512sum",), "any", "sha512"), (("b2sum", "--tag"), "any", "blake2b"),
        (("b2sum",), "B2SUMS", "blake2b"), (("cksum", "-a", "blake2b"), "any", "blake2b"),
        (("cksum", "-a", "sha512", "--untagged"), "any", "sha512"), (("openssl", "dgst", "-sha256"), "any", "sha256"),
        (("openssl", "dgst", "-sha3-256"), "any", "sha3_256"), (("openssl", "dgst", "-md5"), "any", "md5"),
        (("openssl", "dgst", "-blake2b512"), "any", "blake2b"), (("openssl", "dgst", "-blake2s256"), "any", "blake2s"),
    ],
)  # fmt: skip
def test_what_programs_write_is_read(tmp_path: Path, command: tuple[str, ...], path: str, algorithm: str) -> None:
    expected = {
        Claim(name, algorithm, hashlib.new(algorithm, name.encode(), usedforsecurity=False).hexdigest())
        for name in NAMES
    }
    assert set(read(written(tmp_path, *command), path).claims) == expected, "names that differ in case are two files"


@pytest.mark.parametrize(
    ("path", "text", "claim"),
    [
        ("x.sha256", f"# made today\n\n{DIGEST.upper()} *./a/model.skops\n", ("a/model.skops", "sha256", DIGEST)),
        ("SHA256SUMS.txt", f"{DIGEST}  a b.csv\r\n", ("a b.csv", "sha256", DIGEST)),
        ("any", f"SHA256(m.pkl)= {DIGEST}\n", ("m.pkl", "sha256", DIGEST)),
        ("any", f"SHA2-256(m.pkl)= {DIGEST}\n", ("m.pkl", "sha256", DIGEST)),
        ("any", f"SHA3-256 (m.pkl) = {DIGEST}\n", ("m.pkl", "sha3_256", DIGEST)),
        ("m.pkl.sha3-256", f"{DIGEST}  m.pkl\n", ("m.pkl", "sha3_256", DIGEST)),
        ("MD5SUMS", f"{'a' * 32}  m.pkl", ("m.pkl", "md5", "a" * 32)),
        ("any", f"{LONG}  m.pkl\n", ("m.pkl", "sha512", LONG)),
        ("any", f"\ufeff{DIGEST}  m.pkl\r\n", ("m.pkl", "sha256", DIGEST)),
        ("b2sums.txt", f"{LONG}  m.pkl\n", ("m.pkl", "blake2b", LONG)),
        ("any", f"BLAKE2b (m.pkl) = {LONG}\n", ("m.pkl", "blake2b", LONG)),
    ],
)
def test_the_kind_of_digest_is_what_the_line_or_the_file_name_says(
    path: str, text: str, claim: tuple[str, str, str]
) -> None:
    assert read(text, path).claims == (Claim(*claim),)


def test_the_digest_of_b2sum_is_not_taken_for_sha512() -> None:
    files = [provenance.fingerprint("model", b"model")]
    assert provenance.assess([read(f"{LONG}  model\n", "B2SUMS")], files).level == "bound"
    assert provenance.assess([read(f"{LONG}  model\n", "sums")], files).files[0].state == "contradicted"


def test_names_that_are_one_file_on_other_disks_are_noted() -> None:
    record = read(f"{DIGEST}  model.skops\n{OTHER}  MODEL.skops\n{DIGEST}  a\n")
    assert len(record.claims) == 3
    assert len(record.notes) == 1
    assert "'model.skops' and 'MODEL.skops'" in record.notes[0]
    assert len(read(f"{DIGEST}  \u00e9\n{OTHER}  e\u0301\n").notes) == 1
    assert read(f"{DIGEST}  a\n{OTHER}  b\n").notes == ()
    many = "".join(f"{DIGEST}  {letter}{number}\n" for number in range(500) for letter in "aA")
    assert len(read(many).notes) == 20


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", "# nothing\n", f"{DIGEST}  ../model.skops\n", f"{DIGEST}  /etc/passwd\n", f"{DIGEST}  a/../../b\n",
        f"{DIGEST}  C:\\model\n", f"\\{DIGEST}  a\\\\b\n", f"\\{DIGEST}  a\\nb\n", f"\\{DIGEST}  a\\qb\n",
        f"\\{DIGEST}  a\\\n", f"{DIGEST}  a\n{DIGEST}  a\n", f"{DIGEST}  a\n{OTHER}  ./a\n", f"{DIGEST[:-1]}  a\n",
        f"{'a' * 32}  a\n", f"{DIGEST} a\n", f"{DIGEST}  \n", f"{DIGEST}  a\nsome words\n", "z" * 64 + "  a\n",
        f"{DIGEST}  a\tb\n", f"{DIGEST}  a\r\n{OTHER}  b\n", f"{DIGEST}  a\0", f"MD5 (a) = {'a' * 32}\n",
        f"SHA3-256 (a) = {DIGEST}\n", f"BLAKE2b-256 (a) = {DIGEST}\n", f"HMAC-SHA256(a)= {DIGEST}\n",
        f"SHA2-512/256(a)= {DIGEST}\n", f"SHA256 (a) = {DIGEST}=\n", f"SM3 (a) = {DIGEST}\n", f"{LONG}  a\n",
        f"{DIGEST}  {'a' * 5000}\n", f"\ufeff\ufeff{DIGEST}  a\n", f"{DIGEST}  a\n\ufeff{DIGEST}  b\n", "1234567 9 a\n",
    ],
)  # fmt: skip
def test_doubtful_checksums_are_refused(text: str) -> None:
    with pytest.raises(Malformed, match="SHA256SUMS"):
        read(text)


@pytest.mark.slow
def test_a_file_as_large_as_is_read_takes_seconds() -> None:
    lines = b"".join(b"%064x  data/%d\n" % (number, number) for number in range(200_000))[:15_900_000]
    started = time.process_time()
    assert len(read(lines[: lines.rindex(b"\n")]).claims) > 190_000
    assert time.process_time() - started < 20


def test_more_lines_than_are_read_are_refused() -> None:
    with pytest.raises(Malformed, match="lines"):
        read(b"\n" * 300_000)
