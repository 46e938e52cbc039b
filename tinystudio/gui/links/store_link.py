"""Writes to the project in a thread of its own; what engines said is told on once it is safe."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QThread, Signal, Slot

from tinystudio.core.errors import UserError
from tinystudio.jobs.events import Event
from tinystudio.session.records import Record, is_lasting

POLL_S = 0.1


class StoreThread(QThread):
    """Commits first, then tells the window. `write` is the open project's.

    What could not be written (a full disk) is told on all the same, kept, and tried again with
    the next; `write_failed` says so once per trouble, `write_recovered` when it is over.
    """

    committed = Signal(list)  # of Event, in the order they were given
    write_failed = Signal(object)  # UserError
    write_recovered = Signal()

    def __init__(
        self, write: Callable[[Sequence[Record]], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._write = write
        self._given: queue.SimpleQueue[tuple[Sequence[Record], list[Event]]] = queue.SimpleQueue()
        self._unwritten: list[Record] = []
        self._is_in_trouble = False

    @Slot(list)
    def take_events(self, events: list[Event]) -> None:
        """Write what an engine said and then emit it as `committed`."""
        self._given.put((tuple(events), events))

    def save(self, records: Sequence[Record]) -> None:
        """Write what the user did; give this to the session as its `save`."""
        self._given.put((records, []))

    @Slot()
    def stop(self) -> None:
        """Write what is left and end the thread."""
        self.requestInterruption()
        self.wait()

    def run(self) -> None:
        """Write until asked to stop and nothing is left; Qt calls this in the new thread."""
        while not (self.isInterruptionRequested() and self._given.empty()):
            records, events = self._gather()
            self._commit(records)
            if events:
                self.committed.emit(events)
        self._commit(())

    def _gather(self) -> tuple[list[Record], list[Event]]:
        """Wait for something to write; return all there is, for one commit."""
        records: list[Record] = []
        events: list[Event] = []
        timeout = POLL_S
        while True:
            try:
                more, told = self._given.get(timeout=timeout)
            except queue.Empty:
                return records, events
            records.extend(more)
            events.extend(told)
            timeout = 0.0

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
