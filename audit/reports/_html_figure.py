"""Pictures of one measure beside its limit, as inline SVG: where the number lies, how sure it is, what is allowed."""

from __future__ import annotations

import math
from html import escape

from audit.records import Limit, Measure
from audit.reports._wording import limit_text, measure_text, value_text

_LEFT, _WIDTH, _TOP, _HEIGHT = 10.0, 700.0, 40.0, 18.0


def number_line(limit: Limit, measure: Measure, css_class: str) -> str:
    """A number line with the interval, the estimate and the limits; a row of words for a scale; empty if not finite.

    Args:
        css_class: colour class of the verdict.
    """
    if measure.scale:
        return _scale(limit, measure)
    if not measure.finite or isinstance(measure.value, str):
        return ""
    limits = [end for end in (limit.min, limit.max) if isinstance(end, int | float)]
    low = measure.value if measure.low is None else measure.low
    high = measure.value if measure.high is None else measure.high
    axis = _Axis([measure.value, low, high, *limits], share=measure.unit == "share")
    title = f"{limit.measure}: {measure_text(measure)}; required {limit_text(limit)}"
    parts = [
        f'<svg viewBox="0 0 720 84" role="img" aria-label="{escape(title)}">',
        f'<text class="name" x="{_LEFT}" y="14">{escape(limit.measure)}</text>',
        f'<text x="{_LEFT + _WIDTH}" y="14" text-anchor="end">{escape(measure_text(measure))}</text>',
        _rect("outside", _LEFT, _WIDTH),
        _allowed(limit, axis),
        *(_limit_mark(end, axis) for end in limits),
        f'<g class="{css_class}">',
        f'<line class="span" x1="{axis.x(low)}" x2="{axis.x(high)}" y1="{_MIDDLE}" y2="{_MIDDLE}"/>',
        f'<circle class="dot" cx="{axis.x(measure.value)}" cy="{_MIDDLE}" r="6"/></g>',
        f'<text x="{_LEFT}" y="76">{escape(value_text(axis.low))}</text>',
        f'<text x="{_LEFT + _WIDTH}" y="76" text-anchor="end">{escape(value_text(axis.high))}</text></svg>',
    ]
    return f'<div class="figure">{"".join(parts)}</div>'


_MIDDLE = _TOP + _HEIGHT / 2


class _Axis:
    """Maps numbers to places on the line; shares show 0 to 1, or the part next to one end where all of them lie."""

    def __init__(self, numbers: list[float], *, share: bool) -> None:
        low, high = min(numbers), max(numbers)
        if share and low >= 0 and high <= 1:
            near_zero, near_one = 0 < high < 0.25, 0.75 < low < 1
            low, high = (1 - (1 - low) * 1.4 if near_one else 0.0), (high * 1.4 if near_zero else 1.0)
        else:
            low = min(low, 0.0) if low <= high / 2 else low
            margin = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
            low, high = (low if low == 0 else low - margin), high + margin
        # numbers near the largest float overflow the difference; the picture is then left at its ends
        self.low, self.high = (low, high) if math.isfinite(high - low) else (0.0, 1.0)

    def x(self, number: float) -> float:
        """Horizontal place, in the units of the picture."""
        part = min(1.0, max(0.0, (number - self.low) / (self.high - self.low)))
        return round(_LEFT + _WIDTH * part, 1)


def _allowed(limit: Limit, axis: _Axis) -> str:
    start = axis.x(limit.min) if isinstance(limit.min, int | float) else _LEFT
    end = axis.x(limit.max) if isinstance(limit.max, int | float) else _LEFT + _WIDTH
    return _rect("allowed", start, max(0.0, round(end - start, 1)))


def _rect(css_class: str, x: float, width: float) -> str:
    return f'<rect class="{css_class}" x="{x}" y="{_TOP}" width="{width}" height="{_HEIGHT}" rx="3"/>'


def _limit_mark(end: float, axis: _Axis) -> str:
    x = axis.x(end)
    anchor = "start" if x < 60 else "end" if x > 660 else "middle"
    line = f'<line class="limit" x1="{x}" x2="{x}" y1="{_TOP - 5}" y2="{_TOP + _HEIGHT + 5}"/>'
    return (
        f'{line}<text class="limit-text" x="{x}" y="{_TOP - 9}" text-anchor="{anchor}">limit {value_text(end)}</text>'
    )


def _scale(limit: Limit, measure: Measure) -> str:
    steps = []
    for word in measure.scale:
        marks = [mark for end, mark in ((limit.min, "at least"), (limit.max, "at most")) if end == word]
        label = escape(word) + "".join(f" (required: {mark})" for mark in marks)
        steps.append(f'<li class="here">{label}: found</li>' if word == measure.value else f"<li>{label}</li>")
    name = f'<p class="name">{escape(limit.measure)} <span class="soft">(weakest first)</span></p>'
    return f'<div class="figure">{name}<ol class="scale">{"".join(steps)}</ol></div>'
