"""A great many points in one graphics item, of which no more are drawn than can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg

from tinystudio.core.data import Array
from tinystudio.gui.plots.pens import screen_pen
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
    """Points with looks by number; `redraw` after the data or what is seen has changed.

    One graphics item has them all: each item costs as much again for every frame, and colour,
    size and shape together make a hundred looks.
    """

    def __init__(self) -> None:
        self.item = pg.ScatterPlotItem(pxMode=True)
        self._x = self._y = np.zeros(0)
        self._look = np.zeros(0, np.int64)
        self._styles: dict[str, Any] = {}
        self._drawn_box: tuple[float, float, float, float] | None = None
        self._drawn_all = True

    def set_points(
        self, x: Array, y: Array, look: Array, looks: Sequence[PointLook], theme: Theme
    ) -> None:
        """Take these points (n,), their places without gaps, and the number of each one's look."""
        self._x, self._y, self._look = x, y, look
        self._drawn_box = None
        pens, brushes = [], []
        for item in looks:
            outline = item.symbol in LINE_SYMBOLS
            colour = item.colour if outline else theme.surface
            pens.append(screen_pen(colour, width=2 if outline else 0.8))
            brushes.append(pg.mkBrush(item.colour))
        self._styles = {
            "symbol": _column([item.symbol for item in looks]), "pen": _column(pens),
            "brush": _column(brushes), "size": np.array([item.size for item in looks]),
        }  # fmt: skip

    def redraw(self, seen: tuple[float, float, float, float]) -> bool:
        """Draw what belongs to this view (left, right, bottom, top); say whether it was needed."""
        if self._covers(seen):
            return False
        some = self._some(seen)
        if not len(some):
            self.item.setData(x=[], y=[])
            return True
        look = self._look[some]
        styles = {name: values[look] for name, values in self._styles.items()}
        self.item.setData(x=self._x[some], y=self._y[some], **styles)
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


def _column(values: Sequence[object]) -> Array:
    """Return objects (n,) as an array that points can pick from."""
    column = np.empty(len(values), object)
    column[:] = values
    return column


def _firsts(across: Array, up: Array) -> Array:
    """Return one point of every cell, of the finest grid that leaves few enough; shares (n,)."""
    firsts = np.arange(len(across))
    for columns, lines in GRIDS:
        cells = (across * columns).astype(np.int64) * lines + (up * lines).astype(np.int64)
        taken = np.full(columns * lines, -1)
        # Later writes win, hence backwards; a sort takes ten times as long.
        taken[cells[::-1]] = np.arange(len(cells))[::-1]
        firsts = np.sort(taken[taken >= 0])
        if len(firsts) <= MOST_DRAWN:
            break
    return np.asarray(firsts[:MOST_DRAWN])
