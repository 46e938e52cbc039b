"""How large words are: as the system has them, times what the user has chosen."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

FACTORS = (0.8, 0.9, 1.0, 1.15, 1.3, 1.5)
USUAL = 1.0
BASE_POINTS = 9.0  # of plain words, where the sizes of all others were chosen


class TextSize(QObject):
    """Knows the system's font and the factor; `theme.switch()` says when either changes."""

    def __init__(self) -> None:
        super().__init__()
        self._system: QFont | None = None
        self.factor = USUAL

    def begin(self, factor: float) -> None:
        """Take the system's font as it is now, and this factor."""
        if self._system is None:
            self._system = QFont(QApplication.font())
        self.choose(factor)

    def choose(self, factor: float) -> None:
        """Use the factor that is nearest to this one, and tell the application."""
        self.factor = min(FACTORS, key=lambda known: abs(known - factor))
        if self._system is not None:
            font = QFont(self._system)
            font.setPointSizeF(self._base() * self.factor)
            QApplication.setFont(font)

    def step(self, by: int) -> float:
        """Return the factor that is so many steps larger or smaller."""
        at = FACTORS.index(self.factor) + by
        return FACTORS[max(0, min(len(FACTORS) - 1, at))]

    @property
    def scale(self) -> float:
        """Return how much larger words are than where all sizes were chosen."""
        return self._base() * self.factor / BASE_POINTS

    def _base(self) -> float:
        found = BASE_POINTS if self._system is None else self._system.pointSizeF()
        return found if found > 0 else BASE_POINTS  # a font that is given in pixels has none

    def points(self, of_nine: float) -> float:
        """Return the size of words that are `of_nine` points large where plain ones are nine."""
        return round(of_nine * self.scale, 2)


@cache
def text_size() -> TextSize:
    """Return the one size of this program."""
    return TextSize()


def points(of_nine: float) -> str:
    """Return a size for a stylesheet."""
    return f"{text_size().points(of_nine):g}pt"


def scaled(pixels: int) -> int:
    """Return a length that has to grow with the words in it."""
    return round(pixels * max(1.0, text_size().scale))
