"""A view that is scrolled sideways where the window is too narrow for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

LEAST_WIDTH = 320  # pixels; what is in it may need more, and is scrolled then


class Sideways(QScrollArea):
    """Gives what it holds all of its room, and at least what that needs."""

    def __init__(self, held: QWidget) -> None:
        super().__init__()
        self._held = held
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keyboard
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(held)
        self.setAccessibleName(held.accessibleName())
        held.setAutoFillBackground(False)  # the panel's ground shows through
        self.viewport().setAutoFillBackground(False)
        held.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        """Ask for little width, and for the height that what it holds needs."""
        least = self._held.minimumSizeHint()
        return QSize(min(LEAST_WIDTH, least.width()), least.height())

    def sizeHint(self) -> QSize:
        """Ask for what it holds would like."""
        return self._held.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what it holds the new room."""
        super().resizeEvent(event)
        self._give_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask anew where what it holds needs another size."""
        if watched is self._held and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._give_room()
        return super().eventFilter(watched, event)

    def _give_room(self) -> None:
        # By hand: a "resizable" one takes the height that would be liked for the least there is.
        least = max(self._held.minimumSizeHint().width(), self._held.minimumWidth())
        room = self.viewport().size()
        self._held.resize(max(room.width(), least), room.height())
