"""Tables whose columns fit the room they have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gui_examples import original, project
from idle_workers import inspection
from PySide6.QtWidgets import QTableView, QWidget
from pytestqt.qtbot import QtBot

from tinystudio.gui.panels.layers import LayersPanel
from tinystudio.gui.panels.run_table import RunTable

SMALL = 634  # pixels that the middle of a window of 1280 has


@pytest.fixture(params=[LayersPanel, RunTable])
def panel(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[QWidget]:
    shown = request.param()
    qtbot.addWidget(shown)
    shown.resize(SMALL, 500)
    if isinstance(shown, LayersPanel):
        shown.show_inspection(inspection())
    else:
        shown.set_variants(project()[:12])
    shown.show()
    yield shown


def table(panel: QWidget) -> QTableView:
    return next(view for view in panel.findChildren(QTableView) if view.isVisible())


def total(view: QTableView) -> int:
    return sum(view.columnWidth(column) for column in range(view.model().columnCount()))


def test_on_a_small_screen_no_column_is_out_of_sight(panel: QWidget) -> None:
    view = table(panel)
    assert view.horizontalScrollBar().maximum() == 0
    assert total(view) == view.viewport().width()


def test_on_a_large_screen_the_columns_fill_the_table(qtbot: QtBot, panel: QWidget) -> None:
    panel.resize(1300, 500)
    view = table(panel)
    qtbot.waitUntil(lambda: total(view) == view.viewport().width())
    assert view.horizontalScrollBar().maximum() == 0


def test_a_column_keeps_the_width_it_was_pulled_to(qtbot: QtBot, panel: QWidget) -> None:
    view = table(panel)
    view.setColumnWidth(2, 200)  # as the header does when its edge is pulled
    panel.resize(900, 500)
    qtbot.waitUntil(lambda: total(view) == view.viewport().width())
    assert view.columnWidth(2) == 200


def test_rows_that_come_later_are_read_as_well(qtbot: QtBot) -> None:
    shown = RunTable()
    qtbot.addWidget(shown)
    shown.resize(SMALL, 400)
    shown.show()
    shown.set_variants([original()])
    shown.set_variants(project())
    view = table(shown)
    metrics, longest = view.fontMetrics(), max(item.title for item in project())
    assert view.columnWidth(1) > metrics.horizontalAdvance(longest)


@pytest.mark.parametrize("panel", [RunTable], indirect=True)
def test_a_column_of_signs_stays_narrow(qtbot: QtBot, panel: QWidget) -> None:
    panel.resize(1600, 500)
    view = table(panel)
    qtbot.waitUntil(lambda: total(view) == view.viewport().width())
    assert view.columnWidth(0) < 50


@pytest.mark.parametrize("panel", [RunTable], indirect=True)
def test_names_are_whole_in_a_table_that_is_scrolled_all_the_same(
    qtbot: QtBot, panel: QWidget
) -> None:
    panel.show_columns([*panel.shown_columns(), "parameters", "macs", "download", "samples"])
    panel.resize(420, 500)
    view = table(panel)
    qtbot.waitUntil(lambda: view.horizontalScrollBar().maximum() > 0)
    metrics, longest = view.fontMetrics(), max((item.title for item in project()[:12]), key=len)
    assert view.columnWidth(1) > metrics.horizontalAdvance(longest)
