"""What a job's work reports through: progress that never goes back, and the ear for stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tinystudio.core.errors import Cancelled
from tinystudio.core.moment import Moment
from tinystudio.jobs.events import Event, Learned, Progressed
from tinystudio.measure.quiet import let_timing_pass

INTERVAL_S = 0.05  # twenty a second: as smooth as a bar can show, and nothing for the pipe
LEARNED_EVERY_S = 0.25  # each is written to the project's disk


class JobReporter:
    """A `Reporter` that turns progress into events of one job."""

    def __init__(
        self,
        job: str,
        emit: Callable[[Event], None],
        stop: threading.Event,
        is_lasting: bool = True,
    ) -> None:
        self._job = job
        self._is_lasting = is_lasting
        self._moments: list[Moment] = []
        self._learned_at = float("-inf")
        self._emit = emit
        self._stop = stop
        self._fraction = 0.0
        self._text = ""
        self._told_at = float("-inf")
        self._left: tuple[float, float] | None = None  # seconds, and when they were counted

    @property
    def seconds_left(self) -> float | None:
        """Return what was last expected to be left, counted down since; None: nothing is known."""
        if self._left is None:
            return None
        seconds, at = self._left
        return max(0.0, seconds - (time.monotonic() - at))

    @seconds_left.setter
    def seconds_left(self, seconds: float | None) -> None:
        self._left = None if seconds is None else (seconds, time.monotonic())

    def progress(self, done: float, total: float, text: str) -> None:
        """Tell how far the job is; at most twenty times a second, and never a step back."""
        self._say_learned()
        share = min(1.0, done / total) if total > 0 else 1.0
        self._fraction = max(self._fraction, share)
        moment = time.monotonic()
        if moment - self._told_at < INTERVAL_S and text == self._text:
            return
        self._told_at, self._text = moment, text
        left = self.seconds_left
        self._emit(Progressed(job=self._job, fraction=self._fraction, text=text, seconds_left=left))

    def tell_left(self, seconds: float) -> None:
        """Tell the time left where nothing else has changed."""
        self.seconds_left = seconds
        if self._text:
            self._told_at = time.monotonic()
            self._emit(
                Progressed(
                    job=self._job, fraction=self._fraction, text=self._text, seconds_left=seconds
                )
            )

    def check(self) -> None:
        """Stop here if asked to; let a timing pass that needs the machine to itself."""
        if self._stop.is_set():
            self._say_learned(at_once=True)
            raise Cancelled
        let_timing_pass()

    def learned(self, moment: Moment) -> None:
        """Tell the points of a training's curves, a few at a time; the last at once."""
        self._moments.append(moment)
        self._say_learned(at_once=moment.is_over or self._stop.is_set())

    def _say_learned(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if not self._moments or not (at_once or now - self._learned_at >= LEARNED_EVERY_S):
            return
        moments, self._moments, self._learned_at = tuple(self._moments), [], now
        self._emit(Learned(job=self._job, moments=moments, is_lasting=self._is_lasting))
