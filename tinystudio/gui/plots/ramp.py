"""What the colours of the points mean where they tell a figure: from the least to the greatest."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tinystudio.gui import theme
from tinystudio.gui.plots.point_looks import shade
from tinystudio.gui.texts import tr

WIDTH, HEIGHT, GAP = 90, 10, 6  # pixels


class Ramp(QWidget):
    """Title, least, colours, greatest, in one line."""

    def __init__(self) -> None:
        super().__init__()
        self._texts = ("", "", "")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Meaning of the colours"))
        theme.switch().theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Ask for one line."""
        return QSize(0, QFontMetrics(self.font()).height() + 4)

    def show_ends(self, title: str, low: str, high: str) -> None:
        """Explain the colours; no title: there is nothing to explain."""
        self._texts = (title, low, high)
        self.setAccessibleDescription(
            tr("{title}: from {low} to {high}").format(title=tr(title), low=tr(low), high=tr(high))
        )
        self.setVisible(bool(title))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme.current()
        font = painter.font()
        font.setPointSizeF(8.0)
        painter.setFont(font)
        title, low, high = self._texts
        metrics = painter.fontMetrics()
        base = (self.height() + metrics.ascent() - metrics.descent()) // 2
        painter.setPen(QColor(colours.muted))
        before = f"{tr(title)}:  {tr(low)}"
        painter.drawText(2, base, before)
        x = 2 + metrics.horizontalAdvance(before) + GAP
        ramp = QLinearGradient(x, 0, x + WIDTH, 0)
        for step in range(5):
            ramp.setColorAt(step / 4, QColor(shade(step / 4, colours)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(QRectF(x, (self.height() - HEIGHT) / 2, WIDTH, HEIGHT), ramp)
        painter.setPen(QColor(colours.muted))
        painter.drawText(x + WIDTH + GAP, base, tr(high))
