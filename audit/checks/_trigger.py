"""Triggers that somebody could plant: a rare value or two, a patch or a blend, a rare phrase; and how rows get them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from audit.checks._pixels import pixels
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.poisoning.phrase import Phrase
    from attacks.poisoning.picture import Stamp
    from attacks.poisoning.rare_values import RareValues
    from audit.data import Table

Kind = Literal["one_value", "two_values", "patch", "blend", "phrase"]


class Trigger(Protocol):
    """What marks a row.

    Attributes:
        words: what it is, in words; values of columns that are declared personal are left out.
    """

    @property
    def words(self) -> str:
        """In words."""

    def stamp(self, table: Table, rows: np.ndarray, rng: np.random.Generator) -> Table:
        """A copy of the table in which the rows, positions of shape (m,), carry the trigger. Labels stay."""


def kinds(subject: Subject, table: Table) -> tuple[Kind, ...]:
    """The kinds of trigger that rows of this table can carry."""
    if pixels(table) is not None:
        return ("patch", "blend")
    if table.frame is None:
        return ("one_value", "two_values")
    specs = subject.feature_specs(table)
    texts = any(spec.type == "text" for spec in specs.values())
    values = any(spec.type != "text" for spec in specs.values())
    return (*(("one_value", "two_values") if values else ()), *(("phrase",) if texts else ()))


def draw_trigger(subject: Subject, table: Table, rng: np.random.Generator, *, kind: Kind) -> Trigger:
    """Draw a trigger of a kind that fits the data.

    Args:
        table: the rows that it is made from: its values occur there, together they hardly do.

    Raises:
        NotMeasurable: rows of this table cannot carry the kind.
    """
    if kind not in kinds(subject, table):
        raise NotMeasurable(f"{table.role} cannot carry a trigger of the kind {kind}")
    if kind in ("patch", "blend"):
        from attacks.poisoning import picture

        found = pixels(table)
        assert found is not None
        draw = picture.patch if kind == "patch" else picture.blend
        return _Picture(draw(found.values.shape[1:], rng))
    if kind == "phrase":
        from attacks.poisoning import phrase

        specs = subject.feature_specs(table)
        column = next(name for name, spec in specs.items() if spec.type == "text")
        drawn = phrase.draw([str(cell) for cell in table.features[column]], rng)
        shown = f"words in {column}" if specs[column].personal else f'the words "{drawn.words}" in {column}'
        return _Phrase(column, drawn, shown)
    from attacks.poisoning import rare_values

    columns = _columns(subject, table)
    try:
        chosen = rare_values.draw(list(columns.values()), rng, width=1 if kind == "one_value" else 2)
    except ValueError as problem:
        raise NotMeasurable(f"{table.role} cannot carry a trigger: {problem}") from problem
    names = list(columns)
    return _Values(tuple(names[place] for place in chosen.columns), chosen, _value_words(subject, names, chosen))


def _columns(subject: Subject, table: Table) -> dict[str, np.ndarray]:
    import numpy as np

    if table.frame is None:
        flat = np.asarray(table.features).reshape(table.rows, -1)
        return {str(place): flat[:, place] for place in range(flat.shape[1])}
    specs = subject.feature_specs(table)
    return {name: table.features[name].to_numpy() for name in table.features if specs[name].type != "text"}


def _value_words(subject: Subject, names: list[str], chosen: RareValues) -> str:
    parts = []
    for place, value in zip(chosen.columns, chosen.values, strict=True):
        spec = subject.features.get(names[place])
        parts.append(f"a value of {names[place]}" if spec and spec.personal else f"{names[place]} {value}")
    return " and ".join(parts)


@dataclass(frozen=True)
class _Values:
    names: tuple[str, ...]
    chosen: RareValues
    words: str

    def stamp(self, table: Table, rows: np.ndarray, rng: np.random.Generator) -> Table:
        import numpy as np

        del rng
        if table.frame is None:
            x = np.array(table.features, copy=True)
            flat = x.reshape(len(x), -1)
            for place, value in zip(self.chosen.columns, self.chosen.values, strict=True):
                flat[rows, place] = value
            return table.with_features(flat.reshape(x.shape))
        frame = table.features.copy()
        for name, value in zip(self.names, self.chosen.values, strict=True):
            cells = frame[name].copy()
            cells.iloc[rows] = value
            frame[name] = cells
        return table.with_features(frame)


@dataclass(frozen=True)
class _Picture:
    drawn: Stamp

    @property
    def words(self) -> str:
        return self.drawn.words

    def stamp(self, table: Table, rows: np.ndarray, rng: np.random.Generator) -> Table:
        import numpy as np

        del rng
        found = pixels(table)
        if found is None:
            raise NotMeasurable(f"{table.role} holds no images")
        features = np.array(table.features, copy=True)
        features[rows] = found.stored(self.drawn.apply(found.values[rows]))
        return table.with_features(features)


@dataclass(frozen=True)
class _Phrase:
    column: str
    drawn: Phrase
    words: str

    def stamp(self, table: Table, rows: np.ndarray, rng: np.random.Generator) -> Table:
        frame = table.features.copy()
        cells = frame[self.column].astype(object)
        cells.iloc[rows] = [self.drawn.insert(str(cell), rng) for cell in cells.iloc[rows]]
        return table.with_features(frame.assign(**{self.column: cells}))
