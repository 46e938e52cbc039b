"""Writes the project to one file to share, and opens such files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tinystudio.gui.background import Background
from tinystudio.gui.file_dialogs import FileDialogs
from tinystudio.gui.notice import Notice
from tinystudio.gui.studio import Studio
from tinystudio.session.figure_words import bytes_text
from tinystudio.session.sharing import ENDING, open_shared, share_project

FILES = f"Shared projects (*{ENDING})"


class SharingDesk(QObject):
    """Packing and unpacking are done beside the window."""

    def __init__(self, studio: Studio, ask: FileDialogs, background: Background) -> None:
        super().__init__(studio)
        self._studio, self._ask, self._background = studio, ask, background

    @Slot()
    def ask(self) -> None:
        """Ask where the project is to be written as one file."""
        self._ask.ask_new("share", "Share the project as one file", FILES, ENDING[1:], self.share)

    def share(self, output: Path) -> None:
        """Write the open project to one file."""
        project = self._studio.session.project

        def tell(size: int) -> None:
            detail = (
                f"{output} has {bytes_text(size)}. It holds every measurement and the models, no "
                "data, and no names of folders of this computer."
            )
            self._studio.raise_notice(Notice("The project can be shared", detail, gravity="news"))

        self._background.run("share", lambda: share_project(project, output), tell)

    def open(self, path: Path, opened: Callable[[Path], object]) -> None:
        """Unpack a shared project beside its file, and have it opened."""
        self._background.run("unpack", lambda: open_shared(path), opened)
