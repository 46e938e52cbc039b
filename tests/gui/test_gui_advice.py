"""Advice in the window: a strip, a button that does it, and what was dismissed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from idle_workers import begun, ended, figures, pruned, variant
from PySide6.QtWidgets import QPushButton

from tinystudio.advice.adviser import Advice, Begin, UseRecipe
from tinystudio.gui.panels.advice import AdviceCard, AdvicePanel
from tinystudio.jobs.events import VariantReady
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.project import open_project

SMALL = pruned(0.75)


def measure_a_small_one(opened):
    """Open a task and let a variant be measured that is much smaller and as good."""
    studio = opened.assembly.studio
    studio.open_network("gallery:watch")
    opened.engines.finish_opening()
    studio.edit_recipe(SMALL)
    studio.measure()
    tied = figures(0.88, 20_000).model_copy(
        update={"score_change": 0.0, "score_change_interval": (-0.01, 0.01), "score_tied": True}
    )
    job = opened.engines.last(VariantsJob)
    made = variant(SMALL).model_copy(update={"measurement": tied})
    opened.engines.say(
        begun(job), VariantReady(job=job.id, variant=variant(Recipe())),
        VariantReady(job=job.id, variant=made), ended(job),
    )  # fmt: skip
    studio.edit_recipe(Recipe())
    return opened.assembly.commands.advice


def test_what_was_measured_is_advised_and_the_button_does_it(opened, qtbot):
    desk = measure_a_small_one(opened)
    qtbot.waitUntil(desk.panel.isVisible)
    assert "5.0 times smaller" in desk.panel.front.sentence
    desk.panel._button.click()
    assert opened.assembly.studio.session.recipe == SMALL


def test_dismissed_advice_stays_away_after_a_restart_until_it_is_asked_for(opened, qtbot):
    desk = measure_a_small_one(opened)
    qtbot.waitUntil(desk.panel.isVisible)
    desk.panel._dismiss.click()
    assert not desk.panel.isVisible()
    opened.assembly.studio.open(open_project(opened.project))
    desk.look()
    assert desk.found == ()
    opened.assembly.commands.carry_out("advice")
    assert [advice.about for advice in desk.found] == ["too-large"]


def test_dismissed_advice_comes_back_with_undo(opened, qtbot):
    desk = measure_a_small_one(opened)
    qtbot.waitUntil(desk.panel.isVisible)
    desk.panel._dismiss.click()
    assert not desk.panel.isVisible()
    undo = opened.window.actions_by_id["undo"]
    qtbot.waitUntil(lambda: undo.text() == "Undo: Dismiss advice")
    undo.trigger()
    qtbot.waitUntil(desk.panel.isVisible)


def test_where_there_is_none_it_is_said(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.finish_opening()
    opened.assembly.commands.carry_out("advice")
    assert opened.notices[-1].title == "There is no advice"


def test_an_action_of_the_menus_is_begun_and_a_recipe_measured_where_asked(opened, qtbot):
    desk = measure_a_small_one(opened)
    recipe = pruned(0.1)
    begin = Advice("a", "s", "r", Begin("See…", "show-data", "instead"), "n")
    desk.found = (begin, replace(begin, about="b", action=UseRecipe("Do", recipe, measures=True)))
    with qtbot.waitSignal(desk.action_requested) as said:
        desk._on_taken(begin.key)
    assert said.args == ["show-data"]
    desk._on_taken(desk.found[1].key)
    assert opened.engines.last(VariantsJob).recipes == (recipe,)


@pytest.fixture
def panel(qtbot) -> AdvicePanel:
    shown = AdvicePanel()
    qtbot.addWidget(shown)
    return shown


def test_the_card_in_front_stays_there_when_others_come_and_go(panel):
    cards = [AdviceCard(key, key, "why", "do") for key in "abc"]
    panel.show_cards(cards)
    panel._next.click()
    panel.show_cards(cards[1:])
    assert panel.front.key == "b"
    assert panel._count.text() == "1 of 2"
    panel.show_cards([])
    assert not panel.isVisible()


def test_every_button_has_a_name_for_screen_readers(panel):
    words = "Do something quite long about it"
    panel.show_cards([AdviceCard("a", "It could be better.", "why", words)])
    assert all(button.accessibleName() for button in panel.findChildren(QPushButton))
    assert panel.accessibleDescription() == "It could be better. why"
    assert panel._button.toolTip() == words


LONG = "validation samples are too few to tell “channels −40 %, INT8” from “channels −35 %”. "


@pytest.mark.parametrize("width", [520, 640, 1200])
def test_the_strip_keeps_its_height_whatever_it_says_and_says_all_of_it(panel, qtbot, width):
    short, long = (AdviceCard(key, key, "why", "do") for key in ("a", 6 * LONG))
    panel.show()
    panel.resize(width, panel.sizeHint().height())
    heights = []
    for card in (short, long, short):
        panel.show_cards([card])
        qtbot.wait(1)
        heights.append((panel.sizeHint().height(), panel._words.height()))
    assert len(set(heights)) == 1
    panel.show_cards([long])
    room = panel._words.fontMetrics()
    lines = panel._words.text().splitlines()
    assert len(lines) == 2
    assert all(room.horizontalAdvance(line) <= panel._words.width() for line in lines)
    assert lines[-1].endswith("…")
    assert panel._words.is_cut
    assert long.sentence in panel.toolTip()
    assert long.sentence in panel.accessibleDescription()
    assert panel._words.accessibleName() == long.sentence


def test_a_sentence_of_usual_length_is_whole_at_the_smallest_size(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.finish_opening()
    panel = opened.assembly.commands.advice.panel
    opened.window.resize(1280, 800)
    card = AdviceCard("a", f"1,000 {LONG}", "why", "Measure on all of the samples")

    def is_shown() -> bool:
        panel.show_cards([card])  # again where the window's own advice has come meanwhile
        return panel.isVisible()

    qtbot.waitUntil(is_shown)
    qtbot.wait(1)
    assert not panel._words.is_cut, panel._words.text()
