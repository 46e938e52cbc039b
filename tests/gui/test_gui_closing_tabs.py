"""Tabs stand closer where there is not room for all of them, and apart again where there is."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from tinystudio.gui.closing_tabs import ClosingTabs
from tinystudio.gui.stylesheet import CLOSER


def test_tabs_stand_closer_before_one_of_them_is_cut(dressed, qtbot):
    tabs = ClosingTabs()
    qtbot.addWidget(tabs)
    for title in ("Trade-off", "Layers", "Runs", "Training"):
        tabs.addTab(QWidget(), title)
    tabs.show()
    bar = tabs.tabBar()
    tabs.resize(900, 100)
    wide = bar.tabRect(3).right() + 1
    tabs.resize(wide - 2 * CLOSER, 100)
    QApplication.processEvents()
    assert bar.tabRect(3).right() + 1 == wide - 4 * CLOSER
    tabs.resize(900, 100)
    QApplication.processEvents()
    assert bar.tabRect(3).right() + 1 == wide
