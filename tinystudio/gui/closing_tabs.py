"""Views behind tabs that stand closer together where there is not room for all of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QTabWidget

from tinystudio.gui.stylesheet import CLOSER, set_role


class ClosingTabs(QTabWidget):
    """Arrows to scroll by come only where even that is not enough."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look whether the tabs have room."""
        super().resizeEvent(event)
        self._fit()

    def tabInserted(self, index: int) -> None:
        """Look again: there is one more."""
        super().tabInserted(index)
        self._fit()

    def setTabText(self, index: int, text: str) -> None:
        """Look again: another title may be longer."""
        super().setTabText(index, text)
        self._fit()

    def _fit(self) -> None:
        bar = self.tabBar()
        is_close = bar.property("role") == "close"
        wide = sum(bar.tabRect(at).width() for at in range(bar.count()))
        wide += CLOSER * bar.count() if is_close else 0
        if is_close != (wide > self.width()):
            set_role(bar, "" if is_close else "close")
            # The bar measures its tabs anew for this alone.
            QApplication.sendEvent(bar, QEvent(QEvent.Type.StyleChange))
