"""Has data sets downloaded while the work goes on, and shows how far they are."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from tinystudio.core.errors import UserError
from tinystudio.downloads import downloads
from tinystudio.downloads.download import PREFIX, Download
from tinystudio.downloads.fetching import fetch
from tinystudio.downloads.keeping import arrived_bytes, note_of, remove
from tinystudio.gui.download_card import DownloadShown, Stage
from tinystudio.gui.download_sheet import DownloadSheet
from tinystudio.gui.notice import Notice
from tinystudio.gui.studio import Studio
from tinystudio.gui.window import MainWindow
from tinystudio.session.downloading import (
    Downloading,
    DownloadState,
    Fetch,
    LookUp,
    Reachability,
)

LOOK_EVERY_MS = 150
AT_THE_END_S = 0.3  # a thread that waits for the network longer ends with the program


class DownloadDesk(QObject):
    """Downloads go on without the sheet; each is told of by a notice when it ends.

    `fetch` and `look_up` stand for the network.
    """

    files_changed = Signal()  # a data set is here that was not, or the other way round

    def __init__(
        self, window: MainWindow, studio: Studio, fetch: Fetch = fetch,
        look_up: LookUp | None = None,
    ) -> None:  # fmt: skip
        super().__init__(window)
        self._window, self._studio = window, studio
        self._fetch, self._look_up = fetch, look_up
        self._running: dict[str, Downloading] = {}
        self._problems: dict[str, UserError] = {}
        self._reach: Reachability | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._on_tick)
        self.sheet: DownloadSheet | None = None
        studio.network_changed.connect(self._refresh)

    @Slot()
    def show(self, reference: str = "") -> None:
        """Show the data sets, the one of that reference first; look whether they can be reached."""
        hosts = {file.host for item in downloads().values() for file in item.files}
        self._reach = Reachability(hosts, self._look_up)
        if self.sheet is None:
            self.sheet = DownloadSheet(self._window)
            self.sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.sheet.chosen.connect(self._refresh)
            self.sheet.download_requested.connect(self._on_download)
            self.sheet.stop_requested.connect(self._on_stop)
            self.sheet.attach_requested.connect(self._on_attach)
            self.sheet.removal_requested.connect(self._on_removal)
            self.sheet.finished.connect(self._on_closed)
        self._refresh()
        if reference or not self.sheet.current:
            self.sheet.choose(reference.removeprefix(PREFIX))
        self.sheet.show()
        self.sheet.raise_()
        self._timer.start()

    def close(self) -> None:
        """Stop everything; what has arrived is kept."""
        self._timer.stop()
        for item in self._running.values():
            item.stop()
        for item in self._running.values():
            item.wait(AT_THE_END_S)
        if self._reach is not None:
            self._reach.wait(AT_THE_END_S)
        if self.sheet is not None:
            self.sheet.close()

    @Slot()
    def _on_tick(self) -> None:
        ended = [id for id, item in self._running.items() if _is_ended(item)]
        for id in ended:
            self._tell(self._running.pop(id))
        self._refresh()
        is_looking = self._reach is not None and not self._reach.is_known
        if not self._running and not (is_looking and self.sheet is not None):
            self._timer.stop()

    def _tell(self, ended: Downloading) -> None:
        download = ended.download
        if ended.problem is not None:
            self._problems[download.id] = ended.problem
            self._studio.raise_notice(Notice.of(ended.problem))
        elif ended.note is not None:
            self.files_changed.emit()
            unchecked = [file for file in ended.note.files if not file.is_checked]
            said = "".join(
                f" {file.name} could not be checked, its SHA-256 is {file.sha256}."
                for file in unchecked
            )
            self._studio.raise_notice(
                Notice(
                    f"{download.title} has been downloaded",
                    f"File > Download data attaches it to the open model.{said}",
                    gravity="warning" if unchecked else "news",
                )
            )

    @Slot()
    def _refresh(self) -> None:
        if self.sheet is not None:
            self.sheet.show_all([self._shown(item) for item in downloads().values()])

    def _shown(self, download: Download) -> DownloadShown:
        running, problem = self._running.get(download.id), self._problems.get(download.id)
        return DownloadShown(
            download,
            self._stage(download, running),
            0 if running is not None else arrived_bytes(download),
            None if running is None else running.progress,
            self._reason(download),
            "" if problem is None else f"{problem.detail} {problem.hint}",
            self._reason_not_attached(),
        )

    @staticmethod
    def _stage(download: Download, running: Downloading | None) -> Stage:
        if running is not None:
            return "stopping" if running.state is DownloadState.STOPPING else "running"
        if note_of(download) is not None:
            return "here"
        return "partly" if arrived_bytes(download) else "absent"

    def _reason(self, download: Download) -> str:
        if self._reach is None:
            return ""
        reasons = (self._reach.reason_against(file.host) for file in download.files)
        return next((reason for reason in reasons if reason), "")

    def _reason_not_attached(self) -> str:
        if not self._studio.is_open or self._studio.session.network is None:
            return "Open a model first."
        if self._studio.session.project.is_read_only:
            return "The project is open for reading only."
        return ""

    @Slot(str)
    def _on_download(self, id: str) -> None:
        if id not in self._running:
            self._problems.pop(id, None)
            self._running[id] = Downloading(downloads()[id], self._fetch)
        self._refresh()
        self._timer.start()

    @Slot(str)
    def _on_stop(self, id: str) -> None:
        if id in self._running:
            self._running[id].stop()
        self._refresh()

    @Slot(str)
    def _on_attach(self, id: str) -> None:
        self._studio.attach_data(downloads()[id].reference)
        if self.sheet is not None:
            self.sheet.close()

    @Slot(str)
    def _on_removal(self, id: str) -> None:
        self._problems.pop(id, None)
        self._studio.attempt(lambda: remove(downloads()[id]))
        self.files_changed.emit()
        self._refresh()

    @Slot()
    def _on_closed(self) -> None:
        if self.sender() is self.sheet:
            self.sheet = None


def _is_ended(item: Downloading) -> bool:
    return item.state not in (DownloadState.RUNNING, DownloadState.STOPPING)
