"""How far changed answers are from the original's, as one number that can be added up.

For classes the mean divergence KL(original || changed) of the answers' probabilities, else the
mean square change as a share of the outputs' variance. Divergences of small changes add up as the
changes' squares do, which is what a choice among many layers' levels needs.
"""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.metrics.class_scores import class_rows, log_shares

TINY = 1e-12


def has_classes(original: Array, classifies: bool) -> bool:
    """Say whether answers (n, ...) are scores of classes, of which one is to be the largest."""
    return classifies and class_rows(original).shape[1] >= 2


def of_classes(original: Array, changed: Array) -> Array:
    """Return the mean divergence of scores (..., n, classes) from those of `original`, (...)."""
    before, after = log_shares(original), log_shares(changed)
    lost = (np.exp(before) * (before - after)).sum(axis=-1).mean(axis=-1)
    return np.asarray(np.maximum(lost, 0.0))


def of_numbers(original: Array, changes: Array) -> Array:
    """Return the mean square of changes (..., numbers) as a share of the original's variance."""
    power = float(original.var()) + TINY
    return np.asarray(np.square(changes, dtype=np.float64).mean(axis=-1) / power)


def divergence(original: Array, changed: Array, classifies: bool) -> float:
    """Return how far the answers `changed` (n, ...) are from `original`."""
    before, after = (class_rows(item).astype(np.float64) for item in (original, changed))
    if not np.isfinite(after).all():
        return float("inf")
    if has_classes(original, classifies):
        return float(of_classes(before, after))
    return float(of_numbers(before, (after - before).ravel()))
