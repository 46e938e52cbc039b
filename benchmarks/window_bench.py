"""The real window on an empty project, to be watched: its heartbeat, and waiting in its loop."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from tinystudio.gui.app import make_application  # tinystudio.gui mends PySide6
from tinystudio.session.project import open_project
from tinystudio.session.settings import Settings

HEARTBEAT_MS = 5
WITHIN_S = 60.0  # whatever takes longer has failed


@contextmanager
def home() -> Iterator[Path]:
    """Say how busy the machine is; for as long as this lasts, keep everything in one folder."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    load, cores = psutil.getloadavg()[0], psutil.cpu_count() or 1
    print(f"load before    {load:.1f} on {cores} cores; other work makes all figures worse")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{name}_HOME"] = str(Path(folder, name.lower()))
        yield Path(folder)


@contextmanager
def opened(folder: Path) -> Iterator[Bench]:
    """Open the window on an empty project below `folder`; closed with the block."""
    bench = Bench(folder / "bench.tinystudio")
    try:
        yield bench
    finally:
        bench.end()


class Heartbeat(QObject):
    """Notes in the event loop's own thread how long it is from one tick to the next."""

    def __init__(self) -> None:
        super().__init__()
        self._last: float | None = None
        self._gaps: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(HEARTBEAT_MS)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()

    def begin(self) -> None:
        """Forget what was."""
        self._last, self._gaps = None, []

    def taken(self) -> list[float]:
        """Return the gaps since `begin`, in milliseconds."""
        return [1000 * gap for gap in self._gaps]

    @Slot()
    def _on_tick(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self._gaps.append(now - self._last)
        self._last = now


class Bench:
    """The real window on an empty project; `wait` lets its event loop run."""

    def __init__(self, folder: Path) -> None:
        self._application: QApplication = make_application()
        from tinystudio.gui.actions import Actions
        from tinystudio.gui.assembly import Assembly
        from tinystudio.gui.window import MainWindow

        actions = Actions()
        self._window = MainWindow(actions)
        self.parts = Assembly(self._window, actions, Settings())
        self.studio = self.parts.studio
        self._window.resize(1280, 800)
        self._window.show()
        self.studio.open(open_project(folder))
        self.heartbeat = Heartbeat()

    def open(self, network: str) -> None:
        """Open a gallery network as a click in the browser does, and wait for its figures."""
        self.parts.opening.open(network)
        self.wait(self.is_quiet)
        self.pause(0.5)

    def is_quiet(self) -> bool:
        """Say whether the engines are up and nothing runs."""
        up = self.studio.engine_state in ("ready", "restarted")
        return up and not self.studio.session.runs.open

    def pause(self, seconds: float) -> None:
        """Let the event loop run that long."""
        end = time.perf_counter() + seconds
        self.wait(lambda: time.perf_counter() >= end, seconds + 1)

    def wait(self, until: Callable[[], bool], within: float = WITHIN_S) -> None:
        """Let the event loop run until something is so; the heartbeat wakes it often enough."""
        end = time.perf_counter() + within
        while not until():
            if time.perf_counter() > end:
                raise SystemExit("the window waited in vain")
            self._application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def end(self) -> None:
        """Close the project and end the engines."""
        self.studio.close()
        self._window.hide()


def beats(bench: Bench, seconds: float) -> list[float]:
    """Return the gaps of so many seconds, ms."""
    bench.heartbeat.begin()
    bench.pause(seconds)
    return bench.heartbeat.taken()


def summary(values: Sequence[float]) -> dict[str, float]:
    """Return percentiles and the worst."""
    p50, p95, p99 = np.percentile(values, [50, 95, 99]).tolist()
    return {"p50": p50, "p95": p95, "p99": p99, "worst": max(values)}
