"""Jobs, notices and layers: what is listed and what can be done there."""

from __future__ import annotations

import pytest
from idle_workers import AT, inspection, pruned
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QTableView

from tinystudio.core.errors import UserError
from tinystudio.core.moment import Moment
from tinystudio.gui.job_row import JobRow
from tinystudio.gui.layer_table import shape_text
from tinystudio.gui.notice import Notice
from tinystudio.gui.panels.jobs import NOTHING, JobsPanel
from tinystudio.gui.panels.layers import LayersPanel, group_text
from tinystudio.gui.panels.notices import KEPT, NoticesPanel
from tinystudio.gui.run_notices import RunNotices
from tinystudio.jobs.events import Started
from tinystudio.jobs.inspection import GroupInfo
from tinystudio.jobs.job import ExportJob, PreviewJob, VariantsJob
from tinystudio.session.runs import Problem, Run, Runs, RunState, Training

JOB = VariantsJob(network="gallery:watch", data="gallery:watch", recipes=(pruned(0.5),))
FULL = Problem("Not measured", "The disk is full.", "Free some space.")


def texts(widget) -> list[str]:
    QApplication.processEvents()  # a layout shows what was added when it is next laid out
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


def button(widget, text: str) -> QPushButton:
    """Return the topmost button of that text."""
    QApplication.processEvents()
    found = [b for b in widget.findChildren(QPushButton) if b.isVisibleTo(widget)]
    found = [b for b in found if b.text() == text]
    return min(found, key=lambda b: b.mapTo(widget, b.rect().topLeft()).y())


@pytest.fixture
def jobs(qtbot):
    panel = JobsPanel()
    qtbot.addWidget(panel)
    panel.resize(1200, 200)
    panel.show()
    return panel


@pytest.fixture
def notices(qtbot):
    panel = NoticesPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    return panel


def test_without_jobs_the_list_says_what_comes_here(jobs):
    assert texts(jobs) == [NOTHING]


def test_a_running_job_shows_step_time_left_and_share(jobs):
    run = Run(JOB, RunState.RUNNING, fraction=0.65, text="31 of 48 variants", seconds_left=22)
    jobs.show_runs([run])
    assert texts(jobs) == ["Compress: channels −50 %", "31 of 48 variants · 22 s left", "65 %"]
    assert jobs.findChild(QProgressBar).value() == 650


def test_cancel_is_asked_for_once(jobs, qtbot):
    jobs.show_runs([Run(JOB, RunState.RUNNING)])
    with qtbot.waitSignal(jobs.cancel_requested) as said:
        qtbot.mouseClick(button(jobs, "Cancel"), Qt.MouseButton.LeftButton)
    assert said.args == [JOB.id]
    assert not button(jobs, "Cancel").isEnabled()


def test_what_runs_can_be_paused_and_what_is_paused_gone_on_with(jobs, qtbot):
    jobs.show_runs([Run(JOB, RunState.RUNNING)])
    with qtbot.waitSignal(jobs.pause_requested) as said:
        qtbot.mouseClick(button(jobs, "Pause"), Qt.MouseButton.LeftButton)
    assert said.args == [JOB.id]
    half = Training("distil", (Moment(epoch=3.25, epochs=8, training="distil"),))
    paused = Run(JOB, RunState.PAUSED, trainings=(half,))
    jobs.show_runs([paused])
    assert texts(jobs)[1:] == [
        "epoch 3.2 of 8 · Resume goes on", "paused",
    ]  # fmt: skip
    with qtbot.waitSignal(jobs.retry_requested) as said:
        qtbot.mouseClick(button(jobs, "Resume"), Qt.MouseButton.LeftButton)
    goes_on = JOB.model_copy(update={"id": "later", "continues": JOB.id})
    jobs.show_runs([paused, Run(goes_on, RunState.RUNNING)])
    assert len(jobs.findChildren(JobRow)) == 1  # the paused one made room


def test_an_export_would_begin_anew_and_cannot_be_paused(jobs):
    job = ExportJob(network="gallery:watch", target="onnx", output="m.onnx")
    jobs.show_runs([Run(job, RunState.RUNNING)])
    QApplication.processEvents()
    shown = [b.text() for b in jobs.findChildren(QPushButton) if b.isVisibleTo(jobs)]
    assert shown == ["Cancel"]


def test_a_waiting_job_is_put_before_the_others(jobs, qtbot):
    first, second, third = (JOB.model_copy(update={"id": i, "title": i}) for i in "abc")
    runs = Runs([Started(job="a", what=first, at=AT)])
    runs.expect(second), runs.expect(third)
    jobs.show_runs(runs)
    assert shown_order(jobs) == ["a", "b", "c"]
    with qtbot.waitSignal(jobs.move_requested) as said:
        qtbot.mouseClick(button(jobs, "Run next"), Qt.MouseButton.LeftButton)
    assert said.args == ["c", "b"]
    runs.put_in_order("cb")
    jobs.show_runs(runs)
    assert shown_order(jobs) == ["a", "c", "b"]  # what runs stays on top


@pytest.mark.parametrize(
    ("state", "word"), [(RunState.FAILED, "failed"), (RunState.INTERRUPTED, "interrupted")]
)
def test_an_ended_job_says_why_and_offers_to_try_again(jobs, qtbot, state, word):
    jobs.show_runs([Run(JOB, state, problem=FULL)])
    assert texts(jobs)[1:] == ["The disk is full.", word]
    with qtbot.waitSignal(jobs.retry_requested) as said:
        qtbot.mouseClick(button(jobs, "Retry"), Qt.MouseButton.LeftButton)
    assert said.args == [JOB.id]


def test_a_finished_job_offers_nothing_more(jobs):
    jobs.show_runs([Run(JOB, RunState.FINISHED, fraction=1.0)])
    assert not [b for b in jobs.findChildren(QPushButton) if b.isVisibleTo(jobs)]


def test_previews_are_not_listed(jobs):
    preview = PreviewJob(network="n", data="d", recipe=pruned(0.5), number=1)
    jobs.show_runs([Run(preview, RunState.RUNNING)])
    assert texts(jobs) == [NOTHING]


def shown_order(jobs: JobsPanel) -> list[str]:
    """Return the titles of the rows, top to bottom."""
    QApplication.processEvents()
    rows = sorted(jobs.findChildren(JobRow), key=lambda row: row.y())
    return [row.title for row in rows]


def test_of_ended_jobs_the_newest_is_on_top_and_forgotten_ones_go(jobs):
    first, second = (JOB.model_copy(update={"id": i, "title": i}) for i in ("one", "two"))
    done = [Run(job, RunState.FINISHED) for job in (first, second)]
    jobs.show_runs(done)
    assert shown_order(jobs) == ["two", "one"]
    jobs.show_runs(done[1:])
    assert shown_order(jobs) == ["two"]


def test_a_notice_says_what_why_and_what_to_do(notices):
    notices.show()
    notices.add(Notice.of(UserError("Not opened", "It is no ONNX file.", "Choose another.")))
    assert {"✕  Not opened", "It is no ONNX file.", "Choose another."} <= set(texts(notices))


def test_the_same_notice_is_listed_once_and_on_top(notices):
    for title in ("a", "b", "a"):
        notices.add(Notice(title))
    assert [notice.title for notice in notices.notices] == ["a", "b"]


def test_only_so_many_notices_are_kept(notices):
    for number in range(KEPT + 5):
        notices.add(Notice(str(number)))
    assert len(notices.notices) == KEPT
    assert notices.notices[0].title == str(KEPT + 4)


def test_notices_nobody_saw_are_counted_until_they_are_shown(notices):
    counts: list[int] = []
    notices.unseen_changed.connect(counts.append)
    notices.add(Notice("a"))
    notices.add(Notice("b"))
    notices.show()
    assert counts == [1, 2, 0]


def test_a_reopened_project_does_not_tell_its_old_failures_again():
    old = Run(JOB, RunState.FAILED, problem=FULL)
    assert RunNotices([old]).look([old]) == []


def test_a_drag_over_a_broken_place_is_told_once():
    told = RunNotices()
    found = []
    for number in range(20):
        job = PreviewJob(network="n", data="d", recipe=pruned(0.5), number=number)
        found += told.look([Run(job, RunState.FAILED, problem=FULL)])
    assert len(found) == 1


def test_layers_are_listed_with_their_figures_and_sort_by_value(qtbot):
    panel = LayersPanel()
    qtbot.addWidget(panel)
    panel.resize(800, 600)
    panel.show_inspection(inspection())
    panel.show()
    table = panel.findChild(QTableView)
    model = table.model()

    def column(number: int) -> list[str]:
        return [model.index(row, number).data() for row in range(model.rowCount())]

    assert column(0) == ["conv1", "conv2", "conv3"]
    assert column(4) == ["50 k", "–", "150 k"]
    table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert column(4) == ["150 k", "50 k", "–"]


def test_the_preflight_says_what_cannot_be_used_and_what_would_help(qtbot):
    panel = LayersPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert texts(panel) == [
        "Open a model to see its layers, and what each technique can do with it."
    ]
    panel.show_inspection(inspection())
    shown = texts(panel)
    assert "✕ cannot be used" in shown
    assert "There is no MatMul." in shown
    assert "Use static INT8." in shown


def test_a_group_that_stays_says_why():
    group = GroupInfo(id="g", title="Output", channels=7, layers=("fc",), removable=False,
                      reason="They are the classes.")  # fmt: skip
    assert group_text(group) == "Output: 7 channels in fc. They stay: They are the classes."


def test_shapes_are_written_with_their_open_sizes():
    assert shape_text((None, 6, None)) == "N × 6 × ?"
    assert shape_text(()) == "scalar"


def test_an_interrupted_run_has_its_end_told_once():
    told = RunNotices()
    run = Run(JOB, RunState.RUNNING, started_at=AT)
    assert told.look([run]) == []
    ended = Run(JOB, RunState.INTERRUPTED, problem=FULL)
    assert [notice.title for notice in told.look([ended])] == ["Not measured"]
    assert told.look([ended]) == []


def test_a_finished_job_says_how_long_it_took(jobs):
    begun, ended = "2026-01-01T10:00:00+00:00", "2026-01-01T10:01:10+00:00"
    run = Run(JOB, RunState.FINISHED, fraction=1.0, started_at=begun, ended_at=ended)
    jobs.show_runs([run])
    assert "took 1 min 10 s" in texts(jobs)
