"""What a written number covers: `0.8` is anything that is rounded to it, `between 0.7 and 0.8` all in between."""

from __future__ import annotations

import math
from dataclasses import dataclass

from audit.documents.document import Number
from audit.documents.metric_names import BOUNDED, SHARES

LONGEST = 25
"""Characters of the longest number that is read; more digits than that are no metric."""
_ONE_DECIMAL = 0.05


@dataclass(frozen=True)
class Covered:
    """Values between which the truth may lie for a claim to be right; infinite where it gives no bound."""

    low: float
    high: float


def number(text: str) -> Number | None:
    """A number in digits, with a point or a comma before the decimals and either between thousands.

    Args:
        text: digits with points and commas, perhaps a sign and an exponent.
    """
    if len(text) > LONGEST:
        return None
    mantissa, _, exponent = text.lower().partition("e")
    plain, decimals = _plain(mantissa.lstrip("+-"))
    try:
        power = int(exponent or 0)
        value = float(f"{plain}e{power}")
    except ValueError:
        return None
    if not math.isfinite(value) or abs(power) > LONGEST:
        return None
    value = -value if mantissa.startswith("-") and value else value
    return Number(text, value, value, 0.5 * 10.0 ** (power - decimals), decimals == 0)


def covered(claimed: Number, metric: str) -> Covered | None:
    """The values that a claim covers, in the unit of the metric; None where a percentage makes no sense for it.

    A share above 1 without a sign is a percentage that does not say so. A whole number without a sign says 0 or 1 to
    one decimal at least: whoever writes "accuracy: 1" does not mean anything above one half.
    """
    scale, half = 1.0, claimed.half
    if metric in SHARES or metric == "brier":
        if claimed.percent or (1 < abs(claimed.value) <= 100 and metric != "brier"):
            scale = 0.01
        elif claimed.whole and metric in BOUNDED:
            half = min(half, _ONE_DECIMAL)
    elif claimed.percent:
        return None
    # a hair more than half a unit: 0.805 is no exact binary number
    reach = half * (1 + 1e-9)
    low, high = (claimed.value - reach) * scale, (claimed.top + reach) * scale
    return Covered(-math.inf if claimed.bound == "max" else low, math.inf if claimed.bound == "min" else high)


def _plain(text: str) -> tuple[str, int]:
    """Digits as Python reads them, and how many of them are decimals."""
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return text, 0
    mark, other = text[last], "," if text[last] == "." else "."
    head, tail = text[:last], text[last + 1 :]
    grouped = len(tail) == 3 and head.strip(".,") not in ("", "0") and (mark == "," or head.count(mark) > 0)
    if grouped and other not in head:
        return (head + tail).replace(mark, ""), 0
    return f"{head.replace(other, '').replace(mark, '') or '0'}.{tail or '0'}", len(tail)
