"""Choices above a plot: in one line where they fit, else in columns with their labels aligned."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from superqt import QFlowLayout

from tinystudio.gui.theme import GRID


class ChoiceGrid(QWidget):
    """A label stays beside its choice wherever the row breaks."""

    def __init__(self) -> None:
        super().__init__()
        self._flow = QFlowLayout(self)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._cells: list[tuple[QWidget, QLabel, tuple[QWidget, ...]]] = []

    def add(self, label: QLabel, *widgets: QWidget) -> None:
        """Add a choice with its label."""
        cell = QWidget()
        row = QHBoxLayout(cell)
        row.setContentsMargins(0, 0, GRID, 0)
        row.setSpacing(GRID // 2)
        for widget in (label, *widgets):
            row.addWidget(widget)
        row.addStretch(1)
        self._cells.append((cell, label, widgets))
        self._flow.addWidget(cell)

    def add_alone(self, widget: QWidget) -> None:
        """Add what needs no label, such as a button."""
        self._flow.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Align the columns where there are several rows of them."""
        super().resizeEvent(event)
        if not self._cells:
            return
        labels = [label.sizeHint().width() for _, label, _ in self._cells]
        boxes = [
            sum(widget.sizeHint().width() + GRID // 2 for widget in widgets)
            for _, _, widgets in self._cells
        ]
        between = self._flow.spacing() * (len(self._cells) - 1)
        needed = sum(labels) + sum(boxes) + GRID * len(self._cells) + between
        is_broken = needed > self.width()
        for cell, label, _ in self._cells:
            label.setMinimumWidth(max(labels) if is_broken else 0)
            cell.setMinimumWidth(max(labels) + max(boxes) + GRID if is_broken else 0)
