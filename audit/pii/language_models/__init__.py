"""Language models that find names and places: by the user's choice, from this machine's disk alone.

A model is a spaCy pipeline (name of an installed package, or its folder) or a folder with a token classifier of
`transformers`. Nothing is ever looked up or downloaded: a name that is not installed is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from audit.errors import AuditError
from audit.pii.language_models.tidied import tidied
from audit.pii.spans import Span

NAMED = frozenset({"LOCATION", "PERSON"})
"""What a model is named for: whoever asks for one wants people and places to be seen by it."""


@dataclass(frozen=True)
class LanguageModel:
    """A model that is ready to read.

    Attributes:
        entities: kinds that it can find, sorted.
        find_many: findings of each text, in the order of the texts.
    """

    entities: tuple[str, ...]
    find_many: Callable[[Sequence[str]], list[list[Span]]]


@cache
def opened(model: str) -> LanguageModel:
    """Open a model.

    Args:
        model: name of an installed spaCy pipeline, its folder, or the folder of a token classifier.

    Raises:
        AuditError: nothing is there, it needs code of its own, or its labels name no kind of personal data.
        MissingExtra: a token classifier, and `transformers` is not installed.
    """
    from audit.pii.language_models import spacy_pipeline, token_classifier

    found = token_classifier.opened(place(model)) if is_token_classifier(model) else spacy_pipeline.opened(model)
    return replace(found, find_many=lambda texts: _tidied(texts, found.find_many(texts)))


def lacking(model: str) -> tuple[str, ...]:
    """Which of `NAMED` none of a model's labels names, sorted; errors as `opened`."""
    return tuple(sorted(NAMED.difference(opened(model).entities)))


def is_token_classifier(model: str) -> bool:
    """Whether a model is the folder of a token classifier and not a spaCy pipeline."""
    return (Path(model) / "config.json").is_file() and not (Path(model) / "meta.json").is_file()


def digest(model: str) -> str:
    """SHA-256 over all files of a model, in hexadecimal digits.

    It is the digest of one line a file, sorted by path: the file's own digest, two spaces, its path inside the model's
    folder. `sha256sum` prints the same lines. Compiled Python files are left out: reading a package writes them.

    Raises:
        AuditError: nothing is there.
    """
    folder = place(model)
    files = sorted(
        (path.relative_to(folder).as_posix(), path)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )
    lines = "".join(f"{_file_digest(path)}  {name}\n" for name, path in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def place(model: str) -> Path:
    """Folder in which a model lies.

    Raises:
        AuditError: nothing is there.
    """
    import spacy

    if Path(model).is_dir():
        return Path(model)
    if spacy.util.is_package(model):
        return Path(spacy.util.get_package_path(model))
    raise AuditError(
        f'no model "{model}": it is neither an installed spaCy pipeline nor a folder; '
        "install one from a source that you trust and name it, or leave out the model"
    )


def _tidied(texts: Sequence[str], found: list[list[Span]]) -> list[list[Span]]:
    return [list(tidied(text, spans)) for text, spans in zip(texts, found, strict=True)]


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
