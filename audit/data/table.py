"""A table: rows with named columns, or an array with labels, and which column is the target."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError, may_be_told, told

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike


MAX_COLUMNS = 100_000

# they join letters of Persian, Hindi and others, so that words with and without them look different
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of one role of the subject. Nothing here changes in place: every method returns a new table.

    Attributes:
        role: what the subject calls it, for example `data.test`.
        frame: every column of the file by name, the target included; None for arrays.
        array: shape (n, ...), for NPZ files; None for frames.
        labels: raw target values as stored, shape (n,); None where the table has no target.
        target: name of the target column; None where there is none.
    """

    role: str
    frame: pd.DataFrame | None = None
    array: np.ndarray | None = None
    labels: np.ndarray | None = None
    target: str | None = None

    @classmethod
    def of_frame(cls, frame: pd.DataFrame, *, role: str, target: str | None) -> Table:
        """Table over a frame with unique column names; a target column without any value counts as no target."""
        frame = frame.reset_index(drop=True)
        labels = None
        if target is not None and target in frame.columns and not frame[target].isna().all():
            labels = frame[target].to_numpy()
        return cls(role=role, frame=frame, labels=labels, target=target)

    @classmethod
    def of_array(cls, x: ArrayLike, y: ArrayLike | None, *, role: str, target: str | None) -> Table:
        """Table over an array of shape (n, ...) and labels of shape (n,), or None."""
        import numpy as np

        return cls(role=role, array=np.asarray(x), labels=None if y is None else np.asarray(y), target=target)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.frame) if self.frame is not None else len(self._array)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns by name, the target included; empty for arrays."""
        return () if self.frame is None else tuple(self.frame.columns)

    @property
    def features(self) -> Any:
        """What a model is given: the frame without the target, or the array."""
        if self.frame is None:
            return self._array
        if self.target is None or self.target not in self.frame.columns:
            return self.frame
        return self.frame.drop(columns=self.target)

    def take(self, positions: ArrayLike) -> Table:
        """Some rows, in the order of `positions` (0-based; a boolean mask of length n works too)."""
        import numpy as np

        chosen = np.asarray(positions)
        if chosen.dtype == bool:
            if chosen.shape != (self.rows,):
                raise ValueError(f"a mask of shape {chosen.shape} does not fit {self.rows} rows")
            chosen = np.flatnonzero(chosen)
        chosen = chosen.astype(np.int64, copy=False)
        labels = None if self.labels is None else self.labels[chosen]
        if self.frame is None:
            return replace(self, array=self._array[chosen], labels=labels)
        return replace(self, frame=self.frame.iloc[chosen].reset_index(drop=True), labels=labels)

    def with_features(self, features: Any) -> Table:
        """The same labels with other features.

        Args:
            features: a frame, or an array; for a table with named columns an array of shape (n, number of features)
                takes the names of the present features, in their order.

        Raises:
            SubjectError: the number of rows or of features differs.
        """
        import numpy as np
        import pandas as pd

        if len(features) != self.rows:
            raise SubjectError(f"{self.role}: {len(features)} rows of features for {self.rows} rows of labels")
        if self.frame is None:
            return replace(self, array=np.asarray(features))
        names = [name for name in self.frame.columns if name != self.target]
        if not isinstance(features, pd.DataFrame):
            matrix = np.asarray(features)
            if matrix.ndim != 2 or matrix.shape[1] != len(names):
                raise SubjectError(f"{self.role}: features of shape {matrix.shape} for {len(names)} named columns")
            features = pd.DataFrame(matrix, columns=names)
        frame = features.reset_index(drop=True)
        if self.target in self.frame.columns:
            frame = frame.assign(**{str(self.target): self.frame[self.target]})
        if set(frame.columns) == set(self.frame.columns):
            frame = frame[list(self.frame.columns)]
        return replace(self, frame=frame)

    def with_labels(self, labels: ArrayLike) -> Table:
        """The same features with other labels, shape (n,); the target column changes with them.

        Raises:
            SubjectError: the number of labels differs, or no target is named.
        """
        import numpy as np

        new = np.asarray(labels)
        if new.shape != (self.rows,):
            raise SubjectError(f"{self.role}: labels of shape {new.shape} for {self.rows} rows")
        if self.frame is None:
            return replace(self, labels=new)
        if self.target is None:
            raise SubjectError(f"{self.role}: no target is named, so labels have no column to go to")
        return Table.of_frame(self.frame.assign(**{self.target: new}), role=self.role, target=self.target)

    def concat(self, other: Table) -> Table:
        """The rows of this table, then those of another with the same columns (matched by name) or array shape.

        Raises:
            SubjectError: the columns, or the shapes of one row, differ.
        """
        import numpy as np
        import pandas as pd

        if self.frame is not None and other.frame is not None:
            if set(self.columns) != set(other.columns):
                different = told(sorted(set(self.columns) ^ set(other.columns)))
                raise SubjectError(f"{self.role} and {other.role} have different columns: {different}")
            both = pd.concat([self.frame, other.frame[list(self.frame.columns)]], ignore_index=True)
            return Table.of_frame(both, role=self.role, target=self.target)
        if self.frame is not None or other.frame is not None or self._array.shape[1:] != other._array.shape[1:]:
            raise SubjectError(f"{self.role} and {other.role} have rows of different shape and cannot be joined")
        if (self.labels is None) != (other.labels is None):
            raise SubjectError(f"only one of {self.role} and {other.role} has labels; they cannot be joined")
        labels = None
        if self.labels is not None and other.labels is not None:
            labels = np.concatenate([self.labels, other.labels])
        return replace(self, array=np.concatenate([self._array, other._array]), labels=labels)

    def without(self, columns: Iterable[str]) -> Table:
        """The table without some columns; leaving out the target leaves out the labels.

        Raises:
            SubjectError: a column is not there.
        """
        dropped = list(columns)
        unknown = [name for name in dropped if name not in self.columns]
        if unknown:
            raise SubjectError(f"{self.role} has no column {', '.join(unknown)}; columns: {told(self.columns)}")
        if not dropped or self.frame is None:
            return self
        return Table.of_frame(self.frame.drop(columns=dropped), role=self.role, target=self.target)

    def shuffled(self, seed: int) -> np.ndarray:
        """A random order of all row positions, shape (n,), int64."""
        import numpy as np

        return np.random.default_rng(seed).permutation(self.rows)

    @property
    def _array(self) -> np.ndarray:
        if self.array is None:
            raise SubjectError(f"{self.role} has no rows to read: neither a frame nor an array")
        return self.array


def checked_names(names: Sequence[str], *, where: str) -> None:
    """Refuse column names that would make selection by name ambiguous, for a program or for a reader.

    Raises:
        SubjectError: there are too many; a name is blank, holds what is no character, comes twice, or looks like
            another because they differ in blanks, composed letters or invisible characters only.
    """
    if len(names) > MAX_COLUMNS:
        raise SubjectError(f"{where}: {len(names)} columns; at most {MAX_COLUMNS} are read")
    first: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        shown = _shown(name)
        if not shown:
            raise SubjectError(f"{where}: column {position} has no name; give every column a name")
        if odd := next((mark for mark in name if mark == "\0" or "\ud800" <= mark <= "\udfff"), None):
            raise SubjectError(
                f"{where}: the name of column {position} holds U+{ord(odd):04X}, which is no character; rename it"
            )
        if shown not in first:
            first[shown] = position
            continue
        other = names[first[shown] - 1]
        alike = f'two columns are named "{name}"' if may_be_told(name) else "two columns have the same name"
        if other != name:
            shown_names = may_be_told(other) and may_be_told(name)
            alike = f"the names {other!a} and {name!a} look alike" if shown_names else "two names look alike"
        raise SubjectError(f"{where}: {alike} (columns {first[shown]} and {position}); rename or drop one")


def _shown(name: str) -> str:
    """A name as a reader sees it: no blanks around it, one blank inside, letters composed, nothing invisible."""
    if name.isascii() and name.isalnum():
        return name
    seen = (
        mark for mark in unicodedata.normalize("NFC", name) if mark in _JOINERS or unicodedata.category(mark) != "Cf"
    )
    return " ".join("".join(seen).split())
