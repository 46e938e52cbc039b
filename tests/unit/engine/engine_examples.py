"""A small network and its data on disk, and an engine's belongings to work on them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from example_networks import mlp, residual_cnn

from tinystudio.core.cache import Cache
from tinystudio.engine.engine import Engine
from tinystudio.engine.reporting import JobReporter
from tinystudio.engine.work import Work
from tinystudio.jobs.events import Event
from tinystudio.jobs.job import Job
from tinystudio.jobs.recipe import Recipe, Step

DYNAMIC = Recipe(steps=(Step.of("dynamic-quantization"),))
PRUNED = Recipe(steps=(Step.of("weight-pruning"),))


def write_example(folder: Path, images: bool = False) -> tuple[str, str]:
    """Write a network and its data; return their paths."""
    example = residual_cnn() if images else mlp()
    network, data = folder / "net.onnx", folder / "data.npz"
    network.write_bytes(example.network.data)
    assert example.test.labels is not None
    np.savez(data, x=example.test.inputs[0], y=example.test.labels)
    return str(network), str(data)


@dataclass
class Listening:
    """An engine whose words are noted; `stop_at` asks for the end at the first such event."""

    folder: Path
    stop_at: str = ""
    said: list[Event] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.engine = Engine(self.folder / "artifacts")

    def run(self, job: Job) -> list[Event]:
        """Run a job and return what the engine said."""
        self.said = []
        self.engine.run(job, self._hear, self.stop)
        return self.said

    def _hear(self, event: Event) -> None:
        self.said.append(event)
        if event.kind == self.stop_at:
            self.stop.set()


def work_in(folder: Path, said: list[Event]) -> Work:
    """Return an engine's belongings without an engine."""
    reporter = JobReporter("job", said.append, threading.Event())
    return Work(folder / "artifacts", Cache(), said.append, reporter)
