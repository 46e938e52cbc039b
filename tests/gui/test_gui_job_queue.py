"""Jobs that wait are moved: by the mouse, by the keyboard, from their menu, and back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from idle_workers import AT, begun
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFrame

from tinystudio.gui.job_row import JobRow
from tinystudio.gui.panels import jobs as jobs_panel
from tinystudio.gui.panels.jobs import JobsPanel
from tinystudio.jobs.events import Started
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.turns import moved
from tinystudio.session.runs import Runs

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """Return what is read out."""
    said: list[str] = []
    monkeypatch.setattr(jobs_panel, "announce", lambda _, text: said.append(text))
    return said


@pytest.fixture
def jobs(qtbot, told):
    """One that runs, and a, b, c behind it; wishes are carried out."""
    panel, runs = JobsPanel(), Runs()
    qtbot.addWidget(panel)
    panel.resize(1200, 260)
    made = {id: VariantsJob(id=id, network="n", data="d", recipes=(), title=id) for id in "rabc"}
    runs.apply(Started(job="r", what=made["r"], at=AT))
    for id in "abc":
        runs.expect(made[id])

    def move(job: str, before: str) -> None:
        runs.put_in_order(moved([run.id for run in runs][1:], job, before or None))
        panel.show_runs(runs)

    panel.move_requested.connect(move)
    panel.show_runs(runs)
    panel.show()
    QApplication.processEvents()
    return panel


def row(jobs: JobsPanel, title: str) -> JobRow:
    return next(row for row in jobs.findChildren(JobRow) if row.title == title)


def order(jobs: JobsPanel) -> str:
    QApplication.processEvents()
    return "".join(row.title for row in sorted(jobs.findChildren(JobRow), key=lambda r: r.y()))


def drag(qtbot, jobs: JobsPanel, title: str, over: str, below: int) -> None:
    """Press on a job and move to so many pixels below the middle of another."""
    moving, goal = row(jobs, title), row(jobs, over)
    qtbot.mousePress(moving, LEFT, pos=QPoint(40, 5))
    y = goal.geometry().center().y() + below - moving.y()
    qtbot.mouseMove(moving, QPoint(40, (y + 5) // 2))
    qtbot.mouseMove(moving, QPoint(40, y))


def drop(qtbot, jobs: JobsPanel, title: str, over: str, below: int) -> None:
    moving, goal = row(jobs, title), row(jobs, over)
    y = goal.geometry().center().y() + below - moving.y()
    qtbot.mouseRelease(moving, LEFT, pos=QPoint(40, y))


def line_of(jobs: JobsPanel) -> QFrame:
    return next(x for x in jobs.findChildren(QFrame) if x.property("role") == "drop line")


@pytest.mark.parametrize(
    ("title", "over", "below", "after"),
    [("c", "a", -4, "rcab"), ("a", "c", 4, "rbca"), ("b", "c", 4, "racb"), ("c", "r", -4, "rcab")],
)
def test_a_job_that_is_dragged_comes_where_the_line_was(
    jobs, qtbot, told, title, over, below, after
):
    drag(qtbot, jobs, title, over, below)
    assert line_of(jobs).isVisibleTo(jobs)
    drop(qtbot, jobs, title, over, below)
    assert order(jobs) == after
    assert not line_of(jobs).isVisibleTo(jobs)
    place = after.index(title)
    assert told == [
        f"{title}: " + ("begins next" if place == 1 else f"number {place} in the queue")
    ]


def test_escape_ends_a_drag_and_what_runs_cannot_be_dragged(jobs, qtbot, told):
    drag(qtbot, jobs, "c", "a", -4)
    qtbot.keyPress(row(jobs, "c"), Qt.Key.Key_Escape)
    drop(qtbot, jobs, "c", "a", -4)
    drag(qtbot, jobs, "r", "c", 4)
    assert not line_of(jobs).isVisibleTo(jobs)
    drop(qtbot, jobs, "r", "c", 4)
    assert (order(jobs), told) == ("rabc", [])


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        ((Qt.Key.Key_Up,), "rbac"), ((Qt.Key.Key_Down,), "racb"), ((Qt.Key.Key_Home,), "rbac"),
        ((Qt.Key.Key_End,), "racb"), ((Qt.Key.Key_Up, Qt.Key.Key_Up), "rbac"),
        ((Qt.Key.Key_Down, Qt.Key.Key_Up), "rabc"),
    ],
)  # fmt: skip
def test_alt_and_a_key_move_the_job_and_the_keyboard_stays_on_it(
    jobs, qtbot, keys: Sequence[Qt.Key], after: str
):
    moving = row(jobs, "b")
    moving.setFocus()
    for key in keys:
        qtbot.keyPress(moving, key, ALT)
    assert order(jobs) == after
    assert jobs.focusWidget() is moving


def test_the_menu_of_a_job_moves_it_and_leaves_out_what_would_do_nothing(jobs):
    menu = row(jobs, "c").menu()
    entries = {action.text(): action for action in menu.actions() if action.text()}
    assert list(entries) == ["Run next", "Move up", "Move down", "Run last", "Cancel"]
    assert [text for text, action in entries.items() if action.isEnabled()] == [
        "Run next", "Move up", "Cancel",
    ]  # fmt: skip
    entries["Run next"].trigger()
    assert order(jobs) == "rcab"
    assert [action.text() for action in row(jobs, "r").menu().actions()] == ["Pause", "Cancel"]


def test_those_who_cannot_see_the_list_hear_the_place_of_a_job(jobs):
    assert row(jobs, "a").accessibleName() == "a: waiting, begins next"
    assert row(jobs, "c").accessibleName() == "c: waiting, number 3 in the queue"


def test_in_the_window_a_move_reaches_the_engines_and_undo_brings_it_back(opened, qtbot):
    studio = opened.assembly.studio
    studio.open_network("gallery:watch")
    opened.engines.finish_opening()
    session = studio.session
    for title in "rabc":
        session.measure_recipes((), title)
    opened.engines.say(begun(session.waiting[0].job))
    panel = opened.assembly.jobs
    qtbot.waitUntil(lambda: order(panel).startswith("rabc"))
    qtbot.keyPress(row(panel, "c"), Qt.Key.Key_Home, ALT)
    assert opened.engines.order == tuple(run.id for run in session.waiting)
    qtbot.waitUntil(lambda: order(panel).startswith("rcab"))
    opened.assembly.actions["undo"].trigger()
    qtbot.waitUntil(lambda: order(panel).startswith("rabc"))
