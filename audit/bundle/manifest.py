"""`MANIFEST.sha256`: one line a file, in the form that `sha256sum -c` reads, sorted by path."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def render(digests: Mapping[str, str]) -> bytes:
    """The manifest of files with these digests, by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode()


def differences(digests: Mapping[str, str], manifest: bytes) -> list[str]:
    """What differs between the files on disk and a manifest, one sentence each; empty if it is exactly theirs.

    Args:
        digests: of the files on disk, hexadecimal, by path.
    """
    if manifest == render(digests):
        return []
    listed: dict[str, str] = {}
    problems = []
    for number, line in enumerate(manifest.decode("utf-8", "backslashreplace").split("\n"), start=1):
        if found := _LINE.fullmatch(line):
            listed[found[2]] = found[1]
        elif line:
            problems.append(f"MANIFEST.sha256:{number}: not a line of a manifest")
    problems += [f"{path}: missing" for path in sorted(set(listed) - set(digests))]
    problems += [f"{path}: not in the manifest" for path in sorted(set(digests) - set(listed))]
    problems += [f"{path}: changed" for path in sorted(set(digests) & set(listed)) if digests[path] != listed[path]]
    return problems or ["MANIFEST.sha256: not in its exact form (order, line ends or repeated lines)"]
