"""What all plots wear: ground, axes and level lines in the colours of the theme."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.text_size import points, text_size
from tinystudio.gui.theme import Theme
from tinystudio.gui.wording import MINUS

TICK_POINTS = 8.0  # as the captions of the axes
LONGEST = 6  # digits behind the point
UNDER = -1000  # below everything: a grid line over a point would change its colour


def set_up(plot: Any) -> None:
    """Make a plot that is only looked at: nothing to drag, no menu, units as they are told."""
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    for side in ("left", "bottom"):
        plot.getAxis(side).enableAutoSIPrefix(False)
        _write_plainly(plot.getAxis(side))


def _write_plainly(axis: Any) -> None:
    """Let an axis write its numbers as the rest of the window does."""
    write = axis.tickStrings
    axis.tickStrings = lambda *given: [_plainly(text) for text in write(*given)]


def _plainly(text: str) -> str:
    """Return a number with a minus as wide as a digit, and without a short exponent."""
    number, is_short, exponent = text.partition("e-")
    if is_short and number and exponent.isdigit() and int(exponent) <= LONGEST:
        text = format(Decimal(text), "f")
    return text.replace("-", MINUS)


def dress(plot: Any, colours: Theme) -> None:
    """Give a plot the theme's colours."""
    plot.setBackground(colours.surface)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(screen_pen(colours.border))
        axis.setTextPen(screen_pen(colours.muted))
        axis.setStyle(tickFont=tick_font())
        axis.setZValue(UNDER)
    show_grid(plot, colours)


def show_grid(plot: Any, colours: Theme) -> None:
    """Draw level lines in a colour of their own: mixed with the ground they are not seen."""
    for side in ("left", "bottom"):
        plot.getAxis(side).setTickPen(screen_pen(colours.grid_line))
    plot.showGrid(x=True, y=True, alpha=1.0)


def tick_font() -> QFont:
    """Return the font of the numbers at an axis, which is that of its caption."""
    font = QFont(QApplication.font())
    font.setPointSizeF(text_size().points(TICK_POINTS))
    return font


def caption_style(colours: Theme) -> dict[str, str]:
    """Return how the caption of an axis is written."""
    return {"color": colours.muted, "font-size": points(TICK_POINTS)}
