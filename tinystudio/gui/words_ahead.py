"""Works out the words of rows while nobody waits, so that the first search finds them made."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, QTimer, Slot

from tinystudio.gui.browser_rows import Row

FEW = 500  # rows that a search works out in no time
SLICE_S = 0.004  # of the event loop at once
PAUSE_MS = 20


class WordsAhead(QObject):
    """A few rows at a time, the last that were shown alone."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Iterator[Row] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._on_timeout)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Begin anew with these; what is known already takes no time."""
        waiting = [row for area in rows for network in area.children for row in network.children]
        self._rows = _everything(waiting)
        if len(waiting) > FEW or any(row.children for row in waiting):
            self._timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        until = time.perf_counter() + SLICE_S
        for row in self._rows:
            _ = row.searched
            if time.perf_counter() > until:
                return
        self._timer.stop()


def _everything(waiting: list[Row]) -> Iterator[Row]:
    while waiting:
        row = waiting.pop()
        waiting += row.children
        yield row
