"""Curves over the epochs of trainings: loss, or the score on samples held out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Slot

from tinystudio.gui import theme
from tinystudio.gui.plots.captions import write_caption
from tinystudio.gui.plots.dressing import dress, set_up
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.scale_axis import ScaleAxis
from tinystudio.gui.plots.spoken import curves_in_words
from tinystudio.gui.text_size import scaled
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme

MARKS = 24  # of one curve; a mark on every point would hide the line
Points = tuple[tuple[float, float], ...]
Line = tuple[int, Points, tuple[float, float] | None]  # look, points, the best of them


class LearningPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """Draws what it is given, every curve in a colour and with a mark of its own."""

    def __init__(self, caption: str) -> None:
        axes = {side: ScaleAxis(side) for side in ("left", "bottom")}
        super().__init__(axisItems=axes, enableMenu=False)
        self._caption = caption
        self._lines: tuple[Line, ...] = ()
        self._items: list[Any] = []
        set_up(self)
        self.getPlotItem().setContentsMargins(0, 4, 12, 0)  # room for the last number
        self._name()
        theme.switch().theme_changed.connect(self._colour)
        self._colour(theme.current())

    def set_caption(self, caption: str) -> None:
        """Name what is drawn."""
        if caption != self._caption:
            self._caption = caption
            self.setAccessibleName(
                tr("Plot of {caption} against epochs").format(caption=tr(caption))
            )
            self._label(theme.current())

    def _name(self) -> None:
        caption = tr(self._caption)
        self.setAccessibleName(tr("Plot of {caption} against epochs").format(caption=caption))

    def show_lines(self, lines: Sequence[Line], epochs: float) -> None:
        """Draw these curves over so many epochs."""
        self._lines = tuple(lines)
        told = curves_in_words(self._caption, len(self._lines), epochs)
        self.setAccessibleDescription(tr(told))
        self._draw(theme.current())
        self.setXRange(0, max(epochs, 1e-3), padding=0.03)
        values = np.array([y for _, points, _ in lines for _, y in points], np.float64)
        if len(values):
            low, high = float(values.min()), float(values.max())
            room = max(0.08 * (high - low), 0.02 * abs(high), 1e-6)
            self.setYRange(low - room, high + room, padding=0)

    @Slot(object)
    def _colour(self, colours: Theme) -> None:
        dress(self, colours)
        self.getAxis("left").setWidth(scaled(50))
        self._label(colours)
        self._draw(colours)

    def _label(self, colours: Theme) -> None:
        write_caption(self, "left", tr(self._caption), colours)
        write_caption(self, "bottom", tr("epoch"), colours)

    def _draw(self, colours: Theme) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = [item for line in self._lines for item in _items(line, colours)]
        for item in self._items:
            self.addItem(item)


def _items(line: Line, colours: Theme) -> list[Any]:
    number, points, best = line
    look = colours.curve(number)
    x = np.array([x for x, _ in points], np.float64)
    y = np.array([y for _, y in points], np.float64)
    some = slice(None, None, max(1, len(points) // MARKS))
    curve = pg.PlotCurveItem(x, y, pen=screen_pen(look.colour, width=1.6), antialias=True)
    marks = pg.ScatterPlotItem(
        x=x[some], y=y[some], symbol=look.symbol, size=7, pen=screen_pen(look.colour),
        brush=pg.mkBrush(look.colour),
    )  # fmt: skip
    if best is None:
        return [curve, marks]
    ring = pg.ScatterPlotItem(
        x=[best[0]], y=[best[1]], symbol="o", size=16, pen=screen_pen(colours.good, width=2.5),
        brush=pg.mkBrush(None),
    )  # fmt: skip
    return [curve, marks, ring]
