"""The real window on a project, as tests hold it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from idle_workers import IdleWorkers

from tinystudio.gui.assembly import Assembly
from tinystudio.gui.notice import Notice
from tinystudio.gui.window import MainWindow


@dataclass
class Opened:
    """The window on a project, its engines, and every notice so far."""

    assembly: Assembly
    window: MainWindow
    workers: list[IdleWorkers]
    notices: list[Notice]
    project: Path

    @property
    def engines(self) -> IdleWorkers:
        """Return the engines of the project that is open now."""
        return self.workers[-1]
