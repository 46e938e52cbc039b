"""An engine in this very process, for the command line and for tests."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from tinystudio.engine.engine import Engine
from tinystudio.jobs.events import ENDINGS, Cancelled, Event, Started, now
from tinystudio.jobs.job import Job
from tinystudio.jobs.turns import in_order


class InlineRunner:
    """Carries out jobs when `events` is called, on the thread that calls it.

    With `listen`, every event is told at once as well, while the job runs; `cancel` may be called
    from there, from a signal handler or from another thread.
    """

    def __init__(self, artifacts: Path, listen: Callable[[Event], None] | None = None) -> None:
        self._engine = Engine(artifacts)
        self._listen = listen
        self._jobs: deque[Job] = deque()
        self._stops: dict[str, threading.Event] = {}
        self._paused: set[str] = set()
        self._left: list[Event] = []

    def send(self, job: Job) -> None:
        """Put a job at the end of the line."""
        self._stops[job.id] = threading.Event()
        self._jobs.append(job)

    def cancel(self, job: str, pause: bool = False) -> None:
        """Ask for the end of a job."""
        if job in self._stops:
            if pause:
                self._paused.add(job)
            self._stops[job].set()

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Begin these jobs, as far as they wait, in this order."""
        waiting = {item.id: item for item in self._jobs}
        self._jobs = deque(waiting[id] for id in in_order(tuple(waiting), jobs))

    def events(self, timeout: float = 0.0) -> tuple[Event, ...]:
        """Carry out the next job, and return all that its engine said.

        Nothing is waited for: with no job in line there is nothing to come.
        """
        left, self._left = tuple(self._left), []
        return (*left, *self._carry_out(self._jobs.popleft())) if self._jobs else left

    def finish(self) -> tuple[Event, ...]:
        """Carry out every job in line, and those that are sent meanwhile."""
        said: list[Event] = []
        while self._jobs:
            said.extend(self.events())
        return tuple(said)

    def close(self) -> None:
        """End the jobs in line as paused, said by a last call of `events`."""
        while self._jobs:
            job = self._jobs.popleft()
            self._note(self._left, Started(job=job.id, what=job, at=now()))
            self._note(self._left, Cancelled(job=job.id, at=now(), paused=True))

    def _carry_out(self, job: Job) -> tuple[Event, ...]:
        said: list[Event] = []
        stop = self._stops[job.id]
        try:
            if stop.is_set():
                self._note(said, Started(job=job.id, what=job, at=now()))
                self._note(said, Cancelled(job=job.id, at=now()))
            else:
                self._engine.run(job, lambda event: self._note(said, event), stop)
        except KeyboardInterrupt:
            if not (said and isinstance(said[-1], ENDINGS)):
                self._note(said, Cancelled(job=job.id, at=now()))
            raise
        finally:
            del self._stops[job.id]
        return tuple(said)

    def _note(self, said: list[Event], event: Event) -> None:
        if isinstance(event, Cancelled) and event.job in self._paused:
            event = event.model_copy(update={"paused": True})
        said.append(event)
        if self._listen is not None:
            self._listen(event)
