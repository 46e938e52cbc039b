"""What every level costs in accuracy, as one number that can be added up."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.changes import Changes
from tinystudio.measure.divergence import has_classes, of_classes, of_numbers
from tinystudio.metrics.class_scores import class_rows

_CHUNK = 64
AT_ONCE = 8_000_000  # numbers


def level_costs(changes: Changes, classifies: bool) -> Array:
    """Return the cost of every row, (rows,): 0 where nothing changes."""
    whole = changes.original.reshape(changes.shape)
    if not has_classes(whole, classifies):
        return _of_numbers(changes)
    original = class_rows(whole)
    at_once = max(1, min(_CHUNK, AT_ONCE // original.size))
    costs = np.zeros(len(changes.rows))
    for start in range(0, len(changes.rows), at_once):
        part = changes.rows[start : start + at_once]
        rows = np.stack([class_rows(row.reshape(changes.shape)) for row in part])
        costs[start : start + at_once] = of_classes(original, original + rows)
    return costs


def _of_numbers(changes: Changes) -> Array:
    """Return the rows' costs, a few at a time: in double precision all would take twice them."""
    at_once = max(1, AT_ONCE // changes.rows.shape[1])
    starts = range(0, len(changes.rows), at_once)
    parts = [of_numbers(changes.original, changes.rows[at : at + at_once]) for at in starts]
    return np.concatenate(parts)
