"""A plot whose part on the screen can be asked for and set, as what remembers zooms does."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF

from tinystudio.gui.plots.view_memory import Box


class ViewPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """What charts of points have in common: no menu on a right click, and what is seen of them."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(enableMenu=False, **parts)

    @property
    def box(self) -> Box:
        """Return what is seen: left, right, bottom, top, as the axes have it."""
        seen: QRectF = self.getViewBox().viewRect()
        return (seen.left(), seen.right(), seen.top(), seen.bottom())

    def show_box(self, box: Box) -> None:
        """See this part of the plot."""
        self.setXRange(box[0], box[1], padding=0)
        self.setYRange(box[2], box[3], padding=0)
