"""A line drawn by hand around points, and which of them lie inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from tinystudio.core.data import Array
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.theme import Theme

RING = 17  # pixels across
MOST_RINGS = 500
LEAST = 3  # corners; fewer enclose nothing


class Lasso:
    """The line while it is drawn, in the units of the plot that it is drawn in."""

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self.item: Any = pg.PlotCurveItem()
        self.item.setZValue(50)
        self._corners: list[tuple[float, float]] = []
        plot.addItem(self.item)

    @property
    def is_drawn(self) -> bool:
        """Say whether a line is being drawn."""
        return bool(self._corners)

    def begin(self, event: QMouseEvent) -> bool:
        """Begin a line where Shift is held; say whether that is so."""
        is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if is_shift and event.button() is Qt.MouseButton.LeftButton:
            self.add(event.position())
            event.accept()
        return self.is_drawn

    def add(self, place: QPointF) -> None:
        """Lead the line on to a place of the widget."""
        scene = self._plot.mapToScene(place.toPoint())
        here = self._plot.getViewBox().mapSceneToView(scene)
        self._corners.append((here.x(), here.y()))
        ends = np.array([*self._corners, self._corners[0]], np.float64)
        self.item.setData(ends[:, 0], ends[:, 1])

    def end(self) -> Array:
        """Take the line away and return its corners (n, 2)."""
        corners = np.array(self._corners, np.float64).reshape(-1, 2)
        self._corners = []
        self.item.setData([], [])
        return corners

    def colour(self, colours: Theme) -> None:
        """Take the theme's colours."""
        self.item.setPen(screen_pen(colours.accent, width=1.6, style=Qt.PenStyle.DashLine))


class Rings:
    """Rings around the points that are selected together."""

    def __init__(self, plot: Any) -> None:
        self._item = pg.ScatterPlotItem(pxMode=True, symbol="o", size=RING)
        self._item.setZValue(10)
        plot.addItem(self._item)

    def draw(self, x: Array, y: Array) -> None:
        """Ring these places (n,), (n,); of a great many the first."""
        self._item.setData(x=x[:MOST_RINGS], y=y[:MOST_RINGS])

    def colour(self, colours: Theme) -> None:
        """Take the theme's colours."""
        self._item.setPen(screen_pen(colours.good, width=2.5))
        self._item.setBrush(pg.mkBrush(None))


def inside(corners: Array, x: Array, y: Array) -> Array:
    """Say for points (n,) whether they lie inside a polygon (m, 2), by the even-odd rule."""
    found = np.zeros(len(x), bool)
    if len(corners) < LEAST:
        return found
    low, high = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    px, py, hit = x[near], y[near], np.zeros(len(near), bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ay == by:
            continue
        crosses = (ay > py) != (by > py)
        hit ^= crosses & (px < (bx - ax) * (py - ay) / (by - ay) + ax)
    found[near] = hit
    return found
