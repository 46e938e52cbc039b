"""The right side of the window: figures, dial and recipe, one below the other."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tinystudio.gui.panels.figures import FiguresPanel
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr

ROOMY = 600  # pixels; below, the recipe's steps need the room of the figures' long sentences


class SidePanel(QFrame):
    """Gives the recipe what height is left, and more of it where the window is low."""

    def __init__(self, figures: FiguresPanel, compression: QWidget, settings: QWidget) -> None:
        super().__init__()
        self._figures = figures
        set_role(self, "panel")
        self.setAccessibleName(tr("Figures and recipe"))
        body = QVBoxLayout(self)
        body.setContentsMargins(1, 1, 1, 1)
        body.setSpacing(0)
        for widget in (figures, _line(), compression, _line()):
            body.addWidget(widget)
        body.addWidget(settings, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._figures.set_compact(self.height() < ROOMY)


def _line() -> QFrame:
    line = QFrame()
    set_role(line, "line")
    return line
