"""Shows how much is kept on the disk, and removes what the user marks."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from tinystudio.gui import wording
from tinystudio.gui.background import Background
from tinystudio.gui.disk_sheet import BUSY, DiskSheet
from tinystudio.gui.notice import Notice
from tinystudio.gui.studio import Studio
from tinystudio.session.disk import VARIANTS, DiskItem, disk_items, remove


class DiskDesk(QObject):
    """The disk is looked at beside the window; at most one sheet is open."""

    def __init__(self, window: QWidget, studio: Studio, background: Background) -> None:
        super().__init__(window)
        self._window, self._studio, self._background = window, studio, background
        self.sheet: DiskSheet | None = None

    @Slot()
    def show(self) -> None:
        """Open the sheet, and fill it once the disk has been looked at."""
        if self.sheet is not None:
            self.sheet.close()
        self.sheet = DiskSheet(self._window)
        self.sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sheet.removal_requested.connect(self._on_removal_requested)
        self.sheet.finished.connect(self._on_closed)
        self.sheet.show()
        self._look()

    def _look(self) -> None:
        session = self._studio.session
        folder, kept = session.project.folder, session.kept_files()
        self._background.run("disk", lambda: disk_items(folder, kept), self._fill)

    def _fill(self, items: tuple[DiskItem, ...]) -> None:
        if self.sheet is not None:
            self.sheet.show_items(items, BUSY if self._studio.session.runs.open else "")

    @Slot(list)
    def _on_removal_requested(self, ids: list[str]) -> None:
        if self._studio.session.runs.open:
            self._look()  # something has begun meanwhile
            return
        freed: list[int] = [0]
        if VARIANTS in ids:
            self._studio.attempt(lambda: freed.append(self._studio.session.clean_up()))
        others = [id for id in ids if id != VARIANTS]
        self._background.run("remove", lambda: remove(others), lambda more: self._tell(freed, more))

    def _tell(self, freed: list[int], more: int) -> None:
        size = wording.size_text(sum(freed) + more)
        self._studio.raise_notice(Notice(f"{size} were freed on the disk", gravity="news"))
        if self.sheet is not None:
            self._look()

    @Slot()
    def _on_closed(self) -> None:
        if self.sender() is self.sheet:
            self.sheet = None
