"""A training that the user cancels: what it had learned is one click from kept."""

from __future__ import annotations

import pytest
from idle_workers import AT, begun, variant
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tinystudio.core.moment import Moment
from tinystudio.gui.notice import Notice, Way
from tinystudio.gui.panels.notices import NoticesPanel
from tinystudio.jobs.events import Cancelled, Learned
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe, Step

TRAINED = Recipe(steps=(Step.of("distillation", epochs=8),))
REACHED = Recipe(steps=(Step.of("distillation", epochs=8, stop_after=3.4),))
OFFERED = "Keep what it had learnt by then: epoch 3.4 of 8"


def cancel_in_the_middle(opened, qtbot: QtBot, epoch: float = 3.4) -> VariantsJob:
    studio, engines = opened.assembly.studio, opened.engines
    studio.open_network("gallery:watch")
    engines.come_up()
    engines.finish_opening()
    qtbot.waitUntil(lambda: studio.session.original is not None)
    studio.edit_recipe(TRAINED)
    studio.measure()
    job = engines.last(VariantsJob)
    assert isinstance(job, VariantsJob)
    moment = Moment(epoch=epoch, epochs=8, loss=0.5, training=TRAINED.title)
    engines.say(begun(job), Learned(job=job.id, moments=(moment,)))
    opened.assembly.commands.jobs.cancel(job.id)
    assert engines.cancelled == [job.id]
    engines.say(Cancelled(job=job.id, at=AT))
    return job


def offer(widget) -> QPushButton:
    (found,) = [b for b in widget.findChildren(QPushButton) if b.text() == OFFERED]
    return found


def test_what_it_had_learned_is_offered_without_a_question_in_the_way(opened, qtbot) -> None:
    cancel_in_the_middle(opened, qtbot)
    toast = opened.window.toast
    qtbot.waitUntil(toast.isVisible)
    assert [notice.title for notice in opened.notices] == [
        "The training was stopped at epoch 3.4 of 8"
    ]
    assert opened.notices[0].gravity == "news"
    assert offer(toast).isVisible()
    assert offer(toast).accessibleName() == OFFERED
    assert opened.window.isEnabled()


def test_a_click_makes_the_variant_of_the_training_until_there(opened, qtbot) -> None:
    job = cancel_in_the_middle(opened, qtbot)
    toast, studio = opened.window.toast, opened.assembly.studio
    qtbot.waitUntil(toast.isVisible)
    qtbot.mouseClick(offer(toast), Qt.MouseButton.LeftButton)
    asked = opened.engines.last(VariantsJob)
    assert asked.recipes == (REACHED,)
    assert (asked.network, asked.data, asked.seed) == (job.network, job.data, job.seed)
    assert asked.id != job.id
    assert not toast.isVisible()
    assert not offer(opened.assembly.notices).isVisibleTo(opened.assembly.notices)
    opened.engines.finish_variants(Recipe(), REACHED)
    made = variant(REACHED).id
    qtbot.waitUntil(lambda: any(item.id == made for item in studio.session.variants()))
    assert studio.session.recipe == TRAINED  # the edited recipe is left as it is


def test_the_list_of_notices_offers_it_as_long_as_it_is_not_taken(opened, qtbot) -> None:
    cancel_in_the_middle(opened, qtbot)
    notices = opened.assembly.notices
    qtbot.waitUntil(lambda: bool(notices.notices))
    opened.window.show_notices()
    qtbot.mouseClick(offer(notices), Qt.MouseButton.LeftButton)
    assert opened.engines.last(VariantsJob).recipes == (REACHED,)
    assert not offer(notices).isVisible()


def test_before_anything_was_learned_nothing_is_offered(opened, qtbot) -> None:
    job = cancel_in_the_middle(opened, qtbot, epoch=0.0)
    session = opened.assembly.studio.session
    qtbot.waitUntil(lambda: session.runs[job.id].is_ended)
    assert session.keep_learned(job.id) is None
    assert opened.notices == []


@pytest.mark.parametrize("way", [None, Way(OFFERED, "job")])
def test_a_notice_has_a_button_only_where_there_is_something_to_do(
    qtbot: QtBot, way: Way | None
) -> None:
    panel = NoticesPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.add(Notice("Stopped", way=way))

    def shown() -> list[str]:
        return [b.text() for b in panel.findChildren(QPushButton) if b.isVisibleTo(panel)]

    qtbot.waitUntil(lambda: "Copy" in shown())
    assert (OFFERED in shown()) == (way is not None)
