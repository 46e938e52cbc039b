"""A label that ends in … where it has no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy


class Elided(QLabel):
    """Takes any width; the whole text is its tooltip where it is cut."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        """Show this text."""
        if text != self._whole:
            self._whole = text
            self._fit()

    @property
    def whole(self) -> str:
        """Return the text as it would be with room enough."""
        return self._whole

    def minimumSizeHint(self) -> QSize:
        """Ask for a line's height and nothing in width."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text into the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = QFontMetrics(self.font())
        room = self.contentsRect().width()
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, room)
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


class Yielding(Elided):
    """Takes the width that its text would like, and less where there is less."""

    def __init__(self, text: str = "", least: int = 48) -> None:
        super().__init__()
        self._least = least  # pixels
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show this text."""
        super().set_text(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Ask for the whole text in one line."""
        margins = self.contentsMargins()
        width = QFontMetrics(self.font()).horizontalAdvance(self._whole) + 2
        return QSize(width + margins.left() + margins.right(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Ask for little, or for a short text."""
        return QSize(min(self._least, self.sizeHint().width()), super().minimumSizeHint().height())
