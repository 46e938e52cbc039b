"""The list of jobs: what runs, how far it is, how long it takes, how it ended."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui import job_words
from tinystudio.gui.elided import Elided
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.session.runs import Run, RunState

LISTED = 50  # ended runs beyond this are in the project, not in the list
NOTHING = "No jobs yet. A measurement, a sweep or an export appears here with its progress."
_STEPS = 1000  # of the progress bar


class JobsPanel(QWidget):
    """Runs in, wishes out: newest on top."""

    cancel_requested = Signal(str)
    pause_requested = Signal(str)
    next_requested = Signal(str)
    retry_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Jobs"))
        self._rows: dict[str, JobRow] = {}
        self._nothing = QLabel(tr(NOTHING))
        self._column = QVBoxLayout()
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
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("List of jobs"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def show_runs(self, runs: Iterable[Run]) -> None:
        """Show these runs, oldest first as given; rows of others go."""
        listed = job_words.listed(runs)
        shown = [run for run in listed if not run.is_ended]
        ended = [run for run in listed if run.is_ended][-LISTED:]
        wanted = {run.id for run in (*shown, *ended)}
        for job in [job for job in self._rows if job not in wanted]:
            self._drop(job)
        for run in listed:
            if run.id in wanted:
                self.show_run(run)
        self._put_in_order([run.id for run in reversed(listed) if run.id in wanted])
        self._nothing.setVisible(not self._rows)

    def _put_in_order(self, jobs: list[str]) -> None:
        places = [self._column.indexOf(self._rows[job]) for job in jobs]
        if places == sorted(places):
            return
        for place, job in enumerate(jobs):
            self._column.insertWidget(place, self._rows[job])

    def show_run(self, run: Run) -> None:
        """Show one run as it is now."""
        if not job_words.is_listed(run):
            return
        row = self._rows.get(run.id)
        if row is None:
            row = JobRow()
            row.cancel_requested.connect(self.cancel_requested)
            row.pause_requested.connect(self.pause_requested)
            row.next_requested.connect(self.next_requested)
            row.retry_requested.connect(self.retry_requested)
            self._rows[run.id] = row
            self._column.insertWidget(0, row)
            self._nothing.hide()
        row.show_run(run)

    def _drop(self, job: str) -> None:
        row = self._rows.pop(job)
        self._column.removeWidget(row)
        row.setParent(None)
        row.deleteLater()


class JobRow(QFrame):
    """One run: title, bar, words, state, and what can be done about it."""

    cancel_requested = Signal(str)
    pause_requested = Signal(str)
    next_requested = Signal(str)
    retry_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._run: Run | None = None
        self._title = Elided()
        self._bar = QProgressBar()
        self._text = Elided()
        self._state = QLabel()
        self._other, self._button = QPushButton(), QPushButton()
        self._lay_out()
        self._button.clicked.connect(self._on_clicked)
        self._other.clicked.connect(self._on_other_clicked)

    def _lay_out(self) -> None:
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(80)
        set_role(self._text, "muted")
        set_role(self._state, "muted")
        self._state.setMinimumWidth(80)
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for button in (self._other, self._button):
            set_role(button, "link")
            button.setMinimumWidth(64)
            # A hidden button keeps its place, so that the columns of all rows line up.
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(2 * GRID)
        line.addWidget(self._title, 4)
        line.addWidget(self._bar, 3)
        line.addWidget(self._text, 4)
        line.addWidget(self._state)
        line.addWidget(self._other)
        line.addWidget(self._button)

    def show_run(self, run: Run) -> None:
        """Show how the run stands."""
        before = self._run
        self._run = run
        title = tr(job_words.job_title(run.job))
        self._title.set_text(title)
        self._text.set_text(tr(job_words.job_text(run)))
        self._state.setText(tr(job_words.state_text(run)))
        self._bar.setValue(round(run.fraction * _STEPS))
        self._bar.setAccessibleName(tr("Progress of {title}").format(title=title))
        if before is None or before.state is not run.state:
            self._show_state(run, title)
        self.setToolTip(tr(job_words.job_tooltip(run)))
        self.setAccessibleName(f"{title}: {self._state.text()}")
        self.setAccessibleDescription(self.toolTip())

    def _show_state(self, run: Run, title: str) -> None:
        self._bar.setProperty("state", job_words.BAR_STATES[run.state])
        self._bar.style().unpolish(self._bar)
        self._bar.style().polish(self._bar)
        bad = run.state in (RunState.FAILED, RunState.INTERRUPTED)
        good = run.state is RunState.FINISHED
        set_role(self._state, "bad" if bad else "good" if good else "muted")
        for button, (word, tip) in (
            (self._button, job_words.ending_way(run)), (self._other, job_words.queue_way(run))
        ):  # fmt: skip
            button.setText(tr(word))
            button.setToolTip(tr(tip))
            button.setAccessibleName(f"{tr(word)}: {title}")
            button.setVisible(bool(word))
            button.setEnabled(True)

    @Slot()
    def _on_clicked(self) -> None:
        if self._run is None:
            return
        if self._run.is_ended:
            self.retry_requested.emit(self._run.id)
        else:
            self._button.setEnabled(False)
            self._other.setEnabled(False)
            self.cancel_requested.emit(self._run.id)

    @Slot()
    def _on_other_clicked(self) -> None:
        if self._run is None:
            return
        self._other.setEnabled(False)
        waits = self._run.state is RunState.WAITING
        (self.next_requested if waits else self.pause_requested).emit(self._run.id)
