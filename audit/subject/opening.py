"""Opens what a declaration names: the model after its scan, tables from the bytes that were hashed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from audit import models
from audit.data import Table, files, parse, parse_folder, streams
from audit.data.content import check_folder
from audit.data.streams import Stream
from audit.errors import NotMeasurable, SubjectError
from audit.isolation import Isolated
from audit.models import Model, Source
from audit.subject.declaration import DataEntry, Declaration, ModelEntry
from audit.subject.inputs import listed
from audit.subject.opener import Opener, Wanted


def open_model(declaration: Declaration, opener: Opener, isolated: Isolated) -> Model:
    """The declared model.

    Raises:
        SubjectError: the file cannot be read, is refused by the scan, or is no model of its format.
    """
    entry = declaration.model
    if entry is None:
        raise NotMeasurable("the subject has no model")
    source = Source(
        settings=entry.settings,
        types={name: spec.type for name, spec in declaration.features.items()},
        classes=entry.classes,
        folder=opener.folder,
        regression=declaration.task == "regression",
    )
    if entry.path is None:
        for path in program_files(entry, opener):
            opener.digest(path, "model.command")
    else:
        opened = opener.read(entry.path, "model", sha256=entry.sha256)
        source = replace(source, path=opener.folder / entry.path, content=opened.content)
    model = isolated.open(source, entry.format)
    try:
        return models.named(model, entry.classes) if entry.classes else model
    except SubjectError as error:
        raise SubjectError(f"{entry.place}: {error}") from error


def program_files(entry: ModelEntry, opener: Opener) -> tuple[str, ...]:
    """Words of a command that are files of the subject, such as `predict.py`: they are what answers."""
    words = [str(word) for word in entry.settings.get("command", ())]
    return tuple(word for word in words if not word.startswith("-") and _is_file(word, opener))


def _is_file(word: str, opener: Opener) -> bool:
    try:
        return not files.is_folder(opener.folder, files.checked_path(word))
    except SubjectError:
        return False


def open_table(declaration: Declaration, role: str, opener: Opener, opened: Mapping[str, Table]) -> Table:
    """One declared table.

    Args:
        opened: tables that were read already; one over the same file is shared.

    Raises:
        SubjectError: it cannot be read or understood, or lacks a declared column.
    """
    entry = declaration.data[role]
    twin = next((known for known in opened if _same(declaration.data.get(known), entry)), None)
    if twin is not None:
        opened_again(entry, role, opener)
        return replace(opened[twin], role=f"data.{role}")
    table = _read(entry, f"data.{role}", declaration.target, opener)
    if role in ("train", "test", "trusted"):
        _check_columns(declaration, table.columns, entry)
    return table


@contextmanager
def open_stream(declaration: Declaration, role: str, opener: Opener) -> Iterator[Stream]:
    """One declared table of a format that can be read in pieces, its files hashed and kept open.

    Raises:
        SubjectError: as `open_table`; of what lies in later rows, once those are read.
    """
    entry = declaration.data[role]
    with ExitStack() as opened:
        paths = [entry.path]
        if entry.folder:
            paths = list(files.members(opener.folder, files.checked_path(entry.path, allow_outside=True)))
            check_folder(paths, role=f"data.{role}")
        sealed = [opened.enter_context(opener.stream(path, f"data.{role}", sha256=entry.sha256)) for path in paths]
        stream = streams.of_files(sealed, format=entry.format, layout=entry.layout)
        if role in ("train", "test", "trusted"):
            _check_columns(declaration, stream.columns, entry)
        yield stream


def opened_again(entry: DataEntry, role: str, opener: Opener) -> None:
    """Record the same files under a second role."""
    opener.digest_all(list(_files_of(entry, role, opener)))


def digest_all(declaration: Declaration, opener: Opener) -> None:
    """Hash every file that the declaration names, several at a time."""
    opener.digest_all(list(_declared(declaration, opener)))


def _declared(declaration: Declaration, opener: Opener) -> Iterator[Wanted]:
    model = declaration.model
    if model is not None and model.path is not None:
        yield Wanted(model.path, "model", model.sha256)
    for path in program_files(model, opener) if model is not None else ():
        yield Wanted(path, "model.command")
    for role, entry in declaration.data.items():
        yield from _files_of(entry, role, opener)
    if declaration.recipe is not None:
        yield Wanted(declaration.recipe.rpartition(":")[0], "training")
    for path in declaration.provenance:
        yield Wanted(path, "provenance")
    for kind, path in declaration.documents.items():
        yield Wanted(path, f"documents.{kind}")


def _files_of(entry: DataEntry, role: str, opener: Opener) -> Iterator[Wanted]:
    if not entry.folder:
        yield Wanted(entry.path, f"data.{role}", entry.sha256)
        return
    checked = files.checked_path(entry.path, allow_outside=opener.allow_outside)
    for member in files.members(opener.folder, checked):
        yield Wanted(member, f"data.{role}")


def _read(entry: DataEntry, role: str, target: str | None, opener: Opener) -> Table:
    if entry.folder:
        parts = [(file.path, file.content) for file in opener.read_folder(entry.path, role)]
        return parse_folder(parts, role=role, target=target, layout=entry.layout)
    content = opener.read(entry.path, role, sha256=entry.sha256).content
    return parse(content, name=entry.path, format=entry.format, role=role, target=target, layout=entry.layout)


def _same(known: DataEntry | None, entry: DataEntry) -> bool:
    return known is not None and replace(known, place="") == replace(entry, place="")


def _check_columns(declaration: Declaration, columns: Sequence[str], entry: DataEntry) -> None:
    """Refuse a table that lacks a declared column; arrays have no columns to look at."""
    if not columns:
        return
    wanted = list(declaration.features)
    if declaration.target is not None:
        wanted.append(declaration.target)
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise SubjectError(f"{entry.path} lacks columns that the subject declares: {listed(missing, columns)}")
