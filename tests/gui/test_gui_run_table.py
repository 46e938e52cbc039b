"""The table of variants."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from gui_examples import ORIGINAL, figures, original, project, variant
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tinystudio.gui import theme
from tinystudio.gui.panels.run_table import RunTable
from tinystudio.gui.stylesheet import stylesheet
from tinystudio.gui.toned_cells import name_in
from tinystudio.gui.variant_table import COLUMNS, ID_ROLE

NUMBERS = {column.id: number for number, column in enumerate(COLUMNS)}


@pytest.fixture
def table(qtbot: QtBot) -> RunTable:
    shown = RunTable()
    qtbot.addWidget(shown)
    shown.resize(700, 400)
    shown.show()
    return shown


def cell(table: RunTable, id: str, column: str, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
    model = table._sorted
    for row in range(model.rowCount()):
        if model.index(row, 0).data(ID_ROLE) == id:
            return model.index(row, NUMBERS[column]).data(role)
    raise AssertionError(id)


def order(table: RunTable) -> list[str]:
    model = table._sorted
    return [model.index(row, 0).data(ID_ROLE) for row in range(model.rowCount())]


def test_an_empty_table_says_how_it_is_filled(table: RunTable) -> None:
    assert table._empty.isVisible()
    table.set_variants([original()])
    assert table._view.isVisible()


def test_every_figure_stands_in_words(table: RunTable) -> None:
    fast = variant("f", "fast", measurement=figures(0.879, 71_000, 0.041, ORIGINAL), kept=True)
    table.set_variants([original(), fast])
    assert cell(table, "f", "title") == "fast"
    assert cell(table, "f", "score").startswith("87.8 % ± ")
    assert cell(table, "f", "change") == "−0.6 tie"
    assert cell(table, "f", "size") == "71.0 kB"
    assert cell(table, "f", "smaller") == "10.1×"
    assert cell(table, "f", "latency") == "41.0 µs"
    assert cell(table, "f", "speed") == "4.10×"
    assert "4.10× faster" in cell(table, "f", "speed", Qt.ItemDataRole.ToolTipRole)
    assert cell(table, "f", "marks") == "●"
    assert cell(table, "f", "energy").endswith("est.")
    assert cell(table, "f", "memory") == "96.0 kB est."
    assert "VNNI" in cell(table, "f", "speed", Qt.ItemDataRole.ToolTipRole)
    assert cell(table, "original", "speed") == "–"


def test_a_slower_and_a_larger_variant_have_ratios_below_one(table: RunTable) -> None:
    slow = variant("s", measurement=figures(0.88, 1_436_000, 0.336, ORIGINAL))
    table.set_variants([original(), slow])
    assert cell(table, "s", "speed") == "0.50×"
    assert cell(table, "s", "smaller") == "0.50×"


def test_a_verdict_keeps_its_colour_in_the_selected_row(table: RunTable) -> None:
    table.setStyleSheet(stylesheet(theme.current()))
    fast = variant("f", "fast", measurement=figures(0.879, 71_000, 0.041, ORIGINAL))
    table.set_variants([original(), fast])
    table.resize(900, 300)
    view, index = table._view, table._sorted.index(1, NUMBERS["speed"])
    good = QColor(theme.current().good_text).hue()

    def greens() -> int:
        place = view.visualRect(index)
        picture = view.viewport().grab(place).toImage()
        pixels = (picture.pixelColor(x, y) for x in range(picture.width())
                  for y in range(picture.height()))  # fmt: skip
        return sum(abs(p.hue() - good) < 12 and p.saturation() > 60 for p in pixels)

    before = greens()
    table.set_selected("f")
    assert before > 0 and greens() > before / 2


def test_columns_sort_by_number_and_unknown_comes_last(qtbot: QtBot, table: RunTable) -> None:
    slow = variant("slow", measurement=figures(latency=0.9, original=ORIGINAL))
    quick = variant("quick", measurement=figures(latency=0.1, original=ORIGINAL))
    untimed = variant("untimed", measurement=figures(latency=None, original=ORIGINAL))
    table.set_variants([slow, untimed, quick])
    table._view.sortByColumn(NUMBERS["latency"], Qt.SortOrder.AscendingOrder)
    assert order(table) == ["quick", "slow", "untimed"]


def test_choosing_a_row_says_which_variant(qtbot: QtBot, table: RunTable) -> None:
    table.set_variants(project())
    view = table._view
    with qtbot.waitSignal(table.variant_selected) as said:
        place = view.visualRect(table._sorted.index(2, NUMBERS["title"])).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert said.args == [order(table)[2]]


def test_a_selection_from_outside_is_shown_and_not_said_again(table: RunTable) -> None:
    table.set_variants(project())
    said: list[str] = []
    table.variant_selected.connect(said.append)
    table.set_selected("q9")
    assert table.selected_ids() == ["q9"]
    table.set_selected(None)
    assert table.selected_ids() == []
    assert not said


def test_a_selection_survives_new_rows(table: RunTable) -> None:
    table.set_variants(project()[:10])
    table.set_selected("p2")
    table.set_variants(project())
    assert table.selected_ids() == ["p2"]
    table.set_variants([item for item in project() if item.id != "p1"])
    assert table.selected_ids() == ["p2"]


def test_columns_can_be_chosen(qtbot: QtBot, table: RunTable) -> None:
    table.set_variants(project())
    assert "memory" not in table.shown_columns()
    action = next(a for a in table._columns.menu().actions() if a.data() == "memory")
    with qtbot.waitSignal(table.columns_changed) as said:
        action.trigger()
    assert "memory" in said.args[0]
    assert "memory" in table.shown_columns()


def test_the_rows_are_copied_as_they_stand(qtbot: QtBot, table: RunTable) -> None:
    table.set_variants(project())
    table._view.sortByColumn(NUMBERS["size"], Qt.SortOrder.AscendingOrder)
    table._copy.trigger()
    found = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    sizes = [int(row["size_bytes"]) for row in found]
    assert sizes == sorted(sizes)
    assert len(sizes) == len(project())


def test_the_context_menu_acts_on_its_row(qtbot: QtBot, table: RunTable) -> None:
    kept = variant("k", kept=True, starred=True)
    table.set_variants([original(), kept])
    menu = table.menu_for(kept)
    qtbot.addWidget(menu)
    actions = {action.text(): action for action in menu.actions()}
    with qtbot.waitSignal(table.keep_requested) as said:
        actions["Let go"].trigger()
    assert said.args == ["k", False]
    with qtbot.waitSignal(table.export_requested) as said:
        actions["Export…"].trigger()
    assert said.args == ["k"]
    other = table.menu_for(original())
    qtbot.addWidget(other)
    assert not next(a for a in other.actions() if a.text() == "Delete").isEnabled()


def test_the_selected_row_stays_in_sight_when_the_table_gets_its_room(
    table: RunTable, qtbot: QtBot
) -> None:
    table.resize(600, 700)
    table.set_variants([original(), *(variant(f"v{at}") for at in range(40))])
    table.set_selected("v15")
    view, row = table._view, table._view.selectionModel().selectedRows()[0]
    qtbot.waitUntil(lambda: view.viewport().rect().contains(view.visualRect(row).center()))
    table.resize(600, 300)
    qtbot.waitUntil(lambda: view.viewport().rect().contains(view.visualRect(row).center()))
    QTest.keyClick(view.verticalScrollBar(), Qt.Key.Key_Home)  # who scrolls away stays there
    table.resize(600, 280)
    qtbot.wait(20)
    assert view.verticalScrollBar().value() == 0


def test_a_name_without_room_keeps_the_numbers_it_differs_by(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    for name, kept in (
        ("channels −40 %, INT8", "… −40 %, INT8"),
        ("random channels −10 %", "… −10 %"),
    ):
        whole = metrics.horizontalAdvance(name)
        assert name_in(name, metrics, whole) == name
        shown = name_in(name, metrics, whole - 20)
        assert shown.endswith(kept)
        assert shown[:3] == name[:3]
        assert metrics.horizontalAdvance(shown) <= whole - 20
    assert name_in("channels −40 %, INT8", metrics, 40) == "channels −40 %, INT8"  # Qt cuts it
