"""Single layers moved in the Layers view: sliders, boxes, switches, curves and the staircase."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_database import LEVELS, database, explore
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from tinystudio.explorer.hardware_step import HardwareStep
from tinystudio.gui.curve_delegate import CURVE_ROLE
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.forms.slider import StepSlider
from tinystudio.gui.forms.toggle import Toggle
from tinystudio.gui.layer_levels import curve_of, layer_levels, stairs_of
from tinystudio.gui.layer_table import TITLES, LayerTable
from tinystudio.gui.level_cells import ChannelsCell
from tinystudio.gui.level_columns import (
    ACCURACY,
    CHANNELS,
    LEVEL_COLUMNS,
    SWITCH,
    TIME,
    level_data,
    spans,
)  # fmt: skip
from tinystudio.gui.plots.staircase import in_words
from tinystudio.jobs.recipe import Recipe


@pytest.fixture
def levelled(opened, qtbot, tmp_path):
    """The Layers view of a model whose layer database is there."""
    explore(opened, qtbot, tmp_path)
    opened.window.show_tab(1)
    table = opened.assembly.layers._table
    qtbot.waitUntil(lambda: len(table.findChildren(StepSlider)) == 2)
    qtbot.waitUntil(lambda: len(table.findChildren(ChoiceBox)) == 3)
    return opened


def table(opened) -> QTableView:
    found: QTableView = opened.assembly.layers._table
    return found


def named(opened, kind, name: str):
    return next(w for w in table(opened).findChildren(kind) if w.accessibleName() == name)


def choice(opened) -> tuple[int, ...]:
    session = opened.assembly.studio.session
    found = session.exploration.choice(session.recipe)
    assert found is not None
    return tuple(found.tolist())


def spark(opened, row: int, title: str):
    model = table(opened).model()
    return model.index(row, TITLES.index(title)).data(CURVE_ROLE)


def test_without_a_database_the_table_has_facts_alone(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    opened.window.show_tab(1)
    view = table(opened)
    qtbot.waitUntil(lambda: view.model().rowCount() == 3)
    assert all(view.isColumnHidden(TITLES.index(title)) for title in LEVEL_COLUMNS)
    assert opened.assembly.layers._staircase.isHidden()


def test_layers_with_channels_get_a_slider_and_all_of_them_a_precision(levelled):
    view = table(levelled)
    names = {slider.accessibleName() for slider in view.findChildren(StepSlider)}
    assert names == {"Channels of conv1", "Channels of conv2"}
    assert len(view.findChildren(Toggle)) == 3
    assert not any(view.isColumnHidden(TITLES.index(title)) for title in LEVEL_COLUMNS)


def test_a_slider_stops_at_the_levels_and_its_drag_undoes_as_one(levelled, qtbot):
    slider = named(levelled, StepSlider, "Channels of conv1")
    assert (slider.minimum(), slider.maximum(), slider.value()) == (0, 3, 3)
    slider.setSliderDown(True)
    for position in (2, 1, 0):
        slider.setSliderPosition(position)
    slider.setSliderDown(False)
    assert choice(levelled) == (3, 0, 0, 0, 0)
    assert levelled.assembly.figures._accuracy.text().startswith("≈")
    session = levelled.assembly.studio.session
    assert session.undo_text == "Change conv1"
    session.undo()
    assert session.recipe == Recipe()
    qtbot.waitUntil(lambda: slider.value() == 3)


def test_a_precision_is_chosen_for_one_layer(levelled):
    box = named(levelled, ChoiceBox, "Precision of conv3")
    box.setCurrentIndex(box.findData("w4"))
    assert choice(levelled) == (0, 0, 0, 0, 2)


def test_a_switch_puts_a_layer_back_to_full_and_to_where_it_was(levelled, qtbot):
    box, switch = (
        named(levelled, ChoiceBox, "Precision of conv3"), named(levelled, Toggle, "Compress conv3"),
    )  # fmt: skip
    assert not switch.isEnabled()
    box.setCurrentIndex(box.findData("w4"))
    qtbot.waitUntil(switch.isChecked)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert choice(levelled) == (0, 0, 0, 0, 0)
    qtbot.waitUntil(lambda: box.currentData() == "float")
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert choice(levelled) == (0, 0, 0, 0, 2)


def test_every_layer_that_is_seen_gets_its_curves_with_its_place_on_them(levelled, qtbot):
    qtbot.waitUntil(lambda: all(spark(levelled, row, ACCURACY) for row in range(3)))
    accuracy, time = spark(levelled, 0, ACCURACY), spark(levelled, 0, TIME)
    assert len(accuracy.values) == len(time.values) == len(LEVELS)
    assert accuracy.now == 1.0
    assert time.values[0] < time.values[-1]


def test_after_a_move_the_dot_moves_along_the_curve(levelled, qtbot):
    qtbot.waitUntil(lambda: spark(levelled, 0, ACCURACY) is not None)
    slider = named(levelled, StepSlider, "Channels of conv1")
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: spark(levelled, 0, ACCURACY).now == 0.0)


def test_widgets_and_curves_stay_with_their_layer_when_the_table_is_sorted(levelled, qtbot):
    view = table(levelled)
    named(levelled, ChoiceBox, "Precision of conv3").setCurrentIndex(2)
    view.sortByColumn(TITLES.index(SWITCH), Qt.SortOrder.DescendingOrder)
    assert view.model().index(0, 0).data() == "conv3"
    for row in range(3):
        name = view.model().index(row, 0).data()
        widget = view.indexWidget(view.model().index(row, TITLES.index(CHANNELS)))
        assert (widget is None) == (name == "conv3")


def test_the_selected_layers_staircase_marks_where_it_stands(levelled, qtbot):
    view, panel = table(levelled), levelled.assembly.layers
    view.selectRow(0)
    stairs = panel._staircase.stairs
    assert stairs is not None
    assert (stairs.channels, stairs.now) == (tuple(reversed(LEVELS)), 32)
    named(levelled, StepSlider, "Channels of conv1").setValue(2)
    qtbot.waitUntil(lambda: panel._staircase.stairs.now == 16)


def test_another_model_has_no_sliders_until_it_is_explored(levelled, qtbot):
    levelled.assembly.studio.open_network("gallery:satellite")
    view = table(levelled)
    qtbot.waitUntil(lambda: view.isColumnHidden(TITLES.index(CHANNELS)))


def test_a_layer_whose_channels_are_fixed_is_timed_by_what_it_reads():
    made = database()
    stairs = stairs_of(made, made.space.original, "conv3")
    assert stairs is not None
    assert stairs.axis == "channels it reads"
    int8 = np.array((0, 0, 0, 0, 3), np.int16)
    in_int8 = stairs_of(made, int8, "conv3")
    assert in_int8 is not None
    assert "INT8" in in_int8.heading
    assert in_int8.us[-1] < stairs.us[-1]


def test_the_computers_stairs_say_which_layer_was_called_alone():
    found = HardwareStep(layer="conv2", op="Conv", counts=(8, 16), us=(7.5, 8.0), step=1)
    made = replace(database(), staircase=found)
    stairs = stairs_of(made, made.space.original, "relu")
    assert stairs is not None
    assert "Conv like “conv2”, called alone" in stairs.heading
    assert "channel count" in stairs.heading
    assert "The call itself is in it" in in_words(stairs)


def test_signs_stand_below_their_heads_and_a_curve_that_is_awaited_is_no_gap():
    row = next(iter(layer_levels(database().space, database().space.original).values()))
    switches = LayerTable(None).headerData(
        TITLES.index(SWITCH), Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole
    )
    assert switches & Qt.AlignmentFlag.AlignHCenter
    for column in (ACCURACY, TIME):
        told = level_data(column, row, None, spans(()), Qt.ItemDataRole.DisplayRole)
        assert told == "…"


def test_a_count_has_the_room_of_the_longest_of_its_column(qtbot):
    rows = layer_levels(database().space, database().space.original)
    some = [row for row in rows.values() if row.group is not None]
    cells = [ChannelsCell(some[0], 8), ChannelsCell(some[0], 128), ChannelsCell(some[1], 128)]
    for cell in cells:
        qtbot.addWidget(cell)
    narrow, wide, other = (cell._text.minimumWidth() for cell in cells)
    assert narrow < wide == other


def test_what_cannot_move_has_no_stairs_of_its_own():
    made = database()
    assert stairs_of(made, made.space.original, "relu") is None
    assert stairs_of(database(timed=False), made.space.original, "conv1") is None


def test_a_curve_has_the_fewest_channels_on_its_left():
    made = database()
    row = layer_levels(made.space, made.space.original)["conv1"]
    points = [made.point(move) for move in row.moves(made.space.original)]
    curve = curve_of(row, points)
    assert curve.places[0] == 0.0
    assert curve.places[-1] == 1.0
    assert curve.scores[-1] == made.original_score
