"""Carries out jobs in this process, with progress on stderr, and returns what became of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinystudio.cli.console import Console
from tinystudio.cli.interrupting import Interrupted, how_to_go_on, stoppable
from tinystudio.core.errors import UserError
from tinystudio.jobs.events import Event, Warned
from tinystudio.jobs.job import Job
from tinystudio.runners.inline import InlineRunner
from tinystudio.session.project import Project, open_project, with_suffix
from tinystudio.session.runs import Run, Runs, RunState
from tinystudio.session.session import Session
from tinystudio.session.stopped import is_training


def carry_out(job: Job, console: Console, artifacts: Path | None = None) -> Run:
    """Run one job to its end; raises `UserError` where it failed, `Interrupted` after Ctrl+C.

    Files that the engine writes go to `artifacts`, or to a folder that is gone afterwards.
    """
    if artifacts is None:
        with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
            return carry_out(job, console, Path(folder))
    runs = Runs()

    def listen(event: Event) -> None:
        _tell(event, console)
        _follow(runs.apply(event), console)

    runner = InlineRunner(artifacts, listen)
    runner.send(job)
    with stoppable(
        lambda: runner.cancel(job.id), lambda: any(is_training(run) for run in runs), console
    ):
        runner.events()
    run = runs[job.id]
    if run.state is RunState.CANCELLED:
        raise Interrupted(how_to_go_on(run))
    run.raise_problem()
    return run


@contextmanager
def session_in(folder: Path, console: Console) -> Iterator[Worker]:
    """Open the project in `folder` for writing; raises `UserError` saying who holds it.

    A project that was made for this and came to nothing is not left behind.
    """
    folder = with_suffix(folder)
    is_new, worker = _is_nothing_at(folder), None
    try:
        with open_project(folder, must_write=True) as project:
            worker = Worker(project, console)
            yield worker
    except UserError:
        if is_new and (worker is None or not worker.session.variants()):
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _is_nothing_at(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:
        return False  # opening it will say why


class Worker:
    """A session whose jobs are carried out here and now."""

    def __init__(self, project: Project, console: Console) -> None:
        self._console = console
        self._runner = InlineRunner(project.artifacts, self._listen)
        self.session = Session(project, self._runner)

    def finish(self) -> None:
        """Carry out every job that waits; raises `UserError` for one that failed."""
        open_jobs = [run.id for run in self.session.runs.open]
        self._runner.finish()
        for job in open_jobs:
            if job in self.session.runs:
                self.session.runs[job].raise_problem()

    def carry_out(self, job: str) -> Run:
        """Carry out what waits and return the run of `job`; raises `UserError`."""
        self.finish()
        return self.session.runs[job]

    def _listen(self, event: Event) -> None:
        self.session.take((event,))
        _tell(event, self._console)
        running = [run for run in self.session.runs.open if run.state is RunState.RUNNING]
        _follow(running[-1] if running else None, self._console)


def _tell(event: Event, console: Console) -> None:
    if isinstance(event, Warned):
        console.note(f"{event.title}: {event.detail} {event.hint}".rstrip())


def _follow(run: Run | None, console: Console) -> None:
    if run is not None and not run.is_ended and run.text:
        console.progress(run.fraction, run.text, run.seconds_left)


def only_variant(run: Run) -> None:
    """Raise the first recipe's failure, where there is one."""
    for failure in run.failures:
        raise UserError(failure.title, failure.detail, failure.hint)
