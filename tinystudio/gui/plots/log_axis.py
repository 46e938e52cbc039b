"""An axis of powers of ten with the ticks a person would write: 10, 20, 50, 100."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg

from tinystudio.gui.number_marks import grouped, plain
from tinystudio.gui.text_size import text_size
from tinystudio.gui.wording import MINUS

# From dense to sparse; the first whose labels have room is used.
MANTISSAS: tuple[tuple[float, ...], ...] = (
    (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.2, 2.4, 2.6, 2.8, 3, 3.2, 3.5, 4, 4.5,
     5, 5.5, 6, 7, 8, 9),
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 5, 6, 7, 8),
    (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8),
    (1, 1.5, 2, 3, 5, 7),
    (1, 2, 5),
    (1, 3),
    (1,),
)  # fmt: skip
LETTER, GAP = 7, 17  # pixels: a digit of a label, and from one label to the next


def ticks(low: float, high: float, pixels: float) -> tuple[float, ...]:
    """Return the values to label between 10**low and 10**high on an axis of that many pixels."""
    per_power = max(pixels, 1.0) / (high - low)
    chosen: tuple[float, ...] = ()
    for mantissas in MANTISSAS:
        chosen = _values(mantissas, low, high)
        if _fits(chosen, per_power):
            return chosen
    powers = range(math.ceil(low), math.floor(high) + 1)
    widest = max((len(label(10.0**power)) for power in powers), default=0)
    every = max(1, math.ceil((LETTER * widest + GAP) / per_power))
    return tuple(10.0**power for power in powers if power % every == 0) or chosen[:1]


def label(value: float) -> str:
    """Return a tick's value without an exponent: 0.5, 10, 30, 1,000."""
    if value >= 1000:
        return grouped(round(value))
    return plain(value).replace("-", MINUS)


def _values(mantissas: Sequence[float], low: float, high: float) -> tuple[float, ...]:
    powers = range(math.floor(low), math.ceil(high) + 1)
    values = (round(mantissa * 10.0**power, 12) for power in powers for mantissa in mantissas)
    return tuple(value for value in values if value > 0 and low <= math.log10(value) <= high)


def label_room(before: float, after: float) -> float:
    """Return the pixels from one tick to the next that keep their labels apart."""
    return LETTER * (len(label(before)) + len(label(after))) / 2 + GAP


def _fits(values: Sequence[float], per_power: float) -> bool:
    return all(
        math.log10(after / before) * per_power >= label_room(before, after)
        for before, after in itertools.pairwise(values)
    )


class LogAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is not typed
    """A lower axis over log10 of the cost."""

    def tickValues(
        self,
        minVal: float,  # noqa: N803  # pyqtgraph calls it by these names
        maxVal: float,  # noqa: N803
        size: float,
    ) -> list[tuple[float, list[float]]]:
        room = size / max(1.0, text_size().scale)
        return [(1.0, [math.log10(value) for value in ticks(minVal, maxVal, room)])]

    def tickStrings(self, values: Sequence[float], scale: Any, spacing: Any) -> list[str]:
        return [label(float(f"{10.0**value:.6g}")) for value in values]
