"""The window's two engines and its store thread, as the one place that jobs go to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from tinystudio.core.errors import UserError
from tinystudio.gui.links.engine_link import EngineLink
from tinystudio.gui.links.store_link import StoreThread
from tinystudio.jobs.events import ENDINGS, DatabaseReady, EngineReady, Event
from tinystudio.jobs.job import FLEETING, PASSING, InspectJob, Job
from tinystudio.runners.child import ChildEngine
from tinystudio.session.exploration import preload
from tinystudio.session.project import Project
from tinystudio.session.records import Record


class Workers(Protocol):
    """What the studio needs of engines and store; tests have one without processes."""

    arrived: SignalInstance  # list of Event, written already
    trouble: SignalInstance  # UserError: nothing can be saved
    recovered: SignalInstance
    copied: SignalInstance  # Path of the copy
    copy_failed: SignalInstance  # UserError

    def start(self) -> None:
        """Start; returns at once."""

    def stop(self) -> None:
        """End; what runs is interrupted, what waits paused, everything is written."""

    def send(self, job: Job) -> None:
        """Hand over a job."""

    def cancel(self, job: str, pause: bool = False) -> None:
        """Ask for the end of a job, for good or to go on later."""

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Have jobs that wait begin in this order."""

    def save(self, records: Sequence[Record]) -> None:
        """Write what the user did."""

    def copy_project(self, folder: Path) -> None:
        """Copy the project with all that was said so far; returns at once."""


class Engines(QObject):
    """One engine answers at once (previews, inspections), one does what takes long.

    Both stay warm. What they say is written first and told then; what can be had again at any
    time, previews and layer databases, is only told.
    """

    arrived = Signal(list)  # of Event
    trouble = Signal(object)  # UserError
    recovered = Signal()
    copied = Signal(object)  # Path
    copy_failed = Signal(object)  # UserError

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._previews: set[str] = set()
        self._explorations: set[str] = set()
        self._live = EngineLink(ChildEngine(project.artifacts), self)
        self._long = EngineLink(ChildEngine(project.artifacts), self)
        self._store = StoreThread(project.write, project.copy_to, self, _prepare)
        for link in (self._live, self._long):
            link.events_arrived.connect(self._on_said)
        self._store.committed.connect(self.arrived)
        self._store.write_failed.connect(self._on_write_failed)
        self._store.write_recovered.connect(self.recovered)
        self._store.copied.connect(self.copied)
        self._store.copy_failed.connect(self.copy_failed)

    def start(self) -> None:
        """Start the threads; each starts its engine."""
        for thread in (self._store, self._live, self._long):
            thread.start()

    def stop(self) -> None:
        """End engines first, then write what they said last."""
        for link in (self._live, self._long):
            link.requestInterruption()
        for link in (self._live, self._long):
            link.stop()
        self._store.stop()

    def send(self, job: Job) -> None:
        """Hand a job to the engine that it is for."""
        if isinstance(job, PASSING):
            self._previews.add(job.id)
        elif isinstance(job, FLEETING):
            self._explorations.add(job.id)
        link = self._live if isinstance(job, (*PASSING, InspectJob)) else self._long
        link.send(job)

    def cancel(self, job: str, pause: bool = False) -> None:
        """Ask for the end of a job; the engine that does not know it ignores that."""
        for link in (self._live, self._long):
            link.cancel(job, pause)

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """Have jobs that wait begin in this order; each engine knows its own."""
        for link in (self._live, self._long):
            link.put_in_order(jobs)

    def save(self, records: Sequence[Record]) -> None:
        """Write what the user did."""
        self._store.save(records)

    def copy_project(self, folder: Path) -> None:
        """Copy the project beside what goes on: large ones take a while."""
        self._store.copy_to(folder)

    @Slot(list)
    def _on_said(self, events: list[Event]) -> None:
        # A preview is never stored; it would only wait for the disk. No more is an exploration,
        # but its databases are read on the store's thread, and all it says has to stay in order.
        straight = [event for event in events if self._is_of(self._previews, event)]
        passed = [event for event in events if self._is_of(self._explorations, event)]
        ready = [event for event in events if isinstance(event, EngineReady)]
        stored = [event for event in events if event not in (*straight, *passed, *ready)]
        if ready or straight:
            self.arrived.emit([*ready, *straight])
        if passed:
            self._store.pass_on(passed)
        if stored:
            self._store.take_events(stored)
        for event in (*straight, *passed):
            if isinstance(event, ENDINGS):
                self._previews.discard(event.job)
                self._explorations.discard(event.job)

    def _is_of(self, jobs: set[str], event: Event) -> bool:
        return not isinstance(event, EngineReady) and event.job in jobs

    @Slot(object)
    def _on_write_failed(self, error: UserError) -> None:
        self.trouble.emit(error)


def _prepare(event: Event) -> None:
    """Read a layer database before the window is told of it: that takes more than a frame."""
    if isinstance(event, DatabaseReady):
        preload(event.path)
