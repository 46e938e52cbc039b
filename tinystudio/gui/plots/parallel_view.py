"""Draws upright axes side by side and a line per variant; a drag along an axis picks a range."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from tinystudio.core.data import Array
from tinystudio.gui import theme
from tinystudio.gui.plots.parallel_data import Axis
from tinystudio.gui.plots.point_looks import shade
from tinystudio.gui.texts import tr

TOP, BOTTOM, SIDE = 46.0, 22.0, 56.0  # pixels around the axes
NEAR = 24.0  # pixels from an axis that still mean it
LEAST = 0.02  # of an axis: a shorter drag is a click, which lifts the range
MOST_LINES = 3000  # are drawn; of more, evenly many
STEP = 0.1  # of an axis, by key
Range = tuple[float, float]


class ParallelView(QWidget):
    """`picked` carries the numbers of the lines inside every range.

    Keys: left and right go from axis to axis, up and down move a range, Escape lifts all.
    """

    picked = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self._axes: tuple[Axis, ...] = ()
        self._tone = np.zeros(0)
        self._ranges: dict[int, Range] = {}
        self._chosen: frozenset[int] = frozenset()
        self._drag: tuple[int, float] | None = None
        self._at = 0  # the axis that the keys move
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Recipe parameters against results"))
        self.setAccessibleDescription(tr("Each line is a variant. The table has the same numbers."))
        theme.switch().theme_changed.connect(self.update)

    def show_axes(self, axes: Sequence[Axis], tone: Array) -> None:
        """Draw these; `tone` (n,) colours the lines, from 0 to 1."""
        if [axis.title for axis in axes] != [axis.title for axis in self._axes]:
            self._ranges, self._at = {}, 0
        self._axes, self._tone = tuple(axes), tone
        self.update()

    def choose(self, numbers: Sequence[int]) -> None:
        """Draw these lines on top; no signal."""
        self._chosen = frozenset(numbers)
        self.update()

    @property
    def ranges(self) -> dict[int, Range]:
        """Return what is picked, by axis."""
        return dict(self._ranges)

    def pick(self, axis: int, span: Range | None) -> None:
        """Let only these lines through an axis; None: all."""
        if span is None or span[1] - span[0] < LEAST:
            self._ranges.pop(axis, None)
        else:
            self._ranges[axis] = (max(0.0, span[0]), min(1.0, span[1]))
        self.update()

    def passing(self) -> Array:
        """Say for every line (n,) whether it is inside every range."""
        found = np.ones(len(self._tone), bool)
        for at, (low, high) in self._ranges.items():
            places = np.nan_to_num(self._axes[at].places, nan=-1.0)
            found &= (places >= low - 1e-9) & (places <= high + 1e-9)
        return found

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.current().surface))
        if len(self._axes) < 2:
            return
        self._paint_lines(painter)
        for at, axis in enumerate(self._axes):
            self._paint_axis(painter, at, axis)

    def _paint_lines(self, painter: QPainter) -> None:
        colours, passing = theme.current(), self.passing()
        some = range(0, len(self._tone), max(1, -(-len(self._tone) // MOST_LINES)))
        order = sorted(some, key=lambda n: (n in self._chosen, bool(passing[n]), self._tone[n]))
        for number in order:
            colour, width = QColor(shade(float(self._tone[number]), colours)), 1.4
            if number in self._chosen:
                colour, width = QColor(colours.good), 3.0
            elif not passing[number]:
                colour = QColor(colours.faint)
                colour.setAlpha(45)
            elif len(order) > 200:
                colour.setAlpha(120)
            painter.setPen(QPen(colour, width))
            for piece in self._pieces(number):
                painter.drawPolyline(piece)

    def _pieces(self, number: int) -> list[QPolygonF]:
        """Return a variant's line; it is broken where a figure is not known."""
        pieces: list[QPolygonF] = []
        piece = QPolygonF()
        for at, axis in enumerate(self._axes):
            place = float(axis.places[number])
            if np.isnan(place):
                pieces, piece = [*pieces, piece], QPolygonF()
            else:
                piece.append(QPointF(self._x(at), self._y(place)))
        return [*pieces, piece]

    def _paint_axis(self, painter: QPainter, at: int, axis: Axis) -> None:
        colours, x = theme.current(), self._x(at)
        has_focus = self.hasFocus() and at == self._at
        painter.setPen(QPen(QColor(colours.accent if has_focus else colours.muted), 1.6))
        painter.drawLine(QPointF(x, self._y(1)), QPointF(x, self._y(0)))
        span = self._ranges.get(at)
        if span is not None:
            fill = QColor(colours.accent)
            fill.setAlpha(60)
            painter.setPen(QPen(QColor(colours.accent), 1.2))
            painter.setBrush(fill)
            painter.drawRect(
                QRectF(x - 7, self._y(span[1]), 14, self._y(span[0]) - self._y(span[1]))
            )
        font = painter.font()
        font.setPointSizeF(8.0)
        font.setBold(axis.is_result)
        painter.setFont(font)
        self._paint_title(painter, at, axis.title)
        font.setBold(False)
        painter.setFont(font)
        for place, text in axis.ticks:
            self._paint_tick(painter, QPointF(x, self._y(place)), text)

    def _paint_title(self, painter: QPainter, at: int, title: str) -> None:
        colours, room = theme.current(), self._gap() - 8
        box = QRectF(self._x(at) - room / 2, 2, room, TOP - 12)
        painter.setPen(QColor(colours.text))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        painter.drawText(box, int(flags | Qt.TextFlag.TextWordWrap), tr(title))

    def _paint_tick(self, painter: QPainter, spot: QPointF, text: str) -> None:
        colours, metrics = theme.current(), QFontMetricsF(painter.font())
        shown = metrics.elidedText(tr(text), Qt.TextElideMode.ElideRight, self._gap() - 14)
        wide = metrics.horizontalAdvance(shown) + 6
        box = QRectF(spot.x() + 5, spot.y() - 8, wide, 16)
        paper = QColor(colours.surface)
        paper.setAlpha(200)  # the lines run behind the words
        painter.fillRect(box, paper)
        painter.setPen(QColor(colours.muted))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)

    def _gap(self) -> float:
        return (self.width() - 2 * SIDE) / max(1, len(self._axes) - 1)

    def _x(self, at: int) -> float:
        return SIDE + at * self._gap()

    def _y(self, place: float) -> float:
        return TOP + (1 - place) * (self.height() - TOP - BOTTOM)

    def _place(self, y: float) -> float:
        return 1 - (y - TOP) / max(1.0, self.height() - TOP - BOTTOM)

    # What the user does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        near = [
            at for at in range(len(self._axes)) if abs(self._x(at) - event.position().x()) <= NEAR
        ]
        if near and event.button() is Qt.MouseButton.LeftButton:
            self._at = near[0]
            self._drag = (near[0], self._place(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            axis, start = self._drag
            here = self._place(event.position().y())
            self.pick(axis, (min(start, here), max(start, here)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            axis, start = self._drag
            here = self._place(event.position().y())
            self._drag = None
            self.pick(axis, (min(start, here), max(start, here)))
            self._say_picked()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right if self._axes:
                step = 1 if event.key() == Qt.Key.Key_Right else -1
                self._at = min(len(self._axes) - 1, max(0, self._at + step))
                self.update()
            case Qt.Key.Key_Up | Qt.Key.Key_Down if self._axes:
                move = STEP if event.key() == Qt.Key.Key_Up else -STEP
                low, high = self._ranges.get(self._at, (0.5 - STEP, 0.5 + STEP))
                move = max(-low, min(1 - high, move))
                self.pick(self._at, (low + move, high + move))
                self._say_picked()
            case Qt.Key.Key_Escape if self._ranges:
                self._ranges.clear()
                self._say_picked()
                self.update()
            case _:
                super().keyPressEvent(event)

    def _say_picked(self) -> None:
        chosen = np.flatnonzero(self.passing()) if self._ranges else np.zeros(0, np.int64)
        self._chosen = frozenset()
        self.picked.emit([int(number) for number in chosen])
