"""`MANIFEST.sha256`: one line a file, in the form that `sha256sum -c` reads, sorted by path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest

from audit.bundle.finding import Finding, cut
from audit.bundle.layout import MANIFEST

_MOST_FINDINGS = 100
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def render(digests: Mapping[str, str]) -> bytes:
    """The manifest of files with these digests, by path."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode()


@dataclass(frozen=True)
class _Line:
    """One line: the digest that a file should have."""

    number: int
    sha256: str


def differences(digests: Mapping[str, str], manifest: bytes) -> list[Finding]:
    """What differs between the files on disk and a manifest; empty if it is exactly theirs.

    Args:
        digests: of the files on disk, hexadecimal, by path.
    """
    if manifest == render(digests):
        return []
    found = list(islice(_differences(digests, manifest), _MOST_FINDINGS + 1))
    if len(found) > _MOST_FINDINGS:
        found[-1] = Finding(MANIFEST, f"differs from the files in more than {_MOST_FINDINGS} lines")
    return found or [_not_exact(render(digests), manifest)]


def _differences(digests: Mapping[str, str], manifest: bytes) -> Iterator[Finding]:
    listed: dict[str, _Line] = {}
    for number, line in enumerate(manifest.decode("utf-8", "backslashreplace").split("\n"), start=1):
        if found := _LINE.fullmatch(line):
            listed[found[2]] = _Line(number, found[1])
        elif line:
            yield Finding(MANIFEST, "not a line of a manifest", number, "", "DIGEST  PATH", cut(line))
    for path in sorted(set(listed) | set(digests)):
        if path not in digests:
            yield Finding(path, f"missing, though line {listed[path].number} of {MANIFEST} names it")
        elif path not in listed:
            yield Finding(path, f"not in the manifest: {MANIFEST} has no line for it", found=digests[path])
        elif digests[path] != listed[path].sha256:
            told = f"changed; line {listed[path].number} of {MANIFEST} says otherwise"
            yield Finding(path, told, expected=listed[path].sha256, found=digests[path])


def _not_exact(wanted: bytes, found: bytes) -> Finding:
    """The first line of a manifest of the right files that is not as it is always written."""
    message = "not in its exact form (order, line ends or repeated lines)"
    lines = (part.decode("utf-8", "backslashreplace").split("\n") for part in (wanted, found))
    for number, (should, stands) in enumerate(zip_longest(*lines, fillvalue=""), start=1):
        if should != stands:
            return Finding(MANIFEST, message, number, "", cut(should), cut(stands))
    return Finding(MANIFEST, message)
