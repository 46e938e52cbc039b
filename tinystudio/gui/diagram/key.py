"""What the colours of the diagram mean: a swatch per kind, or a scale from nothing to the most."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tinystudio.gui import theme
from tinystudio.gui.diagram.colours import kind_colour, shade
from tinystudio.gui.diagram.facts import COLOURINGS, PORT, BoxFacts, ColourBy
from tinystudio.gui.texts import tr

SWATCH, GAP = 10, 12
SCALE = 90  # pixels wide


class ColourKey(QWidget):
    """One line; what has no room is left out, the words in the boxes say it as well."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: tuple[str, ...] = ()
        self._ends: tuple[str, str] | None = None
        self.setAccessibleName(tr("Meaning of the colours"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.switch().theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Ask for one line."""
        return QSize(0, QFontMetrics(self.font()).height() + 4)

    def show_key(self, facts: Sequence[BoxFacts], by: ColourBy) -> None:
        """Explain the colours of these boxes."""
        inner = [box for box in facts if box.kind != PORT]
        self._kinds, self._ends = (), None
        if by == "kind":
            self._kinds = tuple(dict.fromkeys(box.kind for box in inner))
        elif by == "precision":
            self._kinds = tuple(dict.fromkeys(box.value_text for box in inner if box.value_text))
        else:
            top = max(inner, key=lambda box: box.value or 0.0, default=None)
            self._ends = (COLOURINGS[by][0], "" if top is None else top.value_text)
        words = self._kinds if self._ends is None else self._ends
        self.setAccessibleDescription(tr(", ".join(word for word in words if word)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPointSizeF(8.0)
        painter.setFont(font)
        painter.setPen(QColor(colours.muted))
        if self._ends is not None:
            self._paint_scale(painter)
            return
        metrics, x = painter.fontMetrics(), 2
        for kind in self._kinds:
            said = tr(kind)
            width = SWATCH + 4 + metrics.horizontalAdvance(said)
            if x + width > self.width():
                break
            box = QRectF(x, (self.height() - SWATCH) / 2, SWATCH, SWATCH)
            painter.fillRect(box, QColor(kind_colour(kind, colours)))
            painter.drawText(x + SWATCH + 4, self._base(painter), said)
            x += width + GAP

    def _paint_scale(self, painter: QPainter) -> None:
        assert self._ends is not None
        metrics, colours, (title, most) = painter.fontMetrics(), theme.current(), self._ends
        begin = f"{tr(title)}:  0"
        painter.drawText(2, self._base(painter), begin)
        x = 8 + metrics.horizontalAdvance(begin)
        ramp = QLinearGradient(x, 0, x + SCALE, 0)
        ramp.setColorAt(0, shade(0, colours))
        ramp.setColorAt(1, shade(1, colours))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(QRectF(x, (self.height() - SWATCH) / 2, SCALE, SWATCH), ramp)
        painter.setPen(QColor(colours.muted))
        painter.drawText(x + SCALE + 6, self._base(painter), most)

    def _base(self, painter: QPainter) -> int:
        metrics = painter.fontMetrics()
        return (self.height() + metrics.ascent() - metrics.descent()) // 2
