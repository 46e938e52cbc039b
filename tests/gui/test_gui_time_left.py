"""The time left in the list of jobs goes down while a job says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from tinystudio.gui import job_row
from tinystudio.gui.job_row import JobRow
from tinystudio.jobs.job import VariantsJob
from tinystudio.session.runs import Run, RunState

RUN = Run(
    VariantsJob(network="m.onnx", data="d.npz", recipes=()),
    RunState.RUNNING,
    0.5,
    "Timing",
    seconds_left=30.0,
)


class Clock:
    """Stands for the module `time` of the row."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(job_row, "time", clock)
    return clock


def test_it_goes_down_by_itself_and_not_below_nothing(qtbot: QtBot, clock: Clock) -> None:
    row = JobRow()
    qtbot.addWidget(row)
    row.show_run(RUN)
    assert "30 s left" in row._text.whole
    for later, shown in ((112.0, "18 s left"), (190.0, "0")):
        clock.now = later
        row._clock.timeout.emit()
        assert shown in row._text.whole
        assert "-" not in row._text.whole


def test_what_else_is_heard_does_not_set_it_back(qtbot: QtBot, clock: Clock) -> None:
    row = JobRow()
    qtbot.addWidget(row)
    row.show_run(RUN)
    clock.now = 110.0
    row.show_run(replace(RUN, text="Timing on"))
    assert "20 s left" in row._text.whole
    row.show_run(replace(RUN, seconds_left=25.0))
    assert "25 s left" in row._text.whole


def test_a_run_that_has_ended_is_looked_at_no_more(qtbot: QtBot) -> None:
    row = JobRow()
    qtbot.addWidget(row)
    row.show_run(RUN)
    assert row._clock.isActive()
    row.show_run(replace(RUN, state=RunState.FINISHED))
    assert not row._clock.isActive()
