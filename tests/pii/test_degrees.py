"""Coordinates are told by a pair of columns and by their decimals; other floats are measurements."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.pii.columns import degrees
from audit.pii.columns.options import Options
from audit.pii.tables.sheets import SheetReader


def places(frame: pd.DataFrame) -> dict[str, int]:
    """Cells with a place, by column."""
    names = [str(name) for name in frame.columns]
    reader = SheetReader("train", names, Options())
    reader.add(frame)
    return {part.label: part.entities.get("LOCATION", 0) for part in reader.sheet().parts}


def degrees_of(decimals: int) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    ends = 10.0**-decimals  # the last digit is never 0, so that every number has as many decimals as asked for
    sides = {"lat": draw.uniform(-80, 80, 50), "lon": draw.uniform(9, 90, 50)}
    return pd.DataFrame({name: side.round(decimals - 1) + ends for name, side in sides.items()})


@pytest.mark.parametrize("kind", [float, "float32", str])
def test_a_pair_of_fine_degrees_is_a_place(kind: object) -> None:
    assert places(degrees_of(4).round(4).astype(kind)) == {"lat": 50, "lon": 50}


def test_degrees_of_a_region_a_single_coordinate_and_other_names_are_none() -> None:
    assert not any(places(degrees_of(3).round(3)).values())
    assert not any(places(degrees_of(4)[["lat"]]).values())
    assert not any(places(degrees_of(4).rename(columns={"lat": "x", "lon": "y"})).values())


def test_only_coordinates_of_the_same_thing_are_a_pair() -> None:
    assert degrees.bounds(["pickup_latitude", "pickup_longitude"]) == {
        "pickup_latitude": 90.0,
        "pickup_longitude": 180.0,
    }
    assert degrees.bounds(["homeLat", "officeLon", "flat", "long_name", "latency"]) == {}


@pytest.mark.parametrize("text", ["91.12345", "12.345", "12.3450000", "1e-05", "", "12,34567", "x"])
def test_other_texts_are_no_coordinate(text: str) -> None:
    assert degrees.finding(text, 90.0) is None
