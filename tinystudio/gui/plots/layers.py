"""What one chart is drawn from, bottom to top: intervals, fronts, marks, points, preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt

from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.point_name import PointName
from tinystudio.gui.plots.points import Point, log_costs, scores
from tinystudio.gui.plots.swarm import POINT, Swarm, thinned
from tinystudio.gui.theme import Theme

RING, HALO = 19, 26
RING_OF_PREVIEW = POINT + 4
GAP = 6  # pixels: twice what is between a ring and a name
HOLLOW = 7  # pixels across: smaller than what is measured
BAR_ALPHAS = {"light": 130, "dark": 100}  # of 255, of predicted intervals: 2:1, many lie together


class Layers:
    """The graphics items of one chart. Every array is float64."""

    def __init__(self) -> None:
        self._bars = pg.PlotCurveItem(
            connect="pairs", antialias=False
        )  # upright: nothing to smooth
        self._chosen_bar = pg.PlotCurveItem(connect="pairs")
        self._front = pg.PlotCurveItem()
        self._hollow, self._hollow_bars = (
            pg.ScatterPlotItem(pxMode=True),
            pg.PlotCurveItem(connect="pairs", antialias=False),
        )
        self._hollow_front = pg.PlotCurveItem()
        self._points = Swarm()
        self._rings = pg.ScatterPlotItem(pxMode=True)
        self._preview = pg.ScatterPlotItem(pxMode=True)
        self._preview_bar = pg.PlotCurveItem(connect="pairs")
        self._ringed: tuple[Point | None, Point | None, Point | None, Theme] | None = None
        self._previewed: tuple[Point | None, Theme] | None = None
        self._name = PointName()  # over all bars and lines, and under the points
        self._drawn: tuple[Point, ...] = ()  # of those that are measured
        self._lines: tuple[tuple[Point, ...], ...] = ((), ())  # the fronts: measured, predicted
        self._predicted: tuple[Point, ...] = ()
        self._is_crowd_new = False  # something is drawn that the name does not know of
        self.items: tuple[Any, ...] = (
            self._hollow_bars, self._bars, self._chosen_bar, self._preview_bar,
            self._hollow_front, self._front, self._name, self._hollow, self._rings,
            self._points.item, self._preview,
        )  # fmt: skip
        for height, item in enumerate(self.items):
            item.setZValue(height)

    def draw_points(self, points: Sequence[Point], front: Sequence[Point], theme: Theme) -> None:
        """Draw the points with their intervals; of a great many, not all that lie together."""
        originals = [point for point in points if point.series == "original"]
        points = thinned(points, (*front, *originals))
        self._points.draw(points, theme)
        _draw_bars(self._bars, points, pg.mkColor(theme.faint))
        self._drawn, self._is_crowd_new = tuple(points), True
        self._name.setVisible(bool(originals))
        if originals:
            self._name.stand_at(originals[0], theme)

    def keep_name_inside(
        self, box: QRectF, below_flag: bool = False, pixel: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """Let the original's name hang where it has room and hides least: see `PointName`."""
        if self._is_crowd_new:
            self._is_crowd_new = False
            self._name.avoid((*self._drawn, *self._predicted), self._lines)
        self._name.avoid_rings(self._rings_drawn())
        self._name.keep_inside(box, below_flag, pixel)

    def _rings_drawn(self) -> list[tuple[Point, float]]:
        """Return what is drawn around points, or as large as that, and how many pixels across."""
        selected, best, predicted, _ = self._ringed or (None, None, None, None)
        preview = self._previewed[0] if self._previewed else None
        drawn = ((selected, RING), (best, HALO), (predicted, HALO), (preview, RING_OF_PREVIEW))
        return [(point, across + GAP) for point, across in drawn if point is not None]

    def draw_front(self, front: Sequence[Point], theme: Theme) -> None:
        """Draw the line through the points that none is better than."""
        self._lines, self._is_crowd_new = (tuple(front), self._lines[1]), True
        self._front.setData(log_costs(front), scores(front))
        self._front.setPen(screen_pen(theme.accent, width=1.6))

    def draw_predicted(self, points: Sequence[Point], front: Sequence[Point], theme: Theme) -> None:
        """Draw the predicted front: a thin line through it, `points` of it with their intervals."""
        self._predicted, self._lines = tuple(points), (self._lines[0], tuple(front))
        self._is_crowd_new = True
        self._hollow_front.setData(log_costs(front), scores(front))
        self._hollow_front.setPen(screen_pen(theme.accent, width=1.0, style=Qt.PenStyle.DotLine))
        self._hollow.setData(x=log_costs(points), y=scores(points), symbol="o", size=HOLLOW)
        self._hollow.setPen(screen_pen(theme.accent, width=1.2))
        self._hollow.setBrush(pg.mkBrush(theme.surface))
        faint = pg.mkColor(theme.accent)
        faint.setAlpha(BAR_ALPHAS[theme.name])
        _draw_bars(self._hollow_bars, points, faint)

    def draw_rings(
        self, selected: Point | None, best: Point | None, predicted: Point | None, theme: Theme
    ) -> None:
        """Draw a ring around the selected point, and halos around the best inside the limits.

        `best` is the best that is measured, `predicted` the best that is only predicted.
        """
        if (selected, best, predicted, theme) == self._ringed:
            return
        self._ringed = (selected, best, predicted, theme)
        spots = []
        if predicted is not None:
            halo = pg.mkColor(theme.accent)
            halo.setAlpha(70)
            edge = screen_pen(theme.accent, width=1.2, style=Qt.PenStyle.DotLine)
            spots.append(_mark(predicted, HALO, edge, pg.mkBrush(halo)))
        if best is not None:
            halo = pg.mkColor(theme.good)
            halo.setAlpha(70)
            spots.append(_mark(best, HALO, pg.mkPen(None), pg.mkBrush(halo)))
        if predicted is not None:  # it may lie off the front that is drawn in this plot
            edge = screen_pen(theme.accent, width=1.2)
            spots.append(_mark(predicted, HOLLOW, edge, pg.mkBrush(theme.surface)))
        if selected is not None:
            spots.append(_mark(selected, RING, screen_pen(theme.good, width=2.5), pg.mkBrush(None)))
        self._rings.setData(spots)
        chosen = () if selected is None else (selected,)
        _draw_bars(self._chosen_bar, chosen, pg.mkColor(theme.good), width=2.0)

    def draw_preview(self, preview: Point | None, theme: Theme) -> None:
        """Draw the point that moves along with the slider."""
        if (preview, theme) == self._previewed:
            return
        self._previewed = (preview, theme)
        shown = () if preview is None else (preview,)
        look = screen_pen(theme.accent, width=2.2, style=Qt.PenStyle.SolidLine)
        fill = pg.mkBrush(theme.surface)
        self._preview.setData([_mark(point, RING_OF_PREVIEW, look, fill) for point in shown])
        _draw_bars(self._preview_bar, shown, pg.mkColor(theme.accent), width=1.6)


def _draw_bars(item: Any, points: Sequence[Point], colour: Any, width: float = 1.0) -> None:
    # Two ends per bar, joined in pairs: ErrorBarItem takes no empty arrays.
    ends = np.array([point.score_interval for point in points], dtype=np.float64)
    item.setData(np.repeat(log_costs(points), 2), ends.reshape(-1))
    item.setPen(screen_pen(colour, width=width))


def _mark(point: Point, size: float, pen: Any, brush: Any) -> dict[str, Any]:
    place = (float(np.log10(point.cost)), point.score)
    return {"pos": place, "symbol": "o", "size": size, "pen": pen, "brush": brush}
