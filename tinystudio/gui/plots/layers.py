"""What one chart is drawn from, bottom to top: intervals, fronts, marks, points, preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt

from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.points import Point, log_costs, scores
from tinystudio.gui.plots.swarm import POINT, Swarm, thinned
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme

RING = 19
HOLLOW = 7  # pixels across: smaller than what is measured
HOLLOW_ALPHA = 70  # of 255
ABOVE, BELOW = (1.45, 2.0), (-0.45, -1.0)  # of the name's height: its places, the best first
BESIDE_POINT = 6  # pixels: half of a point
NAME_TURNS = 0.3  # of the axis: left of it the name has no room on its left
NAME_DROPS = 0.09  # of the axis: less far from the top the name has no room above
FLAG_DROPS = 0.2  # likewise, where the flag of a limit hangs from the top
BAR_ALPHA = 120  # of 255: the intervals stay behind the points


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
        self._name = pg.TextItem(tr("original"), anchor=(0.9, 1.45))
        items = (
            self._hollow_bars, self._hollow_front, self._hollow,
            self._bars, self._chosen_bar, self._front, self._rings, self._points.item,
            self._preview_bar, self._preview,
        )  # fmt: skip
        for height, item in enumerate(items):
            item.setZValue(height)
        self._name.setZValue(0.5)  # its paper lies over the bars and under the points
        self._name.hide()
        self._around = np.zeros((0, 2))  # the points, as they are drawn: log10 of cost, score
        self.items: tuple[Any, ...] = (*items, self._name)

    def draw_points(self, points: Sequence[Point], front: Sequence[Point], theme: Theme) -> None:
        """Draw the points with their intervals; of a great many, not all that lie together."""
        originals = [point for point in points if point.series == "original"]
        points = thinned(points, (*front, *originals))
        self._points.draw(points, theme)
        faint = pg.mkColor(theme.faint)
        faint.setAlpha(BAR_ALPHA)
        _draw_bars(self._bars, points, faint)
        self._name.setVisible(bool(originals))
        if originals:
            self._name.setColor(theme.muted)
            paper = pg.mkColor(theme.surface)
            paper.setAlpha(190)
            self._name.fill = pg.mkBrush(paper)
            self._name.setPos(float(np.log10(originals[0].cost)), originals[0].score)
            self._around = np.column_stack((log_costs(points), scores(points)))

    def keep_name_inside(
        self, box: QRectF, below_flag: bool = False, pixel: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """Let the original's name hang where it has room and hides the fewest points.

        `box`: log10 of cost, score; `below_flag`: a limit is shown, whose words hang from the
        top; `pixel`: how much of cost and score one takes, where the plot has a size already.
        """
        drops = FLAG_DROPS if below_flag else NAME_DROPS
        at = self._name.pos()
        is_far_left = at.x() < box.left() + NAME_TURNS * box.width()
        is_high = at.y() > box.bottom() - drops * box.height()  # scores rise to the "bottom"
        side = 0.1 if is_far_left else 0.9
        places = [(side, y) for y in (BELOW if is_high else (*ABOVE, *BELOW))]
        place = min(places, key=lambda place: self._covered(place, pixel))
        if place != tuple(self._name.anchor):  # a limit that is dragged asks at every move
            self._name.setAnchor(place)

    def _covered(self, anchor: tuple[float, float], pixel: tuple[float, float]) -> int:
        """Return over how many points the name would lie."""
        if not all(pixel):
            return 0  # all places are alike, and the first is taken
        size, at = self._name.boundingRect(), self._name.pos()
        drawn = np.vstack((self._around, np.column_stack(self._hollow.getData())))
        apart = (drawn - (at.x(), at.y())) / pixel * (1, -1)
        low = np.array((-anchor[0] * size.width(), -anchor[1] * size.height())) - BESIDE_POINT
        high = low + (size.width(), size.height()) + 2 * BESIDE_POINT
        return int(np.all((apart > low) & (apart < high), axis=1).sum())

    def draw_front(self, front: Sequence[Point], theme: Theme) -> None:
        """Draw the line through the points that none is better than."""
        self._front.setData(log_costs(front), scores(front))
        self._front.setPen(screen_pen(theme.accent, width=1.6))

    def draw_predicted(self, points: Sequence[Point], front: Sequence[Point], theme: Theme) -> None:
        """Draw the predicted front: a thin line through it, `points` of it with their intervals."""
        self._hollow_front.setData(log_costs(front), scores(front))
        self._hollow_front.setPen(screen_pen(theme.accent, width=1.0, style=Qt.PenStyle.DotLine))
        self._hollow.setData(x=log_costs(points), y=scores(points), symbol="o", size=HOLLOW)
        self._hollow.setPen(screen_pen(theme.accent, width=1.2))
        self._hollow.setBrush(pg.mkBrush(theme.surface))
        faint = pg.mkColor(theme.accent)
        faint.setAlpha(HOLLOW_ALPHA)
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
            spots.append(_mark(predicted, RING + 7, edge, pg.mkBrush(halo)))
        if best is not None:
            halo = pg.mkColor(theme.good)
            halo.setAlpha(70)
            spots.append(_mark(best, RING + 7, pg.mkPen(None), pg.mkBrush(halo)))
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
        self._preview.setData([_mark(point, POINT + 4, look, fill) for point in shown])
        _draw_bars(self._preview_bar, shown, pg.mkColor(theme.accent), width=1.6)


def _draw_bars(item: Any, points: Sequence[Point], colour: Any, width: float = 1.0) -> None:
    # Two ends per bar, joined in pairs: ErrorBarItem takes no empty arrays.
    ends = np.array([point.score_interval for point in points], dtype=np.float64)
    item.setData(np.repeat(log_costs(points), 2), ends.reshape(-1))
    item.setPen(screen_pen(colour, width=width))


def _mark(point: Point, size: float, pen: Any, brush: Any) -> dict[str, Any]:
    place = (float(np.log10(point.cost)), point.score)
    return {"pos": place, "symbol": "o", "size": size, "pen": pen, "brush": brush}
