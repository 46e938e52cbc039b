"""What a chart says inside its frame: what lies below the view, and what has no point in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

from tinystudio.core.data import Array
from tinystudio.gui import wording
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr

BESIDE_FRAME, ABOVE_FRAME = 6, 4  # pixels
LEAST_WIDTH, WIDTH_SHARE = 130, 0.5  # pixels, of the plot: narrow words find a free corner
AROUND = 6  # pixels: half of a point


class PlotWords:
    """Two labels on the plot's own ground, which let the mouse through."""

    def __init__(self, plot: QWidget) -> None:
        self.below, self.missing = QLabel(plot), QLabel(plot)
        for label in (self.below, self.missing):
            set_role(label, "paper")
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.hide()
        self.missing.setWordWrap(True)

    def say_below(self, measured: int, predicted: int) -> None:
        """Say how many points of either kind lie below the view."""
        self.below.setVisible(measured + predicted > 0)
        if not predicted:
            self.below.setText(tr(f"↓ {wording.plural(measured, 'point')} below"))
            return
        told = f"{measured} measured and {predicted}" if measured else f"{predicted}"
        noun = "point" if measured + predicted == 1 else "points"
        self.below.setText(tr(f"↓ {told} predicted {noun} below"))

    def say_missing(self, text: str) -> None:
        """Say what has no point here, or nothing."""
        self.missing.setText(tr(text))
        self.missing.setVisible(bool(text))

    def place(self, area: QRect, drawn: Array) -> None:
        """Lay the words out inside of `area`, off what is drawn at (n, 2) pixels if they can be."""
        self.below.adjustSize()
        left, low = area.left() + BESIDE_FRAME, area.bottom() - self.below.height() - ABOVE_FRAME
        self.below.move(left, low)
        if not self.missing.text():
            return
        wanted = max(LEAST_WIDTH, round(WIDTH_SHARE * area.width()))
        width = max(0, min(wanted, area.width() - 2 * BESIDE_FRAME))
        room = QRect(0, 0, width, area.height())
        wrapped = Qt.TextFlag.TextWordWrap
        words = self.missing.fontMetrics().boundingRect(room, wrapped, self.missing.text())
        self.missing.resize(words.width() + 2, words.height())
        self.missing.move(quietest(self._places(area), drawn).topLeft())

    def _places(self, area: QRect) -> list[QRect]:
        """Return where the words on what is missing may lie, the usual place first."""
        left, right = area.left() + BESIDE_FRAME, area.right() - BESIDE_FRAME - self.missing.width()
        bottom = area.bottom() - self.missing.height() - self.below.height() - ABOVE_FRAME
        top = area.top() + 3 * self.below.height()  # below the words of a limit
        middle = (left + right) // 2
        between = [bottom + (top - bottom) * part // 4 for part in (1, 2, 3)]
        return [
            QRect(x, y, self.missing.width(), self.missing.height())
            for y in (bottom, top, *between)
            for x in (left, middle, right)
        ]


def quietest(places: Sequence[QRect], drawn: Array) -> QRect:
    """Return the place that covers fewest of the spots (n, 2); of equals the first."""

    def covered(place: QRect) -> int:
        low = np.array((place.left(), place.top())) - AROUND
        high = np.array((place.right(), place.bottom())) + AROUND
        return int(((drawn > low) & (drawn < high)).all(axis=1).sum())

    return min(places, key=covered)
