"""The recipe editor."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tinystudio.gui.panels.settings import SettingsPanel
from tinystudio.jobs.inspection import PreflightInfo
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.off_steps import OffStep
from tinystudio.session.sweeps import expand

PRUNE, QUANTIZE = Step.of("channel-pruning", sparsity=0.4), Step.of("static-quantization")
BOTH = Recipe(steps=(PRUNE, QUANTIZE))


@pytest.fixture
def panel(qtbot: QtBot) -> SettingsPanel:
    shown = SettingsPanel()
    qtbot.addWidget(shown)
    shown.resize(340, 700)
    shown.set_recipe(BOTH)
    shown.show()
    return shown


def edits(panel: SettingsPanel) -> list[tuple[Recipe, bool]]:
    said: list[tuple[Recipe, bool]] = []
    panel.recipe_edited.connect(lambda recipe, live: said.append((recipe, live)))
    return said


def choose(menu: Any, text: str) -> None:
    next(action for action in menu.actions() if action.text().startswith(text)).trigger()


def test_a_recipe_shown_is_the_recipe_edited(panel: SettingsPanel) -> None:
    assert panel.recipe == BOTH
    assert [card._title.text() for card in panel.cards] == [
        f"1 {PRUNE.part.title}", f"2 {QUANTIZE.part.title}",
    ]  # fmt: skip


def test_dragging_a_slider_says_the_recipe_live_and_then_settled(
    qtbot: QtBot, panel: SettingsPanel
) -> None:
    said = edits(panel)
    slider = panel.cards[0].form.field("sparsity")._slider
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 4, 5))
    qtbot.mouseMove(slider, QPoint(slider.width() // 2, 5))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, 5))
    assert [live for _, live in said] == [True] * (len(said) - 1) + [False]
    assert said[-1][0].steps[0].params.sparsity != 0.4
    assert said[-1][0].steps[1] == QUANTIZE


def test_the_echo_of_an_edit_keeps_the_cards(panel: SettingsPanel) -> None:
    cards = panel.cards
    changed = BOTH.with_step(0, PRUNE.replace(sparsity=0.6))
    panel.set_recipe(changed)
    assert panel.cards == cards
    assert panel.recipe == changed


def test_a_technique_is_added_from_the_menu(panel: SettingsPanel) -> None:
    said = edits(panel)
    panel._menu.fill()
    choose(panel._menu, "Weight pruning")
    assert said == [(BOTH.with_added(Step.of("weight-pruning")), False)]


def test_what_the_model_does_not_allow_is_greyed_with_its_reason(panel: SettingsPanel) -> None:
    reason = "There is no MatMul with weights."
    panel.set_preflight(
        [PreflightInfo(technique="dynamic-quantization", title="", status="cannot", reason=reason)]
    )
    panel._menu.fill()
    action = next(a for a in panel._menu.actions() if a.data() == "dynamic-quantization")
    assert not action.isEnabled()
    assert "no MatMul" in action.text()
    assert reason in action.toolTip()


def test_a_step_that_works_in_part_says_so_on_its_card(panel: SettingsPanel) -> None:
    panel.set_preflight(
        [PreflightInfo(technique="channel-pruning", title="", status="partly", reason="One wall.")]
    )
    assert panel.cards[0]._note.isVisible()
    assert panel.cards[0]._note.text() == "Works in part: one wall."


def test_a_steps_menu_moves_copies_and_removes_it(panel: SettingsPanel) -> None:
    said = edits(panel)
    choose(panel.cards[0].menu, "Move down")
    assert said[-1][0] == Recipe(steps=(QUANTIZE, PRUNE))
    choose(panel.cards[1].menu, "Duplicate")
    assert said[-1][0] == Recipe(steps=(QUANTIZE, PRUNE, PRUNE))
    choose(panel.cards[0].menu, "Remove")
    assert said[-1][0] == Recipe(steps=(PRUNE, PRUNE))


def test_a_step_turned_off_leaves_the_recipe_and_stays_on_the_screen(panel: SettingsPanel) -> None:
    said = edits(panel)
    choose(panel.cards[0].menu, "Turn off")
    assert said == [(Recipe(steps=(QUANTIZE,)), False)]
    panel.set_recipe(said[-1][0], panel.off_steps)
    assert len(panel.cards) == 2
    assert not panel.cards[0].form.isVisible()
    choose(panel.cards[0].menu, "Turn on")
    assert said[-1][0] == BOTH


def test_a_step_that_was_off_is_shown_off_at_its_place(panel: SettingsPanel) -> None:
    panel.set_recipe(Recipe(steps=(QUANTIZE,)), (OffStep(place=0, step=PRUNE),))
    assert [(card.step, card.is_on) for card in panel.cards] == [(PRUNE, False), (QUANTIZE, True)]
    assert panel.recipe == Recipe(steps=(QUANTIZE,))


@pytest.mark.parametrize("asked", ["technique", "sweep"])
def test_what_was_asked_for_comes_into_view_on_a_low_screen(
    qtbot: QtBot, panel: SettingsPanel, asked: str
) -> None:
    panel.resize(340, 420)
    if asked == "technique":
        panel._menu.fill()
        choose(panel._menu, "Weight pruning")
        wanted, head = panel.cards[-1], panel.cards[-1]._title
    else:
        panel.open_sweep()
        wanted, head = panel._sweep_form, panel._sweep_form._parameter
    seen = panel._scroll.viewport()
    qtbot.waitUntil(lambda: seen.rect().contains(head.mapTo(seen, head.rect().center())))
    if wanted.height() < seen.height():
        assert seen.rect().contains(wanted.mapTo(seen, wanted.rect().bottomLeft()))


def test_undo_brings_back_a_step_that_was_turned_off(panel: SettingsPanel) -> None:
    choose(panel.cards[0].menu, "Turn off")
    panel.set_recipe(BOTH)
    assert panel.recipe == BOTH
    assert all(card.is_on for card in panel.cards)


def test_an_empty_recipe_says_what_to_do(panel: SettingsPanel) -> None:
    panel.set_recipe(Recipe())
    assert panel._empty.isVisible()
    assert "Add one" in panel._empty.text()


def test_buttons_that_cannot_be_used_say_why(qtbot: QtBot, panel: SettingsPanel) -> None:
    panel.set_measurable("Attach data first.")
    assert not panel._measure.isEnabled()
    assert panel._measure.toolTip() == "Attach data first."
    panel.set_measurable()
    with qtbot.waitSignal(panel.measure_requested):
        qtbot.mouseClick(panel._measure, Qt.MouseButton.LeftButton)


def test_a_sweep_asks_for_the_techniques_slider_and_its_control(
    qtbot: QtBot, panel: SettingsPanel
) -> None:
    panel.open_sweep()
    form = panel._sweep_form
    for name, text in (("from", "0"), ("to", "80"), ("step", "20")):
        edit = form._edits[name]
        edit.selectAll()
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    form._random.setChecked(True)
    assert "10 variants" in form._summary.text()
    with qtbot.waitSignal(panel.sweep_requested) as asked:
        qtbot.mouseClick(form._start, Qt.MouseButton.LeftButton)
    recipes = expand(panel.recipe, asked.args[0])
    assert {recipe.steps[0].params.sparsity for recipe in recipes} == {0.0, 0.2, 0.4, 0.6, 0.8}
    assert {recipe.steps[0].params.importance for recipe in recipes} == {"obs", "random"}


def test_repeats_are_swept_three_times_each_beside_a_control(
    qtbot: QtBot, panel: SettingsPanel
) -> None:
    panel.set_recipe(Recipe(steps=(Step.of("distillation", epochs=2.0),)))
    panel.open_sweep()
    form = panel._sweep_form
    titles = [form._parameter.itemText(at) for at in range(form._parameter.count())]
    form._parameter.setCurrentIndex(next(at for at, t in enumerate(titles) if "Repeat" in t))
    with qtbot.waitSignal(panel.sweep_requested) as asked:
        qtbot.mouseClick(form._start, Qt.MouseButton.LeftButton)
    steps = [recipe.steps[0] for recipe in expand(panel.recipe, asked.args[0])]
    assert sorted(step.params.repeat for step in steps) == [0, 0, 1, 1, 2, 2]
    assert len({step.part.series(step.params) for step in steps}) == 2


def test_a_sweep_whose_end_lies_before_its_start_cannot_be_started(
    qtbot: QtBot, panel: SettingsPanel
) -> None:
    panel.open_sweep()
    edit = panel._sweep_form._edits["from"]
    edit.selectAll()
    qtbot.keyClicks(edit, "90")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    other = panel._sweep_form._edits["to"]
    other.selectAll()
    qtbot.keyClicks(other, "10")
    qtbot.keyClick(other, Qt.Key.Key_Return)
    assert not panel._sweep_form._start.isEnabled()


def test_nothing_in_the_panel_is_wider_than_it(panel: SettingsPanel) -> None:
    panel.open_sweep()
    for button in panel.findChildren(QPushButton):
        if button.isVisible():
            right = button.mapTo(panel, button.rect().topRight()).x()
            assert right < panel.width(), button.text()
    inside = panel._scroll.widget()
    assert inside.minimumSizeHint().width() <= panel._scroll.viewport().width()
