"""One entry of a key: a curve's mark and what the curve is of."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tinystudio.gui import theme
from tinystudio.gui.elided import Elided
from tinystudio.gui.plots.legend import Line, Symbol
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import Look


class CurveKey(QWidget):
    """Says which look belongs to which curve; long titles are cut in the middle of the room.

    `width`: how wide the curve of a number is, where curves are lines without marks.
    """

    def __init__(self, width: Callable[[int], float] | None = None) -> None:
        super().__init__()
        self._number = 0
        self._title = Elided()
        self._symbol = self._mark(width)
        set_role(self._title, "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._symbol)
        row.addWidget(self._title, 1)

    def _mark(self, width: Callable[[int], float] | None) -> QWidget:
        def look() -> Look:
            return theme.current().curve(self._number)

        return Symbol(look) if width is None else Line(look, lambda: width(self._number))

    def show_curve(self, number: int, title: str) -> None:
        """Show the look of this number beside this title."""
        self._number = number
        self._title.set_text(tr(title))
        self._symbol.update()
