"""What all plots wear: ground, axes and level lines in the colours of the theme."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg

from tinystudio.gui.text_size import points
from tinystudio.gui.theme import Theme
from tinystudio.gui.wording import MINUS

UNDER = -1000  # below everything: a grid line over a point would change its colour


def set_up(plot: Any) -> None:
    """Make a plot that is only looked at: nothing to drag, no menu, units as they are told."""
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    for side in ("left", "bottom"):
        plot.getAxis(side).enableAutoSIPrefix(False)
        _write_minus(plot.getAxis(side))


def _write_minus(axis: Any) -> None:
    """Let an axis write a minus that is as wide as a digit."""
    write = axis.tickStrings
    axis.tickStrings = lambda *given: [text.replace("-", MINUS) for text in write(*given)]


def dress(plot: Any, colours: Theme) -> None:
    """Give a plot the theme's colours."""
    plot.setBackground(colours.surface)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(colours.border))
        axis.setTextPen(pg.mkPen(colours.muted))
        axis.setZValue(UNDER)
    plot.showGrid(x=True, y=True, alpha=0.20 if colours.is_dark else 0.16)


def caption_style(colours: Theme) -> dict[str, str]:
    """Return how the caption of an axis is written."""
    return {"color": colours.muted, "font-size": points(8)}
