"""Has reports written: asks where to, measures what was chosen on test, writes beside the work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tinystudio.gui.background import Background
from tinystudio.gui.file_dialogs import FileDialogs
from tinystudio.gui.notice import Notice, Way
from tinystudio.gui.studio import Studio
from tinystudio.reports.subject import ReportSubject, report_subject
from tinystudio.reports.writing import check_name, write_report

REPORTS = "Reports (*.html *.pdf)"


@dataclass(frozen=True)
class _Awaited:
    """A report that is written once its variant has been measured on test."""

    output: Path
    variant: str
    jobs: tuple[str, ...]


class ReportDesk(QObject):
    """Any number of reports may be on their way."""

    def __init__(self, studio: Studio, ask: FileDialogs, background: Background) -> None:
        super().__init__(studio)
        self._studio, self._ask, self._background = studio, ask, background
        self._awaited: list[_Awaited] = []
        studio.runs_changed.connect(self._on_runs_changed)
        studio.project_changed.connect(self._on_project_changed)

    @Slot()
    def ask(self) -> None:
        """Ask where a report on the open model is to be written."""
        self._studio.attempt(self._ask_place)

    def _ask_place(self) -> None:
        report_subject(self._studio.session)  # where there is nothing to report, say it now
        self._ask.ask_new("report", "Write a report", REPORTS, "html", self.begin)

    def begin(self, output: Path) -> None:
        """Write a report to this file; what was chosen is measured on test first."""
        self._studio.attempt(lambda: self._begin(output))

    def _begin(self, output: Path) -> None:
        check_name(output)
        session = self._studio.session
        subject = report_subject(session)
        untested = () if session.project.is_read_only else subject.untested
        if not untested:
            self._write(subject, output)
            return
        jobs = tuple(filter(None, map(session.measure_on_test, untested)))
        self._awaited.append(_Awaited(output, subject.chosen.id, jobs))
        told = f"“{subject.chosen.title}” is measured once on the test data first."
        self._studio.raise_notice(Notice("The report is being made", told, gravity="news"))

    @Slot()
    def _on_runs_changed(self) -> None:
        runs = self._studio.session.runs
        for item in tuple(self._awaited):
            if all(job not in runs or runs[job].is_ended for job in item.jobs):
                self._awaited.remove(item)
                self._studio.attempt(partial(self._go_on, item))

    def _go_on(self, item: _Awaited) -> None:
        # Where that measurement failed, the report says that it is missing.
        self._write(report_subject(self._studio.session, item.variant), item.output)

    @Slot()
    def _on_project_changed(self) -> None:
        if not self._studio.is_open:
            self._awaited.clear()

    def _write(self, subject: ReportSubject, output: Path) -> None:
        self._background.run(
            "report", lambda: write_report(subject, output), lambda _: self._tell(output)
        )

    def _tell(self, output: Path) -> None:
        self._studio.raise_notice(
            Notice("The report is written", f"It is at {output}.", gravity="news",
                   way=Way("Open", file=str(output)))
        )  # fmt: skip
