"""In the longest words at the largest size, the window still fits a small screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import screens
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from tinystudio.gui import theme
from tinystudio.gui.bending_row import BendingRow
from tinystudio.gui.elided import Elided, Yielding
from tinystudio.gui.side import SidePanel
from tinystudio.gui.sideways import Sideways
from tinystudio.gui.stylesheet import stylesheet
from tinystudio.gui.text_size import FACTORS, text_size
from tinystudio.gui.texts import PSEUDO, speak, speak_english
from tinystudio.gui.window import MOST_RIGHT
from tinystudio.session.settings import Settings

SCREEN = QSize(1280, 800)


@pytest.fixture
def longest(dressed: None, qapp: QApplication) -> Iterator[None]:
    """Words 40 % longer and half as large again, in the style that the program wears."""
    assert speak(qapp, PSEUDO) == PSEUDO
    text_size().begin(max(FACTORS))
    qapp.setStyleSheet(stylesheet(theme.LIGHT))  # its sizes follow the text's
    yield
    speak_english(qapp)


@pytest.mark.usefixtures("longest")
def test_in_the_longest_words_the_window_fits_a_small_screen(qtbot: QtBot, tmp_path: Path) -> None:
    filled = screens.fill_window(qtbot, tmp_path, Settings(text_scale=max(FACTORS)))
    window = filled.window
    window.resize(SCREEN)
    for tab in range(window.pages):
        window.show_tab(tab)
        QApplication.processEvents()
        least = window.minimumSizeHint()
        assert least.width() <= SCREEN.width(), _widest(window)
        assert least.height() <= SCREEN.height(), f"{least} in view {tab}"
    assert window.size() == SCREEN
    for panel in (filled.parts.browser, filled.parts.settings):
        right = panel.mapTo(window, panel.rect().topRight()).x()
        assert right < SCREEN.width()
    window.close()


def _widest(window: QWidget) -> str:
    """Return which widgets ask for the most width, for the one who has to mend it."""
    shown = [w for w in window.findChildren(QWidget) if w.isVisible() and not w.isWindow()]
    shown.sort(key=lambda w: -max(w.minimumSizeHint().width(), w.minimumWidth()))
    return ", ".join(
        f"{type(w).__name__}({w.accessibleName()}) {w.minimumSizeHint().width()}"
        for w in shown[:12]
    )


@pytest.fixture
def row(qtbot: QtBot) -> Iterator[BendingRow]:
    around = QWidget()  # of a window by itself Qt would keep the layout's least size
    qtbot.addWidget(around)
    around.resize(600, 200)
    buttons = [QPushButton("A button with words"), QPushButton("Another")]
    made = BendingRow(buttons, (1, 0), parent=around)
    around.show()
    yield made


def test_a_row_bends_where_its_parts_do_not_fit_and_back(row: BendingRow, qtbot: QtBot) -> None:
    first, second = row.findChildren(QPushButton)
    whole = first.minimumSizeHint().width() + second.minimumSizeHint().width() + 20
    assert row.minimumSizeHint().width() < whole - 20
    row.resize(max(whole, row.sizeHint().width()), 80)
    qtbot.waitUntil(lambda: first.y() == second.y())
    row.resize(row.minimumSizeHint().width(), 80)
    qtbot.waitUntil(lambda: second.y() >= first.geometry().bottom())
    assert row.is_bent
    second.hide()
    qtbot.waitUntil(lambda: not row.is_bent)


def test_a_wide_view_is_scrolled_sideways_and_a_narrow_one_fills_its_room(qtbot: QtBot) -> None:
    held = QLabel("x")
    held.setMinimumWidth(900)
    view = Sideways(held)
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    assert isinstance(view, QScrollArea)
    assert view.minimumSizeHint().width() <= 400
    assert (held.width(), view.horizontalScrollBar().maximum() > 0) == (900, True)
    assert held.geometry().bottom() < view.viewport().height()  # nothing is out of sight below
    view.resize(1200, 300)
    qtbot.waitUntil(lambda: held.size() == QSize(1200, 300))
    assert view.horizontalScrollBar().maximum() == 0


def test_a_label_that_yields_is_whole_where_it_can_be(qtbot: QtBot) -> None:
    label = Yielding("quiet enough to time", least=40)
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.text() == "quiet enough to time"
    label.show()
    label.resize(60, label.height())
    assert label.text().endswith("…")
    assert label.toolTip() == "quiet enough to time"
    assert label.sizeHint().width() > 60 > label.minimumSizeHint().width()


@pytest.mark.usefixtures("dressed")
def test_in_longer_words_the_side_keeps_its_width(
    qtbot: QtBot, tmp_path: Path, qapp: QApplication
) -> None:
    assert speak(qapp, PSEUDO) == PSEUDO
    try:
        filled = screens.fill_window(qtbot, tmp_path)
        filled.window.resize(SCREEN)
        screens.lay_out(filled.window)
        side = filled.window.findChildren(SidePanel)[0]
        assert side.width() <= MOST_RIGHT, _widest(side)
        shown = [label for label in side.findChildren(Elided) if label.isVisible()]
        cut = [label for label in shown if label.text() != label.whole]
        assert cut and all(label.toolTip() == label.whole for label in cut)
        filled.window.close()
    finally:
        speak_english(qapp)
