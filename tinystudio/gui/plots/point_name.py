"""The original's name beside its point, where it hides least of what is drawn around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF

from tinystudio.core.data import Array
from tinystudio.gui.plots.points import Point, log_costs, scores
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme

# Places of the name, in its own width and height from its upper left corner: the best first.
LEFT, MIDDLE, RIGHT = 0.9, 0.5, 0.1
ABOVE, BELOW, LEVEL = (1.45, 2.0, 2.7), (-0.45, -1.0, -1.7), 0.5
AROUND = 2  # pixels of ground around the letters
BESIDE_POINT = 6  # pixels: half of a point
BESIDE_RING = 8  # pixels between a point and a name at its own height
AXIS_TURNS = 0.3  # of the axis: left of it the name has no room on its left
AXIS_DROPS = 0.09  # of the axis: less far from the top the name has no room above
FLAG_DROPS = 0.2  # likewise, where the flag of a limit hangs from the top
POINT_COSTS, LINE_COSTS, BAR_COSTS, OWN_BAR_COSTS = 50, 3, 2, 1  # how bad it is to lie over one
NEARER_COSTS = 1.5  # of every pixel that another point is nearer, so that the name seems to be its
FAR_COSTS, NEAR = 1 / 8, 12  # of every pixel from its point to the name; so many are free
STEPS = 12  # of a line, at which it is looked whether it runs through the name

Place = tuple[float, float]
# Points and rings (n, 3) with how near one may come to their middle, bars (n, 3) from the upper
# end to the lower, and lines: all in pixels from the name's point.
Around = tuple[Array, Array, tuple[Array, ...]]


class PointName(pg.TextItem):  # type: ignore[misc]  # pyqtgraph is not typed
    """Its ground is the plot's, so that no bar runs through its letters wherever it lies."""

    def __init__(self) -> None:
        super().__init__(tr("original"), anchor=(LEFT, ABOVE[0]))
        self.textItem.document().setDocumentMargin(AROUND)
        self.updateTextPos()
        self._spots = np.zeros((0, 2))  # log10 of cost, score
        self._bars = np.zeros((0, 3))  # log10 of cost, lower and upper end
        self._lines: tuple[Array, ...] = ()  # each (n, 2), ascending by cost
        self._rings = np.zeros((0, 3))  # log10 of cost, score, pixels from the middle to the edge
        self.hide()

    def stand_at(self, point: Point, colours: Theme) -> None:
        """Name this point."""
        self.setColor(colours.muted)
        self.fill = pg.mkBrush(colours.surface)
        self.setPos(float(np.log10(point.cost)), point.score)

    def avoid(self, points: Sequence[Point], lines: Sequence[Sequence[Point]]) -> None:
        """Keep off these points with their intervals, and off the lines through others."""
        self._spots = _places(points)
        ends = np.array([point.score_interval for point in points], np.float64).reshape(-1, 2)
        self._bars = np.column_stack((log_costs(points), ends))
        self._lines = tuple(_places(line) for line in lines)

    def avoid_rings(self, rings: Sequence[tuple[Point, float]]) -> None:
        """Keep off these rings and halos as well: around which point, and how many pixels across.

        They are no part of the crowd, since they move while something is dragged.
        """
        places = _places([point for point, _ in rings])
        self._rings = np.column_stack((places, [across / 2 for _, across in rings]))

    def keep_inside(self, box: QRectF, below_flag: bool, pixel: tuple[float, float]) -> None:
        """Hang where there is room and least is hidden.

        `box`: log10 of cost, score; `below_flag`: a limit is shown, whose words hang from the
        top; `pixel`: how much of cost and score one takes, where the plot has a size already.
        """
        drops = FLAG_DROPS if below_flag else AXIS_DROPS
        at, size = self.pos(), self.boundingRect()
        is_far_left = at.x() < box.left() + AXIS_TURNS * box.width()
        is_high = at.y() > box.bottom() - drops * box.height()  # scores rise to the "bottom"
        off = BESIDE_RING / max(size.width(), 1.0)
        sides = (RIGHT, -off) if is_far_left else (LEFT, 1 + off, MIDDLE, RIGHT, -off)
        heights = BELOW if is_high else (*ABOVE, *BELOW)
        places = [(side, height) for height in heights for side in sides]
        if not (is_high and below_flag):
            places += [(side, LEVEL) for side in sides if not 0 <= side <= 1]
        if all(pixel):
            around = self._around(pixel)
            beside = (at.x() - box.left(), box.right() - at.x())
            room = np.array((beside, (box.bottom() - at.y(), at.y() - box.top())))
            room /= np.reshape(pixel, (2, 1))
            fitting = [place for place in places if self._fits(place, room)]
            place = min(fitting or places, key=lambda place: self._hidden(place, around))
        else:
            place = places[0]  # all are alike
        if place != tuple(self.anchor):  # a limit that is dragged asks at every move
            self.setAnchor(place)

    def _fits(self, place: Place, room: Array) -> bool:
        """Say whether all letters lie in the plot; `room`: pixels left, right; above, below."""
        size = self.boundingRect()
        before = np.array(place) * (size.width(), size.height())
        after = (size.width(), size.height()) - before
        return bool((np.column_stack((before, after)) <= room).all())

    def _around(self, pixel: tuple[float, float]) -> Around:
        """Return what comes near in pixels from the name's point: see `Around`."""
        at, size = self.pos(), self.boundingRect()
        reach_x, reach_y = 1.5 * size.width() + 20, 3 * size.height() + 20
        spots = (self._spots - (at.x(), at.y())) / pixel * (1, -1)
        bars = (self._bars - (at.x(), at.y(), at.y())) / (pixel[0], pixel[1], pixel[1])
        bars = bars[:, (0, 2, 1)] * (1, -1, -1)  # from the upper end to the lower
        near = (np.abs(spots) < (reach_x, reach_y)).all(axis=1)
        close = (np.abs(bars[:, 0]) < reach_x) & (bars[:, 2] > -reach_y) & (bars[:, 1] < reach_y)
        lines = tuple((line - (at.x(), at.y())) / pixel * (1, -1) for line in self._lines)
        rings = (self._rings - (at.x(), at.y(), 0)) / (*pixel, 1) * (1, -1, 1)
        spots = np.column_stack((spots[near], np.full(int(near.sum()), BESIDE_POINT)))
        return np.vstack((spots, rings)), bars[close], lines

    def _hidden(self, anchor: Place, around: Around) -> float:
        """Return how much a name at this place would hide or mislead."""
        spots, bars, lines = around
        size = self.boundingRect()
        low = np.array((-anchor[0] * size.width(), -anchor[1] * size.height()))
        high = low + np.array((size.width(), size.height()))
        places, reach = spots[:, :2], spots[:, 2:]
        inside = (places > low - reach) & (places < high + reach)
        across = (bars[:, 0] > low[0]) & (bars[:, 0] < high[0])
        struck = across & (bars[:, 2] > low[1]) & (bars[:, 1] < high[1])
        crossed = sum(_runs_through(line, low, high) for line in lines)
        own = struck & (np.abs(bars[:, 0]) < 1)
        points = int(inside.all(axis=1).sum())
        crossing = BAR_COSTS * int((struck & ~own).sum()) + OWN_BAR_COSTS * int(own.sum())
        own_gap = float(_gaps(np.zeros((1, 2)), low, high)[0])
        others = places[np.abs(places).max(axis=1) >= 1]
        nearer = own_gap - float(_gaps(others, low, high).min(initial=own_gap))
        misleading = NEARER_COSTS * nearer + FAR_COSTS * max(0.0, own_gap - NEAR)
        return POINT_COSTS * points + crossing + LINE_COSTS * crossed + misleading


def _places(points: Sequence[Point]) -> Array:
    return np.column_stack((log_costs(points), scores(points)))


def _gaps(places: Array, low: Array, high: Array) -> Array:
    """Return how far each place (n, 2) is from a box."""
    beside = np.maximum(np.maximum(low - places, places - high), 0)
    gaps: Array = np.hypot(beside[:, 0], beside[:, 1])
    return gaps


def _runs_through(line: Array, low: Array, high: Array) -> bool:
    """Say whether a line (n, 2), ascending in x, runs through a box."""
    if len(line) < 2:
        return False
    x = np.linspace(low[0], high[0], STEPS)
    y = np.interp(x, line[:, 0], line[:, 1], left=np.nan, right=np.nan)
    return bool(((y > low[1]) & (y < high[1])).any())
