"""The declared part of a subject: what there is, its files and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from audit.data import Table
from audit.data.sealed import SealedFile
from audit.data.streams import STREAMED, FrameStream, Stream
from audit.errors import NotMeasurable, SubjectError
from audit.isolation import Isolated
from audit.isolation.recipe import Fit
from audit.models import Model
from audit.plugins import unknown
from audit.records import FileRecord, Isolation
from audit.subject.declaration import NEEDS, ROLES, Declaration
from audit.subject.features import FeatureSpec, inferred
from audit.subject.opener import Opener
from audit.subject.opening import digest_all, open_stream, open_table


class Declared:
    """What is declared about a subject, its files and its tables, each opened on first use.

    Attributes:
        name: what audit.yaml calls it.
        version: of the release.
        task: `classification` or `regression`.
        target: name of the target column, None where none is declared.
        positive: label of the positive class, for two classes.
        groups: columns for fairness and slices.
        features: what is declared about features, by name; may be empty.
        rules: linear relations that every real row satisfies.
        folder: of audit.yaml; all paths are relative to it.
        path: the file that was given.
        provenance: paths of provenance records.
        documents: paths of documents by kind.
    """

    def __init__(
        self,
        declaration: Declaration,
        *,
        path: Path,
        opener: Opener,
        model: Model | None = None,
        tables: Mapping[str, Table] | None = None,
        fit: Fit | None = None,
        isolated: Isolated | None = None,
    ) -> None:
        self.declaration = declaration
        self.path, self.folder = path, opener.folder
        self.name, self.version, self.task = declaration.name, declaration.version, declaration.task
        self.target, self.positive, self.groups = declaration.target, declaration.positive, declaration.groups
        self.features, self.rules = declaration.features, declaration.rules
        self.provenance, self.documents = declaration.provenance, declaration.documents
        self._opener, self._model, self._fit = opener, model, fit
        self._tables: dict[str, Table] = dict(tables or {})
        self._given = frozenset(self._tables)
        self._isolated = isolated or Isolated()
        self._notes: dict[str, None] = {}

    def has(self, need: str) -> bool:
        """Whether an input is there, by the words of a check's `NEEDS`; `a|b` means either.

        Raises:
            UnknownName: the word is none of those.
        """
        if "|" in need:
            return any(self.has(part) for part in need.split("|"))
        if need not in NEEDS:
            raise unknown("input", need, NEEDS)
        if need == "model":
            return self._model is not None or self.declaration.model is not None
        if need == "training":
            return self._fit is not None or self.declaration.recipe is not None
        if need == "provenance":
            return bool(self.provenance)
        if need == "documents":
            return bool(self.documents)
        if need == "baseline":
            return self.declaration.baseline is not None
        role = need.removeprefix("data.")
        return role in self._tables or role in self.declaration.data

    def missing(self, needs: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the needs that are not met."""
        return tuple(need for need in needs if not self.has(need))

    @property
    def remote(self) -> bool:
        """Whether the model answers from elsewhere: an endpoint, or a program."""
        return self.declaration.model is not None and self.declaration.model.path is None

    @property
    def isolation(self) -> Isolation | None:
        """The weakest isolation of the model and of the recipe; None where no process was started for either."""
        return self._isolated.reached

    @property
    def trusted_types(self) -> tuple[str, ...]:
        """Names beyond the list of the static scan that a model file may use."""
        return self._isolated.trusted

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """Every file opened so far, sorted by role and path."""
        return self._opener.records

    def digests(self) -> tuple[FileRecord, ...]:
        """Hash every declared file, opened already or not, and return the records of all.

        Raises:
            SubjectError: one cannot be read.
        """
        digest_all(self.declaration, self._opener)
        return self.files

    def read(self, path: str, role: str) -> bytes:
        """Bytes of any other file of the subject, relative to its folder; hashed and recorded.

        Raises:
            SubjectError: the path is not allowed, or the file cannot be read.
        """
        return self._opener.read(path, role).content

    def unchanged(self, file: FileRecord) -> bool:
        """Whether a file still has the bytes that it had when a record of it was made."""
        try:
            self._opener.check(file.path, file.sha256)
        except SubjectError:
            return False
        return True

    def stream(self, path: str, role: str) -> AbstractContextManager[SealedFile]:
        """Any file of the subject, of any size, open for reading in pieces; hashed and recorded.

        Raises:
            SubjectError: as `read`; or a piece that is read is not what was hashed.
        """
        return self._opener.stream(path, role)

    @property
    def train(self) -> Table:
        """What the model was trained on."""
        return self.table("train")

    @property
    def test(self) -> Table:
        """What the model is judged on."""
        return self.table("test")

    @property
    def reference(self) -> Table:
        """What the model was built for."""
        return self.table("reference")

    @property
    def current(self) -> Table:
        """What the model sees now."""
        return self.table("current")

    @property
    def trusted(self) -> Table:
        """A small sample that somebody reviewed."""
        return self.table("trusted")

    def table(self, role: str) -> Table:
        """One table, read on first use.

        Args:
            role: `test` or `data.test`.

        Raises:
            NotMeasurable: the subject has no such table.
            SubjectError: it cannot be read.
        """
        role = role.removeprefix("data.")
        if role not in ROLES:
            raise unknown("table", role, ROLES)
        if role not in self._tables:
            if role not in self.declaration.data:
                raise NotMeasurable(f'the subject has no data.{role}; add it under "data:"')
            self._tables[role] = open_table(self.declaration, role, self._opener, self._tables)
        return self._tables[role]

    def has_columns(self, role: str) -> bool:
        """Whether a table has columns, which arrays lack; a file that is read in pieces is not opened for it.

        Raises:
            NotMeasurable: the subject has no such table.
            SubjectError: it cannot be read.
        """
        return self._streamed(role) or self.table(role).frame is not None

    def _streamed(self, role: str) -> bool:
        entry = self.declaration.data.get(role)
        return entry is not None and role not in self._given and entry.format in STREAMED

    @contextmanager
    def rows(self, role: str) -> Iterator[Stream]:
        """The rows of one table in chunks, from its file where its format can be read in pieces.

        A table that was put in by hand, or whose format is read as a whole, is given in chunks from memory.

        Args:
            role: `test` or `data.test`.

        Raises:
            NotMeasurable: the subject has no such table, or it is an array without columns.
            SubjectError: it cannot be read; mistakes in later rows are raised once those are read.
        """
        role = role.removeprefix("data.")
        if self._streamed(role):
            with open_stream(self.declaration, role, self._opener) as stream:
                yield stream
            return
        frame = self.table(role).frame
        if frame is None:
            raise NotMeasurable(f"data.{role} is an array of numbers without columns")
        yield FrameStream(frame)

    def feature_specs(self, table: Table) -> dict[str, FeatureSpec]:
        """What is known about each feature column of a table: declared, else read off the data. Empty for arrays."""
        if table.frame is None:
            return {}
        frame = table.features
        return {name: self.features.get(name) or inferred(name, frame[name]) for name in frame.columns}
