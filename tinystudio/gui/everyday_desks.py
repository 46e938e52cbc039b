"""What is asked for now and then and has a menu entry of its own: reports, sharing and more."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from tinystudio.gui.again_desk import AgainDesk
from tinystudio.gui.background import Background
from tinystudio.gui.baseline_desk import BaselineDesk
from tinystudio.gui.diagnostics_desk import DiagnosticsDesk
from tinystudio.gui.disk_desk import DiskDesk
from tinystudio.gui.file_dialogs import FileDialogs
from tinystudio.gui.report_desk import ReportDesk
from tinystudio.gui.sharing_desk import SharingDesk
from tinystudio.gui.studio import Studio
from tinystudio.gui.window import MainWindow


class EverydayDesks(QObject):
    """Makes the desks; `table` says which action each of them carries out."""

    def __init__(self, window: MainWindow, studio: Studio, ask: FileDialogs) -> None:
        super().__init__(window)
        self.background = Background(studio)
        self.reports = ReportDesk(studio, ask, self.background)
        self.sharing = SharingDesk(studio, ask, self.background)
        self.again = AgainDesk(studio)
        self.baseline = BaselineDesk(studio, ask)
        self.disk = DiskDesk(window, studio, self.background)
        self.diagnostics = DiagnosticsDesk(studio, ask, self.background)

    @property
    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return what is done for which action."""
        return {
            "report": self.reports.ask,
            "share-project": self.sharing.ask,
            "throughput": self.again.measure_throughput,
            "measure-stale": self.again.measure_stale,
            "set-baseline": self.baseline.choose,
            "clear-baseline": self.baseline.forget,
            "import-points": self.baseline.ask_import,
            "device-table": self.baseline.ask_table,
            "remove-points": self.baseline.remove,
            "disk-use": self.disk.show,
            "save-diagnostics": self.diagnostics.ask,
        }
