"""The jobs of a session: what waits, in which order, and what can be asked of what was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from tinystudio.core.errors import UserError
from tinystudio.jobs.job import PASSING, InspectJob, Job
from tinystudio.jobs.turns import moved
from tinystudio.session.board import Change
from tinystudio.session.editing import Editing
from tinystudio.session.going_on import goes_on
from tinystudio.session.project import Project
from tinystudio.session.records import Record
from tinystudio.session.runs import Run, RunState


class JobSink(Protocol):
    """Where jobs go: a runner, or the window's links to two of them."""

    def send(self, job: Job) -> None:
        """Hand over a job."""

    def cancel(self, job: str, pause: bool = False) -> None:
        """Ask for the end of a job, for good or to go on later."""

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Have jobs that wait begin in this order."""


class Queueing(Editing):
    """The layer of a session between what is edited and what is asked of engines."""

    def __init__(
        self,
        project: Project,
        jobs: JobSink,
        save: Callable[[Sequence[Record]], None] | None = None,
    ) -> None:
        super().__init__(project, save)
        self._jobs = jobs

    def cancel(self, job: str) -> None:
        """Ask for the end of a job; what it finished stays."""
        self._jobs.cancel(job)

    def pause(self, job: str) -> None:
        """Have a job end for now: `retry` goes on with it, also after the program was closed."""
        if not goes_on(self.runs[job].job):
            raise UserError(
                "The job was not paused", "It would have to begin anew.", "Let it end, or cancel."
            )
        self._jobs.cancel(job, pause=True)

    @property
    def paused(self) -> tuple[Run, ...]:
        """Return the runs that were paused and that nothing has gone on with."""
        resumed = {run.job.continues for run in self.runs}
        return tuple(
            run for run in self.runs
            if run.state is RunState.PAUSED and run.id not in resumed
            and not isinstance(run.job, InspectJob)  # closed over; a model is looked at when opened
        )  # fmt: skip

    @property
    def waiting(self) -> tuple[Run, ...]:
        """Return the runs whose turn can be changed, the next one first."""
        return tuple(run for run in self.runs if takes_turns(run))

    def move_job(self, job: str, before: str | None) -> None:
        """Have a job that waits begin before another that waits, or last of all; undo puts it back.

        A job that has begun meanwhile is left alone.
        """
        order = tuple(run.id for run in self.waiting)
        wanted = moved(order, job, before)
        if wanted == order:
            return
        # Jobs have come and gone since the order was noted: undo comes back to the one of now.
        self._history.amend(replace(self._history.present, queue=order))
        title = self.runs[job].job.title or "a job"
        changed = replace(self._history.present, queue=wanted)
        self._history.change(changed, f"Move {title}", f"queue.{job}")
        self._put_in_order(wanted)
        self._tell(Change.RECIPE)  # there is something to undo

    def _put_in_order(self, wanted: Sequence[str]) -> bool:
        """Put what still waits in this order; return whether that changed anything."""
        before = self.waiting
        self.runs.put_in_order(wanted)
        if self.waiting == before:
            return False
        self._jobs.put_in_order(tuple(run.id for run in self.waiting))
        self._tell(Change.RUNS)
        return True

    def _travel(self, move: Callable[[], bool]) -> None:
        before = self._history.present
        super()._travel(move)
        now = self._history.present
        if now is before or now.queue == before.queue or self._put_in_order(now.queue):
            return
        if replace(now, queue=before.queue) == before:
            self._travel(move)  # a move of jobs that have begun: the user means the step before


def takes_turns(run: Run) -> bool:
    """Say whether a run waits in the line that the user can change.

    Previews and looks at a model are another engine's, and over before one could move them.
    """
    return run.state is RunState.WAITING and not isinstance(run.job, (*PASSING, InspectJob))
