"""Two plots of how values are spread: a histogram, and the range of every channel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Slot

from tinystudio.gui import theme
from tinystudio.gui.number_marks import plain
from tinystudio.gui.plots.captions import write_caption
from tinystudio.gui.plots.dressing import dress, set_up
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.scale_axis import ScaleAxis
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme
from tinystudio.jobs.comparison import Spread

Spreads = Sequence[Spread | None]
POWERS = range(-9, 1)  # of ten, of a share
LEAST_IN_WHOLE = -3
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_STROKES = 36  # in one plot, which may be 200 pixels wide
FIRST, OTHERS = 4.0, 1.5  # pixels wide are lines
SIDE = 0.8  # of a channel's place that all variants' ranges take together


def _powers(least: int) -> list[tuple[float, str]]:
    """Return the ticks of an axis down to a power of ten: 0.1, 0.01, or all of them as 10⁻⁵."""
    if least >= LEAST_IN_WHOLE:
        return [(power, plain(10.0**power)) for power in POWERS]
    return [(power, f"10{str(power).translate(RAISED)}") for power in POWERS]


def width_of(number: int) -> float:
    """Return how wide a variant's lines are: the first is seen under one that is the same."""
    return FIRST if number == 0 else OTHERS


class SpreadPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """What both have in common: curves by variant, and an end to what was drawn before."""

    def __init__(self, name: str, left: str, bottom: str) -> None:
        axes = {side: ScaleAxis(side) for side in ("left", "bottom")}
        super().__init__(axisItems=axes, enableMenu=False)
        self._left, self._bottom = left, bottom
        self._spreads: tuple[Spread | None, ...] = ()
        self._items: list[Any] = []
        set_up(self)
        self.getAxis("left").setWidth(64)
        self.getPlotItem().setContentsMargins(0, 4, 12, 0)  # room for the last number
        self.setAccessibleName(tr(name))
        theme.switch().theme_changed.connect(self._colour)
        self._colour(theme.current())

    @property
    def count(self) -> int:
        """Return how many items are drawn."""
        return len(self._items)

    @Slot(object)
    def _colour(self, colours: Theme) -> None:
        dress(self, colours)
        write_caption(self, "left", tr(self._left), colours)
        write_caption(self, "bottom", tr(self._bottom), colours)
        self._draw(colours)

    def _draw(self, colours: Theme) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = [
            item
            for number, spread in enumerate(self._spreads)
            if spread is not None
            for item in self._drawn(number, spread, colours)
        ]
        for item in self._items:
            self.addItem(item)

    def _drawn(self, number: int, spread: Spread, colours: Theme) -> list[Any]:
        raise NotImplementedError


class HistogramPlot(SpreadPlot):
    """Shares of the values over common bins, on a logarithmic axis: the tails are what costs."""

    def __init__(self, what: str) -> None:
        self._edges = np.zeros(0)
        super().__init__(
            f"Histogram of the {what}", "share of values (log)", f"value of the {what}"
        )

    def show_spreads(self, edges: Sequence[float], spreads: Spreads, beside: Spreads = ()) -> None:
        """Draw these histograms; the axis is written as that of the plot `beside` would be too."""
        self._edges, self._spreads = np.asarray(edges, np.float64), tuple(spreads)
        self.getPlotItem().setLogMode(x=False, y=True)
        self._draw(theme.current())
        # Powers of ten alone: what lies between them would overlap in a low plot.
        least = math.ceil(math.log10(_least((*spreads, *beside)) / 2))
        self.getAxis("left").setTicks([_powers(least)])
        self.autoRange(padding=0.04)

    def _drawn(self, number: int, spread: Spread, colours: Theme) -> list[Any]:
        shares = np.asarray(spread.shares, np.float64)
        shares = np.maximum(shares, _least(self._spreads) / 2)  # empty: below all
        pen = screen_pen(colours.curve(number).colour, width=width_of(number))
        curve = pg.PlotDataItem(self._edges, shares, stepMode="center", pen=pen)
        curve.setLogMode(False, True)
        return [curve]


def _least(spreads: Spreads) -> float:
    return min(share for item in spreads if item for share in item.shares if share > 0)


class RangePlot(SpreadPlot):
    """From the least to the largest value of every channel: a stroke for each variant.

    Where strokes would run into one another it is an outline of two stairs, the least and the
    largest values.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"Range of the {what} per channel", f"range of the {what}", "channel")

    def show_spreads(self, spreads: Spreads) -> None:
        """Draw these ranges."""
        self._spreads = tuple(spreads)
        self._draw(theme.current())
        self.autoRange(padding=0.04)

    def _drawn(self, number: int, spread: Spread, colours: Theme) -> list[Any]:
        colour = colours.curve(number).colour
        if len(spread.channel_lows) * len(self._spreads) > MOST_STROKES:
            edges = np.arange(len(spread.channel_lows) + 1, dtype=np.float64) + 0.5
            pen, ends = screen_pen(colour, width=width_of(number)), (
                spread.channel_lows, spread.channel_highs)  # fmt: skip
            return [
                pg.PlotCurveItem(edges, np.array(end, np.float64), stepMode="center", pen=pen)
                for end in ends
            ]
        pen = screen_pen(colour, width=2)
        shift = SIDE * ((number + 0.5) / len(self._spreads) - 0.5)
        x = np.repeat(np.arange(1, len(spread.channel_lows) + 1) + shift, 2).astype(np.float64)
        y = np.ravel(np.column_stack([spread.channel_lows, spread.channel_highs]))
        return [pg.PlotCurveItem(x, y.astype(np.float64), connect="pairs", pen=pen)]
