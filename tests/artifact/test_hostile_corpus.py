"""Several hundred files that act when they are opened: none is called safe, and most are shown to act."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from audit import artifact
from tests.artifact import hostile_files, marker_oracle

FILES = list(hostile_files.corpus())


def test_the_corpus_is_large_and_nothing_in_it_is_twice() -> None:
    assert len(FILES) >= 300
    assert len({file.name for file in FILES}) == len(FILES)


def test_none_of_them_is_called_safe() -> None:
    wrong = [file.name for file in FILES if artifact.scan_bytes(file.content, "model.pkl").safe]
    assert wrong == []


def test_most_of_them_say_what_would_run() -> None:
    """A name in the report is what a reviewer needs; only where bytes are damaged there may be none."""
    told = [file for file in FILES if artifact.scan_bytes(file.content, "model.pkl").unknown]
    assert len(told) / len(FILES) > 0.9


@pytest.mark.slow
def test_they_act_when_they_are_opened(tmp_path: Path) -> None:
    """Without this the corpus might consist of files that do nothing."""
    pytest.importorskip("torch")
    oracle = Path(__file__).with_name("marker_oracle.py")
    (tmp_path / "planted_marker.py").write_text(marker_oracle.MARKER)
    loaded = [(number, file.loader) for number, file in enumerate(FILES) if file.loader]
    for number, _ in loaded:
        (tmp_path / f"{number}.bin").write_bytes(FILES[number].content)
    (tmp_path / "manifest.json").write_text(json.dumps(loaded))
    done = subprocess.run([sys.executable, oracle, tmp_path], capture_output=True, text=True, timeout=300, check=True)
    acted = set(json.loads(done.stdout.splitlines()[-1]))
    expected = {number for number, file in enumerate(FILES) if file.acts}
    assert [FILES[number].name for number in sorted(expected - acted)] == []
    assert len(acted) >= 400
