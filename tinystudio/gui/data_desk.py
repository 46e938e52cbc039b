"""Shows the card of data: when it has been attached, and when it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot

from tinystudio.core import trusted_code
from tinystudio.core.data_preview import read_preview
from tinystudio.core.data_reference import DataReference
from tinystudio.core.files import sha256
from tinystudio.datasets import format_of, formats
from tinystudio.datasets.format import DataFormat
from tinystudio.datasets.judging_setting import OWN
from tinystudio.downloads import find_download, is_download
from tinystudio.downloads.download import Download
from tinystudio.gallery import PREFIX
from tinystudio.gui.data_sheet import DataSheet, Look
from tinystudio.gui.studio import Studio
from tinystudio.gui.trust_card import TrustCard
from tinystudio.gui.window import MainWindow
from tinystudio.jobs.job import InspectJob, LookJob
from tinystudio.metrics.own.named import Named
from tinystudio.session.runs import Run
from tinystudio.session.session import Session


class DataDesk(QObject):
    """At most one card is open; a newer one takes its place."""

    def __init__(self, window: MainWindow, studio: Studio) -> None:
        super().__init__(window)
        self._window, self._studio = window, studio
        self._known: str | None = None  # the data that was attached before
        self._is_awaited = False
        self.sheet: DataSheet | None = None
        self.trust: TrustCard | None = None
        self._reference = ""  # of the data that waits for trust in what judges it
        self._asked: str | None = None  # the look at samples that is under way
        studio.project_changed.connect(self._on_project_changed)
        studio.network_changed.connect(self._on_network_changed)
        studio.runs_changed.connect(self._on_runs_changed)

    @Slot()
    def show(self) -> None:
        """Show the card of the data that is attached, as soon as it has been looked at."""
        session = self._studio.session
        if session.network is None or session.data is None:
            return
        self._is_awaited = True
        run = newest_look(session)
        if run is None or (run.is_ended and not _has_card(run)):
            job = InspectJob(
                network=session.network, data=session.data, seed=session.state.seed,
                title="Look at the data",
            )  # fmt: skip
            self._studio.attempt(lambda: session.submit(job))
        self._show_what_is_awaited()

    @Slot()
    def _on_project_changed(self) -> None:
        self._known, self._is_awaited = self._studio.session.data, False

    @Slot()
    def _on_network_changed(self) -> None:
        """See whether other data was attached; what the gallery brings along needs no card."""
        before, self._known = self._known, self._studio.session.data
        if self._known != before:
            self._is_awaited = self._known is not None and not self._known.startswith(PREFIX)
            if self.sheet is not None and not self._is_awaited:
                self.sheet.close()  # it is of data that was detached, or taken back
        self._show_what_is_awaited()

    @Slot()
    def _on_runs_changed(self) -> None:
        self._show_what_is_awaited()
        self._show_samples()

    @Slot(str)
    def _look_at_samples(self, data: str) -> None:
        """Ask for samples read so; what was asked before is of no use any more."""
        session = self._studio.session
        if self._asked is not None:
            session.cancel(self._asked)
        job = LookJob(
            network=session.network or "", data=data, seed=session.state.seed, title="Preview"
        )
        self._asked = job.id
        self._studio.attempt(lambda: session.submit(job))

    def _show_samples(self) -> None:
        runs = self._studio.session.runs
        if self.sheet is None or self._asked is None or self._asked not in runs:
            return
        run = runs[self._asked]
        if not run.is_ended:
            return
        self._asked = None
        if run.seen is not None:
            done = f"Preprocessing: {run.seen.preprocessing}."
            self.sheet.preview.show_preview(read_preview(run.seen.preview), done)
        elif run.problem is not None:
            self.sheet.preview.show_trouble(f"{run.problem.detail} {run.problem.hint}")

    @Slot()
    def _show_what_is_awaited(self) -> None:
        session = self._studio.session
        run = newest_look(session)
        if not self._is_awaited or run is None or not run.is_ended:
            return
        self._is_awaited = False
        look = look_of(run)
        if look is not None:
            self._show(look, session.project.is_read_only)

    def _show(self, look: Look, is_read_only: bool) -> None:
        if self.sheet is not None:
            self.sheet.close()
        sheet = DataSheet(look, format_shown(look), is_read_only, self._window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.reading_requested.connect(self._on_reading_requested)
        sheet.preview_requested.connect(self._look_at_samples)
        sheet.finished.connect(self._on_closed)
        self.sheet = sheet
        sheet.show()
        if look.data is not None and not sheet.has_samples:
            self._look_at_samples(look.reference)  # the cache was emptied, or never had them

    @Slot(str)
    def _on_reading_requested(self, reference: str) -> None:
        """Attach the data anew; what of the user's own would judge it is trusted first."""
        named = Named.parse(DataReference.parse(reference).settings.get(OWN, ""))
        if named is None:
            self._studio.attach_data(reference)
            return
        self._studio.attempt(lambda: self._ask_trust(named, reference))

    def _ask_trust(self, named: Named, reference: str) -> None:
        source = named.source()
        found = sha256(source)
        if trusted_code.is_trusted(found):
            self._studio.attach_data(reference)
            return
        self._reference = reference
        self.trust = TrustCard(named.title, source, found, self._window)
        self.trust.trusted.connect(self._on_trusted)
        self.trust.open()

    @Slot(str)
    def _on_trusted(self, sha: str) -> None:
        self._studio.attempt(lambda: trusted_code.trust(sha))
        self._studio.attach_data(self._reference)

    @Slot()
    def _on_closed(self) -> None:
        if self.sender() is self.sheet:
            self.sheet = None


def format_shown(look: Look) -> DataFormat | Download | None:
    """Return what data was read by, or would be; None for the gallery's."""
    if look.reference.startswith(PREFIX):
        return None
    if is_download(look.reference):
        return find_download(look.reference)
    card = None if look.data is None else look.data.card
    known = [item for item in formats() if card is not None and item.id == card.format]
    return known[0] if known else format_of(DataReference.parse(look.reference))


def newest_look(session: Session) -> Run | None:
    """Return the newest run that looked at the open model and its data."""
    wanted = (session.network, session.data, session.state.seed)
    looks = [
        run for run in session.runs
        if isinstance(run.job, InspectJob)
        and (run.job.network, run.job.data, run.job.seed) == wanted
    ]  # fmt: skip
    return looks[-1] if looks else None


def _has_card(run: Run) -> bool:
    """Say whether a run found out all that is shown: older projects have no cards."""
    found = run.inspection
    return found is not None and found.data is not None and found.data.card is not None


def look_of(run: Run) -> Look | None:
    """Return what an ended run found out about its data; None where it was cancelled."""
    assert isinstance(run.job, InspectJob)
    reference = run.job.data or ""
    if run.inspection is not None and run.inspection.data is not None:
        return Look(reference, run.inspection.data)
    if run.problem is not None:
        told = (run.problem.title + ".", run.problem.detail, run.problem.hint)
        return Look(reference, trouble=" ".join(told))
    return None
