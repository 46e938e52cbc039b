"""Boxes of the diagram that hold others: opened, folded, searched through, and remembered."""

from __future__ import annotations

from pathlib import Path

import onnx.backend.test.data.light as light
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tinystudio.engine.inspecting import look_at
from tinystudio.graph.opening import open_network
from tinystudio.gui.diagram import pane as pane_module
from tinystudio.gui.diagram.pane import DiagramPane
from tinystudio.gui.diagram.unfolding import all_folds, unfolded
from tinystudio.gui.layer_costs import LayerCosts
from tinystudio.jobs.inspection import Box, Diagram, Inspection


@pytest.fixture(scope="module")
def resnet() -> Inspection:
    network = open_network(Path(light.__path__[0]) / "light_resnet50.onnx")
    return look_at(network, "resnet50", None, None)


@pytest.fixture
def told(monkeypatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(pane_module, "announce", lambda _, text: said.append(text))
    return said


@pytest.fixture
def pane(qtbot, resnet, told):
    owner = QWidget()
    qtbot.addWidget(owner)
    made = DiagramPane(LayerCosts(owner))
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show_inspection(resnet, "resnet50.onnx")
    made.show()
    QApplication.processEvents()
    return made


def boxes(pane) -> tuple[Box, ...]:
    return pane.view.drawn.diagram.boxes


def number_of(pane, fold: str) -> int:
    return next(at for at, box in enumerate(boxes(pane)) if box.fold == fold)


def double_click(pane, item) -> None:
    pane.view.centerOn(item)
    # At its edge: what is inside of an open fold lies over its middle.
    corner = item.sceneBoundingRect().topLeft()
    place = pane.view.mapFromScene(corner) + QPoint(8, 8)
    QTest.mouseDClick(pane.view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def whole(resnet: Inspection) -> Diagram:
    assert resnet.diagram is not None
    return resnet.diagram


@pytest.mark.parametrize("share", [0, 1, 2, 3])
def test_with_any_folds_open_every_layer_is_in_one_box_and_none_lies_on_another(resnet, share):
    diagram = whole(resnet)
    keys = [fold.key for fold in all_folds(diagram)]
    open_folds = {key for at, key in enumerate(keys) if share and at % share == 0}
    drawn = unfolded(diagram, open_folds).diagram
    layers = sorted(layer for box in drawn.boxes for layer in box.layers)
    assert layers == sorted(layer.name for layer in resnet.layers)
    places = sorted((box.y, box.x) for box in drawn.boxes)
    for at, (y, x) in enumerate(places):
        near = [place for place in places[at + 1 : at + 12] if place[0] - y < 0.95]
        assert all(abs(place[1] - x) >= 0.95 for place in near)
    assert all(drawn.boxes[x.start].y < drawn.boxes[x.end].y for x in drawn.lines)


def test_frames_stand_around_what_they_hold_and_in_one_another(resnet):
    diagram = whole(resnet)
    drawn = unfolded(diagram, {fold.key for fold in all_folds(diagram)})
    frames = {frame.fold.key: frame for frame in drawn.frames}
    for box, around in zip(drawn.diagram.boxes, drawn.around, strict=True):
        for key in around:
            frame = frames[key]
            assert frame.left + 0.5 <= box.x <= frame.right - 0.5
            assert frame.top + 0.5 <= box.y <= frame.bottom - 0.5
    assert max(map(len, drawn.around)) == 3  # a chain in a block in what repeats


def test_the_way_around_a_block_is_still_one_once_it_is_open(resnet):
    diagram = whole(resnet)
    block = next(fold for fold in all_folds(diagram) if fold.fold == "repeat").inside.boxes[1]
    drawn = unfolded(diagram, {fold.key for fold in all_folds(diagram) if fold.fold != "chain"})
    layers = set(block.layers)
    inside = {at for at, box in enumerate(drawn.diagram.boxes) if layers.intersection(box.layers)}
    entering = [x for x in drawn.diagram.lines if x.end in inside and x.start not in inside]
    assert sorted(bool(line.bends) for line in entering) == [False, True]


def test_a_double_click_opens_a_box_in_its_place_and_one_on_its_frame_folds_it(pane, told):
    view, at = pane.view, number_of(pane, "repeat")
    before, fold = len(boxes(pane)), boxes(pane)[at]
    double_click(pane, view.boxes[at])
    assert len(boxes(pane)) == before + fold.times - 1
    assert [frame.key for frame in view._frames.values()] == [fold.key]
    assert told == [f"Unfolded: {before + fold.times - 1} boxes now"]
    double_click(pane, view._frames[fold.key])
    assert len(boxes(pane)) == before
    assert told[1:] == [f"Folded: {before} boxes now"]


def test_enter_opens_and_shift_enter_folds_and_the_keyboard_stays_there(pane):
    view, at = pane.view, number_of(pane, "block")
    fold = boxes(pane)[at]
    view.choose(at)
    QTest.keyClick(view, Qt.Key.Key_Return)
    inner = boxes(pane)[view.chosen]
    assert set(inner.layers) < set(fold.layers)
    assert view.drawn.around[view.chosen] == (fold.key,)
    QTest.keyClick(view, Qt.Key.Key_Return)  # a chain in it
    QTest.keyClick(view, Qt.Key.Key_Return)  # a layer holds nothing: what it is in is folded
    assert boxes(pane)[view.chosen] == inner.model_copy(
        update={"x": boxes(pane)[view.chosen].x, "y": boxes(pane)[view.chosen].y}
    )
    QTest.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert boxes(pane)[view.chosen].key == fold.key


def test_the_menu_says_what_can_be_done_here(pane):
    def entries(number, frame=None):
        menu = pane.view.menu(number, frame)
        return {x.text(): x for x in menu.actions() if x.text() and x.isEnabled()}

    assert list(entries(number_of(pane, "block"))) == ["Unfold", "Unfold all"]
    entries(number_of(pane, "block"))["Unfold"].trigger()
    inside = next(at for at, around in enumerate(pane.view.drawn.around) if around)
    assert "Fold what is around" in entries(inside)
    entries(None)["Fold all"].trigger()
    assert not pane.view.drawn.frames


def test_all_is_unfolded_and_folded_and_remembered_by_model(pane, resnet):
    folded = len(boxes(pane))
    pane.folds.click()
    assert pane.folds.text() == "Fold all"
    everything = len(boxes(pane))
    assert everything == len(resnet.layers) + 2
    other = resnet.model_copy(update={"diagram": Diagram(boxes=(), lines=())})
    pane.show_inspection(other, "other.onnx")
    assert not pane.folds.isVisible()
    pane.show_inspection(resnet, "resnet50.onnx")
    assert len(boxes(pane)) == everything
    pane.folds.click()
    assert len(boxes(pane)) == folded


def test_a_layer_chosen_elsewhere_marks_the_box_that_holds_it(pane, resnet):
    layer = boxes(pane)[number_of(pane, "repeat")].layers[-1]
    pane.choose_layer(layer)
    assert pane.view.chosen == number_of(pane, "repeat")
    assert "folded: " in pane.view.accessibleDescription()
    pane.folds.click()
    pane.choose_layer(layer)
    assert boxes(pane)[pane.view.chosen].layers == (layer,)


def test_a_search_finds_what_is_folded_and_says_that_it_is(pane):
    layer = boxes(pane)[number_of(pane, "repeat")].layers[3]
    pane.search.setText(layer)
    assert number_of(pane, "repeat") in pane.view._found
    assert "folded" in pane._note.text()
    assert pane._note.isVisible()
