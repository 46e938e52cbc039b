"""A bar that offers the next step, one click from done, and never insists."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.theme import GRID


class Offer(QFrame):
    """A sentence and a button; hidden where there is nothing to offer."""

    taken = Signal(str)  # the action's id

    def __init__(self) -> None:
        super().__init__()
        self._action = ""
        self._text = QLabel()
        self._button = QPushButton()
        set_role(self, "advice")
        set_role(self._button, "primary")
        self._text.setWordWrap(True)
        body = QHBoxLayout(self)
        body.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        body.addWidget(self._text, 1)
        body.addWidget(self._button)
        self._button.clicked.connect(self._on_clicked)
        self.setAccessibleName("Suggestion")
        self.hide()

    def make(self, text: str, button: str, action: str) -> None:
        """Offer to do `action`."""
        self._action = action
        self._text.setText(text)
        self._button.setText(button)
        self._button.setAccessibleName(button)
        self.setAccessibleDescription(text)
        self.show()

    def _on_clicked(self) -> None:
        self.taken.emit(self._action)
