"""What an engine does while nobody asks: it makes ready what a slider will want next.

The weights of a point of the front are solved and rounded when the point is first looked at,
which takes some tenths of a second where layers are wide. In the pauses they are made beforehand,
one layer at a time, so that a job that comes waits for no more than one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path

import numpy as np

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.engine.levels_at_hand import levels_at_hand
from tinystudio.engine.resolving import resolve_dataset, resolve_network
from tinystudio.explorer.database import load_database
from tinystudio.jobs.job import PreviewJob
from tinystudio.measure.quiet import let_timing_pass

AFTER_S = 0.15  # without a job before it begins: a drag asks several times in that
BETWEEN_S = 0.002  # looked for a job between two steps

_LOG = logging.getLogger(__name__)


class IdleWork:
    """The newest thing worth doing in a pause, a step at a time. Nothing is raised."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._steps: Iterator[None] | None = None

    @property
    def is_pending(self) -> bool:
        """Say whether there is anything to do."""
        return self._steps is not None

    def want(self, key: Hashable, steps: Callable[[], Iterator[None]]) -> None:
        """Do these steps from now on, unless the same were asked for before."""
        if key != self._key:
            self._key, self._steps = key, steps()

    def step(self) -> None:
        """Do one step."""
        if self._steps is None:
            return
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
        except (UserError, ValueError, MemoryError) as error:
            _LOG.warning("nothing was made ready: %s", error)
            self._steps = None


class _Patient(Silent):
    """A reporter for work that nobody watches, and that lets timings pass."""

    def check(self) -> None:
        let_timing_pass()


def front_made_ready(job: PreviewJob, path: Path, cache: Cache) -> Iterator[None]:
    """Make the weights of every point of a database's front, a layer at a time."""
    network = resolve_network(job.network, cache, _Patient())
    dataset = resolve_dataset(job.data, job.seed, network, cache)
    levels = levels_at_hand(network, dataset, job.seed, _Patient(), cache)
    levels.study.prepare()
    yield
    database = load_database(path)
    for point in database.front:
        if point.epochs:
            continue  # kept on the disk as it was made
        choice = np.array(point.choice, np.int16)
        kept, precisions = database.space.kept(choice), database.space.precisions(choice)
        yield from levels.making_ready(kept, precisions)
