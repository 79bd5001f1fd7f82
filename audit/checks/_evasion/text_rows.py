"""Shows the texts of a subject to attacks on texts: one row of cells for each row, of which only texts are changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


_WORDS_OF_PROSE = 3


def text_columns(subject: Subject, *, relaxed: bool = False) -> tuple[str, ...]:
    """Columns of free text that the model takes and that somebody can change; empty for arrays of numbers.

    Beside other columns, one that nobody declared and that holds single words may be a category with many values, so it
    stays as it is.

    Args:
        relaxed: also those that are declared immutable.
    """
    test = subject.test
    if test.frame is None:
        return ("text",) if _is_text(test.features) else ()
    used = set(subject.model_columns) or set(test.features.columns)
    specs = {name: spec for name, spec in subject.feature_specs(test).items() if name in used}
    alone = all(spec.type == "text" for spec in specs.values())
    return tuple(
        name
        for name, spec in specs.items()
        if spec.type == "text"
        and (spec.mutable or relaxed)
        and (spec.declared or alone or _is_prose(test.features[name]))
    )


def _is_prose(column: pd.Series) -> bool:
    words = sorted(len(str(cell).split()) for cell in column.dropna())
    return bool(words) and words[len(words) // 2] >= _WORDS_OF_PROSE


def _is_text(features: Any) -> bool:
    import numpy as np

    values = np.asarray(features)
    return values.ndim == 1 and values.dtype.kind in "OU" and all(isinstance(cell, str) for cell in values[:20])


class TextRows:
    """The drawn rows of a subject, and rows that an attacker knows, as cells.

    The first cell of a row is its place among all of them; it is a number, so that no attack touches it, and `decode`
    finds the other columns of the row by it. Then come its texts; an empty cell is no text and stays empty.

    Args:
        subject: whose model takes text.
        order: positions in data.test, shape (n,).
        known: positions in data.train, shape (k,), of rows that an attacker may know.
        relaxed: whether columns that are declared immutable can be changed as well.

    Attributes:
        columns: names of the texts.
        x: the drawn rows, shape (n, 1 + number of texts), object.
        pool: the known rows, shape (k, 1 + number of texts); None where there are none.

    Raises:
        NotMeasurable: the model takes no text that can be changed.
    """

    def __init__(self, subject: Subject, order: np.ndarray, known: np.ndarray, *, relaxed: bool = False) -> None:
        import numpy as np
        import pandas as pd

        self.columns = text_columns(subject, relaxed=relaxed)
        if not self.columns:
            raise NotMeasurable("the model takes no text that can be changed")
        parts = [subject.test.take(order).features]
        if len(known):
            parts.append(subject.train.take(known).features)
        self._flat = subject.test.frame is None
        frames = [pd.DataFrame({"text": np.asarray(part, dtype=object)}) if self._flat else part for part in parts]
        self._rows = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
        every = np.empty((len(self._rows), 1 + len(self.columns)), dtype=object)
        every[:, 0] = range(len(self._rows))
        for place, name in enumerate(self.columns, start=1):
            every[:, place] = self._rows[name].astype(object)
        self.x = every[: len(order)]
        self.pool = every[len(order) :] if len(known) else None

    def decode(self, x: np.ndarray) -> Any:
        """Rows of cells as features that the model takes, with the types of the data."""
        import numpy as np

        if self._flat:
            return np.array(x[:, 1], dtype=object)
        frame = self._rows.take(x[:, 0].astype(np.int64)).reset_index(drop=True)
        for place, name in enumerate(self.columns, start=1):
            frame[name] = _as_kept(x[:, place], self._rows[name])
        return frame


def _as_kept(cells: np.ndarray, before: pd.Series) -> Any:
    import pandas as pd

    # a category of texts could not hold a new one
    dtype = object if isinstance(before.dtype, pd.CategoricalDtype) else before.dtype
    return pd.Series(cells, dtype=dtype)
