"""A line drawn by hand around points, and which of them lie inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from tinystudio.core.data import Array
from tinystudio.gui.theme import Theme

LEAST = 3  # corners; fewer enclose nothing


class Lasso:
    """The line while it is drawn, in the units of the plot."""

    def __init__(self) -> None:
        self.item: Any = pg.PlotCurveItem()
        self.item.setZValue(50)
        self._corners: list[tuple[float, float]] = []

    @property
    def is_drawn(self) -> bool:
        """Say whether a line is being drawn."""
        return bool(self._corners)

    def add(self, x: float, y: float) -> None:
        """Lead the line on to here."""
        self._corners.append((x, y))
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
        self.item.setPen(pg.mkPen(colours.accent, width=1.6, style=Qt.PenStyle.DashLine))


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
