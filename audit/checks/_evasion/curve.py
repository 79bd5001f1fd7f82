"""Shows how the share of rows that stay right falls as larger changes are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from audit import spreadsheet
from audit.records import Evidence

if TYPE_CHECKING:
    import numpy as np

    from audit.statistics.intervals import Interval

_PARTS = (0.0, 1 / 8, 1 / 4, 1 / 2, 1.0)
_LEFT, _TOP, _WIDTH, _HEIGHT = 60.0, 46.0, 560.0, 260.0


@dataclass(frozen=True)
class Point:
    """What stood at one epsilon.

    Attributes:
        standing: rows answered right that no change within epsilon turned.
        rows: all rows that were looked at, also those answered wrongly from the start.
    """

    epsilon: float
    standing: int
    rows: int


def points(distances: np.ndarray, right: np.ndarray, epsilons: Sequence[float]) -> tuple[Point, ...]:
    """What stood at each epsilon, by the changes that were found.

    Args:
        distances: smallest change found that turns the answer to each row, shape (n,); infinite where none was.
        right: rows answered right without a change, shape (n,), bool.
        epsilons: none above the one that the attacks were given; at 0 nothing is changed, not even a category.
    """
    from attacks.outcome import TOLERANCE

    return tuple(
        Point(epsilon, int((right & ((distances > epsilon + TOLERANCE) | (epsilon == 0))).sum()), len(right))
        for epsilon in epsilons
    )


def steps(epsilon: float) -> tuple[float, ...]:
    """0, an eighth, a quarter, a half and the whole of epsilon."""
    return tuple(epsilon * part for part in _PARTS)


def robustness_curve(
    distances: np.ndarray,
    right: np.ndarray,
    epsilons: Sequence[float],
    extra: Sequence[Point] = (),
    *,
    confidence: float,
    unit: str = "",
) -> tuple[Evidence, ...]:
    """The files `robustness_curve.csv` and `robustness_curve.svg`; none where no row was looked at.

    Below the epsilon that the attacks were given, the curve rests on the smallest change that they found, so attacks
    at a smaller epsilon may break more. Each interval is Clopper-Pearson's for its own point.

    Args:
        distances: as for `points`.
        right: as for `points`.
        epsilons: as for `points`, rising.
        extra: points of attacks made anew with larger epsilons.
        confidence: of each interval.
        unit: what an epsilon of 1 means.
    """
    from audit.statistics.intervals import share

    if not len(right):
        return ()
    found = points(distances, right, epsilons)
    every = (*found, *sorted((point for point in extra if point.rows), key=lambda point: point.epsilon))
    ends = [share(point.standing, point.rows, confidence=confidence) for point in every]
    cells = [
        [f"{one.epsilon:.6g}", f"{one.standing / one.rows:.6g}", f"{end.low:.6g}", f"{end.high:.6g}", one.rows]
        for one, end in zip(every, ends, strict=True)
    ]
    sentence = (
        "Share of rows that stay right as larger changes are allowed, an upper bound at each epsilon; each interval "
        f"covers the share at its own point with {confidence:.0%} confidence, if the number of rows had been fixed."
    )
    table = spreadsheet.table(("epsilon", "robust_accuracy", "low", "high", "rows"), cells)
    return (
        Evidence("robustness_curve.csv", table, sentence),
        Evidence("robustness_curve.svg", _drawn(every, ends, len(found), unit).encode(), sentence),
    )


def _drawn(every: Sequence[Point], ends: Sequence[Interval], found: int, unit: str) -> str:
    """The curve as a picture that needs no other file; points stand evenly, since epsilon doubles at each."""
    gap = _WIDTH / max(1, len(every) - 1)
    places = [round(_LEFT + gap * number, 1) for number in range(len(every))]
    heights = [_height(point.standing / point.rows) for point in every]
    words = f"Share of rows that stay right, by epsilon{f', of {unit}' if unit else ''}"
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 380" width="660" height="380" role="img" '
        'font-family="sans-serif" font-size="13" fill="#222222">',
        f"<title>{escape(words)}</title>",
        '<rect width="660" height="380" fill="#ffffff"/>',
        '<text x="60" y="24" font-size="15">Share of rows that stay right, by epsilon</text>',
        *(_level(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
        *(_interval(x, end) for x, end in zip(places, ends, strict=True)),
        _line(places[:found], heights[:found], ""),
        _line(places[found - 1 :], heights[found - 1 :], ' stroke-dasharray="6 4"'),
        *(
            f'<circle cx="{x}" cy="{y}" r="5" fill="{"#1f5fa8" if place < found else "#ffffff"}" stroke="#1f5fa8" '
            'stroke-width="2"/>'
            for place, (x, y) in enumerate(zip(places, heights, strict=True))
        ),
        *(_label(x, point) for x, point in zip(places, every, strict=True)),
        _legend() if len(every) > found else "",
        "</svg>\n",
    ]
    return "\n".join(part for part in parts if part)


def _legend() -> str:
    text = "open dots: attacked anew with larger epsilons, on the rows given below each"
    return f'<text x="{_LEFT}" y="374" font-size="11" fill="#666666">{text}</text>'


def _height(share: float) -> float:
    return round(_TOP + _HEIGHT * (1 - share), 1)


def _level(share: float) -> str:
    y = _height(share)
    line = f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y}" y2="{y}" stroke="#dddddd"/>'
    return f'{line}<text x="{_LEFT - 12}" y="{y + 4}" text-anchor="end">{share:.0%}</text>'


def _interval(x: float, end: Interval) -> str:
    low, high = _height(end.low), _height(end.high)
    return f'<line x1="{x}" x2="{x}" y1="{low}" y2="{high}" stroke="#8fb4dc" stroke-width="4"/>'


def _line(places: Sequence[float], heights: Sequence[float], dashes: str) -> str:
    if len(places) < 2:
        return ""
    corners = " ".join(f"{x},{y}" for x, y in zip(places, heights, strict=True))
    return f'<polyline points="{corners}" fill="none" stroke="#1f5fa8" stroke-width="2"{dashes}/>'


def _label(x: float, point: Point) -> str:
    y = _TOP + _HEIGHT
    return (
        f'<text x="{x}" y="{y + 26}" text-anchor="middle">{point.epsilon:g}</text>'
        f'<text x="{x}" y="{y + 46}" text-anchor="middle" font-size="11" fill="#666666">{point.rows} rows</text>'
    )
