"""One chart: the score against one cost, with points one can hover and select."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent

from tinystudio.core.measurement import Measurement
from tinystudio.gui import theme, wording
from tinystudio.gui.plots.captions import write_caption
from tinystudio.gui.plots.dressing import show_grid, tick_font
from tinystudio.gui.plots.hover_card import HoverCard
from tinystudio.gui.plots.lasso import Lasso, inside
from tinystudio.gui.plots.layers import Layers
from tinystudio.gui.plots.limit_line import LimitLine
from tinystudio.gui.plots.log_axis import LogAxis
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.plot_words import PlotWords
from tinystudio.gui.plots.points import (
    CostAxis,
    Point,
    card_lines,
    cost_range,
    log_costs,
    nearest,
    score_range,
    scores,
    spread_out,
)
from tinystudio.gui.plots.scale_axis import ScaleAxis
from tinystudio.gui.plots.spoken import points_in_words
from tinystudio.gui.plots.view_keys import has_moved
from tinystudio.gui.plots.view_plot import ViewPlot
from tinystudio.gui.text_size import scaled
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme

UNDER = -1000  # below everything: a grid line over a point would change its colour
HOLLOW_POINTS = 40  # of the predicted front are drawn in one chart; its line has them all
ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
ROOM = 0.06  # of the span is left free on every side where all is shown
REST_MS = 150  # after the last move of what is dragged the original's name gives way to it
REACH = 12  # pixels between pointer and point that still mean it


class Chart(ViewPlot):
    """Draws what it is given and says what the user points at. Lives in the GUI thread."""

    point_chosen = Signal(str)
    gathered = Signal(list)  # ids of what a lasso was drawn around
    point_added = Signal(str)  # with Ctrl or Shift: beside what is chosen already
    limit_moved = Signal()
    limit_settled = Signal()
    context_requested = Signal(QPoint)  # global
    view_reset = Signal()

    def __init__(self, cost: CostAxis) -> None:
        super().__init__(axisItems={"bottom": LogAxis("bottom"), "left": ScaleAxis("left")})
        self.cost = cost
        self.named: Callable[[Point], Point] = lambda point: point  # gives a point its title
        self.limit_line = LimitLine(cost.words)
        self._is_limited = False  # when the original's name was last placed
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._layers = Layers()
        self._points: tuple[Point, ...] = ()
        self._front: tuple[Point, ...] = ()
        self._predicted: tuple[Point, ...] = ()
        self._predicted_front: tuple[Point, ...] = ()
        self._preview: Point | None = None
        self._selected: str | None = None
        self._best: str | None = None
        self._best_predicted: Point | None = None
        self._original: Measurement | None = None
        self._pressed_at: QPointF | None = None
        self._card = HoverCard(self)
        self._lasso = Lasso(self)
        self.words, self._said_missing = PlotWords(self), ""
        self._chosen: tuple[str, ...] = ()
        self._rings = pg.ScatterPlotItem(symbol="s", size=20, pxMode=True)
        self._set_up()
        self._connect()
        self._colour(theme.current())

    def _set_up(self) -> None:
        for item in (
            self.limit_line.area, self._rings, *self._layers.items, self.limit_line.line,
        ):  # fmt: skip
            self.addItem(item, ignoreBounds=True)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(
            tr("Plot of the score against {title}").format(title=tr(self.cost.title))
        )
        for side in ("left", "bottom"):
            self.getAxis(side).setZValue(UNDER)
            self.getAxis(side).enableAutoSIPrefix(False)  # the caption says the unit
        # Room above the frame for the limit's flag, and left of it none is wasted.
        self.getPlotItem().setContentsMargins(0, 4, 10, 0)

    def _connect(self) -> None:
        theme.switch().theme_changed.connect(self._colour)
        self._rest.timeout.connect(self._place_name)
        self.limit_line.line.sigPositionChanged.connect(self._on_line_moved)
        self.limit_line.moved.connect(self.limit_moved)
        self.limit_line.settled.connect(self.limit_settled)
        self.getViewBox().sigRangeChanged.connect(self._on_range_changed)
        self.getViewBox().sigResized.connect(self._on_range_changed)

    @Slot(object)
    def _colour(self, colours: Theme) -> None:
        self.setBackground(colours.surface)
        self.getAxis("left").setWidth(scaled(46))
        self.getAxis("bottom").setHeight(scaled(40))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(screen_pen(colours.border))
            axis.setTextPen(screen_pen(colours.muted))
            axis.setStyle(tickLength=4, tickTextOffset=4, tickFont=tick_font())
        show_grid(self, colours)
        self.limit_line.colour(colours)
        self._lasso.colour(colours)
        self._label_axes(colours)
        self._draw(colours)

    def _label_axes(self, colours: Theme) -> None:
        some = (*self._points[:1], *self._predicted[:1])
        figures = some[0].figures if some else Measurement()
        title = wording.axis_title(figures)
        write_caption(self, "bottom", tr(f"{self.cost.title} ({self.cost.unit}, log)"), colours)
        write_caption(self, "left", tr(title), colours)

    # What is shown

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the points that are drawn."""
        return self._points

    @property
    def front(self) -> tuple[Point, ...]:
        """Return the points on the Pareto front, cheapest first."""
        return self._front

    @property
    def preview(self) -> Point | None:
        """Return the point that moves along with the slider."""
        return self._preview

    def set_points(
        self, points: Sequence[Point], front: Sequence[Point], original: Measurement | None
    ) -> None:
        """Draw these points; the view stays where it is."""
        self._points, self._front, self._original = tuple(points), tuple(front), original
        self._label_axes(theme.current())
        self.setAccessibleDescription(tr(points_in_words(self.cost, self._points, self._front)))
        self._draw(theme.current())
        self._on_range_changed()

    @property
    def predicted(self) -> tuple[Point, ...]:
        """Return the hollow points that are drawn of the predicted front, cheapest first."""
        return self._predicted

    def set_predicted(self, front: Sequence[Point]) -> None:
        """Draw the predicted front, cheapest first; the view stays where it is."""
        self._predicted_front = tuple(front)
        self._predicted = spread_out(front, HOLLOW_POINTS)
        self._label_axes(theme.current())
        self._layers.draw_predicted(self._predicted, front, theme.current())

    def set_preview(self, point: Point | None) -> None:
        """Draw the point that moves along with the slider, or none."""
        if point != self._preview:
            self._rest.start()
        self._preview = point
        self._layers.draw_preview(point, theme.current())

    def say_missing(self, text: str) -> None:
        """Say inside the frame what has no point here, or nothing."""
        if text != self._said_missing:
            self._said_missing = text
            self.words.say_missing(text)
            self._place_words()

    def set_marks(
        self, selected: str | None, best: str | None, predicted: Point | None = None
    ) -> None:
        """Mark the selected point and the best ones inside the limits, measured and predicted."""
        if (selected, best, predicted) != (self._selected, self._best, self._best_predicted):
            self._rest.start()
        self._selected, self._best, self._best_predicted = selected, best, predicted
        self._draw_marks(theme.current())

    def _draw(self, colours: Theme) -> None:
        self._layers.draw_points(self._points, self._front, colours)
        self._layers.draw_front(self._front, colours)
        self._layers.draw_predicted(self._predicted, self._predicted_front, colours)
        self._layers.draw_preview(self._preview, colours)
        self._draw_marks(colours)

    def _draw_marks(self, colours: Theme) -> None:
        selected, best = self.point(self._selected), self.point(self._best)
        self._layers.draw_rings(selected, best, self._best_predicted, colours)
        chosen = [point for point in self._points if point.id in self._chosen]
        self._rings.setData(
            x=log_costs(chosen), y=scores(chosen), pen=screen_pen(colours.accent, width=1.5),
            brush=pg.mkBrush(colours.accent_soft),
        )  # fmt: skip

    def set_chosen(self, variants: Sequence[str]) -> None:
        """Frame the points that are chosen to be compared."""
        self._chosen = tuple(variants)
        self._draw_marks(theme.current())

    def point(self, id: str | None) -> Point | None:
        """Return the point of a variant."""
        return next((item for item in self._points if item.id == id), None)

    def fit(self) -> None:
        """Show what is worth looking at."""
        preview = (self._preview,) if self._preview else ()
        shown = (*self._points, *self._predicted_front)
        low, high = cost_range((*shown, *preview), self.limit_line.limit)
        self.setXRange(math.log10(low), math.log10(high), padding=0)
        selected = self.point(self._selected)
        ringed = () if selected is None else (selected,)
        front = (*self._front, *self._predicted_front, *(ringed if self._front else ()))
        self.setYRange(*score_range(shown, front, self._preview), padding=0)

    def fit_all(self) -> None:
        """Show every point, the failures too."""
        if self._points:
            places, heights = log_costs(self._points), scores(self._points)
            for ends, move in ((places, self.setXRange), (heights, self.setYRange)):
                low, high = float(ends.min()), float(ends.max())
                room = ROOM * (high - low) or 0.05
                move(low - room, high + room, padding=0)

    @property
    def outside(self) -> frozenset[str]:
        """Return the ids of the points that lie outside the view."""
        left, right, bottom, top = self.box
        x, y = log_costs(self._points), scores(self._points)
        held = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
        return frozenset(p.id for p, is_in in zip(self._points, held, strict=True) if not is_in)

    def shows_preview(self) -> bool:
        """Say whether the preview, where there is one, lies inside the view."""
        if self._preview is None:
            return True
        box: QRectF = self.getViewBox().viewRect()
        return box.contains(QPointF(math.log10(self._preview.cost), self._preview.score))

    def place_of(self, point: Point) -> QPoint:
        """Return where a point is on the widget, in pixels."""
        scene = self.getViewBox().mapViewToScene(QPointF(math.log10(point.cost), point.score))
        place: QPoint = self.mapFromScene(scene)
        return place

    # What the user does

    def point_at(self, place: QPointF) -> Point | None:
        """Return the point under these widget coordinates."""
        preview = (self._preview,) if self._preview else ()
        best = (self._best_predicted,) if self._best_predicted else ()
        shown = (*self._points, *preview, *self._predicted, *best)  # of two at one place the first
        if not shown:
            return None
        box: QRectF = self.getViewBox().viewRect()
        area = self.getViewBox().sceneBoundingRect()
        scene = self.mapToScene(place.toPoint())
        here = self.getViewBox().mapSceneToView(scene)
        x = (log_costs(shown) - here.x()) * area.width() / max(box.width(), 1e-12)
        y = (scores(shown) - here.y()) * area.height() / max(box.height(), 1e-12)
        return nearest(shown, x, y, REACH)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position()
        if self._lasso.begin(event):
            self._card.hide()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        start, self._pressed_at = self._pressed_at, None
        is_drag = start is None or (event.position() - start).manhattanLength() > 4
        if not self._lasso.is_drawn:
            super().mouseReleaseEvent(event)
        else:
            held = inside(self._lasso.end(), log_costs(self._points), scores(self._points))
            if is_drag:
                ids = [p.id for p, is_in in zip(self._points, held, strict=True) if is_in]
                self.gathered.emit(ids)
        if is_drag:
            return
        if event.button() is Qt.MouseButton.RightButton:
            self.context_requested.emit(event.globalPosition().toPoint())
        point = self.point_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and point and point is not self._preview:
            is_added = bool(event.modifiers() & ADDING)
            (self.point_added if is_added else self.point_chosen).emit(point.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.point_at(event.position()) is None:
            self.view_reset.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._lasso.is_drawn:
            self._lasso.add(event.position())
            return
        super().mouseMoveEvent(event)
        self._hover(self.point_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._card.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if has_moved(self, event):
            return
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if steps is None or not self._points:
            super().keyPressEvent(event)
            return
        ordered = sorted(self._points, key=lambda item: (item.cost, item.score))
        now = self.point(self._selected)
        index = ordered.index(now) + steps if now else 0
        chosen = ordered[min(len(ordered) - 1, max(0, index))]
        self.point_chosen.emit(chosen.id)
        self._hover(chosen)

    def _hover(self, point: Point | None) -> None:
        if point is None:
            self._card.hide()
            return
        self._card.show_at(self.place_of(point), *card_lines(self.named(point), self._original))

    @Slot()
    def _on_range_changed(self) -> None:
        self._card.hide()
        box: QRectF = self.getViewBox().viewRect()
        self.words.say_below(*(
            sum(point.score < box.top() for point in some)
            for some in (self._points, self._predicted)
        ))  # fmt: skip
        self.limit_line.keep_flag_inside(box.left(), box.right())
        self._place_name()
        self._place_words()

    @Slot()
    def _on_line_moved(self) -> None:
        """Give way to the words of a limit that has come; where it is dragged to is all one."""
        self.limit_line.keep_flag_inside(*self.box[:2])
        if not self._is_limited:
            self._place_name()

    @Slot()
    def _place_name(self) -> None:
        self._is_limited = self.limit_line.limit is not None
        box = self.getViewBox()
        self._layers.keep_name_inside(box.viewRect(), self._is_limited, box.viewPixelSize())

    def _place_words(self) -> None:
        shown = (*self._points, *self._predicted_front) if self._said_missing else ()
        left, right, bottom, top = self.box
        area: QRect = self.getViewBox().sceneBoundingRect().toRect()
        x = (log_costs(shown) - left) / max(right - left, 1e-12) * area.width()
        y = (top - scores(shown)) / max(top - bottom, 1e-12) * area.height()
        self.words.place(area, np.column_stack((area.left() + x, area.top() + y)))
