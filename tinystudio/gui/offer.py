"""A bar that offers the next step, one click from done, and never insists."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton

from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

Way = tuple[str, str]  # words and the id of the action


class Offer(QFrame):
    """A sentence and a button; hidden where there is nothing to offer."""

    taken = Signal(str)  # the action's id

    def __init__(self) -> None:
        super().__init__()
        self._ways: tuple[Way, ...] = ()
        self._text = QLabel()
        self._button = QPushButton()
        self._menu = QMenu(self)
        set_role(self, "advice")
        set_role(self._button, "primary")
        self._text.setWordWrap(True)
        body = QHBoxLayout(self)
        body.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        body.addWidget(self._text, 1)
        body.addWidget(self._button)
        self._button.clicked.connect(self._on_clicked)
        self._menu.triggered.connect(lambda action: self.taken.emit(action.data()))
        self.setAccessibleName(tr("Suggestion"))
        self.hide()

    def make(self, text: str, button: str, ways: Sequence[Way]) -> None:
        """Offer one thing to do, or several, which the button opens a menu for."""
        self._text.setText(tr(text))
        self.setAccessibleDescription(tr(text))
        if (self._button.text(), self._ways) != (button, tuple(ways)):
            self._ways = tuple(ways)
            self._button.setText(tr(button))
            self._button.setAccessibleName(tr(button))
            self._menu.clear()
            for words, action in ways:
                self._menu.addAction(tr(words)).setData(action)
            self._button.setMenu(self._menu if len(ways) > 1 else None)  # type: ignore[arg-type] # Qt takes None
        self.show()

    def _on_clicked(self) -> None:
        if len(self._ways) == 1:
            self.taken.emit(self._ways[0][1])
