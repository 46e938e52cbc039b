"""Reporters and checkpoints that tests look at afterwards."""

from __future__ import annotations

from tinystudio.core.errors import Cancelled
from tinystudio.core.moment import Moment
from tinystudio.core.reporter import Silent


class Watching(Silent):
    """Notes how far the work says it is, how often it listens, and cancels when told to."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.fractions: list[float] = []
        self.checks = 0
        self.cancel_at = cancel_at

    def progress(self, done: float, total: float, text: str) -> None:
        self.fractions.append(done / total)
        assert text

    def check(self) -> None:
        self.checks += 1
        if self.checks == self.cancel_at:
            raise Cancelled


class Noting(Watching):
    """Notes where a training stands as well."""

    def __init__(self, cancel_at: int | None = None) -> None:
        super().__init__(cancel_at)
        self.moments: list[Moment] = []

    def learned(self, moment: Moment) -> None:
        self.moments.append(moment)


class InMemory:
    """A checkpoint that is not on a disk."""

    def __init__(self, data: bytes | None = None) -> None:
        self.data = data

    def read(self) -> bytes | None:
        return self.data

    def write(self, data: bytes) -> None:
        self.data = data

    def forget(self) -> None:
        self.data = None
