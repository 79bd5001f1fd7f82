"""Writes files whose bytes depend on what is in them alone: no clock, no memory addresses."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

EPOCH = (1980, 1, 1, 0, 0, 0)


def write_skops(path: Path, estimator: Any) -> None:
    """A skops file. skops names parts by their address in memory; here they are numbered in the order of the schema."""
    import skops.io

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(estimator))) as dumped:
        parts = {name: dumped.read(name) for name in dumped.namelist()}
    numbers: dict[str, str] = {}
    schema = _renumbered(json.loads(parts.pop("schema.json")), numbers)
    renamed = {_new_name(name, numbers): content for name, content in parts.items()}
    write_zip(path, {**renamed, "schema.json": json.dumps(schema, indent=2).encode()})


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """A NumPy archive, compressed."""
    parts = {}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, allow_pickle=False)
        parts[f"{name}.npy"] = buffer.getvalue()
    write_zip(path, parts)


def write_zip(path: Path, parts: Mapping[str, bytes]) -> None:
    """A zip file with sorted members and no dates."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(parts):
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(member, parts[name])


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """A CSV file with `\\n` at the end of each line."""
    path.write_text(frame.to_csv(index=False, lineterminator="\n"), encoding="utf-8", newline="")


def write_sums(folder: Path, names: Iterable[str]) -> None:
    """`SHA256SUMS` over some files of a folder, as `sha256sum -c` reads it."""
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(names)]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="")


def _renumbered(node: Any, numbers: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_renumbered(item, numbers) for item in node]
    if not isinstance(node, dict):
        return node
    fresh = {}
    for key, value in node.items():
        if key == "_stop_words_id":
            continue  # an address in memory that a vectorizer keeps; without it, it looks at its stop words again
        if key == "__id__":
            fresh[key] = int(numbers.setdefault(str(value), str(len(numbers) + 1)))
        elif key == "file" and isinstance(value, str):
            fresh[key] = _new_name(value, numbers)
        else:
            fresh[key] = _renumbered(value, numbers)
    return fresh


def _new_name(name: str, numbers: dict[str, str]) -> str:
    stem, dot, suffix = name.partition(".")
    return f"{numbers.setdefault(stem, str(len(numbers) + 1))}{dot}{suffix}"
