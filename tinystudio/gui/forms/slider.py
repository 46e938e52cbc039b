"""A slider drawn in the window's accent, with ticks, that jumps to where it is pressed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from tinystudio.gui import theme

HANDLE = 8  # radius, pixels
GROOVE = 4
EDGE = 1  # pixels from the groove's ends to the widget's
TICK = 4
_EDITING_KEYS = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End,
}  # fmt: skip


class StepSlider(QSlider):
    """A horizontal slider over steps 0..n. `sliderReleased` also follows a key's release."""

    def __init__(self, last: int, ticks: tuple[int, ...] = (), parent: QWidget | None = None):
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._ticks = ticks if len(ticks) > 1 else ()
        self._is_known = True
        self.setRange(0, last)
        self.setSingleStep(1)
        self.setPageStep(max(1, round(last / 10)))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.switch().theme_changed.connect(self.update)

    def set_known(self, is_known: bool) -> None:
        """Draw the handle faint and without its bar where what is set is none of the steps."""
        if is_known != self._is_known:
            self._is_known = is_known
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 2 * HANDLE + 4 + (TICK + 2 if self._ticks else 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self.setSliderDown(True)
        self.setSliderPosition(self._position_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self._position_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(False)  # says sliderReleased

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if event.key() in _EDITING_KEYS and not event.isAutoRepeat():
            self.sliderReleased.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The panel scrolls under the mouse; it must not change parameters in passing.
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = colours.accent if self.isEnabled() and self._is_known else colours.faint
        here = self._x(self.sliderPosition())
        # The groove is as wide as the fields above and below, the handle moves within it.
        self._bar(painter, EDGE, self.width() - EDGE, colours.border)
        if self._is_known:
            at_the_end = self.sliderPosition() == self.maximum()
            self._bar(painter, EDGE, self.width() - EDGE if at_the_end else here, fill)
        painter.setPen(QPen(QColor(colours.faint), 1))
        for tick in self._ticks:
            x, top = round(self._x(tick)) + 0.5, 2 * HANDLE + 4.0
            painter.drawLine(QPointF(x, top), QPointF(x, top + TICK))
        line = Qt.PenStyle.SolidLine if self._is_known else Qt.PenStyle.DotLine
        painter.setPen(QPen(QColor(fill), 2.5 if self._is_known else 1.5, line))
        painter.setBrush(QColor(colours.accent_soft if self.hasFocus() else colours.surface))
        painter.drawEllipse(QPointF(here, HANDLE + 1.0), HANDLE - 1.5, HANDLE - 1.5)

    def _bar(self, painter: QPainter, start: float, end: float, colour: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        box = QRectF(start, HANDLE + 1 - GROOVE / 2, max(0.0, end - start), GROOVE)
        painter.drawRoundedRect(box, GROOVE / 2, GROOVE / 2)

    def _x(self, position: int) -> float:
        share = position / self.maximum() if self.maximum() else 0.0
        return HANDLE + share * (self.width() - 2 * HANDLE)

    def _position_at(self, x: float) -> int:
        span = max(1, self.width() - 2 * HANDLE)
        return round(min(1.0, max(0.0, (x - HANDLE) / span)) * self.maximum())
