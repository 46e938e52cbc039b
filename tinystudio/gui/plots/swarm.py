"""The points of one chart, a graphics item per series: only what has changed is told to it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pyqtgraph as pg

from tinystudio.core.data import Array
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.points import Point, log_costs, scores
from tinystudio.gui.theme import Theme

POINT = 9  # pixels across
LINE_SYMBOLS = ("x", "+")  # drawn by their outline alone
MOST_DRAWN = 10_000  # above this, points that nearly cover one another are thinned out
GRIDS = (400, 200, 100)  # cells per axis; the last leaves at most MOST_DRAWN points
Kind = tuple[str, bool]  # series, and whether the points are solid


class Swarm:
    """One `ScatterPlotItem` per series and fill, all in `item`. Styling is per item, not per point.

    New points are nearly always added behind the known ones; then only they are handed over.
    """

    def __init__(self) -> None:
        self.item = pg.ItemGroup()
        self._clouds: dict[Kind, Any] = {}
        self._theme: Theme | None = None

    def draw(self, points: Sequence[Point], theme: Theme) -> None:
        """Draw these points, and no others."""
        sorts = sorted(points, key=_kind)  # stable: within a kind the order stays
        found = {kind: tuple(some) for kind, some in groupby(sorts, key=_kind)}
        for kind in found.keys() - self._clouds.keys():
            self._clouds[kind] = self._cloud(kind, theme)
        for kind, cloud in self._clouds.items():
            _fill(cloud, found.get(kind, ()))
            if theme is not self._theme:
                _colour(cloud, kind, theme)
        self._theme = theme

    def _cloud(self, kind: Kind, theme: Theme) -> Any:
        series, _ = kind
        is_original = series == "original"
        cloud = pg.ScatterPlotItem(pxMode=True, symbol=theme.series(series).symbol)
        cloud.setSize(POINT + 2 if is_original else POINT)
        cloud.setZValue(1 if is_original else 0)
        _colour(cloud, kind, theme)
        cloud.setParentItem(self.item)
        return cloud


def thinned(points: Sequence[Point], always: Sequence[Point]) -> Sequence[Point]:
    """Return at most `MOST_DRAWN` points and `always`: where several share a spot, the first.

    Spots are the cells of the finest of `GRIDS` that leaves few enough.
    """
    if len(points) <= MOST_DRAWN:
        return points
    x, y = _shares(log_costs(points)), _shares(scores(points))
    for cells in GRIDS:
        spots = np.floor(x * cells) * cells + np.floor(y * cells)
        _, firsts = np.unique(spots, return_index=True)
        if len(firsts) <= MOST_DRAWN:
            break
    kept, ids = set(firsts.tolist()), {point.id for point in always}
    return [point for i, point in enumerate(points) if i in kept or point.id in ids]


def _shares(values: Array) -> Array:
    """Return where values (n,) lie between the least and the greatest, 0 to just under 1, (n,)."""
    low, span = values.min(), np.ptp(values)
    return np.asarray((values - low) / max(span * (1 + 1e-9), 1e-12), dtype=np.float64)


def _kind(point: Point) -> Kind:
    return point.series, point.solid


def _fill(cloud: Any, points: Sequence[Point]) -> None:
    x, y = log_costs(points), scores(points)
    old_x, old_y = cloud.getData()
    known = len(old_x)
    if not (np.array_equal(x[:known], old_x) and np.array_equal(y[:known], old_y)):
        cloud.setData(x=x, y=y)
    elif len(x) > known:
        cloud.addPoints(x=x[known:], y=y[known:])


def _colour(cloud: Any, kind: Kind, theme: Theme) -> None:
    series, solid = kind
    look = theme.series(series)
    outline = look.symbol in LINE_SYMBOLS
    cloud.setPen(screen_pen(look.colour, width=2.0 if outline or not solid else 1.0))
    cloud.setBrush(pg.mkBrush(look.colour if solid else theme.surface))
