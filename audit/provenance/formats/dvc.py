"""DVC's `dvc.lock` and `.dvc` files: the md5 of each tracked file, which is a weak digest.

Only entries with `hash: md5` (DVC 3) are compared. Without that key DVC 2 wrote them, with an md5 that leaves line ends
out of account; a digest ending in `.dir` stands for a folder.

Source: DVC documentation, "dvc.lock file" and ".dvc files".
"""

from __future__ import annotations

from typing import Any

from audit.provenance.record import Claim, Malformed, Record, checked_name, claim
from audit.provenance.record_file import RecordFile
from audit.yaml_file import YamlError
from audit.yaml_file import read as read_yaml

KIND = "dvc"


def recognises(file: RecordFile) -> bool:
    """Whether the file is named as DVC names its files."""
    return file.name == "dvc.lock" or file.path.endswith(".dvc")


def read(file: RecordFile) -> tuple[Record, ...]:
    """Every md5 of a file.

    Raises:
        Malformed: the file is not what DVC writes, or holds no entry that can be compared.
    """
    path = file.path
    try:
        document = read_yaml(path, file.content).value
    except YamlError as problem:
        raise Malformed(problem.problems[0]) from problem
    claims: dict[Claim, None] = {}
    notes: list[str] = []
    for entry in _entries(document, path):
        if not isinstance(entry.get("path"), str):
            raise Malformed(f"{path}: an entry has no path")
        name, digest = checked_name(entry["path"], path), str(entry.get("md5", ""))
        if entry.get("hash") != "md5" or digest.endswith(".dir"):
            notes.append(f"{path}: {name!r} is a folder, or its digest was written by DVC 2; it is not compared")
            continue
        found = claim(name, "md5", digest, path)
        if found is not None:
            claims[found] = None
    if not claims:
        raise Malformed(f"{path}: no entry has an md5 that can be compared")
    return (Record(path, KIND, tuple(claims), names_are_paths=True, notes=tuple(dict.fromkeys(notes))),)


def _entries(document: Any, path: str) -> list[dict[str, Any]]:
    """All dependencies and outputs, of a file or of every stage of a lock."""
    if not isinstance(document, dict):
        raise Malformed(f"{path}: not what DVC writes")
    stages = document.get("stages")
    holders = list(stages.values()) if isinstance(stages, dict) else [document]
    found: list[dict[str, Any]] = []
    for holder in holders:
        if not isinstance(holder, dict):
            raise Malformed(f"{path}: not what DVC writes")
        for key in ("deps", "outs"):
            items = holder.get(key) or []
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise Malformed(f"{path}: {key!r} is not what DVC writes")
            found += items
    return found
