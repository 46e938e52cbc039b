"""One method's turn on one network: a budget of CPU seconds, files judged on validation.

CPU seconds of one process with one thread each, since the machine may be shared. Test is run
afterwards, on the files that were ever on the front, and costs nothing of the budget.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.networks import Subject, accuracy
from benchmarks.volume import Scored
from tinystudio.core.data import Samples
from tinystudio.graph.network import Network


class OutOfTimeError(Exception):
    """The budget is spent."""


@dataclass
class Entry:
    """A file that was on the front when it came."""

    cpu_s: float
    validation: float
    network: Network


@dataclass
class Contest:
    """What a method may use: the network, its data, so many CPU seconds."""

    subject: Subject
    seed: int
    budget_s: float
    folder: Path
    judged: int = 0
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.network, self.dataset = self.subject.network(), self.subject.dataset()
        self._began = time.process_time()

    def start(self) -> None:
        """Start the clock: libraries are loaded, network and data are open."""
        self._began = time.process_time()

    @property
    def spent_s(self) -> float:
        """Return the CPU seconds since the start."""
        return time.process_time() - self._began

    @property
    def left_s(self) -> float:
        """Return what is left of the budget."""
        return self.budget_s - self.spent_s

    def check(self) -> None:
        """Raise `OutOfTimeError` where nothing is left."""
        if self.left_s <= 0:
            raise OutOfTimeError

    def judge(self, network: Network) -> tuple[int, float]:
        """Return a file's bytes and accuracy on validation, and keep it if it is on the front."""
        self.check()
        size, score = len(network.data), accuracy(network, self.dataset.validation)
        self.check()  # what was not ready in time does not count
        self.judged += 1
        if not any(
            len(entry.network.data) <= size and entry.validation >= score for entry in self.entries
        ):
            self.entries.append(Entry(self.spent_s, score, network))
        return size, score

    def scored(self, bare: bool = False) -> list[Scored]:
        """Return every kept file with its accuracy on test; `bare`: bytes without metadata."""
        test: Samples = self.dataset.test
        return [
            Scored(
                entry.cpu_s, file_bytes(entry.network, bare), entry.validation,
                accuracy(entry.network, test),
            )
            for entry in self.entries
        ]  # fmt: skip


def file_bytes(network: Network, bare: bool) -> int:
    """Return the bytes of a file, `bare` without what it says about itself."""
    return len(network.with_metadata({}).data if bare else network.data)
