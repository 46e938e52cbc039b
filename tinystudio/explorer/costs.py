"""What every level costs in accuracy, as one number that can be added up."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.changes import Changes
from tinystudio.measure.divergence import has_classes, of_classes, of_numbers

_CHUNK = 64


def level_costs(changes: Changes, classifies: bool) -> Array:
    """Return the cost of every row, (rows,): 0 where nothing changes."""
    samples = changes.shape[0]
    original = changes.original.reshape(samples, -1)
    if not has_classes(original, classifies):
        return of_numbers(original, changes.rows)
    costs = np.zeros(len(changes.rows))
    for start in range(0, len(changes.rows), _CHUNK):
        rows = changes.rows[start : start + _CHUNK].reshape(-1, *original.shape)
        costs[start : start + _CHUNK] = of_classes(original, original + rows)
    return costs
