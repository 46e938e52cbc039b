"""The status bar: the engine, the computer, the project."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QLabel, QStatusBar

from tinystudio.gui.elided import Yielding
from tinystudio.gui.number_marks import fixed
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

EngineState = Literal["starting", "ready", "working", "restarted", "stopped"]
LOOK_EVERY_MS = 1000
MOST_PERCENT, MUCH_GB = 100.0, 88.8  # as wide as these figures become
MEASURED_OF = "Of the whole computer: all of its cores, and the memory that all programs use."
BUSY_ABOVE = 50.0  # percent of all cores in use: timing then needs wider intervals
_ENGINE: dict[EngineState, tuple[str, str]] = {
    "starting": ("Engine starting…", "muted"),
    "ready": ("Engine ready", "good"),
    "working": ("Engine working", "accent"),
    "restarted": ("Engine restarted", "warning"),
    "stopped": ("Engine stopped", "bad"),
}


class StatusLine(QStatusBar):
    """Looks at the computer once a second; the rest it is told."""

    def __init__(self) -> None:
        super().__init__()
        self._engine, self._computer, self._project = (QLabel() for _ in range(3))
        self._quiet = Yielding()
        self._timer = QTimer(self)
        self._lay_out()
        self._timer.timeout.connect(self._look)
        self.show_engine("starting")

    def _lay_out(self) -> None:
        self.setSizeGripEnabled(False)
        self.setContentsMargins(GRID, 0, GRID, 0)
        names = ("Engine", "Processor and memory in use", "Quiet enough to time", "Project")
        labels = (self._engine, self._computer, self._quiet, self._project)
        for label, name in zip(labels, names, strict=True):
            label.setAccessibleName(tr(name))
            set_role(label, "muted")
        for label in labels[:3]:
            label.setContentsMargins(0, 0, 2 * GRID, 0)
            self.addWidget(label)
        self._computer.setToolTip(tr(MEASURED_OF))
        self.addPermanentWidget(self._project)

    def begin(self) -> None:
        """Begin to look at the computer."""
        self._show_use(MOST_PERCENT, MUCH_GB)
        self._look()
        self._timer.start(LOOK_EVERY_MS)

    def show_engine(self, state: EngineState) -> None:
        """Say how the engine is."""
        text, role = _ENGINE[state]
        self._engine.setText(tr(text))
        set_role(self._engine, role)

    def show_project(self, name: str, state: str) -> None:
        """Say which project is open and whether all is saved."""
        self._project.setText(tr("project {name} · {state}").format(name=name, state=tr(state)))

    @Slot()
    def _look(self) -> None:
        import psutil  # not before the first paint

        share = psutil.cpu_percent(interval=None)
        used = psutil.virtual_memory().used / 1e9
        self._show_use(share, used)
        busy = share > BUSY_ABOVE
        self._quiet.set_text(
            tr("busy: times get wider intervals") if busy else tr("quiet enough to time")
        )

    def _show_use(self, percent: float, used_gb: float) -> None:
        """Keep room for the longest so far: the words would be cut until the bar is laid out."""
        self._computer.setText(tr(f"CPU {percent:.0f} % · memory {fixed(used_gb, 1)} GB"))
        wanted = self._computer.sizeHint().width()
        self._computer.setMinimumWidth(max(wanted, self._computer.minimumWidth()))
