"""The diagram of the Layers view: walked, searched, coloured, and one with the table."""

from __future__ import annotations

import shutil

import pytest
from idle_workers import DIAGRAM, inspection
from made_database import explore
from PySide6.QtCore import QProcess, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tinystudio.gui import theme
from tinystudio.gui.diagram.colours import fills
from tinystudio.gui.diagram.facts import BoxFacts, Source, box_facts
from tinystudio.gui.diagram.pane import DiagramPane
from tinystudio.gui.diagram.walking import next_box
from tinystudio.gui.layer_costs import LayerCosts


@pytest.fixture
def layers(opened, qtbot, tmp_path):
    """The Layers view of a model with a diagram and a layer database; both parts are shown."""
    explore(opened, qtbot, tmp_path)
    opened.window.show_tab(1)
    view = opened.assembly.layers_view
    view.show_only(("diagram", "table"))
    qtbot.waitUntil(lambda: len(view.diagram.view.boxes) == 4)
    return view


def chosen_row(layers) -> str:
    return str(layers.table._table.currentIndex().siblingAtColumn(0).data())


def texts(layers) -> list[str]:
    return [box.facts.value_text for box in layers.diagram.view.boxes]


def colour_by(layers, by: str) -> None:
    layers.diagram.set_colouring(by)


def test_arrow_keys_follow_the_lines_and_choose_the_row(layers):
    view = layers.diagram.view
    for key, box, row in (
        (Qt.Key.Key_Home, 0, None), (Qt.Key.Key_Down, 1, "conv1"), (Qt.Key.Key_Down, 2, "conv2"),
        (Qt.Key.Key_Down, 3, "conv3"), (Qt.Key.Key_Up, 2, "conv2"), (Qt.Key.Key_Left, 1, "conv1"),
    ):  # fmt: skip
        QTest.keyClick(view, key)
        assert view.chosen == box
        assert row is None or chosen_row(layers) == row
    assert "conv1" in view.accessibleDescription()


def test_where_there_is_no_way_on_the_walk_stays():
    assert next_box(DIAGRAM, 3, "down") == 3
    assert next_box(DIAGRAM, 0, "up") == 0
    assert next_box(DIAGRAM, 2, "right") == 2


def test_a_row_of_the_table_chooses_its_box_and_the_plots_follow(layers, opened):
    table = layers.table._table
    table.setCurrentIndex(table.model().index(1, 0))
    assert layers.diagram.view.chosen == 2
    assert opened.assembly.plots.staircase.layer.currentText() == "conv2"


def test_a_search_frames_what_it_finds_and_enter_goes_on(layers):
    pane = layers.diagram
    pane.search.setText("conv")
    assert pane.view._found == {1, 2, 3}
    QTest.keyClick(pane.search, Qt.Key.Key_Return)
    QTest.keyClick(pane.search, Qt.Key.Key_Return)
    assert pane.view.chosen == 2
    assert chosen_row(layers) == "conv2"
    pane.search.setText("nothing like it")
    assert not pane.view._found
    assert "nothing like it" in pane._note.text()


def test_boxes_are_coloured_by_what_was_measured(layers, qtbot):
    colour_by(layers, "size")
    assert texts(layers) == ["", "4.0 kB", "8.0 kB", "12 kB"]
    colour_by(layers, "time")
    assert texts(layers)[1:] == ["40 µs", "40 µs", "40 µs"]
    colour_by(layers, "precision")
    assert texts(layers)[1:] == ["float"] * 3
    colour_by(layers, "sensitivity")
    qtbot.waitUntil(lambda: all(texts(layers)[1:]))


def test_without_a_database_the_diagram_says_why_there_are_no_times():
    assert all(box.value is None for box in box_facts(Source(inspection()), "time", DIAGRAM.boxes))


def test_the_greatest_figure_has_the_fullest_colour():
    boxes = [BoxFacts("Conv", "a", "", "convolution", value) for value in (1.0, 9.0)]
    little, much = fills(boxes, "time", theme.LIGHT)
    assert little.saturation() < much.saturation()


def test_one_of_diagram_and_table_is_always_shown(layers):
    diagram, table = layers.buttons
    table.click()
    assert not layers.table.isVisible()
    diagram.click()
    assert layers.table.isVisible()
    assert not layers.diagram.isVisible()


def test_keys_zoom(layers):
    view = layers.diagram.view
    before = view.transform().m11()
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.transform().m11() > before
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.transform().m11() <= 1


def test_netron_is_offered_where_it_is_installed(qtbot, monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(QProcess, "startDetached", lambda *given: started.append(given) or True)
    owner = QWidget()
    qtbot.addWidget(owner)
    costs = LayerCosts(owner)
    pane = DiagramPane(costs)
    qtbot.addWidget(pane)
    pane.show_inspection(inspection(), str(tmp_path / "net.onnx"))
    assert not pane.netron.isHidden()
    pane.netron.click()
    assert started == [("/bin/netron", [str(tmp_path / "net.onnx")])]
    monkeypatch.setattr(shutil, "which", lambda name: None)
    without = DiagramPane(costs)
    qtbot.addWidget(without)
    assert without.netron.isHidden()
    with qtbot.waitSignal(pane.failed):
        pane.netron.click()
