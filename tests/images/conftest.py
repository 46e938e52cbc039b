"""The real window in the real style, fed with fixed events; no engine runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

# The engines that do nothing and the fixed figures are those of the tests beside these.
sys.path.insert(0, str(Path(__file__).parents[1] / "gui"))

from fixed_project import SIZES, fill
from idle_workers import IdleWorkers

from tinystudio.gui import theme
from tinystudio.gui.actions import Actions
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.stylesheet import palette, stylesheet
from tinystudio.gui.theme import Theme
from tinystudio.gui.window import MainWindow
from tinystudio.session.project import Project, open_project
from tinystudio.session.settings import Settings


@pytest.fixture(params=["light", "dark"])
def dressed(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Theme]:
    """The program's style, palette and stylesheet in one of the themes, for one test."""
    style, colours = qapp.style().name(), qapp.palette()
    theme.switch().prefer(request.param)
    qapp.setStyle("Fusion")
    qapp.setPalette(palette(theme.current()))
    qapp.setStyleSheet(stylesheet(theme.current()))
    yield theme.current()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(colours)
    theme.switch().prefer("light")


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """How large the window is, in pixels."""
    found: tuple[int, int] = request.param
    return found


@pytest.fixture
def filled(
    qtbot: QtBot, tmp_path: Path, dressed: Theme, size: tuple[int, int]
) -> Iterator[Assembly]:
    """The window on a project with variants, limits, a running job and a failed one."""
    workers: list[IdleWorkers] = []
    with make_window(qtbot, tmp_path, workers.append) as parts:
        parts.window.resize(*size)
        fill(parts, workers[-1])
        qtbot.waitUntil(lambda: len(parts.trade_off.charts[0].points) > 1)
        parts.window.toast.hide()
        yield parts


class make_window:  # noqa: N801  # read as a function: `with make_window(...)`
    """Open the window on an empty project; closed with the block."""

    def __init__(self, qtbot: QtBot, folder: Path, met: Callable[[IdleWorkers], None]) -> None:
        self._met = met
        actions = Actions()
        self._window = MainWindow(actions)
        qtbot.addWidget(self._window)
        self._parts = Assembly(self._window, actions, Settings(), self._workers)
        self._parts.studio.open(open_project(folder / "watch.tinystudio"))
        self._window.show()

    def _workers(self, project: Project) -> IdleWorkers:
        made = IdleWorkers(project)
        self._met(made)
        return made

    def __enter__(self) -> Assembly:
        return self._parts

    def __exit__(self, *_: object) -> None:
        self._window.close()
