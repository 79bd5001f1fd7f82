"""Names of the files in a bundle, and how foreign names become safe ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

MANIFEST = "MANIFEST.sha256"
ATTESTATION = "attestation.dsse.json"
RESOLVED_POLICY = "policy.resolved.yaml"
LOCK = "policy.lock"
POLICY_FOLDER, EVIDENCE_FOLDER, REPORT_FOLDER = "policy", "evidence", "reports"

TOP_NAMES = frozenset(
    {
        "bundle.json",
        "run.json",
        "waivers.json",
        RESOLVED_POLICY,
        LOCK,
        POLICY_FOLDER,
        EVIDENCE_FOLDER,
        REPORT_FOLDER,
        ATTESTATION,
        MANIFEST,
    }
)
"""All that can stand at the top of a bundle; a folder that holds anything else is not overwritten."""

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def safe_name(name: str) -> str:
    """A file name made of letters, digits, dot, dash and underscore, at most 100 long, that cannot leave its folder.

    A name that had to be changed carries eight digits of its digest, so that two names never become one.
    """
    if _SAFE.fullmatch(name) and not name.endswith("."):
        return name
    stem, dot, suffix = _UNSAFE.sub("_", name).strip("._-")[-80:].rpartition(".")
    if not dot or len(suffix) > 10:
        stem, suffix = stem + dot + suffix, ""
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{stem.strip('._-') or 'unnamed'}-{digest}{'.' + suffix if suffix else ''}"


def distinct(names: Iterable[str]) -> list[str]:
    """Safe names, numbered where two would be one, also on file systems that ignore case."""
    taken: set[str] = set()
    last: dict[str, int] = {}  # else the ten thousandth of one name would try all numbers before
    result = []
    for name in map(safe_name, names):
        stem, dot, suffix = name.rpartition(".")
        candidate, count = name, last.get(name.lower(), 1)
        while candidate.lower() in taken:
            count += 1
            candidate = f"{stem}-{count}.{suffix}" if dot else f"{name}-{count}"
        last[name.lower()] = count
        taken.add(candidate.lower())
        result.append(candidate)
    return result


def policy_paths(sources: Iterable[str]) -> list[str]:
    """Where each policy file lies in the bundle, from the names under which they were read."""
    names = (re.split(r"[/\\]", source)[-1] for source in sources)
    named = (f"builtin-{name.removeprefix('builtin:')}.yaml" if name.startswith("builtin:") else name for name in names)
    return [f"{POLICY_FOLDER}/{name}" for name in distinct(named)]


def evidence_paths(rule: str, names: Iterable[str]) -> list[str]:
    """Where the evidence files of one rule lie in the bundle."""
    return [f"{EVIDENCE_FOLDER}/{safe_name(rule)}/{name}" for name in distinct(names)]
