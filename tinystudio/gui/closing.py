"""The row of a card that one only closes: Qt has its word in few languages, ours is in all."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox

from tinystudio.gui.texts import tr

CLOSE = QDialogButtonBox.StandardButton.Close


def closing_row(card: QDialog) -> QDialogButtonBox:
    """Return a row with a button that closes a card."""
    buttons = QDialogButtonBox(CLOSE)
    buttons.button(CLOSE).setText(tr("Close"))
    buttons.rejected.connect(card.close)
    return buttons
