"""What can be asked about jobs that were sent: their end, a pause, their turn, once more."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from tinystudio.gui.studio import Studio
from tinystudio.session.going_on import goes_on
from tinystudio.session.runs import RunState


class JobsDesk(QObject):
    """Carries out what the list of jobs and the menu ask for."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio

    @Slot(str)
    def cancel(self, job: str) -> None:
        """Ask for the end of a job."""
        self._studio.attempt(lambda: self._studio.session.cancel(job))

    @Slot(str)
    def pause(self, job: str) -> None:
        """Have a job end for now; `retry` goes on with it."""
        self._studio.attempt(lambda: self._studio.session.pause(job))

    @Slot(str, str)
    def move(self, job: str, before: str) -> None:
        """Have a job that waits begin before another; last of all where none is named."""
        self._studio.attempt(lambda: self._studio.session.move_job(job, before or None))

    def run_next(self, job: str) -> None:
        """Have a job that waits begin before the others that wait."""
        waiting = self._studio.session.waiting
        if waiting:
            self.move(job, waiting[0].id)

    @Slot(str)
    def retry(self, job: str) -> None:
        """Send an ended job again, or go on with a paused one."""
        self._studio.attempt(lambda: self._studio.session.retry(job))

    @Slot()
    def cancel_all(self) -> None:
        """Ask for the end of all jobs."""
        for run in self._studio.session.runs.open:
            self.cancel(run.id)

    @Slot()
    def pause_all(self) -> None:
        """Have all running jobs that can go on later end for now."""
        for run in self._studio.session.runs.open:
            if run.state is RunState.RUNNING and goes_on(run.job):
                self.pause(run.id)

    @Slot()
    def resume_all(self) -> None:
        """Go on with all that was paused, in the order it was begun."""
        for run in self._studio.session.paused:
            self.retry(run.id)
