"""What a layer database is built of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Reporter
from tinystudio.explorer.hardware_step import HardwareStep
from tinystudio.explorer.space import Space
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe
from tinystudio.metrics.metric import Metric
from tinystudio.solvers.levels import Levels

FAR_OFF = 1e4  # stands for outputs that are no numbers, of levels that break a network


@dataclass(frozen=True)
class Trainings:
    """`make` carries a recipe out, which trains on `samples` samples."""

    make: Callable[[Recipe, Reporter], Network]
    samples: int


@dataclass(frozen=True)
class Subject:
    """What a database is of: the network's levels and space, samples and how they are judged.

    `finish` gives a network what a recipe's file tells of itself; `trainings` None: there is
    nothing to train on.
    """

    original: Network
    levels: Levels
    space: Space
    samples: Samples
    metric: Metric
    seed: int
    staircase: HardwareStep | None
    finish: Callable[[Network, Recipe], Network]
    trainings: Trainings | None = None

    def additive(self, outputs: tuple[Array, ...]) -> Array:
        """Return what adds up in a network's outputs, (samples, ...) float32, all of it numbers."""
        values = np.asarray(self.metric.additive(outputs), np.float32)
        return np.nan_to_num(values, nan=-FAR_OFF, posinf=FAR_OFF, neginf=-FAR_OFF)
