"""Each value of a bundle's JSON files replaced by one of another type: an answer, never a crash."""

from __future__ import annotations

import copy
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from audit.bundle import diff, read, verify
from audit.cli import root
from audit.errors import BundleError

WRONG: tuple[Any, ...] = (["PASS"], {"a": 1}, None, -1, "x", "\ud800")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for key, item in inner:
        yield from leaves(item, (*path, key))
    if not inner and path:
        yield path


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    result = copy.deepcopy(value)
    inside = result
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = new
    return result


@pytest.mark.parametrize("name", ["bundle.json", "run.json", "waivers.json"])
def test_no_type_is_trusted(name: str, written: Path) -> None:
    sound = read(written)
    values = json.loads((written / name).read_bytes())
    tried = 0
    # of the eight entries those with numbers that are null and with a waiver
    paths = [path for path in leaves(values) if path[0] != "entries" or path[1] in (3, 5)]
    for path in paths:
        for wrong in WRONG:
            (written / name).write_text(json.dumps(changed(values, path, wrong)))
            try:
                bundle = read(written)
            except BundleError:
                continue
            assert diff(sound, bundle) is not None
            assert verify(written).problems, (path, wrong)
            tried += 1
    assert tried > 0


@pytest.mark.parametrize("wrong", ['["PASS"]', "{}", "null", "5", '"\\ud800"'])
def test_the_command_line_says_so(wrong: str, written: Path, originals: Path) -> None:
    path = written / "bundle.json"
    path.write_text(path.read_text().replace('"verdict":"PASS"', f'"verdict":{wrong}'))
    for words in (["verify"], ["report"], ["diff", str(originals / "unsigned")]):
        ended = CliRunner().invoke(root, [*words, str(written)])
        assert ended.exit_code == 4, (words, traceback.format_exception(ended.exception))
        assert "bundle.json" in ended.output
