"""A list that opens, and never changes because somebody scrolled past it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QToolTip

from tinystudio.gui import theme

ARROW_ROOM = 30  # pixels that the arrow and the frame take


class ChoiceBox(QComboBox):
    """A combo box that leaves the wheel to the panel around it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(8)
        self.setStyleSheet(
            # The arrow is drawn in the padding; a drop-down of its own width would keep room twice.
            "QComboBox { padding-right: 20px; }"
            "QComboBox::drop-down { border: none; width: 0; }"
            "QComboBox::down-arrow { image: none; }"
        )
        theme.switch().theme_changed.connect(self.update)

    @property
    def told(self) -> str:
        """Return what the tooltip says: first the whole choice, where it is cut, then the help."""
        room = self.width() - ARROW_ROOM
        is_cut = self.fontMetrics().horizontalAdvance(self.currentText()) > room
        parts = (self.currentText() if is_cut else "", self.toolTip())
        return "\n".join(part for part in parts if part)

    def event(self, event: QEvent) -> bool:
        """Show the tooltip as it is told now."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.told, self)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        # The style's arrow does not follow the theme.
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.muted if self.isEnabled() else colours.faint), 1.6))
        x, y = self.width() - 14.0, self.height() / 2 - 1.5
        painter.drawPolyline([QPointF(x - 4, y), QPointF(x, y + 4), QPointF(x + 4, y)])
