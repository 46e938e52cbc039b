"""Widgets side by side, or one below the other where there is no room for that."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from tinystudio.gui.theme import GRID


class BendingRow(QWidget):
    """Asks for no more width than its widest part, however many there are."""

    def __init__(
        self,
        parts: Sequence[QWidget],
        stretches: Sequence[int] = (),
        spacing: int = GRID,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts = tuple(parts)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(spacing)
        for at, part in enumerate(self._parts):
            self._row.addWidget(part, stretches[at] if stretches else 0)

    @property
    def is_bent(self) -> bool:
        """Say whether the parts stand one below the other."""
        return self._row.direction() == QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        """Ask for the widest part, and for the height of all as they stand now."""
        widest = max((_least(part) for part in self._shown()), default=0)
        return self._with_margins(widest, self._row.minimumSize().height())

    def sizeHint(self) -> QSize:
        """Ask for room side by side."""
        return self._with_margins(self._side_by_side(), self._row.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bend where the parts do not fit side by side."""
        super().resizeEvent(event)
        self._bend()

    def event(self, event: QEvent) -> bool:
        """Look again where a part has other words, or comes and goes."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._bend()
        return super().event(event)

    def _bend(self) -> None:
        fits = self._side_by_side() <= self.contentsRect().width()
        down = QBoxLayout.Direction.TopToBottom
        direction = QBoxLayout.Direction.LeftToRight if fits else down
        if direction != self._row.direction():
            self._row.setDirection(direction)
            self.updateGeometry()

    def _side_by_side(self) -> int:
        """Return the width in which nothing bends and no words are cut."""
        shown = self._shown()
        return sum(map(_wish, shown)) + self._row.spacing() * max(0, len(shown) - 1)

    def _with_margins(self, width: int, height: int) -> QSize:
        return QSize(width, height).grownBy(self.contentsMargins())

    def _shown(self) -> list[QWidget]:
        return [part for part in self._parts if not part.isHidden()]


def _least(part: QWidget) -> int:
    return max(part.minimumSizeHint().width(), part.minimumWidth())


def _wish(part: QWidget) -> int:
    return max(part.sizeHint().width(), _least(part))
