"""Round numbers for the axes of a picture."""

from __future__ import annotations

import math

MOST_TICKS = 7
MOST_LOG_TICKS = 5  # their words are long, and lie beside one another


def linear_ticks(low: float, high: float, most: int = MOST_TICKS) -> tuple[float, ...]:
    """Return round numbers between `low` and `high`, at most so many of them."""
    span = max(high - low, 1e-12)
    step = 10 ** math.floor(math.log10(span / most))
    step = next(step * by for by in (1, 2, 2.5, 5, 10, 20) if span / (step * by) <= most)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(at * step for at in range(first, last + 1))


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return round numbers between two positive ones, such as 1, 2 and 5 times powers of ten."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)):
        found = [digit * 10.0**power for power in powers for digit in digits]
        ticks = tuple(tick for tick in found if low <= tick <= high)
        if len(ticks) <= MOST_LOG_TICKS:
            break
    return ticks if len(ticks) > 2 else linear_ticks(low, high, MOST_LOG_TICKS - 1)
