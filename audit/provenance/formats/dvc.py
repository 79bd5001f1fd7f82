"""DVC's `dvc.lock` and `.dvc` files: the md5 of each tracked file, which is a weak digest, and what was made from what.

Only entries with `hash: md5` (DVC 3) are compared. Without that key DVC 2 wrote them, with an md5 that leaves line ends
out of account. A digest that ends in `.dir` is the md5 of a list of all files in a folder; it is not compared, either.
Where a stage of a pipeline has a `wdir` in `dvc.yaml`, its paths in the lock are relative to that; `dvc.yaml` says what
to run and is no record. What lies above the folder, or at an absolute path, is told and not compared. What stages only
read ties data files, never the model.

Source: DVC documentation, "dvc.yaml Files", section "dvc.lock file", and ".dvc Files".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from audit.provenance.json_text import objects, shown
from audit.provenance.record import LONGEST_NAME, Claim, Link, Malformed, Record, Role, checked_name, claim
from audit.provenance.record_file import RecordFile
from audit.yaml_file import YamlError
from audit.yaml_file import read as read_yaml

KIND = "dvc"
_MOST_LINKS = 20_000
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_FOLDER = re.compile(r"[0-9a-f]{32}\.dir")


@dataclass(frozen=True)
class _Entry:
    """One dependency or output.

    Attributes:
        name: path from the folder of the file, or the address that it was imported from.
        claims: its digest, or those of the files in it; none where they cannot be compared.
        note: why it has no digest here; empty where it has one.
    """

    name: str
    claims: tuple[Claim, ...]
    note: str = ""


def recognises(file: RecordFile) -> bool:
    """Whether the file is named as DVC names its files."""
    return file.name == "dvc.lock" or file.path.endswith(".dvc")


def read(file: RecordFile) -> tuple[Record, ...]:
    """Every md5 of a file, and the steps of the pipeline.

    Raises:
        Malformed: the file is not what DVC writes, or one file has two digests.
    """
    path = file.path
    try:
        document = read_yaml(path, file.content).value
    except YamlError as problem:
        raise Malformed(problem.problems[0]) from problem
    folder = _working_folder(document, path)
    inside = not _leaves(folder)
    claims: dict[str, Claim] = {}
    notes: dict[str, None] = {}
    links: list[Link] = []
    for stage, holder in _steps(document, file).items():
        above = "" if inside else folder
        where = f"{path}: {stage}" if stage else path
        sources, targets = (_entries(holder, key, above, where) for key in ("deps", "outs"))
        for entry in (*sources, *targets):
            notes |= {entry.note: None} if entry.note else {}
            for one in entry.claims:
                known = claims.setdefault(one.name, one)
                if known.digest != one.digest:
                    raise Malformed(f"{path}: {shown(one.name)} has two digests, so a stage has to run again")
                claims[one.name] = known if known.role == "made" else one
        if len(links) + len(sources) * len(targets) > _MOST_LINKS:
            raise Malformed(f"{path}: more than {_MOST_LINKS:,} steps from one file to another")
        links += [Link(source.name, target.name, stage or "imported") for source in sources for target in targets]
    if not claims and not notes:
        raise Malformed(f"{path}: it tracks nothing")
    record = Record(path, KIND, tuple(claims.values()), names_are_paths=True, notes=tuple(notes), links=tuple(links))
    return (record if folder == "." or not inside else replace(record, root=record.place(checked_name(folder, path))),)


def _working_folder(document: Mapping[str, Any], path: str) -> str:
    """Folder to which the paths are relative, seen from that of the file."""
    folder = document.get("wdir", ".")
    if not isinstance(folder, str) or not folder:
        raise Malformed(f"{path}: wdir is no path")
    return folder


def _steps(document: Mapping[str, Any], file: RecordFile) -> Mapping[str, dict[str, Any]]:
    """What holds dependencies and outputs, by the name of the stage; a `.dvc` file is one step without a name."""
    if file.name != "dvc.lock":
        return {"": dict(document)}
    if document.get("schema") not in ("2.0", 2.0):
        raise Malformed(f"{file.path}: schema 2.0 is expected")
    stages = document.get("stages")
    if not isinstance(stages, dict) or not all(isinstance(stage, dict) for stage in stages.values()):
        raise Malformed(f"{file.path}: stages are expected, each with its dependencies and outputs")
    return stages


def _entries(holder: Mapping[str, Any], key: str, above: str, where: str) -> list[_Entry]:
    where = f"{where}: {key}"
    role: Role = "made" if key == "outs" else "input"
    return [_entry(entry, above, role, where) for entry in objects(holder.get(key), where)]


def _entry(entry: Mapping[str, Any], above: str, role: Role, where: str) -> _Entry:
    """One dependency or output.

    Args:
        above: folder to which paths are relative where that is outside of the folder of the file; else empty.
    """
    path = entry.get("path")
    if not isinstance(path, str) or not path:
        raise Malformed(f"{where}: an entry has no path")
    origin = entry.get("repo")
    if isinstance(origin, dict) and isinstance(origin.get("url"), str):  # a path in another repository
        return _Entry(f"{origin['url']}#{path}", (), f"{where}: {shown(path)} comes from another repository")
    if _REMOTE.match(path) and len(path.partition(":")[0]) > 1:
        return _Entry(path, (), f"{where}: {shown(path)} lies elsewhere")
    outside = f"{above}/{path}" if above else path
    if _leaves(outside):
        if len(outside) > LONGEST_NAME or not outside.isprintable():
            raise Malformed(f"{where}: a path is too long or holds characters that no path has")
        return _Entry(outside, (), f"{where}: {shown(outside)} lies outside of the folder; it is not compared")
    name = checked_name(path, where)
    if "files" in entry:
        return _Entry(name, tuple(_inside(name, entry, role, where)))
    digest = entry.get("md5")
    if digest is not None and not isinstance(digest, str):
        raise Malformed(f"{where}: the md5 of {shown(name)} is no text; a number has to stand in quotes")
    if digest is None:
        return _Entry(name, (), f"{where}: {shown(name)} has no md5; it is not compared")
    if _FOLDER.fullmatch(digest):
        return _Entry(name, (), f"{where}: {shown(name)} is a folder with one digest over a list; it is not compared")
    found = claim(name, "md5", digest, where, role)
    if "hash" not in entry:
        return _Entry(name, (), f"{where}: the digest of {shown(name)} was written by DVC 2; it is not compared")
    if entry["hash"] != "md5":
        raise Malformed(f"{where}: {shown(name)} has a kind of hash that is not known; md5 is expected")
    return _Entry(name, (found,) if found else ())


def _leaves(path: str) -> bool:
    """Whether a path is absolute or leads out of the folder that it starts in."""
    return path.startswith(("/", "~")) or path[1:2] == ":" or ".." in path.split("/")


def _inside(folder: str, entry: Mapping[str, Any], role: Role, where: str) -> Iterator[Claim]:
    """Digests of the files of a folder that keeps them one by one, as remotes with versions do."""
    for item in objects(entry["files"], f"{where}: files"):
        name = item.get("relpath")
        if not isinstance(name, str):
            raise Malformed(f"{where}: a file in {shown(folder)} has no relpath")
        found = claim(f"{folder}/{checked_name(name, where)}", "md5", item.get("md5"), where, role)
        if found is not None and entry.get("hash") == "md5":
            yield found
