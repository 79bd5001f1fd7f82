"""What is declared about the features of a subject: types, and what a real attacker can change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

FeatureType = Literal["integer", "number", "category", "text", "boolean"]
Direction = Literal["up", "down", "both"]
Transitions = Literal["any", "none"] | Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class FeatureSpec:
    """One feature.

    Attributes:
        mutable: whether somebody can change it before the model sees it.
        range: smallest and largest value that a real row can have, None where it is open.
        step: smallest change, counted from the present value; None where any change is possible.
        direction: ways in which a value can be changed.
        group: name of the one-hot group that the column belongs to, or a name of its own for a category.
        cost: what a change by 1 in its own unit costs an attacker, or any change of a category; in the unit of the
            policy's cost budget. A switch within a one-hot group costs what the dearest of its columns does.
        transitions: to which categories one can change: `any`, `none`, or from each category to some.
        personal: whether the values are personal and are left out of evidence.
        declared: whether audit.yaml says so; False where the type was read off the data.
    """

    name: str
    type: FeatureType
    mutable: bool = True
    range: tuple[float, float] | None = None
    step: float | None = None
    direction: Direction = "both"
    group: str | None = None
    transitions: Transitions = "any"
    cost: float = 0.0
    personal: bool = False
    declared: bool = True


def inferred(name: str, column: pd.Series) -> FeatureSpec:
    """A feature that nobody declared: its type as the data shows it, everything else open.

    Text with at most 50 different values that repeat is called a category.
    """
    from pandas.api import types

    kind: FeatureType = "text"
    if types.is_bool_dtype(column):
        kind = "boolean"
    elif types.is_integer_dtype(column):
        kind = "integer"
    elif types.is_numeric_dtype(column):
        kind = "number"
    else:
        values = column.nunique()
        if values <= 50 and values * 2 <= len(column):
            kind = "category"
    return FeatureSpec(name=name, type=kind, declared=False)
