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
from tinystudio.gui.theme import GRID
from tinystudio.session.runs import Run, RunState

LISTED = 50  # ended runs beyond this are in the project, not in the list
NOTHING = "No jobs yet. A measurement, a sweep or an export appears here with its progress."
_STEPS = 1000  # of the progress bar


class JobsPanel(QWidget):
    """Runs in, wishes out: newest on top."""

    cancel_requested = Signal(str)
    retry_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Jobs")
        self._rows: dict[str, JobRow] = {}
        self._nothing = QLabel(NOTHING)
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
        scroll.setAccessibleName("List of jobs")
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
        self._nothing.setVisible(not self._rows)

    def show_run(self, run: Run) -> None:
        """Show one run as it is now."""
        if not job_words.is_listed(run):
            return
        row = self._rows.get(run.id)
        if row is None:
            row = JobRow()
            row.cancel_requested.connect(self.cancel_requested)
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
    """One run: title, bar, words, state, and the one thing that can be done about it."""

    cancel_requested = Signal(str)
    retry_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._run: Run | None = None
        self._title = Elided()
        self._bar = QProgressBar()
        self._text = Elided()
        self._state = QLabel()
        self._button = QPushButton()
        self._lay_out()
        self._button.clicked.connect(self._on_clicked)

    def _lay_out(self) -> None:
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(80)
        set_role(self._text, "muted")
        set_role(self._state, "muted")
        set_role(self._button, "link")
        self._state.setMinimumWidth(80)
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._button.setMinimumWidth(64)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(2 * GRID)
        line.addWidget(self._title, 3)
        line.addWidget(self._bar, 4)
        line.addWidget(self._text, 4)
        line.addWidget(self._state)
        line.addWidget(self._button)

    def show_run(self, run: Run) -> None:
        """Show how the run stands."""
        before = self._run
        self._run = run
        title = job_words.job_title(run.job)
        self._title.set_text(title)
        self._text.set_text(job_words.job_text(run))
        self._state.setText(job_words.state_text(run))
        self._bar.setValue(round(run.fraction * _STEPS))
        self._bar.setAccessibleName(f"Progress of {title}")
        if before is None or before.state is not run.state:
            self._show_state(run, title)
        self.setToolTip(job_words.job_tooltip(run))
        self.setAccessibleName(f"{title}: {self._state.text()}")
        self.setAccessibleDescription(self.toolTip())

    def _show_state(self, run: Run, title: str) -> None:
        self._bar.setProperty("state", job_words.BAR_STATES[run.state])
        self._bar.style().unpolish(self._bar)
        self._bar.style().polish(self._bar)
        bad = run.state in (RunState.FAILED, RunState.INTERRUPTED)
        good = run.state is RunState.FINISHED
        set_role(self._state, "bad" if bad else "good" if good else "muted")
        word = "Cancel" if not run.is_ended else "Retry"
        self._button.setText(word)
        self._button.setAccessibleName(f"{word}: {title}")
        # A hidden button keeps its place, so that the columns of all rows line up.
        policy = self._button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._button.setSizePolicy(policy)
        self._button.setVisible(not run.is_ended or job_words.can_retry(run))
        self._button.setEnabled(True)

    @Slot()
    def _on_clicked(self) -> None:
        if self._run is None:
            return
        if self._run.is_ended:
            self.retry_requested.emit(self._run.id)
        else:
            self._button.setEnabled(False)
            self.cancel_requested.emit(self._run.id)
