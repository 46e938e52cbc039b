"""Compress for a goal: limits or a device first, then the front, then what becomes of the pick."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from idle_workers import begun, ended
from made_database import explore
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.wizards.for_goal import GoalWizard
from tinystudio.gui.wizards.limit_fields import LimitFields
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.job import VariantsJob
from tinystudio.session.devices import devices


def wizard_of(opened: Any) -> GoalWizard:
    opened.window.actions_by_id["compress-for-goal"].trigger()
    wizard = opened.assembly.commands.wizards.goal_wizard
    assert wizard is not None
    return wizard


def to_front(wizard: GoalWizard) -> None:
    """Go on from the goal, which comes first where model and data are open."""
    wizard.go_on()
    assert wizard.page is wizard._front


def said(wizard: GoalWizard) -> str:
    """Return what the page with the front says."""
    labels = wizard._front.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


@pytest.fixture
def explored(opened: Any, qtbot: QtBot, tmp_path: Path) -> Any:
    explore(opened, qtbot, tmp_path)
    return opened


def test_a_device_fills_in_its_size_and_what_was_typed_stays(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    wizard = wizard_of(opened)
    assert not wizard._next.isEnabled()  # this computer has no limit of its own
    wizard._goal.choose("cortex-m7-512k")
    size = devices()["cortex-m7-512k"].size_bytes
    assert wizard._goal.limits().size_bytes == size
    wizard._goal.fields.edits["size_bytes"].setText("100")
    wizard._goal.choose("phone-arm")
    assert wizard._goal.limits().size_bytes == 100_000


@pytest.mark.parametrize(
    ("name", "typed", "limit"),
    [("size_bytes", "1,5 MB", 1_500_000), ("size_bytes", "80kB", 80_000),
     ("latency_ms", "2 ms", 2.0), ("latency_ms", "250", 0.25), ("latency_ms", "40 µs", 0.04)],
)  # fmt: skip
def test_a_limit_may_be_typed_with_its_unit(qtbot, name, typed, limit):
    fields = LimitFields()
    qtbot.addWidget(fields)
    qtbot.keyClicks(fields.edits[name], typed)
    assert getattr(fields.limits(), name) == pytest.approx(limit)
    assert fields.missing() == ""
    fields.edits[name].setText("2 parsecs")
    assert "not a number" in fields.missing()


def test_without_a_model_the_wizard_asks_for_one(opened, qtbot):
    qtbot.waitUntil(opened.window.actions_by_id["compress-for-goal"].isEnabled)
    wizard = wizard_of(opened)
    assert wizard.page is wizard._model
    assert not wizard._next.isEnabled()


def test_the_front_is_waited_for_and_says_so(opened, qtbot):
    opened.assembly.studio.open_network("gallery:watch")
    wizard = wizard_of(opened)
    wizard._goal.choose("phone-arm")
    to_front(wizard)
    assert wizard.page is wizard._front
    assert not wizard._next.isEnabled()
    assert "original is measured" in said(wizard)


def test_the_best_inside_is_picked_previewed_and_measured(explored, qtbot):
    studio = explored.assembly.studio
    wizard = wizard_of(explored)
    figures = [figures for _, figures in studio.session.exploration.front(None)]
    sizes = sorted(item.size_bytes or 0 for item in figures)
    limit = sizes[2]
    wizard._goal.fields.edits["size_bytes"].setText(f"{limit / 1000}")
    to_front(wizard)
    picked = wizard._front.figures
    inside = [item.score or 0 for item in figures if (item.size_bytes or 0) <= limit]
    assert picked is not None
    assert picked.size_bytes <= limit
    assert picked.score == max(inside)
    recipe = wizard._front.recipe
    assert explored.engines.previews()[-1].recipe == recipe
    wizard.go_on()
    assert "at most" in wizard._summary.sentences()
    assert "--step layer-levels" in wizard._summary.command()
    wizard.go_on()
    assert studio.session.recipe == recipe
    assert studio.session.limits.size_bytes == limit
    assert explored.engines.last(VariantsJob).recipes == (recipe,)


def test_a_preview_keeps_the_predicted_latency_and_offers_nothing_twice(explored, qtbot):
    wizard = wizard_of(explored)
    wizard._goal.fields.edits["size_bytes"].setText("1000")
    to_front(wizard)
    page = wizard._front
    predicted = page.figures.latency_ms
    assert predicted is not None
    untimed = page.figures.model_copy(
        update={"latency_ms": None, "latency_interval_ms": None, "score_status": "measured",
                "samples": 500, "size_bytes": 4_000}
    )  # fmt: skip
    wizard.show_preview(PreviewReady(job="j", number=1, recipe=page.recipe, measurement=untimed))
    assert page.worth.latency_ms == predicted
    assert page._figures._latency.text().startswith("≈")
    assert page._figures._size.text() == "4.0 kB"
    assert not page.plots.answer.take_button.isVisibleTo(page.plots)
    wizard.go_on()
    assert "preview on 500 samples" in wizard._summary.sentences()
    assert "made 4.0 kB" in page._said.text()
    assert unbroken("4.0 kB · latency ≈") in wizard._summary.sentences()


def test_what_a_model_costs_now_stands_beside_its_limit(explored, qtbot):
    fields = wizard_of(explored)._goal.fields
    fields.edits["size_bytes"].setText("9999")
    assert "already inside" in fields._units["size_bytes"].text()
    assert fields.met().startswith("All of this is met already by the original. Nothing need be")
    fields.edits["size_bytes"].setText("1")
    assert "above the limit" in fields._units["size_bytes"].text()
    assert fields.met() == ""
    fields.edits["size_bytes"].clear()
    wizard_of(explored)._goal.choose("phone-arm")
    assert fields.edits["size_bytes"].text() == "2,000"
    assert fields.limits().size_bytes == 2_000_000


def test_one_steps_along_the_front_by_the_keyboard(explored, qtbot):
    wizard = wizard_of(explored)
    wizard._goal.fields.edits["size_bytes"].setText("1000")
    to_front(wizard)
    page = wizard._front
    before = page.figures
    page._smaller.setFocus()
    qtbot.keyClick(page._smaller, Qt.Key.Key_Space)
    assert page.figures.size_bytes < before.size_bytes
    qtbot.mouseClick(page._best, Qt.MouseButton.LeftButton)
    assert page.figures == before


def test_a_microcontroller_gets_int8_of_its_own_types(explored, qtbot):
    wizard = wizard_of(explored)
    wizard._goal.choose("cortex-m4-256k")
    to_front(wizard)
    steps = wizard._front.recipe.steps
    assert steps[-1].technique == "static-quantization"
    assert steps[-1].params.processor == "cortex-m"
    for step in steps[:-1]:
        assert not step.params.bits  # what is left of the levels cuts, and rounds nothing
    sizes = [figures.size_bytes for figures in wizard._front._view.figures]
    assert sizes == sorted(sizes, reverse=True)
    wizard.go_on()
    assert "INT8 form that the chosen device needs" in wizard._summary.sentences()


def test_int8_is_waited_for_where_it_was_not_tried_yet(opened, qtbot, tmp_path):
    explore(opened, qtbot, tmp_path, timed=False)
    wizard = wizard_of(opened)
    wizard._goal.choose("cortex-m4-256k")
    to_front(wizard)
    assert "when INT8 has been tried" in said(wizard)
    assert not wizard._next.isEnabled()


def test_better_points_are_searched_within_the_wizards_limits(explored, qtbot):
    wizard = wizard_of(explored)
    wizard._goal.fields.edits["size_bytes"].setText("1000")
    to_front(wizard)
    assert wizard._front._search.isVisible()
    qtbot.mouseClick(wizard._front._search, Qt.MouseButton.LeftButton)
    jobs = explored.engines.jobs
    qtbot.waitUntil(lambda: any(getattr(job, "search_s", 0) for job in jobs))
    job = next(job for job in jobs if getattr(job, "search_s", 0))
    assert job.within_bytes == wizard.plan.limits.size_bytes > 0
    explored.engines.arrived.emit([begun(job)])
    qtbot.waitUntil(lambda: not wizard._front._search.isEnabled())  # one at a time
    explored.engines.say(ended(job))
    qtbot.waitUntil(wizard._front._search.isEnabled)


def test_what_another_device_computes_is_not_searched_here(explored, qtbot):
    wizard = wizard_of(explored)
    wizard._goal.choose("cortex-m4-256k")
    to_front(wizard)
    assert not wizard._front._search.isVisible()


def test_a_line_that_is_dragged_is_the_limit(explored, qtbot):
    wizard = wizard_of(explored)
    wizard._goal.fields.edits["size_bytes"].setText("1000")
    to_front(wizard)
    qtbot.mouseClick(wizard._front.plots.toolbar.limits[1], Qt.MouseButton.LeftButton)
    assert wizard.plan.limits.latency_ms is not None
    wizard.go_back()
    assert wizard._goal.limits().latency_ms == pytest.approx(wizard.plan.limits.latency_ms, 0.01)


def test_what_was_picked_can_be_exported_at_once(explored, qtbot):
    wizard = wizard_of(explored)
    wizard._goal.fields.edits["size_bytes"].setText("1000")
    to_front(wizard)
    recipe = wizard._front.recipe
    wizard.go_on()
    qtbot.mouseClick(wizard._export, Qt.MouseButton.LeftButton)
    desk = explored.assembly.commands.wizards
    assert desk.goal_wizard is None
    assert desk.export_wizard is not None
    assert desk.export_wizard._subject.recipe == recipe
    assert explored.assembly.studio.session.recipe == recipe
