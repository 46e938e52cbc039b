"""Work on files that may take a while, done beside the window, which waits for nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from tinystudio.core.errors import UserError
from tinystudio.gui.studio import Studio

LOOK_MS = 50


@dataclass
class _Task:
    thread: threading.Thread
    done: Callable[[Any], object]
    result: Any = None
    problem: UserError | None = None


class Background(QObject):
    """Each piece of work has a thread of its own, which touches no widget and no session.

    `done` is called in the window's thread with what the work returned; a `UserError` of the work
    becomes a notice.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self._tasks: list[_Task] = []
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_busy(self) -> bool:
        """Say whether something is being done."""
        return bool(self._tasks)

    def run(self, name: str, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        """Begin with `work`; `name` is the thread's."""

        def carry_out() -> None:
            try:
                task.result = work()
            except UserError as error:
                task.problem = error

        # A daemon: what is half written when the program ends has another name until it is whole.
        task = _Task(threading.Thread(target=carry_out, name=name, daemon=True), done)
        self._tasks.append(task)
        task.thread.start()
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        ended = [task for task in self._tasks if not task.thread.is_alive()]
        self._tasks = [task for task in self._tasks if task not in ended]
        if not self._tasks:
            self._timer.stop()
        for task in ended:
            self._studio.attempt(partial(_finish, task))


def _finish(task: _Task) -> None:
    if task.problem is not None:
        raise task.problem
    task.done(task.result)
