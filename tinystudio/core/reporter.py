"""How long work tells how far it is, and hears that it should stop."""

from __future__ import annotations

from typing import Protocol

from tinystudio.core.moment import Moment


class Reporter(Protocol):
    """Given to everything that takes longer than a blink."""

    def progress(self, done: float, total: float, text: str) -> None:
        """Say that `done` of `total` is done; never goes down within one piece of work."""

    def check(self) -> None:
        """Call between batches: raises `Cancelled` when asked to stop, and lets a timing pass."""

    def learned(self, moment: Moment) -> None:
        """Say where a training stands: its curves are drawn from this."""


class Silent:
    """A reporter for work nobody watches."""

    def progress(self, done: float, total: float, text: str) -> None:
        """Say nothing."""

    def check(self) -> None:
        """Go on."""

    def learned(self, moment: Moment) -> None:
        """Say nothing."""


class Part:
    """A reporter for one stretch of a longer work: maps its progress into `start`..`end`."""

    def __init__(self, whole: Reporter, start: float, end: float) -> None:
        self._whole, self._start, self._end = whole, start, end

    def progress(self, done: float, total: float, text: str) -> None:
        share = done / total if total else 1.0
        self._whole.progress(self._start + (self._end - self._start) * share, 1.0, text)

    def check(self) -> None:
        self._whole.check()

    def learned(self, moment: Moment) -> None:
        self._whole.learned(moment)
