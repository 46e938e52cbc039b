"""A layer's time against its channels: a staircase, with the step one stands on marked."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from tinystudio.gui import theme
from tinystudio.gui.layer_levels import Stairs
from tinystudio.gui.plots.captions import write_caption
from tinystudio.gui.plots.dressing import dress, set_up
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.scale_axis import ScaleAxis
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.text_size import scaled
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme

STEP = 16  # channels between two lines where the processor's own step is not known
MOST_LABELS = 6
LEAST_HEIGHT = 130  # pixels: below, the steps cannot be told apart
NOTHING = (
    "Select a layer with a slider to see how its time depends on its channels, once it is timed."
)


class Staircase(QWidget):
    """Draws one layer's times at its levels; the lines between them are no measurement."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stairs: Stairs | None = None
        self._title, self._nothing = QLabel(), QLabel(tr(NOTHING))
        self._plot = pg.PlotWidget(axisItems={"left": ScaleAxis("left")}, enableMenu=False)
        self._line, self._points = pg.PlotCurveItem(), pg.ScatterPlotItem(pxMode=True)
        self._here = pg.ScatterPlotItem(pxMode=True)
        self._pages = QStackedLayout(self)
        self._lay_out()
        theme.switch().theme_changed.connect(self._colour)
        self._colour(theme.current())

    def _lay_out(self) -> None:
        set_role(self._title, "heading")
        self._title.setWordWrap(True)
        set_role(self._nothing, "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setContentsMargins(theme.GRID, 0, theme.GRID, 0)
        self.setAccessibleName(tr("Time against channels"))
        self._plot.setAccessibleName(tr("Plot of the layer's time against its channels"))
        set_up(self._plot)
        for item in (self._line, self._points, self._here):
            self._plot.addItem(item)
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(theme.GRID, theme.GRID, 0, 0)
        body.setSpacing(2)
        body.addWidget(self._title)
        body.addWidget(self._plot, 1)
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height of the heading as it wraps here, and of a plot."""
        super().resizeEvent(event)
        self._ask_for_height()

    def _ask_for_height(self) -> None:
        words = self._title.heightForWidth(max(1, self.width() - theme.GRID))
        self.setMinimumHeight(max(0, words) + scaled(LEAST_HEIGHT) + 2 * theme.GRID)

    @property
    def stairs(self) -> Stairs | None:
        """Return what is drawn."""
        return self._stairs

    def show_stairs(self, stairs: Stairs | None) -> None:
        """Draw these times, or say that there are none."""
        if stairs == self._stairs:
            return
        self._stairs = stairs
        self._pages.setCurrentIndex(0 if stairs is None else 1)
        if stairs is None:
            return
        self._title.setText(tr(stairs.heading))
        self._title.setToolTip(tr(stairs.note))
        self._ask_for_height()
        self._plot.setAccessibleDescription(in_words(stairs))
        write_caption(self._plot, "bottom", tr(stairs.axis), theme.current())
        # A level line at each step: who stands just right of one pays for a whole step.
        step = stairs.step if stairs.step > 1 else STEP
        self._plot.getAxis("bottom").setTickSpacing(step * _every(stairs, step), step)
        x, y = np.array(stairs.channels, np.float64), np.array(stairs.us, np.float64)
        self._line.setData(x, y)
        self._points.setData(x, y)
        here = [] if stairs.now is None else [stairs.channels.index(stairs.now)]
        self._here.setData(x[here], y[here])
        self._plot.setXRange(0, float(x.max()), padding=0.05)
        self._plot.setYRange(0, float(y.max()), padding=0.1)

    @Slot(object)
    def _colour(self, colours: Theme) -> None:
        dress(self._plot, colours)
        write_caption(self._plot, "left", tr("time (µs)"), colours)
        self._line.setPen(screen_pen(colours.faint, width=1.2))
        self._points.setPen(screen_pen(colours.accent, width=1))
        self._points.setBrush(pg.mkBrush(colours.accent))
        self._points.setSize(7)
        self._here.setPen(screen_pen(colours.good, width=2.5))
        self._here.setBrush(pg.mkBrush(None))
        self._here.setSize(16)


def in_words(stairs: Stairs) -> str:
    """Return every step of the stairs, for those who hear it read aloud."""
    told = (f"{c}: {us:.3g} µs" for c, us in zip(stairs.channels, stairs.us, strict=True))
    now = "" if stairs.now is None else tr("It is at {now} now.").format(now=stairs.now)
    axes = f"{tr(stairs.axis)}, {tr('time')}"
    words = f"{tr(stairs.heading)}. {axes}: {'; '.join(told)}. {now}".strip()
    return f"{words} {tr(stairs.note)}".strip()


def _every(stairs: Stairs, step: int) -> int:
    """Return how many steps there are from one label to the next."""
    return max(1, math.ceil(stairs.channels[-1] / step / MOST_LABELS))
