"""The Compression dial: what it turns, what is shown of it at once, and what comes later."""

from __future__ import annotations

import numpy as np
import pytest
from idle_workers import begun, ended, figures
from made_database import LEVELS, database, explore, with_trained
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tinystudio.core.measurement import Measurement
from tinystudio.gui.panels.compression import NO_DATABASE, PREFERENCES, CompressionPanel
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.front import Limits


@pytest.fixture
def dialled(opened, qtbot, tmp_path):
    """The window on a model whose layer database is there."""
    explore(opened, qtbot, tmp_path)
    opened.database = opened.assembly.studio.session.exploration.database
    return opened


def turn(opened, stop: int, live: bool = True) -> None:
    dial = opened.assembly.compression._dial
    dial.setSliderDown(True)
    dial.setSliderPosition(stop)
    if not live:
        dial.setSliderDown(False)


def choice(opened) -> tuple[int, ...]:
    session = opened.assembly.studio.session
    found = session.exploration.choice(session.recipe)
    assert found is not None
    return tuple(found.tolist())


def answer(opened, recipe: Recipe, measurement: Measurement) -> None:
    """Answer the last preview as an engine would."""
    job = opened.engines.previews()[-1]
    ready = PreviewReady(job=job.id, number=job.number, recipe=recipe, measurement=measurement)
    opened.engines.arrived.emit([begun(job), ready, ended(job)])


def test_without_a_model_the_dial_is_off_and_says_why(opened):
    panel = opened.assembly.compression
    assert not panel._dial.isEnabled()
    assert panel._reason.text() == NO_DATABASE


def test_the_dial_goes_from_the_original_to_smaller_and_smaller_files(dialled):
    path = dialled.assembly.steering.path
    sizes = [point.size_bytes for point in path]
    assert not any(path[0].choice)
    assert sizes == sorted(sizes, reverse=True)
    assert dialled.assembly.compression._dial.maximum() == len(path) - 1
    assert dialled.assembly.compression._dial.isEnabled()


def test_when_the_dial_turns_predicted_figures_are_there_before_anything_else(dialled):
    path = dialled.assembly.steering.path
    turn(dialled, 2)
    shown = dialled.assembly.figures
    assert choice(dialled) == path[2].choice
    assert shown._accuracy.text().startswith("≈")
    assert "predicted" in shown._status.text()
    assert "90\u00a0% interval" in shown._status.text()
    for chart in dialled.assembly.trade_off.charts:
        assert chart.preview is not None
        assert not chart.preview.solid


def test_when_the_exact_score_comes_it_takes_the_place_and_the_time_stays_predicted(dialled, qtbot):
    turn(dialled, 2)
    qtbot.waitUntil(lambda: bool(dialled.engines.previews()))
    recipe = dialled.assembly.studio.session.recipe
    answer(dialled, recipe, figures(0.7, 7_000))
    shown = dialled.assembly.figures
    qtbot.waitUntil(lambda: shown._accuracy.text() == "70.0 %")
    assert shown._latency.text().startswith("≈")
    assert "preview on 600 samples" in shown._status.text()


def test_an_answer_to_an_earlier_place_does_not_move_the_figures_back(dialled, qtbot):
    turn(dialled, 1)
    qtbot.waitUntil(lambda: bool(dialled.engines.previews()))
    earlier = dialled.assembly.studio.session.recipe
    turn(dialled, 3)
    answer(dialled, earlier, figures(0.123, 7_000))
    with qtbot.waitSignal(dialled.assembly.studio.preview_arrived):
        pass
    assert dialled.assembly.figures._accuracy.text() != "12.3 %"


def test_a_drag_is_one_step_of_undo(dialled, qtbot):
    for stop in (1, 2, 3):
        turn(dialled, stop)
    turn(dialled, 3, live=False)
    session = dialled.assembly.studio.session
    assert session.undo_text == "Turn the dial"
    session.undo()
    assert session.recipe == Recipe()
    qtbot.waitUntil(lambda: dialled.assembly.compression._dial.value() == 0)
    session.redo()
    qtbot.waitUntil(lambda: dialled.assembly.compression._dial.value() == 3)


def test_the_dial_works_from_the_keyboard(dialled, qtbot):
    dial = dialled.assembly.compression._dial
    qtbot.keyClick(dial, Qt.Key.Key_Right)
    assert choice(dialled) == dialled.assembly.steering.path[1].choice


def test_bits_put_every_layer_into_them_and_keep_the_dial_to_them(dialled, qtbot):
    panel, steering = dialled.assembly.compression, dialled.assembly.steering
    panel._bits.setCurrentIndex(panel._bits.findData("w8"))
    assert choice(dialled) == (0, 0, 1, 1, 1)
    qtbot.waitUntil(lambda: not steering.is_searching)
    assert all(set(point.choice[2:]) <= {0, 1} for point in steering.path)
    assert len(steering.path) > 2


def test_fastest_numbers_are_those_that_the_table_forecasts_fastest(dialled):
    panel, table = dialled.assembly.compression, dialled.database.latency
    panel._bits.setCurrentIndex(panel._bits.findData("fastest"))
    chosen, space = np.array(choice(dialled), np.int16), dialled.database.space
    assert set(space.precisions(chosen).values()) <= {"float", "w8a8"}
    others = (space.with_bits(chosen, bits) for bits in ("float", "w8a8"))
    here = table.predict(space, chosen)[0]
    assert all(here <= table.predict(space, other)[0] for other in others)


def test_sparsity_narrows_all_groups_alike(dialled):
    panel = dialled.assembly.compression
    panel._sparsity.setSliderDown(True)
    panel._sparsity.setSliderPosition(50)
    panel._sparsity.setSliderDown(False)
    kept = dialled.database.space.kept(np.array(choice(dialled), np.int16))
    assert set(kept.values()) == {LEVELS[1]}


def test_preferring_speed_leaves_out_what_is_slow_for_little(dialled, qtbot):
    steering, panel = dialled.assembly.steering, dialled.assembly.compression
    before = steering.path
    panel._speed.setValue(len(PREFERENCES) - 1)
    times = [point.latency_ms for point in steering.path]
    assert steering.path != before
    assert sum(times[1:]) / len(times[1:]) <= sum(p.latency_ms for p in before[1:]) / len(
        before[1:]
    )


def test_going_by_latency_the_stops_get_faster(dialled, qtbot):
    steering, panel = dialled.assembly.steering, dialled.assembly.compression
    panel._goal.setCurrentIndex(panel._goal.findData("latency"))
    qtbot.waitUntil(lambda: not steering.is_searching)
    times = [point.latency_ms for point in steering.path]
    assert times == sorted(times, reverse=True)


def test_before_anything_is_timed_the_dial_goes_by_size_and_knows_no_int8(opened, qtbot, tmp_path):
    explore(opened, qtbot, tmp_path, timed=False)
    panel, steering = opened.assembly.compression, opened.assembly.steering
    qtbot.waitUntil(panel._dial.isEnabled)
    assert not panel._goal.isEnabled()
    assert not panel._speed.isEnabled()
    assert all(3 not in point.choice[2:] for point in steering.path)


def test_int8_chosen_before_anything_is_timed_stays_chosen_and_has_no_figures_yet(
    opened, qtbot, tmp_path
):
    made = explore(opened, qtbot, tmp_path, timed=False)
    parts, space = opened.assembly, made.space
    turn(opened, 2, live=False)
    session = parts.studio.session
    qtbot.waitUntil(lambda: opened.engines.previews()[-1:] != [])
    answer(opened, session.recipe, figures(0.7))
    qtbot.waitUntil(lambda: parts.figures._accuracy.text() == "70.0 %")
    chosen = space.original.copy()
    chosen[len(space.groups)] = space.layers[0].precisions.index("w8a8")
    parts.studio.choose_point(chosen, "Change conv1")
    qtbot.waitUntil(lambda: "INT8" in parts.figures._status.text())
    assert parts.figures._accuracy.text() == "–"
    qtbot.waitUntil(lambda: parts.compression._ends[1].text() == "INT8: not predicted yet")
    parts.window.show_tab(1)
    qtbot.waitUntil(lambda: bool(parts.layers._cells._made))
    assert parts.layers._cells._made["conv1"][1].currentText() == "INT8"
    answer(opened, session.recipe, figures(0.8))
    qtbot.waitUntil(lambda: parts.figures._accuracy.text() == "80.0 %")


def test_a_recipe_that_is_not_on_the_dial_is_shown_at_no_place_of_it(dialled, qtbot):
    dialled.assembly.studio.session.add_step("channel-pruning")
    panel = dialled.assembly.compression
    qtbot.waitUntil(lambda: "Not on the dial" in panel._here.whole)
    assert panel._sparsity_text.text() == "–"
    assert not panel._dial._is_known
    turn(dialled, 2, live=False)
    qtbot.waitUntil(lambda: panel._dial._is_known)
    assert panel._sparsity_text.text().endswith("% removed")


def test_the_predicted_front_is_hollow_in_both_plots_and_a_click_chooses_from_it(dialled, qtbot):
    trade_off = dialled.assembly.trade_off
    qtbot.waitUntil(lambda: bool(trade_off.charts[1].predicted))
    for chart in trade_off.charts:
        assert chart.predicted
        assert not any(point.solid for point in chart.predicted)
    assert "predicted front" in trade_off.legend.titles
    chosen = trade_off.charts[0].predicted[0]
    trade_off.charts[0].point_chosen.emit(chosen.id)
    assert choice(dialled) in {point.choice for point in dialled.database.front}
    assert dialled.assembly.studio.session.undo_text == "Choose a point"


def test_the_card_of_a_hollow_point_says_its_recipe_and_that_it_is_predicted(dialled, qtbot):
    trade_off = dialled.assembly.trade_off
    qtbot.waitUntil(lambda: bool(trade_off.charts[0].predicted))
    chart = trade_off.charts[0]
    chart._hover(chart.predicted[0])
    assert "narrower" in chart._card.text()
    assert "predicted" in chart._card.text()


def test_a_limit_is_answered_at_once_by_the_best_predicted_inside(dialled, qtbot):
    trade_off, front = dialled.assembly.trade_off, dialled.database.front
    limit = sorted(point.size_bytes for point in front)[1]
    trade_off.limits_moved.emit(Limits(size_bytes=limit))
    dialled.assembly.studio.set_limits(Limits(size_bytes=limit))
    qtbot.waitUntil(trade_off.answer.isVisible)
    assert "Best in limits, predicted: ≈" in trade_off.answer.text()
    trade_off.answer._take.click()
    session = dialled.assembly.studio.session
    point = session.exploration.point(np.array(choice(dialled), np.int16))
    assert point.size_bytes <= limit


def test_a_limit_that_nothing_keeps_is_answered_too(dialled, qtbot):
    dialled.assembly.studio.set_limits(Limits(size_bytes=10.0))
    trade_off = dialled.assembly.trade_off
    qtbot.waitUntil(trade_off.answer.isVisible)
    assert "Nothing" in trade_off.answer.text()
    assert not trade_off.answer._take.isVisible()


def test_another_model_has_a_dial_of_its_own(dialled, qtbot):
    dialled.assembly.studio.open_network("gallery:satellite")
    panel = dialled.assembly.compression
    qtbot.waitUntil(lambda: not panel._dial.isEnabled())
    assert dialled.assembly.steering.path == ()
    qtbot.waitUntil(lambda: not dialled.assembly.trade_off.charts[0].predicted)


def test_the_recipe_shows_levels_as_words_with_a_way_to_the_layers(dialled, qtbot):
    turn(dialled, 2, live=False)
    settings = dialled.assembly.settings
    qtbot.waitUntil(lambda: len(settings.cards) == 1)
    texts = [label.text() for label in settings.cards[0].findChildren(QLabel)]
    assert dialled.assembly.studio.session.recipe.title in texts
    settings.cards[0].levels_requested.emit()
    assert dialled.assembly.layers.isVisible()


def test_a_panel_alone_says_nothing_when_it_is_set(qtbot):
    panel = CompressionPanel()
    qtbot.addWidget(panel)
    panel.turned.connect(lambda *_: pytest.fail("nobody turned it"))
    panel.sparsity_moved.connect(lambda *_: pytest.fail("nobody moved it"))
    panel.set_reason("")
    panel.set_stops(9, 4)
    panel.show_choice(5, "5 of 8", 0.25)
    assert (panel._dial.value(), panel._sparsity.value()) == (5, 25)


def test_one_place_of_the_dial_is_asked_of_the_engine_once(dialled, qtbot):
    before = len(dialled.engines.previews())
    turn(dialled, 2)
    with qtbot.waitSignal(dialled.assembly.studio.recipe_changed):
        pass
    qtbot.waitUntil(lambda: not dialled.assembly.studio._preview.is_waiting)
    assert len(dialled.engines.previews()) == before + 1


TRAINED, EPOCHS = (2, 2, 1, 1, 1), 4.0


@pytest.fixture
def polished(opened, qtbot, tmp_path):
    """The window on a model of whose front one point was trained."""
    explore(opened, qtbot, tmp_path, made=with_trained(database(), TRAINED, EPOCHS))
    (opened.stop,) = (
        at for at, point in enumerate(opened.assembly.steering.path) if point.epochs
    )  # fmt: skip
    return opened


def says(opened, qtbot, words: str) -> None:
    """Wait until the dial says where the recipe lies."""
    here = opened.assembly.compression._here
    qtbot.waitUntil(lambda: here.whole.partition(" · ")[0] == words)


def test_where_a_trained_point_lies_the_dial_makes_its_recipe_of_three_steps(polished, qtbot):
    turn(polished, polished.stop, live=False)
    steps = polished.assembly.studio.session.recipe.steps
    assert [step.technique for step in steps] == ["layer-levels", "distillation", "layer-levels"]
    assert steps[1].params.epochs == EPOCHS
    last = len(polished.assembly.steering.path) - 1
    says(polished, qtbot, f"{polished.stop} of {last}, trained")


def test_a_trained_points_figures_are_those_that_were_measured(polished):
    point = polished.assembly.steering.path[polished.stop]
    turn(polished, polished.stop)
    session, shown = polished.assembly.studio.session, polished.assembly.figures
    found = session.exploration.figures(session.exploration.found(session.recipe), None)
    assert (found.score, found.size_bytes) == (point.score, point.size_bytes)
    assert f"{100 * point.score:.1f}" in shown._accuracy.text()
    untrained = session.exploration.point(np.array(TRAINED, np.int16))
    assert point.score > untrained.score


def test_beside_a_trained_point_the_dial_says_nothing_of_training(polished, qtbot):
    turn(polished, polished.stop, live=False)
    turn(polished, polished.stop - 1, live=False)
    session = polished.assembly.studio.session
    assert all(step.technique != "distillation" for step in session.recipe.steps)
    last = len(polished.assembly.steering.path) - 1
    says(polished, qtbot, f"{polished.stop - 1} of {last}")


def test_the_same_choice_without_its_training_is_another_recipe(polished, qtbot):
    session = polished.assembly.studio.session
    polished.assembly.studio.choose_point(np.array(TRAINED, np.int16), "Change conv1")
    assert choice(polished) == TRAINED
    says(polished, qtbot, "set by hand")
    assert not session.exploration.found(session.recipe).epochs


def test_the_layers_of_a_trained_point_go_on_from_it_untrained(polished, qtbot):
    parts = polished.assembly
    turn(polished, polished.stop, live=False)
    parts.window.show_tab(1)
    qtbot.waitUntil(lambda: bool(parts.layers._cells._made))
    cells = parts.layers._cells._made
    assert cells["conv1"][1].currentText() == "8 bits"
    cells["conv1"][1].setCurrentIndex(cells["conv1"][1].findText("4 bits"))
    assert choice(polished) == (2, 2, 2, 1, 1)
    steps = parts.studio.session.recipe.steps
    assert [step.technique for step in steps] == ["layer-levels"]


def test_sparsity_goes_on_from_a_trained_point_untrained(polished):
    panel = polished.assembly.compression
    turn(polished, polished.stop, live=False)
    panel._sparsity.setSliderDown(True)
    panel._sparsity.setSliderPosition(50)
    panel._sparsity.setSliderDown(False)
    assert choice(polished) == (1, 1, *TRAINED[2:])


def test_a_training_that_nothing_is_known_of_is_said_to_be_by_hand(polished, qtbot):
    space = polished.assembly.studio.session.exploration.database.space
    polished.assembly.studio.choose_point(space.original, "Train", epochs=3.0)
    says(polished, qtbot, "trained by hand")


def test_a_drag_over_a_trained_point_undoes_as_one(polished, qtbot):
    for stop in range(1, polished.stop + 1):
        turn(polished, stop)
    turn(polished, polished.stop, live=False)
    session = polished.assembly.studio.session
    session.undo()
    assert session.recipe == Recipe()
    session.redo()
    dial = polished.assembly.compression._dial
    qtbot.waitUntil(lambda: dial.value() == polished.stop)
    assert any(step.technique == "distillation" for step in session.recipe.steps)


def test_a_turn_in_the_moment_another_model_is_opened_does_nothing(dialled):
    studio = dialled.assembly.studio
    studio.open_network("gallery:satellite")  # the dial hears of it with the next frame
    dialled.assembly.steering._on_turned(1, True)
    assert not studio.session.recipe.steps
