"""Holds the real window on a project still, so that pictures of it can be taken."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from tinystudio.gui import theme
from tinystudio.gui.actions import Actions
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.pictures import VIEWS, Shot
from tinystudio.gui.stylesheet import palette, stylesheet
from tinystudio.gui.window import MainWindow
from tinystudio.session.project import open_project
from tinystudio.session.settings import Settings


class Photographer:
    """The user's settings are neither read nor written."""

    def __init__(self, application: QApplication, project: Path) -> None:
        self._application = application
        self._dress()
        actions = Actions()
        self._window = MainWindow(actions)
        self._assembly = Assembly(self._window, actions, Settings())
        self._assembly.studio.open(open_project(project))
        self._window.show()

    @property
    def parts(self) -> Assembly:
        """Return the window's parts."""
        return self._assembly

    def is_ready(self) -> bool:
        """Say whether the engines are up and nothing runs any more."""
        studio = self._assembly.studio
        return studio.engine_state in ("ready", "restarted") and not studio.session.runs.open

    def pose(self, shot: Shot) -> None:
        """Make the window look as the shot asks for."""
        theme.switch().prefer(shot.theme)
        self._dress()
        self._window.resize(shot.width, shot.height)
        self._window.reset_layout()
        self._window.show_tab(VIEWS.index(shot.view))
        self._window.toast.hide()
        # A field that has the focus would show its cursor or not, as it happens to blink.
        focused = self._window.focusWidget()
        if focused is not None:
            focused.clearFocus()

    def save(self, output: Path) -> bool:
        """Write the window as it looks now; False where that cannot be."""
        return self._window.grab().save(str(output))

    def end(self) -> None:
        """Close everything."""
        self._assembly.studio.close()
        self._window.hide()
        self._window.deleteLater()

    def _dress(self) -> None:
        shown = theme.current()
        self._application.setPalette(palette(shown))
        self._application.setStyleSheet(stylesheet(shown))
