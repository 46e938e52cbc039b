"""The order of what waits: changed, taken back, and there again after a restart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from session_events import DATA, NETWORK, started, whole_run

from tinystudio.jobs.events import Cancelled
from tinystudio.jobs.job import Job
from tinystudio.runners.inline import InlineRunner
from tinystudio.session.board import Change
from tinystudio.session.project import Project, open_project
from tinystudio.session.session import Session


class Line:
    """Notes what is sent, and the order that was asked for last."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.order: tuple[str, ...] = ()

    def send(self, job: Job) -> None:
        self.jobs.append(job)

    def cancel(self, job: str, pause: bool = False) -> None: ...

    def put_in_order(self, jobs: Sequence[str]) -> None:
        self.order = tuple(jobs)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with open_project(tmp_path / "p") as opened:
        yield opened


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def session(project: Project, line: Line) -> Session:
    """Return a session with three jobs that wait behind one that runs."""
    made = Session(project, line)
    made.open_network(NETWORK, DATA)
    made.take(whole_run())
    running = made.measure_recipes((), "runs")
    made.take([started(made.runs[running].job)])
    for run in made.waiting:  # the original, by opening
        made.take([started(run.job), Cancelled(job=run.id, at="now")])
    for title in "abc":
        made.measure_recipes((), title)
    return made


def titles(session: Session) -> str:
    return "".join(run.job.title for run in session.waiting)


def named(session: Session, title: str) -> str:
    return next(run.id for run in session.waiting if run.job.title == title)


def move(session: Session, title: str, before: str | None) -> None:
    session.move_job(named(session, title), before and named(session, before))


def test_a_job_is_moved_among_those_that_wait_and_the_engine_hears_the_order(session, line):
    told: list[Change] = []
    session.observe(told.append)
    move(session, "c", "a")
    assert titles(session) == "cab"
    assert line.order == tuple(run.id for run in session.waiting)
    assert Change.RUNS in told


def test_what_runs_and_what_has_gone_is_not_moved(session, line):
    (running,) = (run for run in session.runs.open if run.job.title == "runs")
    session.move_job(running.id, None)
    session.move_job("unknown", None)
    assert (titles(session), line.order) == ("abc", ())


def test_a_move_is_taken_back_and_done_again(session, line):
    move(session, "c", "a")
    assert session.undo_text == "Move c"
    session.undo()
    assert titles(session) == "abc"
    assert line.order == tuple(run.id for run in session.waiting)
    session.redo()
    assert titles(session) == "cab"


def test_steps_of_one_job_are_taken_back_together(session):
    move(session, "c", "b")
    move(session, "c", "a")
    session.undo()
    assert titles(session) == "abc"


def test_undo_leaves_alone_what_has_begun_or_come_since(session):
    move(session, "c", "a")
    session.take([started(session.waiting[0].job)])
    session.measure_recipes((), "d")
    move(session, "d", "a")
    assert titles(session) == "dab"
    session.undo()
    assert titles(session) == "abd"


def test_undo_passes_over_a_move_of_jobs_that_have_all_begun(session):
    session.add_step("weight-pruning")
    move(session, "c", "a")
    session.take([started(run.job) for run in session.waiting])
    session.undo()
    assert session.recipe.steps == ()


def test_the_queue_is_there_again_in_its_order_when_the_project_is_opened_next(tmp_path: Path):
    folder = tmp_path / "again"
    with open_project(folder) as project:
        runner = InlineRunner(tmp_path)
        session = Session(project, runner)
        session.open_network(NETWORK, DATA)
        for title in "ab":
            session.measure_recipes((), title)
        session.move_job(named(session, "b"), named(session, "a"))
        runner.close()
        session.take(runner.events())
    with open_project(folder) as project:
        later = Session(project, Line())
        assert [run.job.title for run in later.paused] == ["Measure the original", "b", "a"]
        for run in later.paused:
            later.retry(run.id)
        assert titles(later) == "Measure the originalba"
