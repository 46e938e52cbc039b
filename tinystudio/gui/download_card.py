"""What is known of one data set that can be downloaded, its licence, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.downloads.download import Download
from tinystudio.downloads.fetching import Progress
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr, tr_help
from tinystudio.gui.theme import GRID
from tinystudio.gui.wording import duration_text, size_text

Stage = Literal["absent", "partly", "running", "stopping", "here"]
BAR_STEPS = 1000
ACCEPT = "I have read the licence and will keep to it"
DELETE, REALLY = "Delete from this computer", "Really delete it?"
NO_MODEL = "No model is included: open your own, then attach this data."


@dataclass(frozen=True)
class DownloadShown:
    """How a data set stands: `reason` why it cannot be fetched now, `trouble` what went wrong.

    `reason_not_attached`: why it cannot be attached to a model now; empty where it can.
    """

    download: Download
    stage: Stage
    arrived_bytes: int = 0
    progress: Progress | None = None
    reason: str = ""
    trouble: str = ""
    reason_not_attached: str = ""


class DownloadCard(QWidget):
    """Shows one; signals carry nothing, they are about the one that is shown."""

    download_requested = Signal()
    stop_requested = Signal()
    attach_requested = Signal()
    removal_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title, self._question, self._help = _label("title"), _label(), _label("muted")
        self._rights = QFrame()
        self._licence, self._warning = _label("heading"), _label("warning")
        self._terms, self._source = _label(), _label("muted")
        self._files, self._state = _label("muted"), _label("heading")
        self._trouble, self._reason = _label("bad"), _label("warning")
        self._page = QPushButton(tr("Open the page"))
        self._accepts = QCheckBox(tr(ACCEPT))
        self._bar, self._doing = QProgressBar(), _label("muted")
        self._go, self._stop = QPushButton(tr("Download")), QPushButton(tr("Stop"))
        self._attach, self._remove = (
            QPushButton(tr("Attach to the open model")),
            QPushButton(tr(DELETE)),
        )
        self._is_asked = False  # whether the next press deletes
        self._shown: DownloadShown | None = None
        self._lay_out()
        self._connect()

    def show_download(self, shown: DownloadShown) -> None:
        """Show how a data set stands."""
        before, self._shown = self._shown, shown
        if before is None or before.download.id != shown.download.id:
            self._tell(shown.download)
        stage = shown.stage
        is_working = stage in ("running", "stopping")
        is_here = stage == "here"
        self._state.setText(tr(state_words(shown)))
        for label, text in ((self._reason, shown.reason), (self._trouble, shown.trouble)):
            label.setText(tr("" if is_working or is_here else text))
            label.setVisible(bool(label.text()))
        self._show_progress(shown.progress if is_working else None, is_working)
        self._accepts.setVisible(not is_working and not is_here)
        self._go.setVisible(not is_working and not is_here)
        self._go.setText(tr("Download") if stage == "absent" else tr("Go on downloading"))
        self._go.setAccessibleName(self._go.text())
        self._stop.setVisible(is_working)
        self._stop.setEnabled(stage == "running")
        self._attach.setVisible(is_here)
        self._attach.setEnabled(not shown.reason_not_attached)
        self._attach.setToolTip(tr(shown.reason_not_attached))
        self._remove.setVisible(not is_working and stage != "absent")
        self._allow()

    def _tell(self, download: Download) -> None:
        """Say what stays the same; a licence is accepted for one data set alone."""
        self._accepts.setChecked(False)
        self._is_asked = False
        self._remove.setText(tr(DELETE))
        self._title.setText(tr(download.title))
        self._question.setText(tr(download.question))
        self._help.setText(" ".join(tr_help(download.help).split()))
        self._licence.setText(tr("Licence: {licence}").format(licence=tr(download.licence)))
        self._warning.setText(tr("NON-COMMERCIAL: not for use in or for a business."))
        self._warning.setVisible(download.is_non_commercial)
        self._terms.setText(tr(download.terms))
        self._source.setText(tr("Source: {source}").format(source=tr(download.source)))
        self._page.setVisible(download.source.startswith(("https://", "http://")))
        self._files.setText(tr(files_words(download)))

    def _show_progress(self, progress: Progress | None, is_working: bool) -> None:
        self._bar.setVisible(is_working)
        self._doing.setVisible(is_working)
        if progress is None:
            self._bar.setRange(0, 0 if is_working else BAR_STEPS)
            self._doing.setText(tr("Connecting…") if is_working else "")
            return
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setValue(round(BAR_STEPS * min(1.0, progress.done / max(1, progress.total))))
        self._doing.setText(tr(progress_words(progress)))

    @Slot()
    def _open_page(self) -> None:
        if self._shown is not None:
            QDesktopServices.openUrl(QUrl(self._shown.download.source))

    @Slot()
    def _allow(self) -> None:
        """Let it be fetched where the licence is accepted and there is a way to it."""
        is_reachable = self._shown is not None and not self._shown.reason
        self._accepts.setEnabled(is_reachable)
        self._go.setEnabled(is_reachable and self._accepts.isChecked())

    @Slot()
    def _on_remove(self) -> None:
        """Ask back on the button itself; nothing else is stopped by the question."""
        if not self._is_asked:
            self._is_asked = True
            self._remove.setText(tr(REALLY))
            return
        self._is_asked = False
        self._remove.setText(tr(DELETE))
        self.removal_requested.emit()

    def _lay_out(self) -> None:
        self._source.setAccessibleName(tr("Where the data comes from"))
        self._source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_role(self._page, "link")
        self._page.setToolTip(tr("Open the source's page in the browser: it tells the licence"))
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Downloading"))
        set_role(self._go, "primary")
        set_role(self._attach, "primary")
        set_role(self._rights, "card")
        rights = QVBoxLayout(self._rights)
        rights.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        for part in (self._licence, self._warning, self._terms):
            rights.addWidget(part)
        source = QHBoxLayout()
        source.addWidget(self._source, 1)
        source.addWidget(self._page)
        rights.addLayout(source)
        rights.addWidget(self._accepts)
        buttons = QHBoxLayout()
        for button in (self._remove, self._stop):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self._go, self._attach):
            buttons.addWidget(button)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(2 * GRID)
        for label in (self._title, self._question, self._help, self._files):
            body.addWidget(label)
        body.addWidget(self._rights)
        body.addStretch(1)
        for widget in (self._state, self._reason, self._trouble, self._bar, self._doing):
            body.addWidget(widget)
        body.addLayout(buttons)

    def _connect(self) -> None:
        self._page.clicked.connect(self._open_page)
        self._accepts.toggled.connect(self._allow)
        self._go.clicked.connect(self.download_requested)
        self._stop.clicked.connect(self.stop_requested)
        self._attach.clicked.connect(self.attach_requested)
        self._remove.clicked.connect(self._on_remove)


def size_words(download: Download) -> str:
    """Return how much is fetched."""
    return f"{'' if download.is_exact else 'about '}{size_text(download.size_bytes)}"


def files_words(download: Download) -> str:
    """Return what is fetched, from where, and whether it can be checked."""
    count = len(download.files)
    files = "1 file" if count == 1 else f"{count} files"
    hosts = ", ".join(dict.fromkeys(file.host for file in download.files))
    checked = "checked against the published checksum before it is used."
    if download.unchecked:
        checked = (
            f"no checksum of {', '.join(download.unchecked)} is published: it cannot be checked, "
            "and the hash of what came is noted."
        )
    return f"{files}, {size_words(download)}; from {hosts}; {checked}"


def state_words(shown: DownloadShown) -> str:
    """Return how a data set stands, in a sentence."""
    match shown.stage:
        case "here":
            return f"It is on this computer. {NO_MODEL}"
        case "partly":
            return f"{size_text(shown.arrived_bytes)} of {size_words(shown.download)} are here."
        case "stopping":
            return "Stopping…"
        case "running":
            return "Downloading; you can go on working, or close this window."
        case _:
            return NO_MODEL


def progress_words(progress: Progress) -> str:
    """Return how far it is, how fast it goes and how long it will take."""
    words = [progress.text, f"{size_text(progress.done)} of {size_text(progress.total)}"]
    if progress.rate is not None:
        words.append(f"{size_text(progress.rate)}/s")
    if progress.seconds_left is not None:
        words.append(f"{duration_text(progress.seconds_left)} left")
    return " · ".join(words)


def _label(role: str = "") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        set_role(label, role)
    return label
