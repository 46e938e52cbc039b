"""A dashed frame that takes files from a file manager, or from a dialog when it is clicked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from tinystudio.gui.dragging import FORMAT
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

TIP = (
    "A model (.onnx, .zip, .pt2, TorchScript, .safetensors), or data: .npz, .csv, .txt, a folder "
    "of images or recordings. Click to choose a file instead."
)


class DropTarget(QFrame):
    """Says which files were dropped; a click or Enter asks for the dialog instead."""

    files_dropped = Signal(list)  # of Path
    browse_requested = Signal()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setAccessibleName(text)
        self.setAccessibleDescription(tr("Press Enter to choose a file instead."))
        self.setToolTip(tr(TIP))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        set_role(self, "drop")
        label = QLabel(text)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        set_role(label, "muted")
        body = QVBoxLayout(self)
        body.setContentsMargins(GRID, GRID + 4, GRID, GRID + 4)
        body.addWidget(label)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for files."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()
            self._glow(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._glow(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on what was dropped."""
        self._glow(False)
        event.acceptProposedAction()
        self.files_dropped.emit(local_files(event.mimeData()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Offer the dialog."""
        self.browse_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Offer the dialog to the keyboard as well."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.browse_requested.emit()
        else:
            super().keyPressEvent(event)

    def _glow(self, hot: bool) -> None:
        self.setProperty("hot", hot)
        set_role(self, "drop")


def local_files(data: QMimeData) -> list[Path]:
    """Return the files on this computer among what is dragged; a variant of ours is none."""
    if data.hasFormat(FORMAT):
        return []
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
