"""Does again what follows from a bundle: each verdict, its wording, the three JSON files and every report."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from audit import judge
from audit.bundle.canonical import BUNDLE, Decoded, encode
from audit.bundle.finding import Finding, cut, cut_around
from audit.bundle.layout import REPORT_FOLDER
from audit.bundle.read import Disk
from audit.bundle.write import WRITTEN_BY, render_reports
from audit.records import Bundle, Entry


def encoded(disk: Disk, decoded: Decoded) -> Iterator[Finding]:
    """JSON files that are not, byte for byte, what their content gives."""
    for name, content in encode(decoded.bundle, decoded.seal).items():
        if disk.content(name) != content:
            yield different_line(name, "not in the exact form that an audit writes", content, disk.content(name))


def judged(bundle: Bundle) -> Iterator[Finding]:
    """Verdicts and seeds that do not follow from the numbers and the policy."""
    if not bundle.entries:
        yield Finding(BUNDLE, "no rule was judged", place="entries")
    times = Counter(entry.id for entry in bundle.entries)
    for name in sorted(name for name in times if times[name] > 1):
        yield Finding(BUNDLE, f'rule "{name}" stands there twice', place="entries")
    for position, entry in enumerate(bundle.entries):
        place, seed = f"entries[{position}]", judge.seed_of(bundle.policy.seed, entry.id)
        if entry.seed != seed:
            told = f'rule "{entry.id}": its seed is not the one that the policy gives it'
            yield Finding(BUNDLE, told, None, f"{place}.seed", str(seed), str(entry.seed))
        verdict = _judge(entry, bundle).verdict
        if verdict is not entry.verdict:
            told = f'rule "{entry.id}": reads {entry.verdict}, but its numbers say {verdict}'
            yield Finding(BUNDLE, told, None, f"{place}.verdict", str(verdict), str(entry.verdict))


def worded(bundle: Bundle) -> Iterator[Finding]:
    """Sentences and reasons that are not what the numbers say."""
    for position, entry in enumerate(bundle.entries):
        judgement = _judge(entry, bundle)
        for name in ("sentence", "reasons"):
            wanted, found = getattr(judgement, name), getattr(entry, name)
            if wanted != found:
                told = f'rule "{entry.id}": its {name} is not what its numbers say'
                yield Finding(BUNDLE, told, None, f"entries[{position}].{name}", cut(wanted), cut(found))


def _judge(entry: Entry, bundle: Bundle) -> judge.Judgement:
    return judge.decide(
        entry.limits,
        entry.measures,
        doubts=entry.doubts,
        power=entry.power,
        min_power=entry.min_power,
        error=entry.error,
        finding=entry.finding,
        confidence=bundle.policy.confidence,
        waived=entry.waiver is not None,
    )


def rendered(disk: Disk, decoded: Decoded) -> Iterator[Finding]:
    """Reports that differ from a new rendering; an unknown or missing one too."""
    reports = render_reports(decoded.bundle)
    told = f"not what the bundle says (written by {decoded.seal.written_by}, read by {WRITTEN_BY})"
    for path in sorted(reports.keys() | set(disk.under(REPORT_FOLDER))):
        if path not in reports:
            yield Finding(path, "no report that is installed here writes this file")
        elif path not in disk.digests:
            yield Finding(path, "missing")
        elif disk.digests[path] != hashlib.sha256(reports[path]).hexdigest():
            kept = disk.contents.get(path)
            yield Finding(path, told) if kept is None else different_line(path, told, reports[path], kept)


def different_line(path: str, message: str, wanted: bytes, found: bytes) -> Finding:
    """A finding with the first line of a file that is not what it should be, both cut around the first difference."""
    lines = (content.decode("utf-8", "backslashreplace").split("\n") for content in (wanted, found))
    for number, (should, stands) in enumerate(zip_longest(*lines, fillvalue=""), start=1):
        if should != stands:
            pairs = enumerate(zip_longest(should, stands))
            at = next(position for position, (one, other) in pairs if one != other)
            return Finding(path, message, number, "", cut_around(should, at), cut_around(stands, at))
    return Finding(path, message)
