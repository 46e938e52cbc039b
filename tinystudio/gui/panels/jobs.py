"""The list of jobs: what runs, how far it is, how long it takes, how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from tinystudio.gui import job_words
from tinystudio.gui.announcing import announce
from tinystudio.gui.job_row import JobRow
from tinystudio.gui.row_drag import RowDrag
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.turns import moved
from tinystudio.session.queueing import takes_turns
from tinystudio.session.runs import Run

LISTED = 50  # ended runs beyond this are in the project, not in the list
NOTHING = "No jobs yet. A measurement, a sweep or an export appears here with its progress."


class JobsPanel(QWidget):
    """Runs in, wishes out: what runs on top, then what waits in its turn, then what has ended."""

    cancel_requested = Signal(str)
    pause_requested = Signal(str)
    retry_requested = Signal(str)
    move_requested = Signal(str, str)  # a job that waits, and the one it is to begin before, or ""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Jobs"))
        self._rows: dict[str, JobRow] = {}
        self._order: list[str] = []
        self._queue: list[str] = []  # what waits, the next one first
        self._moved = ""  # whose new place is to be told once it is there
        self._nothing = QLabel(tr(NOTHING))
        self._column = QVBoxLayout()
        self._scroll = QScrollArea()
        self._lay_out()

    def _lay_out(self) -> None:
        set_role(self._nothing, "muted")
        self._column.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID // 2)
        self._column.setSpacing(0)
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        inside = QWidget()
        inside.setProperty("role", "plain")
        inside.setLayout(self._column)
        scroll = self._scroll
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("List of jobs"))
        self._drag = RowDrag(scroll, lambda: [self._rows[job] for job in self._queue])
        self._drag.dropped.connect(self._on_dropped)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def show_runs(self, runs: Iterable[Run]) -> None:
        """Show these runs, oldest first as given; rows of others go."""
        shown = job_words.in_turn(job_words.listed(runs), LISTED)
        wanted = {run.id for run in shown}
        for job in [job for job in self._rows if job not in wanted]:
            self._drop(job)
        self._queue = [run.id for run in shown if takes_turns(run)]
        for run in shown:
            place = self._queue.index(run.id) + 1 if run.id in self._queue else 0
            self._row(run.id).show_run(run, place, len(self._queue))
        self._put_in_order([run.id for run in shown])
        self._nothing.setVisible(not self._rows)
        self._tell_moved()

    def _put_in_order(self, jobs: list[str]) -> None:
        if jobs == self._order:
            return
        self._order = jobs
        for place, job in enumerate(jobs):
            if self._column.indexOf(self._rows[job]) != place:
                self._column.insertWidget(place, self._rows[job])
        stops = [stop for job in jobs for stop in self._rows[job].stops]
        for stop, following in pairwise(stops):  # Tab goes on as the eye does
            QWidget.setTabOrder(stop, following)

    def _tell_moved(self) -> None:
        """Say where the job that the user has moved stands now."""
        if self._moved not in self._queue:
            self._moved = ""
            return
        place, count = self._queue.index(self._moved) + 1, len(self._queue)
        row, self._moved = self._rows[self._moved], ""
        where = job_words.turn_text(place, count)
        announce(row, f"{row.title}: {where}")
        self._scroll.ensureWidgetVisible(row)

    def _row(self, job: str) -> JobRow:
        row = self._rows.get(job)
        if row is None:
            row = self._rows[job] = JobRow()
            row.cancel_requested.connect(self.cancel_requested)
            row.pause_requested.connect(self.pause_requested)
            row.retry_requested.connect(self.retry_requested)
            row.shift_requested.connect(self._on_shift)
            self._drag.watch(row)
            self._column.insertWidget(0, row)
        return row

    @Slot(str, str)
    def _on_shift(self, job: str, where: str) -> None:
        if job in self._queue:
            self._ask(job, job_words.turn_before(self._queue, job, where))

    @Slot(QWidget, object)
    def _on_dropped(self, row: JobRow, before: JobRow | None) -> None:
        self._ask(row.job, "" if before is None else before.job)

    def _ask(self, job: str, before: str) -> None:
        if list(moved(self._queue, job, before or None)) != self._queue:
            self._moved = job
            self.move_requested.emit(job, before)

    def _drop(self, job: str) -> None:
        row = self._rows.pop(job)
        self._column.removeWidget(row)
        row.setParent(None)
        row.deleteLater()
