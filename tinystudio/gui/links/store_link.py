"""Writes to the project in a thread of its own; what engines said is told on once it is safe."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from tinystudio.core.errors import UserError
from tinystudio.jobs.events import Event
from tinystudio.session.records import Record, is_lasting

POLL_S = 0.1


@dataclass(frozen=True)
class Given:
    """What one caller wants done: records written, events told on, a copy made."""

    records: Sequence[Record] = ()
    events: tuple[Event, ...] = ()
    copy_to: Path | None = None


class StoreThread(QThread):
    """Commits first, then tells the window. `write` and `copy` are the open project's.

    What could not be written (a full disk) is told on all the same, kept, and tried again with
    the next; `write_failed` says so once per trouble, `write_recovered` when it is over.
    """

    committed = Signal(list)  # of Event, in the order they were given
    write_failed = Signal(object)  # UserError
    write_recovered = Signal()
    copied = Signal(object)  # Path: where the copy is
    copy_failed = Signal(object)  # UserError

    def __init__(
        self,
        write: Callable[[Sequence[Record]], None],
        copy: Callable[[Path], Path],
        parent: QObject | None = None,
        prepare: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        """`prepare` is given every event before it is told, on this thread."""
        super().__init__(parent)
        self._prepare = prepare
        self._write = write
        self._copy = copy
        self._given: queue.SimpleQueue[Given] = queue.SimpleQueue()
        self._unwritten: list[Record] = []
        self._is_in_trouble = False

    @Slot(list)
    def take_events(self, events: list[Event]) -> None:
        """Write what an engine said and then emit it as `committed`."""
        self._given.put(Given(tuple(events), tuple(events)))

    def pass_on(self, events: Sequence[Event]) -> None:
        """Prepare and emit what need not be written, in its turn."""
        self._given.put(Given(events=tuple(events)))

    def save(self, records: Sequence[Record]) -> None:
        """Write what the user did; give this to the session as its `save`."""
        self._given.put(Given(records))

    def copy_to(self, folder: Path) -> None:
        """Copy the project, with all that was given before; says `copied` or `copy_failed`."""
        self._given.put(Given(copy_to=folder))

    @Slot()
    def stop(self) -> None:
        """Write what is left and end the thread."""
        self.requestInterruption()
        self.wait()

    def run(self) -> None:
        """Write until asked to stop and nothing is left; Qt calls this in the new thread."""
        while not (self.isInterruptionRequested() and self._given.empty()):
            given = self._gather()
            self._commit([record for item in given for record in item.records])
            events = [event for item in given for event in item.events]
            for event in events:
                self._prepare(event)
            if events:
                self.committed.emit(events)
            for folder in (item.copy_to for item in given if item.copy_to is not None):
                self._make_copy(folder)
        self._commit(())

    def _gather(self) -> list[Given]:
        """Wait for something to do; return all there is, for one commit."""
        given: list[Given] = []
        timeout = POLL_S
        while True:
            try:
                given.append(self._given.get(timeout=timeout))
            except queue.Empty:
                return given
            timeout = 0.0

    def _make_copy(self, folder: Path) -> None:
        try:
            self.copied.emit(self._copy(folder))
        except UserError as error:
            self.copy_failed.emit(error)

    def _commit(self, records: Sequence[Record]) -> None:
        self._unwritten.extend(record for record in records if is_lasting(record))
        if not self._unwritten:
            return
        try:
            self._write(self._unwritten)
        except UserError as error:
            if not self._is_in_trouble:
                self.write_failed.emit(error)
            self._is_in_trouble = True
            return
        self._unwritten.clear()
        if self._is_in_trouble:
            self.write_recovered.emit()
        self._is_in_trouble = False
