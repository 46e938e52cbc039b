"""The row above the plots: how to read them, limits on and off, the view, the table."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QWidget

from tinystudio.gui.flow_row import FlowRow
from tinystudio.gui.plots.view_keys import HELP
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr

HINT = "More to the {} left is better. Hollow = preview or predicted, solid = measured."
# Pixels: the least beside the buttons, and in a line of its own where it is two lines at most.
HINT_LEAST, HINT_ALONE = 200, 460
RESET_HELP = "Show all that is worth looking at (double click in a plot)."
DETAILS = "Bars are 90 % intervals. The line joins the variants that no other one beats."


class Toolbar(QWidget):
    """Says which button was pressed; `limits[0]` is the size's, `limits[1]` the latency's."""

    limit_toggled = Signal()
    reset_requested = Signal()
    table_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.limits = (QPushButton(tr("Limit size")), QPushButton(tr("Limit latency")))
        self.reset, self.table = QPushButton(tr("Reset view")), QPushButton(tr("Table"))
        self._hint = QLabel(tr(HINT).format(tr("upper")))
        self._buttons = FlowRow()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lay_out()
        for button in self.limits:
            button.clicked.connect(self.limit_toggled)
        self.reset.clicked.connect(self.reset_requested)
        self.table.toggled.connect(self.table_toggled)

    def _lay_out(self) -> None:
        self._hint.setToolTip(tr(DETAILS))
        self._hint.setWordWrap(True)
        set_role(self._hint, "muted")
        self.limits[0].setToolTip(tr("Draw a line: at most this size. Drag it."))
        self.limits[1].setToolTip(tr("Draw a line: at most this latency. Drag it."))
        self.reset.setToolTip(f"{tr(RESET_HELP)}\n{tr(HELP)}")
        self.table.setToolTip(tr("Show the plots' numbers as a table"))
        row = self._row
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._hint, 1)
        row.addStretch(0)  # in the hint's place where that is hidden
        buttons = (*self.limits, self.reset, self.table)
        for button in buttons:
            set_role(button, "link")
        self._buttons.hold(buttons)
        row.addWidget(self._buttons)
        for button in (*self.limits, self.table):
            button.setCheckable(True)

    def say_direction(self, higher_is_better: bool) -> None:
        """Say where in the plots what is better lies."""
        self._hint.setText(tr(HINT).format(tr("upper") if higher_is_better else tr("lower")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the hint above the buttons, or leave it out where it would be a pile of words."""
        super().resizeEvent(event)
        buttons = sum(b.sizeHint().width() for b in (*self.limits, self.reset, self.table))
        is_beside = self.width() - buttons > HINT_LEAST
        is_alone = not is_beside and self.width() >= HINT_ALONE
        self._hint.setVisible(is_beside or is_alone)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(down if is_alone else across)
