"""The Training view: curves while a training runs, what it says, and its numbers as a table."""

from __future__ import annotations

import csv
import io

import pytest
from idle_workers import AT, begun, ended
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tinystudio.core.moment import Moment
from tinystudio.gui import theme
from tinystudio.gui.panels.training import TrainingPanel
from tinystudio.gui.training_curves import SHOWN
from tinystudio.jobs.events import Cancelled, Learned
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe, Step

TITLE = "fine-tuned 8 epochs"
TRAINING = 3  # the tab


def moments(count: int, title: str = TITLE, scored: bool = True, of: int = 8) -> list[Moment]:
    """Return the moments after 0 to `count` epochs; the third is the best."""
    return [
        Moment(
            epoch=float(at), epochs=float(of), loss=None if at == 0 else 1.0 / at,
            score=0.9 - 0.02 * abs(at - 3) if scored else None,
            metric="accuracy" if scored else "", is_best=scored and 0 < at <= 3,
            is_over=at == of, seconds_left=None if at == 0 else 12.0 - at, training=title,
        )
        for at in range(count + 1)
    ]  # fmt: skip


@pytest.fixture
def job(opened) -> VariantsJob:
    """A training that was asked for, in the Training view of the open task."""
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    opened.window.show_tab(TRAINING)
    opened.assembly.studio.edit_recipe(Recipe(steps=(Step.of("fine-tuning", epochs=8),)))
    opened.assembly.studio.measure()
    found = opened.engines.last(VariantsJob)
    opened.engines.say(begun(found))
    return found


def learn(opened, job: VariantsJob, *told: Moment) -> None:
    opened.engines.say(Learned(job=job.id, moments=told))


def panel(opened) -> TrainingPanel:
    found: TrainingPanel = opened.assembly.training
    return found


def drawn(plot) -> list[int]:
    """Return how many points every curve of a plot has."""
    return [len(points) for _, points, _ in plot._lines]


def test_with_nothing_trained_it_says_what_to_do(opened, qtbot: QtBot) -> None:
    opened.window.show_tab(TRAINING)
    qtbot.waitUntil(panel(opened)._empty.isVisible)
    assert "fine-tuning or distillation" in panel(opened).words


def test_before_the_first_epoch_it_says_that_curves_will_come(opened, job, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "about to begin" in panel(opened).words)


def test_curves_grow_while_a_training_runs(opened, job, qtbot: QtBot) -> None:
    shown, told = panel(opened), moments(2)
    learn(opened, job, *told[:2])
    qtbot.waitUntil(lambda: drawn(shown.losses) == [1])
    learn(opened, job, told[2])
    qtbot.waitUntil(lambda: drawn(shown.losses) == [2])
    assert drawn(shown.scores) == [3]
    assert "epoch 2 of 8" in shown.words
    assert "10 s left" in shown.words
    assert opened.window._centre.tabText(TRAINING) == "Training, live"


def test_the_epoch_whose_weights_are_kept_has_a_ring_and_is_named(
    opened, job, qtbot: QtBot
) -> None:
    learn(opened, job, *moments(8))
    shown = panel(opened)
    qtbot.waitUntil(lambda: drawn(shown.scores) == [9])
    assert shown.scores._lines[0][2] == (3.0, pytest.approx(90.0))
    assert "90.0 %, after epoch 3" in shown.words
    assert "done" in shown.words
    qtbot.waitUntil(lambda: opened.window._centre.tabText(TRAINING) == "Training")


def test_where_the_start_is_kept_it_has_the_ring_and_is_named(opened, job, qtbot: QtBot) -> None:
    told = moments(8)
    learn(opened, job, *told, told[-1].model_copy(update={"start_kept": True}))
    shown = panel(opened)
    qtbot.waitUntil(lambda: "no epoch was better than the start" in shown.words)
    assert drawn(shown.scores) == [9]  # from epoch 0 on, the last of them once
    assert shown.scores._lines[0][2] == (0.0, pytest.approx(84.0))
    assert "best accuracy" not in shown.words


def test_without_samples_held_out_it_says_why_there_is_no_score(opened, job, qtbot) -> None:
    learn(opened, job, *moments(2, scored=False))
    shown = panel(opened)
    qtbot.waitUntil(shown._no_scores.isVisible)
    assert not shown.scores.isVisible()


def test_a_cancelled_training_says_how_to_go_on_and_its_curve_is_told_again(
    opened, job, qtbot: QtBot
) -> None:
    learn(opened, job, *moments(4))
    opened.engines.say(Cancelled(job=job.id, at=AT))
    shown = panel(opened)
    qtbot.waitUntil(lambda: "Retry in Jobs goes on from here" in shown.words)
    said = [label.text() for label in opened.assembly.jobs.findChildren(QLabel)]
    assert any("Retry goes on with the training" in text for text in said)
    opened.assembly.commands.jobs.retry(job.id)
    again = opened.engines.last(VariantsJob)
    opened.engines.say(begun(again), Learned(job=again.id, moments=tuple(moments(5))))
    qtbot.waitUntil(lambda: drawn(shown.losses) == [5])  # in place of the one it goes on with
    assert "epoch 5 of 8" in shown.words


def test_of_many_trainings_the_newest_are_drawn_each_in_a_look_of_its_own(
    opened, job, qtbot: QtBot
) -> None:
    for number in range(SHOWN + 2):
        learn(opened, job, *moments(8, title=f"training {number}"))
    shown = panel(opened)
    qtbot.waitUntil(lambda: len(drawn(shown.losses)) == SHOWN)
    assert [curve.title for curve in shown.curves] == [
        f"training {number}" for number in range(2, SHOWN + 2)
    ]
    looks = [theme.current().curve(curve.number) for curve in shown.curves]
    assert len({look.colour for look in looks}) == len({look.symbol for look in looks}) == SHOWN


def test_the_numbers_can_be_seen_and_taken_as_a_table(opened, job, qtbot: QtBot) -> None:
    learn(opened, job, *moments(8))
    shown = panel(opened)
    qtbot.waitUntil(lambda: drawn(shown.losses) == [8])
    qtbot.mouseClick(shown.table_button, Qt.MouseButton.LeftButton)
    assert shown._table.isVisible()
    assert shown._table.rowCount() == 9
    shown._menu.copy_numbers()
    found = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert [float(row["loss"]) for row in found[1:]] == [1.0 / at for at in range(1, 9)]


def test_trainings_of_another_model_are_not_shown(opened, job, qtbot: QtBot) -> None:
    learn(opened, job, *moments(8))
    opened.engines.say(ended(job))
    qtbot.waitUntil(lambda: len(panel(opened).curves) == 1)
    opened.assembly.studio.open_network("gallery:satellite")
    qtbot.waitUntil(lambda: panel(opened).curves == ())


def test_nothing_is_drawn_while_another_view_is_in_front(opened, job, qtbot: QtBot) -> None:
    opened.window.show_tab(0)
    learn(opened, job, *moments(3))
    shown = panel(opened)
    qtbot.waitUntil(lambda: len(shown.curves) == 1 and not shown._timer.isActive())
    assert drawn(shown.losses) == []
    opened.window.show_tab(TRAINING)
    qtbot.waitUntil(lambda: drawn(shown.losses) == [3])


def test_the_colours_follow_the_theme(opened, job, qtbot: QtBot) -> None:
    learn(opened, job, *moments(8))
    plot = panel(opened).losses
    qtbot.waitUntil(lambda: drawn(plot) == [8])
    for preference in ("dark", "light"):
        theme.switch().prefer(preference)
        ground = plot.grab().toImage().pixelColor(plot.width() // 2, 3).name()
        assert ground == theme.current().surface
