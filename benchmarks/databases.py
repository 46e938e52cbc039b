"""Layer databases built as the product builds them, and the files of their choices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.networks import Subject
from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.core.reporter import Silent
from tinystudio.engine.engine import Engine
from tinystudio.engine.making import make
from tinystudio.engine.reporting import JobReporter
from tinystudio.engine.work import Work
from tinystudio.explorer.database import Database, load_database
from tinystudio.explorer.recipes import recipe_of
from tinystudio.explorer.space import Choice, Space
from tinystudio.graph.network import Network
from tinystudio.jobs.events import DatabaseReady, Event, Failed
from tinystudio.jobs.job import ExploreJob, InspectJob
from tinystudio.measure.running import outputs_of
from tinystudio.metrics import find_metric

Heard = Callable[[Event], None]


@dataclass(frozen=True)
class State:
    """A state of a database as the engine told it, so many seconds after the job began."""

    wall_s: float
    cpu_s: float
    stage: str
    path: Path


@dataclass
class Build:
    """What one job built: its states in order."""

    states: list[State] = field(default_factory=list)

    @property
    def database(self) -> Database:
        """Return the last state, read from the disk as the window reads it."""
        return load_database(self.states[-1].path)

    def first(self, stage: str) -> State:
        """Return the first state of a stage."""
        return next(state for state in self.states if state.stage == stage)


class Bench:
    """One engine, warm, on one network: builds its database, makes and runs its choices' files.

    `folder` stands for the user's cache folder, so that nothing is there beforehand.
    """

    def __init__(self, subject: Subject, folder: Path, seed: int = 0) -> None:
        self.subject, self.seed, self._folder = subject, seed, folder
        self.network, self.dataset = subject.network(), subject.dataset()
        self.cache = Cache()
        self._engine = Engine(folder / "artifacts", self.cache)
        self._work = Work(
            folder / "artifacts", self.cache, _ignored,
            JobReporter("benchmark", _ignored, threading.Event()),
        )  # fmt: skip
        # An open network was inspected: libraries are loaded, the network and the data are read.
        self._run(InspectJob(network=subject.reference, data=subject.data, seed=seed), _ignored)

    def build(
        self, search_s: float = 0.0, timed: bool = True, stop: threading.Event | None = None,
        hear: Heard = lambda _: None, within_bytes: float | None = None,
    ) -> Build:  # fmt: skip
        """Carry out the job that the window sends when a model with data is opened."""
        job = ExploreJob(
            network=self.subject.reference, data=self.subject.data, seed=self.seed,
            search_s=search_s, time=timed, within_bytes=within_bytes,
        )  # fmt: skip
        done, wall, cpu = Build(), time.perf_counter(), time.process_time()

        def heard(event: Event) -> None:
            hear(event)
            if isinstance(event, DatabaseReady):
                spent = time.perf_counter() - wall, time.process_time() - cpu
                done.states.append(State(*spent, event.stage, Path(event.path)))

        self._run(job, heard, stop)
        return done

    def forget_memory(self) -> None:
        """Start with an engine that has nothing in memory, as after a restart of the program."""
        self.cache = Cache()
        self._engine = Engine(self._folder / "artifacts", self.cache)
        self._run(
            InspectJob(network=self.subject.reference, data=self.subject.data, seed=self.seed),
            _ignored,
        )

    def file(self, space: Space, choice: Choice, epochs: float = 0.0) -> Network:
        """Return the network of a choice with the very bytes that an export writes."""
        recipe = recipe_of(space, choice, epochs)
        with cached_in(self._folder):
            made = make(self.network, recipe, self.dataset, self.seed, Silent(), self.cache)
        return self._work.finished(made.network, recipe, self.subject.reference, self.dataset)

    def judged(self, database: Database) -> Samples:
        """Return the validation samples that a database predicts for."""
        return self.dataset.validation.first(database.samples)

    def outputs(self, network: Network, samples: Samples) -> Array:
        """Return a network's true outputs, as predictions are of them."""
        found = outputs_of(network.data, samples, Silent())
        return np.asarray(find_metric(self.dataset.metric).additive(found), np.float32)

    def _run(
        self, job: ExploreJob | InspectJob, hear: Heard, stop: threading.Event | None = None
    ) -> None:
        def heard(event: Event) -> None:
            if isinstance(event, Failed):
                raise RuntimeError(f"{event.title}: {event.detail}\n{event.traceback}")
            hear(event)

        with cached_in(self._folder):
            self._engine.run(job, heard, stop or threading.Event())


@contextmanager
def bench(subject: Subject, seed: int = 0) -> Iterator[Bench]:
    """Give a bench whose cache folder is new, and gone afterwards."""
    with TemporaryDirectory() as folder:
        yield Bench(subject, Path(folder), seed)


@contextmanager
def cached_in(folder: Path) -> Iterator[None]:
    """Let the program keep what can be rebuilt in this folder."""
    before = places.cache
    places.cache = lambda: folder  # type: ignore[assignment]
    try:
        yield
    finally:
        places.cache = before  # type: ignore[assignment]


def right(outputs: Array, labels: Array) -> float:
    """Return the share of right answers."""
    return float((outputs.reshape(len(labels), -1).argmax(axis=1) == labels).mean())


def dataset_of(subject: Subject) -> Dataset:
    """Return a subject's data."""
    return subject.dataset()


def _ignored(_event: Event) -> None:
    pass
