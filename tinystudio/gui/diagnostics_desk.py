"""Writes the diagnostics bundle where the user wants it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tinystudio.gui.background import Background
from tinystudio.gui.file_dialogs import FileDialogs
from tinystudio.gui.notice import Notice, Way
from tinystudio.gui.studio import Studio
from tinystudio.session.diagnostics import save_diagnostics

BUNDLES = "Diagnostics (*.zip)"


class DiagnosticsDesk(QObject):
    """Nothing is sent anywhere: the user gets a file."""

    def __init__(self, studio: Studio, ask: FileDialogs, background: Background) -> None:
        super().__init__(studio)
        self._studio, self._ask, self._background = studio, ask, background

    @Slot()
    def ask(self) -> None:
        """Ask where the bundle is to be written."""
        self._ask.ask_new("diagnostics", "Save diagnostics", BUNDLES, "zip", self.save)

    def save(self, output: Path) -> None:
        """Write the bundle to this file."""
        runs = self._studio.session.runs if self._studio.is_open else None

        def tell(_held: tuple[str, ...]) -> None:
            detail = f"{output} holds versions, facts about this computer and the log."
            hint = "It names no models, data or folders. Look through it before you send it on."
            self._studio.raise_notice(
                Notice("Diagnostics are saved", detail, hint, "news", Way("Open", file=str(output)))
            )

        self._background.run("diagnostics", lambda: save_diagnostics(output, runs), tell)
