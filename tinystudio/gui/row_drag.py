"""Rows of a column that are dragged up and down to another place among their like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from tinystudio.gui.stylesheet import set_role

_MARGIN = 24  # pixels beyond the pointer that are kept in view


class RowDrag(QObject):
    """Lets the rows that `movable` names be dragged; a line shows where one would come to stand.

    Escape leaves everything as it was.
    """

    dropped = Signal(QWidget, object)  # the row, and the one that it is put before (None: last)

    def __init__(self, scroll: QScrollArea, movable: Callable[[], Sequence[QWidget]]) -> None:
        super().__init__(scroll)
        self._scroll = scroll
        self._movable = movable
        self._row: QWidget | None = None
        self._pressed_at = QPoint()
        self._is_moving = False
        self._line = QFrame(scroll.widget())
        set_role(self._line, "drop line")
        self._line.hide()

    def watch(self, row: QWidget) -> None:
        """Let a row be dragged whenever it is among the movable ones."""
        row.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse from a press on a row to its release."""
        if isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            return self._follow(watched, event)
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and self._is_moving and event.type() == QEvent.Type.KeyPress:
            self._stop()
            return True
        return super().eventFilter(watched, event)

    def _follow(self, row: QWidget, event: QMouseEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress:
                is_left = event.button() == Qt.MouseButton.LeftButton
                if is_left and len(self._movable()) > 1 and row in self._movable():
                    self._row, self._pressed_at = row, event.position().toPoint()
            case QEvent.Type.MouseMove if self._row is row:
                far = (event.position().toPoint() - self._pressed_at).manhattanLength()
                if self._is_moving or far >= QApplication.startDragDistance():
                    self._move(row, self._y(row, event))
                    return True
            case QEvent.Type.MouseButtonRelease if self._row is row:
                moved, y = self._is_moving and row in self._movable(), self._y(row, event)
                self._stop()
                if moved:
                    self.dropped.emit(row, self._before(y))
                return moved
        return False

    def _move(self, row: QWidget, y: int) -> None:
        if row not in self._movable():
            self._stop()  # it has begun meanwhile
            return
        if not self._is_moving:
            self._is_moving = True
            row.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._scroll.ensureVisible(0, y, 0, _MARGIN)
        before, rows = self._before(y), self._movable()
        edge = rows[-1].geometry().bottom() if before is None else before.geometry().top()
        self._line.setGeometry(row.x(), edge - 1, row.width(), 2)
        self._line.raise_()
        self._line.show()

    def _before(self, y: int) -> QWidget | None:
        return next((row for row in self._movable() if y < row.geometry().center().y()), None)

    def _y(self, row: QWidget, event: QMouseEvent) -> int:
        return row.mapToParent(event.position().toPoint()).y()

    def _stop(self) -> None:
        if self._row is not None:
            self._row.unsetCursor()
        self._row, self._is_moving = None, False
        self._line.hide()
