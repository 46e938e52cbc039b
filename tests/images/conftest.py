"""The real window in the real style, fed with fixed events; no engine runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

# The engines that do nothing and the fixed figures are those of the tests beside these.
sys.path.insert(0, str(Path(__file__).parents[1] / "gui"))

from fixed_project import SIZES, fill
from idle_window import idle_window
from wearing import wear

from tinystudio.gui import theme
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.theme import Theme
from tinystudio.session.project import open_project


@pytest.fixture(scope="module", params=["light", "dark"])
def dressed(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Theme]:
    """The program's style, palette and stylesheet in one of the themes, for all tests of a file.

    A test that changes it changes it back.
    """
    style, colours = qapp.style().name(), qapp.palette()
    qapp.setStyle("Fusion")
    wear(qapp, request.param)
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
    with filled_window(tmp_path, size) as parts:
        yield parts


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dressed: Theme
) -> Iterator[Assembly]:
    """The same window, for all tests of a file that change nothing in it."""
    with filled_window(tmp_path_factory.mktemp("whole"), request.param) as parts:
        yield parts


@pytest.fixture
def looked_at(whole: Assembly) -> Assembly:
    """The window that is only looked at, as it is when it opens."""
    whole.window.show_tab(0)
    QApplication.processEvents()
    return whole


@contextmanager
def filled_window(folder: Path, size: tuple[int, int]) -> Iterator[Assembly]:
    """Open the window and fill it; closed with the block."""
    parts, workers = idle_window()
    window = parts.window
    parts.studio.open(open_project(folder / "watch.tinystudio"))
    window.show()
    window.resize(*size)
    fill(parts, workers[-1])
    ends = time.monotonic() + 5
    while len(parts.trade_off.charts[0].points) < 2:
        assert time.monotonic() < ends, "the charts stay empty"
        QTest.qWait(5)
    window.toast.hide()
    yield parts
    window.close()
    window.deleteLater()
