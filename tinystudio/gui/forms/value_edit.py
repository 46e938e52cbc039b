"""A number one can type over: flat until it is touched."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

_STEPS = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_PageDown: -10,
}


class ValueEdit(QLineEdit):
    """Says `entered` with what was typed on Enter or leaving, `stepped` on the arrow keys.

    The Enter that takes what was typed is used up: it presses no button of a dialog around.
    """

    entered = Signal(str)
    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFrame(False)
        self.setStyleSheet(
            "QLineEdit { background: transparent; border: 1px solid transparent;"
            " font-weight: 600; padding: 1px 3px; }"
            "QLineEdit:hover { border-color: palette(mid); }"
            "QLineEdit:focus { border-color: palette(highlight); background: palette(base); }"
        )
        self.editingFinished.connect(self._on_finished)

    def sizeHint(self) -> QSize:
        return QSize(72, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(48, super().minimumSizeHint().height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, was_typed = Qt.Key(event.key()), self.isModified()
        if key in _STEPS:
            self.stepped.emit(_STEPS[key])
            return
        super().keyPressEvent(event)
        if was_typed and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()

    def _on_finished(self) -> None:
        if self.isModified():
            self.setModified(False)
            self.entered.emit(self.text())
