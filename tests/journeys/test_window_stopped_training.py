"""A training cancelled in the real window: what it had learned is kept, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hands import choose_technique, click, enter_all
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tinystudio.gui.assembly import Assembly
from tinystudio.gui.job_row import JobRow
from tinystudio.gui.panels.jobs import JobsPanel
from tinystudio.session.runs import Run, RunState

PATIENCE_MS = 120_000
EPOCHS = 400.0
KEEP = "Keep what it had learnt by then"

pytestmark = pytest.mark.slow


def wait(qtbot: QtBot, until: Callable[[], bool]) -> None:
    qtbot.waitUntil(until, timeout=PATIENCE_MS)


def button(widget: QWidget, words: str) -> QPushButton:
    found = [b for b in widget.findChildren(QPushButton) if b.text().startswith(words)]
    (only,) = [b for b in found if b.isVisible()]
    return only


def press(qtbot: QtBot, window: Assembly, job: str, words: str) -> None:
    """Click a button of a job's row, once the row has it."""
    row = row_of(window.jobs, job)
    wait(qtbot, lambda: words in [b.text() for b in row.findChildren(QPushButton) if b.isVisible()])
    click(qtbot, button(row, words))


def row_of(jobs: JobsPanel, job: str) -> JobRow:
    (row,) = [row for row in jobs.findChildren(JobRow) if row._run and row._run.id == job]
    return row


def epoch(run: Run) -> float:
    return run.trainings[-1].moments[-1].epoch if run.trainings else 0.0


def test_cancelled_in_the_middle_it_is_kept_and_then_goes_on(
    qtbot: QtBot, window: Assembly
) -> None:
    window.opening.open("gallery:breast")
    session, toast = window.studio.session, window.window.toast
    wait(qtbot, lambda: session.original is not None and session.inspection is not None)
    choose_technique(window.settings, "distillation")
    enter_all(qtbot, window.settings.cards[-1].form, {"epochs": EPOCHS})
    wait(qtbot, window.settings._measure.isEnabled)
    click(qtbot, window.settings._measure)
    job = session.runs.open[-1].id
    wait(qtbot, lambda: epoch(session.runs[job]) > 3)
    press(qtbot, window, job, "Cancel")
    wait(qtbot, lambda: session.runs[job].state is RunState.CANCELLED and toast.isVisible())
    reached = epoch(session.runs[job])
    assert 3 < reached < EPOCHS

    # What it had learned is a variant, and says so.
    click(qtbot, button(toast, KEEP))
    wait(qtbot, lambda: len(session.variants()) == 2)
    kept = session.variants()[1]
    (step,) = kept.variant.recipe.steps
    assert step.stop_after == pytest.approx(reached, abs=1e-6)
    assert f"stopped at epoch {round(reached, 2):g}" in kept.title
    assert any("Stopped after" in note for note in kept.variant.notes)

    # The whole goes on from where it was.
    press(qtbot, window, job, "Retry")
    again = session.runs.open[-1].id
    wait(qtbot, lambda: epoch(session.runs[again]) > reached)
    assert session.runs[again].trainings[0].moments[0].epoch < reached  # its curve is whole
    assert session.runs[again].trainings[0].moments[-1].epoch < EPOCHS

    # Paused, its row stays and Resume goes on; the menu does the same for all that runs.
    press(qtbot, window, again, "Pause")
    wait(qtbot, lambda: session.runs[again].state is RunState.PAUSED)
    reached = epoch(session.runs[again])
    press(qtbot, window, again, "Resume")
    again = session.runs.open[-1].id
    wait(qtbot, lambda: epoch(session.runs[again]) > reached)
    window.window.actions_by_id["pause-jobs"].trigger()
    wait(qtbot, lambda: bool(session.paused))
    wait(qtbot, window.window.actions_by_id["resume-jobs"].isEnabled)
    window.window.actions_by_id["resume-jobs"].trigger()
    again = session.runs.open[-1].id
    assert session.paused == ()
    window.commands.jobs.cancel(again)
    wait(qtbot, lambda: session.runs[again].is_ended)
