"""Finds models and data of the open project again that are no longer where they were."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from tinystudio.gui.data_filter import DATA
from tinystudio.gui.file_dialogs import MODELS, FileDialogs
from tinystudio.gui.notice import Notice, Way
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.studio import Studio
from tinystudio.jobs.job import InspectJob
from tinystudio.session.moving import Lost, differences
from tinystudio.session.project import open_project
from tinystudio.session.runs import Run

FIND_FILE, FIND_FOLDER = "find-file", "find-folder"
FIND = "Find it"


@dataclass(frozen=True)
class _Candidate:
    """What was chosen for something lost, and the look at it that is under way."""

    lost: Lost
    path: Path
    job: str


class MovedDesk(QObject):
    """Knows what is lost; `lost_changed` when that is something else."""

    lost_changed = Signal()

    def __init__(self, window: QWidget, studio: Studio, remembered: Remembered) -> None:
        super().__init__(window)
        self._studio, self._remembered = studio, remembered
        self._ask = FileDialogs(window, remembered)
        self._candidate: _Candidate | None = None
        self.lost: Lost | None = None
        studio.project_changed.connect(self._look)
        studio.network_changed.connect(self._look)
        studio.runs_changed.connect(self._on_runs_changed)

    @property
    def words(self) -> str:
        """Return what to say about what is lost."""
        if self.lost is None:
            return ""
        path = self.lost.path
        if self._candidate is not None:
            return f"Comparing {self._candidate.path.name} with what was measured…"
        return f"{path.name} was not found in {path.parent}. What was measured on it is kept."

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """Return what can be done about it: words and action; data may be a folder."""
        if self.lost is not None and self.lost.kind == "model":
            return (("Find it…", FIND_FILE),)
        return (("File…", FIND_FILE), ("Folder…", FIND_FOLDER))

    def find(self, action: str) -> None:
        """Ask where it is now, and compare what is chosen with what was there."""
        if self.lost is None:
            return
        title = f"Where is {self.lost.path.name} now?"
        if action == FIND_FOLDER:
            self._ask.ask_folder("data", title, self.compare)
        elif self.lost.kind == "model":
            self._ask.ask_file("model", title, MODELS, self.compare)
        else:
            self._ask.ask_file("data", title, DATA, self.compare)

    def compare(self, path: Path) -> None:
        """Look at what was chosen; it takes the place of what is lost where it is the same."""
        lost, session = self.lost, self._studio.session
        if lost is None or session.network is None:
            return
        is_model = lost.kind == "model"
        job = InspectJob(
            network=lost.at(path) if is_model else session.network,
            data=None if is_model else lost.at(path),
            seed=session.state.seed,
            title=f"Compare {path.name} with what was there",
        )
        self._candidate = _Candidate(lost, path, job.id)
        self._studio.attempt(lambda: session.submit(job))
        self.lost_changed.emit()

    @Slot()
    def _look(self) -> None:
        if not self._studio.is_open:
            return
        lost = next(iter(self._studio.session.lost), None)
        if lost != self.lost:
            self.lost, self._candidate = lost, None
            self.lost_changed.emit()

    @Slot()
    def _on_runs_changed(self) -> None:
        found = self._candidate
        if found is None or not self._studio.is_open:
            return
        runs = self._studio.session.runs
        if found.job not in runs or not runs[found.job].is_ended:
            return
        self._candidate = None
        self._judge(found, runs[found.job])
        self.lost_changed.emit()

    def _judge(self, found: _Candidate, run: Run) -> None:
        if run.inspection is None:
            return  # its own notice says why it could not be read
        others = [item for item in self._studio.session.runs if item.id != run.id]
        told = differences(found.lost, others, run.inspection)
        if told:
            self._studio.raise_notice(_another(found, told))
        else:
            self._put_back(found)

    def _put_back(self, found: _Candidate) -> None:
        """Write it into the project, which is opened anew: everything in it is named otherwise."""
        folder = self._studio.session.project.folder
        self._studio.close()
        project = open_project(folder)
        done = self._studio.attempt(lambda: project.relocate(found.lost.path, found.path))
        self._studio.open(project)
        if not done:
            return
        if found.lost.kind == "model":
            settings = self._remembered.settings
            self._remembered.change(settings.with_network_moved(found.lost.path, found.path))
        self._studio.raise_notice(
            Notice(
                f"{found.path.name} has taken its place again",
                f"It is the same as was measured, and is at {found.path} now.",
                "All variants are kept.", gravity="news",
            )
        )  # fmt: skip


def _another(found: _Candidate, told: tuple[str, ...]) -> Notice:
    if found.lost.kind == "data":
        way = Way("Use it as new data", data=found.lost.at(found.path))
        kept = "Used as new data, it is measured on from now on; what was measured stays."
    else:
        way = Way("Open it as another model", network=str(found.path))
        kept = "Opened as another model, it has variants of its own."
    title = f"{found.path.name} is not the same as {found.lost.path.name} was"
    return Notice(title, " ".join(told), kept, gravity="warning", way=way)
