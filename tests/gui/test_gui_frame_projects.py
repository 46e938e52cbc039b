"""Projects and turned-off steps outlive the window."""

from __future__ import annotations

from pathlib import Path

from idle_workers import pruned
from pytestqt.qtbot import QtBot

from tinystudio.gui.assembly import Assembly
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.project import open_project


def open_watch(opened, qtbot: QtBot) -> None:
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    qtbot.waitUntil(lambda: opened.assembly.studio.session.selected is not None)


def test_when_another_project_is_opened_the_former_is_closed_and_remembered(
    opened, qtbot, tmp_path: Path
):
    assembly: Assembly = opened.assembly
    former = opened.engines
    assert assembly.opening.open_project(tmp_path / "other.tinystudio")
    assert not former.is_running
    assert opened.engines.is_running
    assert str(tmp_path / "other.tinystudio") in assembly.remembered.recent
    with open_project(opened.project) as again:
        assert not again.is_read_only


def test_when_a_folder_with_other_files_is_opened_as_project_the_open_one_stays(opened, tmp_path):
    (tmp_path / "bad.tinystudio").mkdir()
    (tmp_path / "bad.tinystudio" / "letter.txt").write_text("hello")
    assert not opened.assembly.opening.open_project(tmp_path / "bad.tinystudio")
    assert opened.assembly.studio.session.project.folder == opened.project
    assert opened.engines.is_running


def test_when_the_project_is_reopened_all_that_was_measured_is_there(opened, qtbot, tmp_path):
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    studio.edit_recipe(pruned(0.5), False)
    studio.measure()
    opened.engines.finish_variants(Recipe(), pruned(0.5))
    opened.assembly.opening.open_project(tmp_path / "other.tinystudio")
    opened.assembly.opening.open_project(opened.project)
    recipes = [item.variant.recipe for item in studio.session.variants()]
    assert recipes == [Recipe(), pruned(0.5)]
    assert opened.notices == []


def test_when_a_step_is_turned_off_it_is_still_there_after_a_restart(opened, qtbot, tmp_path):
    open_watch(opened, qtbot)
    studio, panel = opened.assembly.studio, opened.assembly.settings
    studio.edit_recipe(pruned(0.5).with_added(Step.of("static-quantization")))
    qtbot.waitUntil(lambda: len(panel.cards) == 2)
    turn_off(panel.cards[0])
    assert studio.session.undo_text == "Turn off Channel pruning"
    opened.assembly.opening.open_project(tmp_path / "other.tinystudio")
    qtbot.waitUntil(lambda: not panel.cards)
    opened.assembly.opening.open_project(opened.project)
    qtbot.waitUntil(lambda: [card.is_on for card in panel.cards] == [False, True])
    assert panel.cards[0].step == pruned(0.5).steps[0]
    assert [step.technique for step in studio.session.recipe.steps] == ["static-quantization"]


def test_when_a_step_is_turned_off_undo_turns_it_on_and_redo_off_again(opened, qtbot):
    open_watch(opened, qtbot)
    studio, panel = opened.assembly.studio, opened.assembly.settings
    studio.edit_recipe(pruned(0.5))
    qtbot.waitUntil(lambda: len(panel.cards) == 1)
    turn_off(panel.cards[0])
    qtbot.waitUntil(opened.window.actions_by_id["undo"].isEnabled)
    opened.window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: panel.cards[0].is_on)
    opened.window.actions_by_id["redo"].trigger()
    qtbot.waitUntil(lambda: not panel.cards[0].is_on)
    assert studio.session.recipe == Recipe()


def turn_off(card) -> None:
    next(action for action in card.menu.actions() if action.text().startswith("Turn off")).trigger()
