"""A vertical line one drags: "at most 100 kB", with what lies beyond it greyed out."""

from __future__ import annotations

import math
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal, Slot

from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme

FAR = 30.0  # powers of ten: no cost lies beyond
OVER_LINE = 3  # pixels: the flag lies over the whole width of the line, or dashes show beside it
FLAG_TURNS = 0.6  # of the axis: right of it the flag has no room on its right


class LimitLine(QObject):
    """A limit on a logarithmic axis; None is no limit. `moved` comes while it is dragged."""

    moved = Signal()
    settled = Signal()

    def __init__(self, words: Callable[[float], str]) -> None:
        super().__init__()
        self._words = words
        self._limit: float | None = None
        self.area = pg.LinearRegionItem(movable=False, pen=pg.mkPen(None))
        self.area.setZValue(-20)
        self.line = pg.InfiniteLine(angle=90, movable=True)
        self.line.setZValue(20)
        self.line.setCursor(Qt.CursorShape.SplitHCursor)
        self._flag = pg.InfLineLabel(self.line, "", position=1.0, anchors=[(0, 0), (0, 0)])
        self.set_limit(None)
        self.line.sigDragged.connect(self._on_dragged)
        self.line.sigPositionChangeFinished.connect(self._on_settled)

    @property
    def limit(self) -> float | None:
        """Return the limit in the plot's unit."""
        return self._limit

    def set_limit(self, limit: float | None) -> None:
        """Show a limit, or none; no signal."""
        self._limit = limit
        shown = limit is not None and limit > 0
        self.line.setVisible(shown)
        self.area.setVisible(shown)
        if limit is not None and limit > 0:
            place = math.log10(limit)
            self.line.setPos(place)
            self.area.setRegion((place, place + FAR))
            self._flag.setFormat(tr(f"at most {self._words(limit)}"))

    def keep_flag_inside(self, left: float, right: float) -> None:
        """Let the flag hang on the side of the line that has room; log10 of the view's ends."""
        near_end = float(self.line.value()) > left + FLAG_TURNS * (right - left)
        over = round(OVER_LINE / max(self._flag.boundingRect().width(), 1.0), 2)
        anchor = (1 - over, 0.0) if near_end else (over, 0.0)
        if tuple(self._flag.anchors[0]) != anchor:
            self._flag.anchors = [anchor, anchor]
            self._flag.updatePosition()

    def colour(self, theme: Theme) -> None:
        """Use these colours."""
        self.line.setPen(screen_pen(theme.limit, width=1.6, style=Qt.PenStyle.DashLine))
        self.line.setHoverPen(screen_pen(theme.limit, width=3))
        self.area.setBrush(pg.mkBrush(theme.beyond))
        self._flag.setColor(theme.on_limit)
        self._flag.fill = pg.mkBrush(theme.limit)
        self._flag.update()

    @Slot()
    def _on_dragged(self) -> None:
        self.set_limit(10.0 ** float(self.line.value()))
        self.moved.emit()

    @Slot()
    def _on_settled(self) -> None:
        self.settled.emit()
