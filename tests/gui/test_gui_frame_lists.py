"""Jobs, notices and layers: what is listed and what can be done there."""

from __future__ import annotations

import pytest
from idle_workers import AT, inspection, pruned
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QTableView

from tinystudio.core.errors import UserError
from tinystudio.gui.layer_table import shape_text
from tinystudio.gui.notice import Notice
from tinystudio.gui.panels.jobs import NOTHING, JobRow, JobsPanel
from tinystudio.gui.panels.layers import LayersPanel, group_text
from tinystudio.gui.panels.notices import KEPT, NoticesPanel
from tinystudio.gui.run_notices import RunNotices
from tinystudio.jobs.inspection import GroupInfo
from tinystudio.jobs.job import PreviewJob, VariantsJob
from tinystudio.session.runs import Problem, Run, RunState

JOB = VariantsJob(network="gallery:watch", data="gallery:watch", recipes=(pruned(0.5),))
FULL = Problem("Not measured", "The disk is full.", "Free some space.")


def texts(widget) -> list[str]:
    QApplication.processEvents()  # a layout shows what was added when it is next laid out
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


def button(widget) -> QPushButton:
    QApplication.processEvents()
    return next(b for b in widget.findChildren(QPushButton) if b.isVisibleTo(widget))


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
        qtbot.mouseClick(button(jobs), Qt.MouseButton.LeftButton)
    assert said.args == [JOB.id]
    assert not button(jobs).isEnabled()


@pytest.mark.parametrize(
    ("state", "word"), [(RunState.FAILED, "failed"), (RunState.INTERRUPTED, "interrupted")]
)
def test_an_ended_job_says_why_and_offers_to_try_again(jobs, qtbot, state, word):
    jobs.show_runs([Run(JOB, state, problem=FULL)])
    assert texts(jobs)[1:] == ["The disk is full.", word]
    with qtbot.waitSignal(jobs.retry_requested) as said:
        qtbot.mouseClick(button(jobs), Qt.MouseButton.LeftButton)
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
    return [texts(row)[0] for row in rows]


def test_the_newest_job_is_on_top_and_forgotten_ones_go(jobs):
    first, second = (JOB.model_copy(update={"id": i, "title": i}) for i in ("one", "two"))
    jobs.show_runs([Run(first), Run(second)])
    assert shown_order(jobs) == ["two", "one"]
    jobs.show_runs([Run(second)])
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
