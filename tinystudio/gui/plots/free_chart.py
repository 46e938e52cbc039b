"""One chart of any two measures: points to hover, choose, and gather with a lasso."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent

from tinystudio.core.data import Array
from tinystudio.gui import theme
from tinystudio.gui.pacer import Pacer
from tinystudio.gui.plots.captions import write_caption
from tinystudio.gui.plots.clouds import Clouds, PointLook
from tinystudio.gui.plots.dressing import dress
from tinystudio.gui.plots.hover_card import HoverCard
from tinystudio.gui.plots.lasso import Lasso, Rings, inside
from tinystudio.gui.plots.scale_axis import ScaleAxis
from tinystudio.gui.plots.view_keys import has_moved
from tinystudio.gui.plots.view_plot import ViewPlot
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme
from tinystudio.gui.wording import Judged, Tone

REACH = 12  # pixels between pointer and point that still mean it
ROOM = 0.06  # of the span is left free on every side
REDRAW_MS = 60  # between two drawings of points that come into view
ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
CLICK = 4  # pixels; what moves further is a drag
Words = Callable[[int], tuple[str, tuple[str, ...]]]  # of a point: its title, its figures


class FreeChart(ViewPlot):
    """Places are as the axes have them: log10 of the value on a logarithmic one.

    Drag pans, the wheel zooms, Shift-drag draws a lasso; arrow keys go from point to point, Ctrl+A
    takes every point in view.
    """

    point_chosen = Signal(int)
    gathered = Signal(list)  # numbers of points
    view_moved = Signal()  # by the user
    view_reset = Signal()

    def __init__(self) -> None:
        axes = {side: ScaleAxis(side) for side in ("left", "bottom")}
        super().__init__(axisItems=axes)
        self._x = self._y = np.zeros(0)
        self._number = np.zeros(0, np.int64)
        self._words: Words = lambda number: (str(number), ())
        self._captions = ("", "")
        self._chosen: tuple[int, ...] = ()
        self._clouds, self._lasso = Clouds(), Lasso(self)
        self._rings = Rings(self)
        self._card = HoverCard(self)
        self._pressed_at: QPointF | None = None
        self._timer = Pacer(REDRAW_MS, self)
        self._set_up()
        theme.switch().theme_changed.connect(self._colour)
        self._colour(theme.current())

    def _set_up(self) -> None:
        self.addItem(self._clouds.item)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.getAxis("left").setWidth(58)
        self.getAxis("bottom").setHeight(40)
        for side in ("left", "bottom"):
            self.getAxis(side).enableAutoSIPrefix(False)
        self.getPlotItem().setContentsMargins(0, 6, 12, 0)
        self._timer.timeout.connect(self._redraw)
        self.getViewBox().sigRangeChanged.connect(self._on_range_changed)
        self.getViewBox().sigRangeChangedManually.connect(self.view_moved)

    def show_axes(self, captions: tuple[str, str], logs: tuple[bool, bool]) -> None:
        """Write these captions at the lower and the left axis."""
        for side, is_log in zip(("bottom", "left"), logs, strict=True):
            axis = self.getAxis(side)
            if axis.is_log != is_log:
                axis.is_log = is_log
                axis.picture = None
        (across, up), (is_log_x, is_log_y) = captions, logs
        self._captions = (_scaled(across, is_log_x), _scaled(up, is_log_y))
        self._label(theme.current())
        x, y = map(tr, captions)
        self.setAccessibleName(tr("Plot of {y} against {x}").format(y=y, x=x))

    def show_points(
        self, x: Array, y: Array, look: Array, looks: Sequence[PointLook], words: Words
    ) -> None:
        """Draw points (n,); those without a place (NaN) are left out. The view stays."""
        there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        self._x, self._y, self._number = x[there], y[there], there
        self._words = words
        self._clouds.set_points(self._x, self._y, look[there], looks, theme.current())
        self._redraw()
        self._draw_rings()
        said = tr("{count} points; the table has the same numbers.")
        self.setAccessibleDescription(said.format(count=len(there)))

    @property
    def count(self) -> int:
        """Return how many points have a place."""
        return len(self._x)

    def choose(self, numbers: Sequence[int]) -> None:
        """Ring these points; no signal."""
        self._chosen = tuple(numbers)
        self._draw_rings()

    def fit(self) -> None:
        """Show every point."""
        if not len(self._x):
            return
        for low, high, move in (
            (self._x.min(), self._x.max(), self.setXRange),
            (self._y.min(), self._y.max(), self.setYRange),
        ):
            room = ROOM * (high - low) or max(abs(low) * 0.05, 0.05)
            move(float(low - room), float(high + room), padding=0)

    @property
    def outside(self) -> int:
        """Return how many points lie outside the view."""
        left, right, bottom, top = self.box
        x, y = self._x, self._y
        held = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
        return len(x) - int(np.count_nonzero(held))

    # Drawing

    @Slot()
    def _redraw(self) -> None:
        self._clouds.redraw(self.box)

    @Slot()
    def _on_range_changed(self) -> None:
        self._card.hide()
        self._timer.want()

    def _draw_rings(self) -> None:
        places = np.flatnonzero(np.isin(self._number, self._chosen))
        self._rings.draw(self._x[places], self._y[places])

    @Slot(object)
    def _colour(self, colours: Theme) -> None:
        dress(self, colours)
        self._lasso.colour(colours)
        self._rings.colour(colours)
        self._label(colours)

    def _label(self, colours: Theme) -> None:
        write_caption(self, "bottom", tr(self._captions[0]), colours)
        write_caption(self, "left", tr(self._captions[1]), colours)

    # What the user does

    def point_at(self, place: QPointF) -> int | None:
        """Return the number of the point under these widget coordinates."""
        if not len(self._x):
            return None
        area = self.getViewBox().sceneBoundingRect()
        left, right, bottom, top = self.box
        here = self._here(place)
        x = (self._x - here.x()) * area.width() / max(right - left, 1e-12)
        y = (self._y - here.y()) * area.height() / max(top - bottom, 1e-12)
        distance = np.hypot(x, y)
        nearest = int(np.argmin(distance))
        return int(self._number[nearest]) if distance[nearest] <= REACH else None

    def _here(self, place: QPointF) -> QPointF:
        found: QPointF = self.getViewBox().mapSceneToView(self.mapToScene(place.toPoint()))
        return found

    def gather(self, corners: Array) -> None:
        """Choose what lies inside a polygon (n, 2) of places."""
        self._say_gathered(self._number[inside(corners, self._x, self._y)])

    def _say_gathered(self, numbers: Array) -> None:
        self._chosen = tuple(int(number) for number in numbers)
        self._draw_rings()
        self.gathered.emit(list(self._chosen))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position()
        if self._lasso.begin(event):
            self._card.hide()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._lasso.is_drawn:
            self._lasso.add(event.position())
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._hover(self.point_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        start, self._pressed_at = self._pressed_at, None
        is_drag = start is None or (event.position() - start).manhattanLength() > CLICK
        if not self._lasso.is_drawn:
            super().mouseReleaseEvent(event)
        else:
            corners = self._lasso.end()
            if is_drag:
                self.gather(corners)
        number = None if is_drag else self.point_at(event.position())
        if event.button() is not Qt.MouseButton.LeftButton or number is None:
            return
        if event.modifiers() & ADDING:
            self._say_gathered(np.setxor1d(self._chosen, [number]))
        else:
            self.point_chosen.emit(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.point_at(event.position()) is None:
            self.view_reset.emit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._card.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if has_moved(self, event):
            return
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and len(self._x):
            self._step(step)
        elif (
            event.key() == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            left, right, bottom, top = self.box
            x, y = self._x, self._y
            seen = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
            self._say_gathered(self._number[seen])
        elif event.key() == Qt.Key.Key_Escape and self._lasso.is_drawn:
            self._lasso.end()
        else:
            super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        order = np.lexsort((self._y, self._x))
        now = np.flatnonzero(np.isin(self._number[order], self._chosen[:1]))
        at = int(now[0]) + step if len(now) else 0
        number = int(self._number[order[min(len(order) - 1, max(0, at))]])
        self.point_chosen.emit(number)
        self._hover(number)

    def _hover(self, number: int | None) -> None:
        if number is None:
            self._card.hide()
            return
        at = int(np.flatnonzero(self._number == number)[0])
        spot = self.getViewBox().mapViewToScene(QPointF(self._x[at], self._y[at]))
        place: QPoint = self.mapFromScene(spot)
        title, lines = self._words(number)
        self._card.show_at(place, title, lines, Judged("", Tone.MUTED))


def _scaled(caption: str, is_log: bool) -> str:
    """Return an axis' caption that says where it is logarithmic: "size (kB, log)"."""
    if not is_log:
        return caption
    return f"{caption[:-1]}, log)" if caption.endswith(")") else f"{caption} (log)"
