"""The source of a metric of the user's own, shown before it is run for the first time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

WIDTH, CODE_HEIGHT = 620, 260  # pixels
TRUST = "I trust this file"
WORDS = (
    "It runs with your rights on this computer, in a process of its own, whenever this data is "
    "judged. Trust it only if you know who made it. It is remembered by its content: a changed "
    "file is asked about again."
)


class TrustCard(QDialog):
    """Asks once; closing it runs nothing."""

    trusted = Signal(str)  # the SHA-256 of what was shown

    def __init__(self, title: str, source: bytes, sha256: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._sha256 = sha256
        self.code = QPlainTextEdit(source.decode(errors="replace"))
        self.setWindowTitle(tr("Your own metric"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        body = QVBoxLayout(self)
        body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        body.setSpacing(2 * GRID)
        body.addWidget(_label(title, "heading"))
        body.addWidget(self.code, 1)
        body.addWidget(_label(WORDS, "warning"))
        body.addWidget(_label(f"SHA-256 {sha256}", "muted"))
        body.addWidget(self._buttons())
        self._look()

    def _look(self) -> None:
        self.setMinimumWidth(WIDTH)
        self.code.setReadOnly(True)
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.code.setAccessibleName(tr("Source of your metric"))
        self.code.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.code.setMinimumHeight(CODE_HEIGHT)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        self.trust = QPushButton(tr(TRUST))
        set_role(self.trust, "primary")
        buttons.addButton(self.trust, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._on_trusted)
        buttons.rejected.connect(self.close)
        return buttons

    @Slot()
    def _on_trusted(self) -> None:
        self.trusted.emit(self._sha256)
        self.close()


def _label(text: str, role: str) -> QLabel:
    label = QLabel(tr(text))
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    set_role(label, role)
    return label
