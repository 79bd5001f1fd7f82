"""Keras archives (`.keras`): the model as JSON, the weights as HDF5 and the words of text layers as plain text."""

from __future__ import annotations

from audit.artifact import keras_config, pickle_stream, strict_json
from audit.artifact.archives import Member
from audit.artifact.report import Findings, Unreadable

CONFIG, METADATA = "config.json", "metadata.json"
MAX_CONFIG = 64 << 20


def is_keras(members: list[Member]) -> bool:
    """Whether the members are those of a Keras archive."""
    return {CONFIG, METADATA} <= {member.name for member in members}


def scan(members: list[Member], findings: Findings, place: str) -> list[Member]:
    """Read the description of the model.

    Returns:
        The weights, which are files of their own.

    Raises:
        Unreadable: a part is too large, or no text where it has to be.
    """
    files = []
    for member in members:
        where = f"{place}/{member.name}"
        if member.name == CONFIG:
            keras_config.scan(_text(member, where), findings, where)
        elif member.name.endswith(".json"):
            strict_json.parse(_text(member, where), where)
        elif member.name.startswith("assets/"):
            pickle_stream.probe(member.content, findings, where)
            _plain(_text(member, where), where)
        else:
            files.append(member)
    return files


def _text(member: Member, where: str) -> bytes:
    if len(member.content) > MAX_CONFIG:
        raise Unreadable(f"{where} is larger than {MAX_CONFIG:,} bytes")
    return member.content[:]


def _plain(content: bytes, where: str) -> None:
    """Words of a vocabulary, one a line."""
    text = content.decode("utf-8", "replace")
    if "\0" in text or "\ufffd" in text:
        raise Unreadable(f"{where} is no text")
