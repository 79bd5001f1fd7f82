"""A file that may be a provenance record: its name, its bytes, and its JSON where it holds some."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from audit.provenance.json_text import bounded, parse
from audit.provenance.predicate import is_model_signature


@dataclass(frozen=True)
class RecordFile:
    """What a format is shown, to say whether the file is one of its own and to take it apart.

    Attributes:
        path: relative to the folder of the subject, with forward slashes.
        content: its bytes.
    """

    path: str
    content: bytes

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def is_json(self) -> bool:
        """Whether it begins as a JSON object does."""
        return self.content.lstrip()[:1] == b"{"

    @cached_property
    def is_model_signature(self) -> bool:
        """Whether each of its documents holds the signature of a model.

        Raises:
            Malformed: as `documents`.
        """
        return self.is_json and all(is_model_signature(document) for document in self.documents)

    @cached_property
    def documents(self) -> tuple[dict[str, Any], ...]:
        """The JSON objects in it: one, or one a line where the name ends with `.jsonl` or `.ndjson`.

        Under such a name, too, one object may go over several lines: builders write their only statement so.

        Raises:
            Malformed: it is no JSON object, or two readers would read it differently.
        """
        opening = self.content.lstrip().partition(b"\n")[0].rstrip()
        if not self.path.endswith((".jsonl", ".ndjson")) or not opening.endswith(b"}"):
            return (parse(self.content, self.path),)
        bounded(self.content, self.path)
        lines = enumerate(self.content.split(b"\n"), start=1)
        return tuple(parse(line, f"{self.path}:{number}") for number, line in lines if line.strip())
