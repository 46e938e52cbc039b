"""Reporters that tests look at afterwards."""

from __future__ import annotations

from tinystudio.core.errors import Cancelled
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
