"""Shows what each training gave, and how accuracy falls as more labels are flipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit import spreadsheet
from audit.records import Evidence

if TYPE_CHECKING:
    from audit.checks._poisoning.flips import Point
    from audit.checks._poisoning.trainings import Training

_LEFT, _TOP, _WIDTH, _HEIGHT = 70.0, 60.0, 520.0, 260.0
_COLOURS = {"random": "#6a6a6a", "one_class": "#1f5fa8", "adversarial": "#b3261e"}


def trainings_table(trainings: Sequence[Training], n: int) -> Evidence:
    """The file `damage.csv`, one line a training; `n` is the number of training rows."""
    header = ("attack", "kind", "poisoned_rows", "poisoned_share", "repeat", "accuracy", "success")
    rows = [
        [
            one.attack, one.kind, one.rows, f"{one.rows / n:.6g}", one.repeat, f"{one.accuracy:.6g}",
            "" if one.success is None else f"{one.success:.6g}",
        ]
        for one in trainings
    ]  # fmt: skip
    return Evidence(
        "damage.csv",
        spreadsheet.table(header, rows),
        "Every training: what was done to its data, its accuracy on the test data, and the attack's success. Trainings "
        "of one repeat share their seed; attack none is the clean data.",
    )


def curve(points: Sequence[Point], confidence: float) -> tuple[Evidence, ...]:
    """The files `damage_curve.csv` and `damage_curve.svg`; none where nothing was flipped."""
    if not points:
        return ()
    ordered = sorted(points, key=lambda point: (point.kind, point.share))
    header = ("kind", "share", "flipped_labels", "accuracy_drop", "low", "high", "pairs_of_trainings")
    rows = [
        [
            one.kind, f"{one.share:.6g}", one.flipped, f"{one.drop.value:.6g}", f"{one.drop.low:.6g}",
            f"{one.drop.high:.6g}", one.repeats,
        ]
        for one in ordered
    ]  # fmt: skip
    sentence = (
        "Accuracy lost as more training labels are flipped, by kind of flip; each interval covers its own point with "
        f"{confidence:.0%} confidence."
    )
    return (
        Evidence("damage_curve.csv", spreadsheet.table(header, rows), sentence),
        Evidence("damage_curve.svg", _drawn(ordered).encode(), sentence),
    )


def _drawn(points: Sequence[Point]) -> str:
    """The curve as a picture that needs no other file; each point with its interval."""
    widest = max(point.share for point in points)
    highest = max(0.1, *(point.drop.high for point in points))
    shares = sorted({point.share for point in points})
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 390" width="660" height="390" role="img" '
            'font-family="sans-serif" font-size="13" fill="#222222">',
            "<title>Accuracy lost by share of flipped training labels</title>",
            '<rect width="660" height="390" fill="#ffffff"/>',
            '<text x="70" y="24" font-size="15">Accuracy lost by share of flipped training labels</text>',
            *(_level(highest * part, highest) for part in (0.0, 0.25, 0.5, 0.75, 1.0)),
            *(f'<text x="{_x(share, widest)}" y="340" text-anchor="middle">{share:.3g}</text>' for share in shares),
            f'<text x="{_LEFT + _WIDTH / 2}" y="368" text-anchor="middle">share of labels flipped</text>',
            *(
                _kind(kind, number, [point for point in points if point.kind == kind], widest, highest)
                for number, kind in enumerate(_COLOURS)
                if any(point.kind == kind for point in points)
            ),
            "</svg>\n",
        ]
    )


def _kind(kind: str, number: int, points: Sequence[Point], widest: float, highest: float) -> str:
    colour = _COLOURS[kind]
    places = [(_x(one.share, widest), _y(one.drop.value, highest)) for one in points]
    line = " ".join(f"{x},{y}" for x, y in [(_LEFT, _y(0, highest)), *places])
    bars = "".join(
        f'<line x1="{x}" x2="{x}" y1="{_y(one.drop.low, highest)}" y2="{_y(one.drop.high, highest)}" '
        f'stroke="{colour}" stroke-opacity="0.4" stroke-width="4"/><circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'
        for one, (x, y) in zip(points, places, strict=True)
    )
    name = f'<text x="{_LEFT + 130 * number}" y="46" fill="{colour}">{kind.replace("_", " ")} flips</text>'
    return f'{name}<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>{bars}'


def _level(value: float, highest: float) -> str:
    y = _y(value, highest)
    return (
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y}" y2="{y}" stroke="#dddddd"/>'
        f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{value:.2f}</text>'
    )


def _x(share: float, widest: float) -> float:
    return round(_LEFT + _WIDTH * share / widest, 1)


def _y(value: float, highest: float) -> float:
    part = min(max(value, 0.0), highest) / highest  # a gain is drawn as no loss
    return round(_TOP + _HEIGHT * (1 - part), 1)
