"""From an empty window to an exported small model: how many actions, and how much computing.

Processor time counts, of the window and of all that it starts: how busy the machine is besides
makes no difference.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from tinystudio.gui.assembly import Assembly
from tinystudio.gui.window import GALLERY_TAB
from tinystudio.gui.wizard_desk import EXPORT_FOLDER

PATIENCE_MS = 120_000
START = """
from tinystudio.gui.app import make_application
application = make_application()
from tinystudio.gui.actions import Actions
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.window import MainWindow
from tinystudio.session.settings import Settings
actions = Actions()
window = MainWindow(actions)
assembly = Assembly(window, actions, Settings())
window.show()
application.processEvents()
"""
MOST_SECONDS, MOST_ACTIONS = 60.0, 8
LOSS = 2.0  # points that the chosen model may lose


class Hand:
    """Acts, and counts."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot, self.actions = qtbot, 0

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        assert widget.isVisible()
        assert widget.isEnabled(), widget.toolTip()
        self._qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())
        self.actions += 1

    def press(self, widget: QWidget, key: Qt.Key) -> None:
        self._qtbot.keyClick(widget, key)
        self.actions += 1


def seconds_used() -> float:
    """Return the processor time of this process and of those it has started that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def test_the_first_insight_takes_few_actions_and_under_a_minute(
    qtbot: QtBot, window: Assembly, tmp_path: Path
) -> None:
    began, hand = seconds_used(), Hand(qtbot)
    # What the window's own start takes; this process has loaded all of it long ago.
    subprocess.run([sys.executable, "-c", START], check=True)
    window.remembered.keep_folder(EXPORT_FOLDER, tmp_path)
    session = window.studio.session
    qtbot.waitUntil(lambda: window.window._centre.currentIndex() == GALLERY_TAB)

    # 1 and 2: the first card, and Enter.
    card = window.gallery.cards[0]
    hand.click(card)
    hand.press(card, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.original is not None, timeout=PATIENCE_MS)
    original = session.original
    assert original is not None
    before = original.measurement

    # 3: a point of the front, as soon as there is one: the smallest that keeps the accuracy.
    chart = window.trade_off.charts[0]
    enough = 100 * (before.score or 0) - LOSS

    def good_ones() -> list[object]:
        return [p for p in chart.predicted if p.score >= enough and p.id != "original"]

    qtbot.waitUntil(lambda: bool(good_ones()), timeout=PATIENCE_MS)
    point = min((p for p in chart.predicted if p.score >= enough), key=lambda p: p.cost)
    hand.click(chart.viewport(), chart.place_of(point))
    qtbot.waitUntil(lambda: bool(session.recipe.steps), timeout=PATIENCE_MS)

    # 4 and 5: Export…, Export now.
    export = window.window.actions_by_id["export"]
    bar = window.window.findChild(QToolBar)
    qtbot.waitUntil(export.isEnabled)
    hand.click(bar.widgetForAction(export))
    wizard = window.commands.wizards.export_wizard
    assert wizard is not None
    hand.click(wizard.at_once_button)
    qtbot.waitUntil(lambda: not window.commands.wizards.is_exporting, timeout=PATIENCE_MS)

    (written,) = tmp_path.glob("*.onnx")
    exported = next(run.exported for run in session.runs if run.exported is not None)
    assert all(check.passed for check in exported.checks), exported.checks
    assert written.stat().st_size < (before.size_bytes or 0) / 2
    close = next(b for b in wizard.findChildren(QPushButton) if b.text() == "Close")
    hand.click(close)
    window.studio.close()  # ends the engines, whose time is counted with them
    assert hand.actions <= MOST_ACTIONS
    assert seconds_used() - began < MOST_SECONDS
