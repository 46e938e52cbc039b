"""The share of variance that is explained, and each sample's influence on it."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array


def explained(errors: Array, away: Array) -> Array:
    """Return (n, ...) float64 whose mean over samples is 1 - mean(errors) / mean(away).

    `errors` are squared errors, `away` squared distances from the mean, both (n, ...). Each value
    is that share plus the influence of its sample (delta method of a ratio of means).
    """
    lost, variance = errors.mean(axis=0), away.mean(axis=0)
    influence = (lost * away / variance - errors) / variance
    return np.asarray(1 - lost / variance + influence)
