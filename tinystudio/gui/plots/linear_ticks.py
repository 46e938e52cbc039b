"""The round numbers that a linear axis names: as many as have room, and three where that is few."""

from __future__ import annotations

import math

ROUND = (1, 2, 5)
# Pixels: a digit of a label or the height of one, and from one label to the next: where all is
# well, and where there would be fewer than three.
LETTER, GAPS = 7, (15.0, 7.0)
LINE, LINE_GAPS = 11, (40.0, 6.0)
FEW = 3


def linear_ticks(
    low: float, high: float, pixels: float, upright: bool
) -> tuple[float, tuple[float, ...]]:
    """Return the step and the values to label from `low` to `high` on an axis so many pixels long.

    `upright`: labels stand one above the other, and their lengths do not matter.
    """
    span = max(high - low, 1e-300)
    per_unit = max(pixels, 1.0) / span
    power = math.floor(math.log10(span)) - 2
    found: tuple[float, tuple[float, ...]] = (span, ())
    for gap in LINE_GAPS if upright else GAPS:
        for step in (times * 10.0**at for at in range(power, power + 5) for times in ROUND):
            found = (step, _multiples(step, low, high))
            if step * per_unit >= _room(low, high, step, upright, gap):
                break
        if len(found[1]) >= FEW:
            break
    return found


def _multiples(step: float, low: float, high: float) -> tuple[float, ...]:
    slack = 1e-9 * step
    first, last = math.ceil((low - slack) / step), math.floor((high + slack) / step)
    return tuple(number * step for number in range(first, last + 1))


def _room(low: float, high: float, step: float, upright: bool, gap: float) -> float:
    """Return how many pixels there must be from one label to the next."""
    if upright:
        return LINE + gap
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    widest = max(len(f"{end:.{places}f}") for end in (low, high))
    return LETTER * widest + gap
