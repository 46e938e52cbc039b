"""The boxes and lines of the diagram as they are painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsItem,
    QGraphicsPathItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from tinystudio.gui import theme
from tinystudio.gui.diagram.facts import PORT, BoxFacts, frame_title
from tinystudio.gui.diagram.unfolding import Frame
from tinystudio.gui.texts import tr

WIDTH, HEIGHT = 222.0, 58.0  # of a box
COLUMN, ROW = 246.0, 92.0  # from one box to the next
RADIUS, STRIPE, MARGIN = 6.0, 5.0, 10.0
READABLE, LEGIBLE = 0.55, 0.28  # of the full size: all words, only what the layers compute
ARROW, STACK = 5.0, 4.0
Place = tuple[float, float]
FOLD_TIP = "Double-click, or Shift+Enter, folds it into one box."


class BoxItem(QGraphicsItem):
    """One box; from afar its words make way for larger ones, then for its colour alone."""

    def __init__(self, number: int, place: Place) -> None:
        super().__init__()
        self.number = number
        self.facts = BoxFacts("", "", "", "")
        self._fill, self._stripe = QColor(), QColor()
        self._is_chosen = self._is_found = False
        self.setPos(place[0] * COLUMN, place[1] * ROW)
        self.setZValue(1)

    def boundingRect(self) -> QRectF:
        """Return the room it takes, its frame included."""
        return self.shape_rect().adjusted(-3, -3, 3 + STACK, 3 + STACK)

    @staticmethod
    def shape_rect() -> QRectF:
        """Return the box itself."""
        return QRectF(-WIDTH / 2, -HEIGHT / 2, WIDTH, HEIGHT)

    def show_facts(self, facts: BoxFacts, fill: QColor, stripe: QColor) -> None:
        """Say this, in these colours."""
        self.facts, self._fill, self._stripe = facts, fill, stripe
        self.update()

    def mark(self, is_chosen: bool, is_found: bool) -> None:
        """Frame the box where it is chosen, or found by a search."""
        if (is_chosen, is_found) != (self._is_chosen, self._is_found):
            self._is_chosen, self._is_found = is_chosen, is_found
            self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint what can be read at this size."""
        colours, rect = theme.current(), self.shape_rect()
        scale = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        frame = QPen(QColor(colours.border), 1.2)
        if self._is_found:
            frame = QPen(QColor(colours.warning_text), 2.4, Qt.PenStyle.DashLine)
        if self._is_chosen:
            frame = QPen(QColor(colours.accent), 3.2)
        round_by = HEIGHT / 2 if self.facts.kind == PORT else RADIUS
        painter.setPen(frame)
        painter.setBrush(self._fill)
        if self.facts.held:  # the edge of a second sheet: there is something behind it
            painter.drawRoundedRect(rect.translated(STACK, STACK), round_by, round_by)
        painter.drawRoundedRect(rect, round_by, round_by)
        if self.facts.kind != PORT:
            painter.fillRect(
                QRectF(rect.left() + 2, rect.top() + 5, STRIPE, HEIGHT - 10), self._stripe
            )
        if scale >= READABLE:
            self._paint_words(painter, rect)
        elif scale >= LEGIBLE:
            self._paint_line(painter, rect, self.facts.title, _font(15, True), colours.text)

    def _paint_words(self, painter: QPainter, rect: QRectF) -> None:
        colours, third = theme.current(), (HEIGHT - 8) / 3
        value = self.facts.value_text
        lines = (
            (tr(self.facts.title), _font(9, True), colours.text),
            (self.facts.name, _font(8), colours.muted),
            (tr(value or self.facts.detail), _font(8, bool(value)), colours.text),
        )
        for at, (text, font, colour) in enumerate(lines):
            line = QRectF(rect.left(), rect.top() + 4 + at * third, WIDTH, third)
            self._paint_line(painter, line, text, font, colour)

    def _paint_line(
        self, painter: QPainter, rect: QRectF, text: str, font: QFont, colour: str
    ) -> None:
        middle = self.facts.kind == PORT
        room = rect.adjusted(MARGIN + (10 if middle else STRIPE), 0, -MARGIN, 0)
        metrics = QFontMetricsF(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        side = Qt.AlignmentFlag.AlignHCenter if middle else Qt.AlignmentFlag.AlignLeft
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), shown)


class FrameItem(QGraphicsItem):
    """What stands around the boxes of an open fold, and says what they are together."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.key = frame.fold.key
        self._is_sunken = frame.depth % 2 == 0
        self._title = f"▾ {frame_title(frame.fold)}"
        left, top = frame.left * COLUMN, frame.top * ROW
        self._rect = QRectF(left, top, frame.right * COLUMN - left, frame.bottom * ROW - top)
        self.words = f"{frame_title(frame.fold)}. {tr(FOLD_TIP)}"
        self.setZValue(-100 + frame.depth)

    def boundingRect(self) -> QRectF:
        """Return the room it takes, its edge included."""
        return self._rect.adjusted(-2, -2, 2, 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the ground, the edge, and what can be read of the title."""
        colours = theme.current()
        painter.setPen(QPen(QColor(colours.border), 1.2, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(colours.sunken if self._is_sunken else colours.surface))
        painter.drawRoundedRect(self._rect, RADIUS, RADIUS)
        scale = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        if scale >= READABLE:
            font = _font(8)
            room = self._rect.adjusted(MARGIN, 4, -MARGIN, 0)
            shown = QFontMetricsF(font).elidedText(
                self._title, Qt.TextElideMode.ElideRight, room.width()
            )
            painter.setFont(font)
            painter.setPen(QColor(colours.muted))
            corner = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
            painter.drawText(room, int(corner), shown)


class LineItem(QGraphicsPathItem):
    """What one box hands to another. A way around others is drawn in a colour of its own."""

    def __init__(self, start: Place, bends: Sequence[Place], end: Place) -> None:
        super().__init__()
        self.is_around = bool(bends)
        self._tip = QPointF(end[0] * COLUMN, end[1] * ROW - HEIGHT / 2 - 1)
        self.setPath(_way(start, bends, end))
        self.colour(False)

    def colour(self, is_chosen: bool) -> None:
        """Take the theme's colours; stand out where one of the ends is chosen."""
        colours = theme.current()
        tone = colours.pink if self.is_around else colours.faint
        if is_chosen:
            tone = colours.accent
        self.setPen(QPen(QColor(tone), 3.0 if is_chosen else 1.8 if self.is_around else 1.4))
        self.setZValue(0.5 if is_chosen else 0)

    def boundingRect(self) -> QRectF:
        """Return the room it takes, its tip included."""
        return super().boundingRect().adjusted(-ARROW, -ARROW, ARROW, ARROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the line and its tip."""
        painter.setPen(self.pen())
        painter.drawPath(self.path())
        painter.setBrush(self.pen().color())
        painter.setPen(Qt.PenStyle.NoPen)
        x, y = self._tip.x(), self._tip.y()
        painter.drawPolygon(
            QPolygonF([QPointF(x, y), QPointF(x - ARROW, y - 8), QPointF(x + ARROW, y - 8)])
        )


def _way(start: Place, bends: Sequence[Place], end: Place) -> QPainterPath:
    """Return a smooth line from under the first box over the bends to above the last."""
    path = QPainterPath(QPointF(start[0] * COLUMN, start[1] * ROW + HEIGHT / 2))
    for x, y in bends:
        _curve_to(path, QPointF(x * COLUMN, y * ROW - HEIGHT / 2))
        path.lineTo(x * COLUMN, y * ROW + HEIGHT / 2)
    _curve_to(path, QPointF(end[0] * COLUMN, end[1] * ROW - HEIGHT / 2 - ARROW))
    return path


def _curve_to(path: QPainterPath, to: QPointF) -> None:
    here = path.currentPosition()
    half = (to.y() - here.y()) / 2
    path.cubicTo(QPointF(here.x(), here.y() + half), QPointF(to.x(), to.y() - half), to)


def _font(points: float, bold: bool = False) -> QFont:
    font = QFont(QApplication.font())
    # Pixels of the scene: a larger text of the system grows the words with everything else.
    font.setPointSizeF(points * max(1.0, QApplication.font().pointSizeF() / 10) * 0.95)
    font.setBold(bold)
    return font
