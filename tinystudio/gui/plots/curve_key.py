"""One entry of a key: a curve's mark and what the curve is of."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tinystudio.gui import theme
from tinystudio.gui.elided import Elided
from tinystudio.gui.plots.legend import Symbol
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr


class CurveKey(QWidget):
    """Says which look belongs to which curve; long titles are cut in the middle of the room."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._title = Elided()
        self._symbol = Symbol(lambda: theme.current().curve(self._number))
        set_role(self._title, "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._symbol)
        row.addWidget(self._title, 1)

    def show_curve(self, number: int, title: str) -> None:
        """Show the look of this number beside this title."""
        self._number = number
        self._title.set_text(tr(title))
        self._symbol.update()
