"""The real window with engines that only do what a test says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from idle_window import idle_window
from opened_window import Opened
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tinystudio.gui import theme
from tinystudio.gui.notice import Notice
from tinystudio.gui.stylesheet import palette, stylesheet
from tinystudio.gui.text_size import text_size
from tinystudio.session.project import open_project


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    """The window on an empty project."""
    assembly, workers = idle_window()
    window = assembly.window
    qtbot.addWidget(window)
    notices: list[Notice] = []
    assembly.studio.notice_raised.connect(notices.append)
    assembly.studio.open(open_project(tmp_path / "p.tinystudio"))
    window.show()
    yield Opened(assembly, window, workers, notices, tmp_path / "p.tinystudio")
    window.close()
    theme.switch().prefer("light")


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[None]:
    """Let widgets wear what the program wears."""
    style, colours, font = qapp.style().name(), qapp.palette(), qapp.font()
    qapp.setStyle("Fusion")
    qapp.setPalette(palette(theme.LIGHT))
    qapp.setStyleSheet(stylesheet(theme.LIGHT))
    yield
    text_size().choose(1.0)
    qapp.setFont(font)
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(colours)
