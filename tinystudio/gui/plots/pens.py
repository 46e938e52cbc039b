"""Pens of plots: as wide on a screen of twice the resolution as on any other."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QGuiApplication, QPen


def screen_pen(colour: Any, width: float = 1.0, **more: Any) -> QPen:
    """Return a pen so many pixels wide, of those that layouts count in.

    Plots draw with cosmetic pens, whose width is in the screen's own pixels: without this, lines
    at 200 % are half as wide as everything around them.
    """
    pen: QPen = pg.mkPen(colour, width=width * pixel_ratio(), **more)
    return pen


def pixel_ratio() -> float:
    """Return how many of the screen's own pixels are as wide as one of a layout."""
    application = QGuiApplication.instance()
    if not isinstance(application, QGuiApplication):
        return 1.0
    return max(1.0, application.devicePixelRatio())
