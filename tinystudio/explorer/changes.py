"""What every single level does to the network's outputs, sample by sample.

The effects of several levels are added up in the outputs (the logits of a classifier): scalar
losses would add up worse, and per-sample changes keep what each choice does to which sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.space import Choice, Space

EMBEDDED = 24  # dimensions that tell choices apart: the rest is under 1 % of the distance


@dataclass(frozen=True)
class Changes:
    """Of one network on some samples, every output flattened.

    `original` (samples, outputs) float32; `rows` (levels of all axes, samples x outputs) float32:
    the change that a level alone makes, zero for each axis's first; `shape` of one output array.
    """

    original: Array
    rows: Array
    shape: tuple[int, ...]

    def indices(self, space: Space, choice: Choice) -> Array:
        """Return the rows that a choice adds up."""
        return first_rows(space) + np.asarray(choice, np.int64)

    def added(self, space: Space, choice: Choice) -> Array:
        """Return what a choice changes if effects add up, (samples x outputs,)."""
        used = np.flatnonzero(np.asarray(choice))
        if not len(used):
            return np.zeros(self.rows.shape[1], np.float32)
        return np.asarray(self.rows[self.indices(space, choice)[used]].sum(axis=0))

    @cached_property
    def embedding(self) -> Array:
        """Return `rows` in few dimensions, (rows, EMBEDDED): their distances are kept.

        Root mean square change of an output, so that distances read in the outputs' unit.
        """
        gram = (self.rows @ self.rows.T).astype(np.float64) / self.rows.shape[1]
        values, vectors = np.linalg.eigh(gram)
        most = np.argsort(values)[::-1][:EMBEDDED]
        return np.asarray(vectors[:, most] * np.sqrt(np.maximum(values[most], 0.0)))


def first_rows(space: Space) -> Array:
    """Return where each axis's rows begin, (axes,)."""
    return np.concatenate([[0], np.cumsum(space.sizes)[:-1]]).astype(np.int64)


def single_choices(space: Space) -> Iterator[tuple[int, Choice]]:
    """Yield every choice that differs from the original in one axis, with its row."""
    starts = first_rows(space)
    for axis, count in enumerate(space.sizes):
        for level in range(1, count):
            choice = space.original
            choice[axis] = level
            yield int(starts[axis]) + level, choice
