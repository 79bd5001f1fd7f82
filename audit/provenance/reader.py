"""Recognises the kind of a provenance record and takes it apart."""

from __future__ import annotations

from audit.provenance import checksums, croissant, cyclonedx, dvc, in_toto
from audit.provenance.json_text import parse
from audit.provenance.record import MAX_BYTES, Malformed, Record


def read(path: str, content: bytes) -> Record:
    """One record.

    Args:
        path: relative to the folder of the subject; messages and relative names go by it.
        content: its bytes.

    Raises:
        Malformed: it is damaged, ambiguous, too large, empty or of a kind that is not read.
    """
    if len(content) > MAX_BYTES:
        raise Malformed(f"{path}: larger than {MAX_BYTES:,} bytes")
    if dvc.recognises(path):
        return dvc.read(path, content)
    if content.lstrip()[:1] != b"{":
        if checksums.recognises(path, content):
            return checksums.read(path, content)
        raise Malformed(f"{path}: no kind of record that is read here")
    if path.endswith(".jsonl"):
        lines = [line for line in content.split(b"\n") if line.strip()]
        return in_toto.read(path, [parse(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)])
    document = parse(content, path)
    if cyclonedx.recognises(document):
        return cyclonedx.read(path, document)
    if in_toto.recognises(document):
        return in_toto.read(path, [document])
    if croissant.recognises(document):
        return croissant.read(path, document)
    raise Malformed(f"{path}: JSON, but no kind of record that is read here")
