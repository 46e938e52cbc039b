"""A label of so many lines and never more: it takes no other height when it says something else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy


class ElidedLines(QLabel):
    """Breaks words into lines; the last one ends in … where there is no room for the rest."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._lines, self._whole = lines, ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def whole(self) -> str:
        """Return all of the text."""
        return self._whole

    @property
    def is_cut(self) -> bool:
        """Say whether not all of it is seen."""
        return " ".join(self.text().split()) != " ".join(self._whole.split())

    def set_text(self, text: str) -> None:
        """Show this text."""
        self._whole = text
        self._fit()

    def sizeHint(self) -> QSize:
        """Ask for the lines' height, and nothing in width."""
        return QSize(0, self._lines * QFontMetrics(self.font()).lineSpacing())

    def minimumSizeHint(self) -> QSize:
        """Ask for the same: a line less would be a text cut in its middle."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the text anew."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Break the text anew in another font, and take its height."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self._fit()

    def _fit(self) -> None:
        self.setText("\n".join(broken(self._whole, self.font(), self.width(), self._lines)))


def broken(text: str, font: QFont, width: int, most: int) -> list[str]:
    """Return a text in at most so many lines, the last one cut where that is too few."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines: list[str] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width))
        start = line.textStart()
        if len(lines) == most - 1:
            rest = text[start:].strip()
            lines.append(QFontMetrics(font).elidedText(rest, Qt.TextElideMode.ElideRight, width))
            break
        lines.append(text[start : start + line.textLength()].strip())
    layout.endLayout()
    return lines
