"""The window's end of one engine process: a thread that reads its events in batches."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, QThread, Signal, Slot

from tinystudio.jobs.events import Event
from tinystudio.jobs.job import Job
from tinystudio.runners.runner import Runner

POLL_S = 0.1
BATCH_S = 0.008  # half a frame: what comes within it is painted together anyway


class EngineLink(QThread):
    """One per engine process, for as long as the window lives.

    `send` and `cancel` may be called from the window's thread and return at once. The engine is
    started, and replaced when it dies, in this thread. End it with `stop`.
    """

    events_arrived = Signal(list)  # of Event

    def __init__(self, engine: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine

    @Slot(object)
    def send(self, job: Job) -> None:
        """Hand over a job."""
        self._engine.send(job)

    @Slot(str)
    def cancel(self, job: str, pause: bool = False) -> None:
        """Ask for the end of a job, for good or to go on later."""
        self._engine.cancel(job, pause)

    @Slot(object)
    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Have jobs that wait begin in this order."""
        self._engine.put_in_order(jobs)

    @Slot()
    def stop(self) -> None:
        """End the engine and wait for this thread; open jobs end as interrupted."""
        self.requestInterruption()
        self.wait()

    def run(self) -> None:
        """Read until asked to stop; Qt calls this in the new thread."""
        while not self.isInterruptionRequested():
            self._tell(self._next_batch())
        self._engine.close()
        self._tell(list(self._engine.events(0)))

    def _next_batch(self) -> list[Event]:
        batch = list(self._engine.events(POLL_S))
        until = time.monotonic() + BATCH_S
        while batch and (left := until - time.monotonic()) > 0:
            batch.extend(self._engine.events(left))
        return batch

    def _tell(self, batch: list[Event]) -> None:
        if batch:
            self.events_arrived.emit(batch)
