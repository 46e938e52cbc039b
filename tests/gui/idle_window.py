"""The real window on a project, with engines that do nothing."""

from __future__ import annotations

from idle_workers import IdleWorkers

from tinystudio.gui.actions import Actions
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.window import MainWindow
from tinystudio.session.project import Project
from tinystudio.session.settings import Settings


def idle_window(settings: Settings | None = None) -> tuple[Assembly, list[IdleWorkers]]:
    """Return a window that is not shown yet, and the engines of every project it opens."""
    workers: list[IdleWorkers] = []

    def make(project: Project) -> IdleWorkers:
        workers.append(IdleWorkers(project))
        return workers[-1]

    actions = Actions()
    window = MainWindow(actions)
    return Assembly(window, actions, settings or Settings(), make), workers
