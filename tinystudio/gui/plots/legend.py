"""Which shape and colour means what, and what hollow and solid mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from superqt import QFlowLayout

from tinystudio.gui import theme
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID, Look

SOLID = 9.0  # pixels across
# Of series that are drawn hollow: how large, and how wide its ring is.
HOLLOW = {theme.PREDICTED: (7.0, 1.2), theme.PREVIEWED: (10.0, 2.2)}


class Legend(QWidget):
    """One entry per series on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._series: tuple[str, ...] = ()
        self._is_plain = False
        self._entries: list[QWidget] = []
        self._moving: QWidget | None = None  # the preview's entry, which comes and goes
        self._layout = QFlowLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.setAccessibleName(tr("Legend"))
        theme.switch().theme_changed.connect(self.update)

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the words of the entries."""
        shown = zip(self._series, self._entries, strict=True)
        names = (name for name, entry in shown if not entry.isHidden())
        return tuple(theme.current().series(name).title for name in names)

    def set_series(self, series: Sequence[str], plain: bool = False) -> None:
        """Show these series; `plain`: by their shapes alone, where colours tell something else."""
        if (tuple(series), plain) == (self._series, self._is_plain):
            return
        self._series, self._is_plain = tuple(series), plain
        for entry in self._entries:
            self._layout.removeWidget(entry)
            entry.hide()  # at once: it is deleted when the event loop comes to it
            entry.deleteLater()
        self._entries = [_entry(item, plain) for item in self._series]
        for entry in self._entries:
            self._layout.addWidget(entry)
            entry.show()  # only then it is known how much room it takes
        is_moving = self._series[1:] and self._series[-1] == theme.PREVIEWED
        self._moving = self._entries[-1] if is_moving else None
        self._leave_out_what_wraps()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._leave_out_what_wraps()

    def _leave_out_what_wraps(self) -> None:
        """Show the preview's entry only where it takes no line more: the plots would jump."""
        if self._moving is None:
            return
        self._layout.removeWidget(self._moving)
        height = self._layout.heightForWidth(self.width())
        self._layout.addWidget(self._moving)
        self._moving.show()
        if self._layout.heightForWidth(self.width()) > height:
            self._layout.removeWidget(self._moving)
            self._moving.hide()


def _entry(series: str, plain: bool) -> QWidget:
    entry = QWidget()
    row = QHBoxLayout(entry)
    row.setContentsMargins(0, 0, GRID // 2, 0)
    row.setSpacing(4)
    label = QLabel(tr(theme.current().series(series).title))
    set_role(label, "muted")
    look = partial(_look, series, plain)
    is_line = series == theme.MEASURED
    row.addWidget(Line(look) if is_line else Symbol(look, HOLLOW.get(series)))
    row.addWidget(label)
    return entry


def _look(series: str, plain: bool) -> Look:
    look = theme.current().series(series)
    return replace(look, colour=theme.current().muted) if plain else look


class Line(QWidget):
    """A short stretch of a line as it is drawn in the plot."""

    def __init__(self, look: Callable[[], Look], width: Callable[[], float] = lambda: 1.6) -> None:
        super().__init__()
        self._look, self._width = look, width
        self.setFixedSize(QSize(18, 14))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(screen_pen(self._look().colour, width=self._width()))
        painter.drawLine(1, 7, 17, 7)


class Symbol(QWidget):
    """The mark that points of one kind have; `look` is asked at every painting, for the theme.

    `hollow`: the size of the mark and the width of its edge, where it is not filled.
    """

    def __init__(self, look: Callable[[], Look], hollow: tuple[float, float] | None = None) -> None:
        super().__init__()
        self._look, self._hollow = look, hollow
        self.setFixedSize(QSize(14, 14))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = look.symbol in ("x", "+") or self._hollow is not None
        size, width = self._hollow or (SOLID, 2.0)
        painter.translate(7, 7)
        painter.scale(size, size)  # pyqtgraph's symbols are one unit wide
        pen = screen_pen(look.colour, width=width)
        pen.setCosmetic(True)
        painter.setPen(pen if outline else Qt.PenStyle.NoPen)
        painter.setBrush(pg.mkBrush(theme.current().surface if self._hollow else look.colour))
        painter.drawPath(pg.graphicsItems.ScatterPlotItem.Symbols[look.symbol])
