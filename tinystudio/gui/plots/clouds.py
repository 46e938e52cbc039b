"""A great many points in a few graphics items: one for each look, and no more than can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg

from tinystudio.core.data import Array
from tinystudio.gui.theme import Theme

MOST_DRAWN = 10_000  # points; more are thinned out where they cover one another
GRIDS = ((480, 320), (300, 200), (160, 100), (110, 80))  # cells across and up what is seen
MARGIN = 0.5  # of what is seen is drawn beyond each edge, so that a pan finds it there
FINE = 3.0  # times what is seen is drawn at most; beyond, thinned points would show as gaps
LINE_SYMBOLS = ("x", "+")


@dataclass(frozen=True)
class PointLook:
    """How some points are drawn."""

    symbol: str
    colour: str
    size: float


class Clouds:
    """Points with looks by number; `redraw` after the data or what is seen has changed."""

    def __init__(self) -> None:
        self.item = pg.ItemGroup()
        self._items: list[Any] = []
        self._x = self._y = np.zeros(0)
        self._look = np.zeros(0, np.int64)
        self._drawn_box: tuple[float, float, float, float] | None = None
        self._drawn_all = True

    def set_points(self, x: Array, y: Array, look: Array) -> None:
        """Take these points (n,), their places without gaps, and the number of each one's look."""
        self._x, self._y, self._look = x, y, look
        self._drawn_box = None

    def set_looks(self, looks: list[PointLook], theme: Theme) -> None:
        """Draw the looks like this from now on."""
        while len(self._items) < len(looks):
            item = pg.ScatterPlotItem(pxMode=True)
            item.setParentItem(self.item)
            self._items.append(item)
        for item, look in zip(self._items, looks, strict=False):
            outline = look.symbol in LINE_SYMBOLS
            item.setSymbol(look.symbol)
            item.setSize(look.size)
            item.setPen(
                pg.mkPen(look.colour if outline else theme.surface, width=2 if outline else 0.8)
            )
            item.setBrush(pg.mkBrush(look.colour))
        for item in self._items[len(looks) :]:
            item.setData(x=[], y=[])

    def redraw(self, seen: tuple[float, float, float, float]) -> bool:
        """Draw what belongs to this view (left, right, bottom, top); say whether it was needed."""
        if self._covers(seen):
            return False
        some = self._some(seen)
        for number, item in enumerate(self._items):
            mine = some[self._look[some] == number]
            item.setData(x=self._x[mine], y=self._y[mine])
        return True

    def _covers(self, seen: tuple[float, float, float, float]) -> bool:
        """Say whether what is drawn is fine enough for this view, and reaches over all of it."""
        if self._drawn_box is None:
            return False
        if self._drawn_all:
            return True
        left, right, bottom, top = self._drawn_box
        inside = left <= seen[0] and seen[1] <= right and bottom <= seen[2] and seen[3] <= top
        width, height = (seen[1] - seen[0]), (seen[3] - seen[2])
        is_fine = (right - left) < FINE * width and (top - bottom) < FINE * height
        return inside and is_fine

    def _some(self, seen: tuple[float, float, float, float]) -> Array:
        """Return which points are drawn."""
        self._drawn_all = len(self._x) <= MOST_DRAWN
        self._drawn_box = seen
        if self._drawn_all:
            return np.arange(len(self._x))
        width, height = max(seen[1] - seen[0], 1e-12), max(seen[3] - seen[2], 1e-12)
        left, bottom = seen[0] - MARGIN * width, seen[2] - MARGIN * height
        wide, high = width * (1 + 2 * MARGIN), height * (1 + 2 * MARGIN)
        self._drawn_box = (left, left + wide, bottom, bottom + high)
        across, up = (self._x - left) / wide, (self._y - bottom) / high
        near = np.flatnonzero((across >= 0) & (across < 1) & (up >= 0) & (up < 1))
        return near if len(near) <= MOST_DRAWN else near[_firsts(across[near], up[near])]


def _firsts(across: Array, up: Array) -> Array:
    """Return one point of every cell, of the finest grid that leaves few enough; shares (n,)."""
    firsts = np.arange(len(across))
    for columns, lines in GRIDS:
        cells = (across * columns).astype(np.int64) * lines + (up * lines).astype(np.int64)
        _, firsts = np.unique(cells, return_index=True)
        if len(firsts) <= MOST_DRAWN:
            break
    return np.asarray(firsts[:MOST_DRAWN])
