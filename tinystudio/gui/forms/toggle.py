"""An on/off switch drawn in the window's accent."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from tinystudio.gui import theme

WIDTH, HEIGHT = 34, 20  # pixels


class Toggle(QAbstractButton):
    """Checked is on. Space, Enter's neighbour, and the mouse turn it."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFixedSize(WIDTH, HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.switch().theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = colours.accent if self.isEnabled() else colours.faint
        edge = colours.text if self.hasFocus() else on if self.isChecked() else colours.faint
        painter.setPen(QPen(QColor(edge), 1.5))
        painter.setBrush(QColor(on if self.isChecked() else colours.surface))
        box = QRectF(1, 1, WIDTH - 2, HEIGHT - 2)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface if self.isChecked() else colours.faint))
        x = WIDTH - HEIGHT / 2 if self.isChecked() else HEIGHT / 2
        painter.drawEllipse(QPointF(x, HEIGHT / 2), HEIGHT / 2 - 4.5, HEIGHT / 2 - 4.5)
