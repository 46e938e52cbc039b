"""Variants that are dragged: onto Export, or out of the window as the file they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

FORMAT = "application/x-tinystudio-variant"
FileOf = Callable[[str], Path | None]  # where a variant's file is, by the variant's id


def drag_data(variants: list[str], file_of: FileOf) -> QMimeData:
    """Return what is dragged: the ids, and the files of those that have one."""
    data = QMimeData()
    data.setData(FORMAT, "\n".join(variants).encode())
    files = [path for id in variants if (path := file_of(id)) is not None and path.exists()]
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    return data


def dragged_variants(data: QMimeData) -> list[str]:
    """Return the ids of the variants among what is dragged."""
    return bytes(data.data(FORMAT).data()).decode().split() if data.hasFormat(FORMAT) else []


class ExportDrop(QObject):
    """Lets a widget take a variant that is dropped on it."""

    dropped = Signal(str)  # the variant's id

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take variants, and leave everything else to the widget."""
        if isinstance(event, QDropEvent) and dragged_variants(event.mimeData()):
            event.acceptProposedAction()
            if not isinstance(event, QDragEnterEvent) and event.type() == QEvent.Type.Drop:
                self.dropped.emit(dragged_variants(event.mimeData())[0])
            return True
        return super().eventFilter(watched, event)
