"""What the window remembers from one start to the next, written whenever it changes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from tinystudio.core.errors import UserError
from tinystudio.gui.notice import Notice
from tinystudio.session.settings import Settings, save_settings


class Remembered:
    """Holds the settings. That they cannot be written is told once and stops nothing."""

    def __init__(self, settings: Settings, tell: Callable[[Notice], None]) -> None:
        self.settings = settings
        self._tell = tell
        self._has_told = False

    def change(self, settings: Settings) -> None:
        """Use these settings from now on."""
        if settings == self.settings:
            return
        self.settings = settings
        try:
            save_settings(settings)
        except UserError as error:
            if not self._has_told:
                self._tell(Notice.of(error))
            self._has_told = True

    def folder(self, dialog: str) -> str:
        """Return the folder that a dialog showed last, or the user's own."""
        return self.settings.folders.get(dialog, str(Path.home()))

    def keep_folder(self, dialog: str, folder: Path) -> None:
        """Remember where a dialog was used."""
        folders = {**self.settings.folders, dialog: str(folder)}
        self.change(self.settings.model_copy(update={"folders": folders}))

    @property
    def recent_mixed(self) -> tuple[str, ...]:
        """Return recent projects and models by turns, where there is room for a few of both."""
        pairs = zip_longest(self.settings.recent_projects, self.settings.recent_networks)
        return tuple(name for pair in pairs for name in pair if name is not None)

    @property
    def recent(self) -> tuple[str, ...]:
        """Return recent projects and models, for the menu."""
        return (*self.settings.recent_projects, *self.settings.recent_networks)
