"""What every level costs in accuracy, as one number that can be added up."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.changes import Changes

_CHUNK = 64


def level_costs(changes: Changes, classifies: bool) -> Array:
    """Return the cost of every row, (rows,): 0 where nothing changes.

    For classes the mean divergence KL(original || changed) of the answers' probabilities; else
    the mean square change as a share of the outputs' variance. Divergences of small changes add
    up as the changes' squares do, which is what a search over levels needs.
    """
    samples = changes.shape[0]
    original = changes.original.reshape(samples, -1)
    if not classifies or original.shape[1] < 2:
        power = float(original.var()) + 1e-12
        return np.asarray(np.square(changes.rows, dtype=np.float64).mean(axis=1) / power)
    before = _log_softmax(original)
    costs = np.zeros(len(changes.rows))
    for start in range(0, len(changes.rows), _CHUNK):
        rows = changes.rows[start : start + _CHUNK].reshape(-1, *original.shape)
        after = _log_softmax(original + rows)
        lost = (np.exp(before) * (before - after)).sum(axis=2).mean(axis=1)
        costs[start : start + _CHUNK] = lost
    return np.maximum(costs, 0.0)


def _log_softmax(scores: Array) -> Array:
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
