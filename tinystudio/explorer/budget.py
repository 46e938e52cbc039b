"""What a search is asked to keep to: bytes and milliseconds that a choice may cost at most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinystudio.core.data import Array
from tinystudio.explorer.database import Database
from tinystudio.explorer.hypervolume import Costs
from tinystudio.explorer.recipes import recipe_of
from tinystudio.explorer.space import Choice
from tinystudio.exporters.stamping import compact_json

NEAREST = 8  # points of the front around a budget that a search begins at


@dataclass(frozen=True)
class Budget:
    """The limits of a search; infinite where there is none."""

    size_bytes: float = math.inf
    latency_ms: float = math.inf

    @property
    def is_set(self) -> bool:
        """Say whether anything is limited."""
        return min(self.size_bytes, self.latency_ms) < math.inf

    def excess(self, costs: Costs) -> float:
        """Return how many times too dear something is, as a logarithm: at most 0 inside."""
        size, time = costs
        found = [math.log(max(size, 1.0) / self.size_bytes)] if self.size_bytes < math.inf else []
        if self.latency_ms < math.inf:
            found.append(math.log(max(time, 1e-9) / self.latency_ms))
        return max(found, default=0.0)

    def nearest(self, costs: Sequence[Costs]) -> list[int]:
        """Return the positions of some that lie nearest to it; of all where nothing is limited."""
        found = list(range(len(costs)))
        if not self.is_set:
            return found
        return sorted(found, key=lambda at: abs(self.excess(costs[at])))[:NEAREST]

    def holds(self, sizes: Array, times: Array) -> NDArray[np.bool_]:
        """Say of each of many choices whether it is inside."""
        return np.asarray((sizes <= self.size_bytes) & (times <= self.latency_ms))


def costs_of(
    database: Database, choices: Sequence[Choice], epochs: float = 0.0
) -> tuple[Array, Array]:
    """Return the bytes and the milliseconds (0 where none are known) of choices' files.

    What was trained for `epochs` says so in its file, which takes some bytes more.
    """
    space, table = database.space, np.stack(choices)
    sizes = np.asarray(database.sizes.file_bytes(space, table), np.float64)
    times = np.zeros(len(table))
    if database.latency is not None:
        times = database.latency.predict_many(space, table)
    if epochs > 0:
        sizes = sizes + [_told_of_training(database, choice, epochs) for choice in choices]
    return sizes, times


def _told_of_training(database: Database, choice: Choice, epochs: float) -> int:
    plain, trained = (recipe_of(database.space, choice, each) for each in (0.0, epochs))
    texts = [compact_json(recipe.model_dump(mode="json")) for recipe in (plain, trained)]
    return len(texts[1].encode()) - len(texts[0].encode())
