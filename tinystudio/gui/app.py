"""Starts the window: the frame is painted first, everything heavy comes after."""

from __future__ import annotations

import os
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QApplication

import tinystudio
from tinystudio.gui import theme
from tinystudio.gui.actions import Actions
from tinystudio.gui.crash import CrashLog
from tinystudio.gui.logbook import close_log, keep_log
from tinystudio.gui.motion import prefer_reduced
from tinystudio.gui.notice import Notice
from tinystudio.gui.stylesheet import palette, stylesheet
from tinystudio.gui.text_size import text_size
from tinystudio.gui.texts import speak
from tinystudio.gui.window import MainWindow
from tinystudio.session.settings import Settings, load_settings

if TYPE_CHECKING:
    from tinystudio.gui.assembly import Assembly

# Set to a file's name: the moment of the first paint, in seconds since the epoch, is written
# there. Whoever started the program knows when that was; the system tells it to a second only.
FIRST_PAINT_ENV = "TINYSTUDIO_FIRST_PAINT"
NO_DISPLAY = 1


def run(argv: list[str]) -> int:
    """Open the window, on a project or model where `argv` names one; return the exit code."""
    if not has_display():
        sys.stderr.write(
            "error: The window was not opened - There is no display here - "
            "Use `tinystudio demo`, which needs none, or set QT_QPA_PLATFORM=offscreen.\n"
        )
        return NO_DISPLAY
    settings = load_settings()
    application = make_application(settings.language)
    start = Start(application, Path(argv[0]) if argv else None, settings)
    code = application.exec()
    start.end()
    return code


def has_display() -> bool:
    """Say whether a window can be shown."""
    if sys.platform in ("win32", "darwin") or "QT_QPA_PLATFORM" in os.environ:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def make_application(language: str = "") -> QApplication:
    """Return the application in Fusion style; no language: the system's."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    application = QApplication(sys.argv[:1])
    application.setApplicationName("TinyStudio")
    application.setApplicationVersion(tinystudio.__version__)
    application.setStyle("Fusion")
    speak(application, language)
    return application


class Start(QObject):
    """Frame and theme now; panels, session and engines after the first paint."""

    def __init__(self, application: QApplication, opened: Path | None, settings: Settings) -> None:
        super().__init__()
        self._application = application
        self._opened = opened
        self._settings = settings
        self._crash = CrashLog()
        self._log: RotatingFileHandler | None = None
        self.assembly: Assembly | None = None
        self.actions = Actions()
        switch = theme.switch()
        switch.theme_changed.connect(self._dress)
        switch.prefer(settings.theme)
        switch.follow_system()
        text_size().begin(settings.text_scale)
        prefer_reduced(settings.reduce_motion)
        self._dress(switch.theme)
        self.window = MainWindow(self.actions)
        self.window.restore(settings.window_geometry, settings.window_layout)
        self.window.first_painted.connect(self._on_first_painted)
        self.window.show()

    @Slot()
    def _on_first_painted(self) -> None:
        report_first_paint()
        from tinystudio.gui.assembly import Assembly  # pyqtgraph, panels, session

        died = self._crash.begin()
        self._log = keep_log(self._crash.folder)
        self._crash.catch(self._tell)
        self.assembly = Assembly(self.window, self.actions, self._settings)
        if died is not None:
            self._tell(died)
        self.assembly.open_first(self._opened)

    def _tell(self, notice: Notice) -> None:
        if self.assembly is None:
            self.window.toast.show_notice(notice)
        else:
            self.assembly.studio.raise_notice(notice)

    @Slot(object)
    def _dress(self, shown: theme.Theme) -> None:
        self._application.setPalette(palette(shown))
        self._application.setStyleSheet(stylesheet(shown))

    def end(self) -> None:
        """Note that the program ended by itself."""
        sys.excepthook = sys.__excepthook__
        self._crash.end()
        if self._log is not None:
            close_log(self._log)


def report_first_paint() -> None:
    """Write down when this was, where somebody asks for it."""
    target = os.environ.get(FIRST_PAINT_ENV)
    if target:
        Path(target).write_text(f"{time.time():.4f}\n", encoding="utf-8")
