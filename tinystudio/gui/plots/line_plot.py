"""A plot of a few lines with marks: curves of something against something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Slot

from tinystudio.gui import theme
from tinystudio.gui.plots.captions import write_caption
from tinystudio.gui.plots.dressing import dress, set_up
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.scale_axis import ScaleAxis
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Theme

BAR_ALPHA = 190  # of 255


@dataclass(frozen=True)
class Curve:
    """One line. `look` is its number in the theme, None: behind the others, without marks.

    `intervals` are drawn as bars.
    """

    title: str
    points: tuple[tuple[float, float], ...]
    look: int | None = None
    intervals: tuple[tuple[float, float], ...] = ()


class LinePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """Draws what it is given; a level line stands for what the curves are compared with."""

    def __init__(self) -> None:
        axes = {side: ScaleAxis(side) for side in ("left", "bottom")}
        super().__init__(axisItems=axes, enableMenu=False)
        self._curves: tuple[Curve, ...] = ()
        self._items: list[Any] = []
        self._captions = ("", "")
        self._level: tuple[float, str] | None = None
        set_up(self)
        self.getAxis("left").setWidth(50)
        self.getPlotItem().setContentsMargins(0, 6, 14, 0)
        theme.switch().theme_changed.connect(self._colour)
        self._colour(theme.current())

    def show_curves(
        self, curves: Sequence[Curve], captions: tuple[str, str],
        ticks: Sequence[tuple[float, str]] = (), level: tuple[float, str] | None = None,
    ) -> None:  # fmt: skip
        """Draw these curves. `ticks` name places of the lower axis; none: numbers."""
        self._curves, self._captions, self._level = tuple(curves), captions, level
        self.getAxis("bottom").setTicks([list(ticks)] if ticks else None)
        self.setAccessibleName(tr(f"Plot of {captions[1]} against {captions[0]}"))
        self._colour(theme.current())
        self._fit()

    def _fit(self) -> None:
        points = [point for curve in self._curves for point in curve.points]
        bars = [end for curve in self._curves for pair in curve.intervals for end in pair]
        if not points:
            return
        x = np.array([point[0] for point in points])
        y = np.array(
            [*(point[1] for point in points), *bars, *([self._level[0]] if self._level else [])]
        )
        room = 0.08 * float(np.ptp(y)) or max(abs(float(y[0])) * 0.05, 0.05)
        self.setXRange(float(x.min()), float(x.max()), padding=0.05)
        self.setYRange(float(y.min()) - room, float(y.max()) + room, padding=0)

    @Slot(object)
    def _colour(self, colours: Theme) -> None:
        dress(self, colours)
        write_caption(self, "bottom", tr(self._captions[0]), colours)
        write_caption(self, "left", tr(self._captions[1]), colours)
        for item in self._items:
            self.removeItem(item)
        # What stands behind is drawn first.
        ordered = sorted(self._curves, key=lambda curve: curve.look is not None)
        self._items = [item for curve in ordered for item in _drawn(curve, colours)]
        if self._level is not None:
            at, words = self._level
            self._items.append(
                pg.InfiniteLine(
                    at, angle=0, label=words or None,
                    pen=screen_pen(colours.muted, width=1.2, dash=[4, 4]),
                    labelOpts={"color": colours.muted, "position": 0.1, "anchors": [(0, 1)] * 2},
                )
            )  # fmt: skip
        for item in self._items:
            self.addItem(item)


def _drawn(curve: Curve, colours: Theme) -> list[Any]:
    x = np.array([point[0] for point in curve.points], np.float64)
    y = np.array([point[1] for point in curve.points], np.float64)
    if curve.look is None:
        faint = pg.mkColor(colours.faint)
        faint.setAlpha(110)
        return [pg.PlotCurveItem(x, y, pen=screen_pen(faint, width=1), antialias=True)]
    look = colours.curve(curve.look)
    items: list[Any] = []
    if curve.intervals:
        ends = np.array(curve.intervals, np.float64).reshape(-1)
        faint = pg.mkColor(look.colour)
        faint.setAlpha(BAR_ALPHA)
        items.append(
            pg.PlotCurveItem(np.repeat(x, 2), ends, connect="pairs", pen=screen_pen(faint))
        )
    items.append(pg.PlotCurveItem(x, y, pen=screen_pen(look.colour, width=1.8), antialias=True))
    items.append(
        pg.ScatterPlotItem(x=x, y=y, symbol=look.symbol, size=8, pen=screen_pen(look.colour),
                           brush=pg.mkBrush(look.colour))
    )  # fmt: skip
    return items
