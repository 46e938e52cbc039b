"""How far each answer of a classifier is from another one, and how often it then stays right."""

from __future__ import annotations

import math

import numpy as np

from tinystudio.core.data import Array
from tinystudio.metrics.metric import Metric

# How often a normal deviate lies below so many deviations.
_DEVIATIONS = np.linspace(-6.0, 6.0, 241)
_BELOW = np.array([math.erfc(-x / math.sqrt(2)) / 2 for x in _DEVIATIONS])


def margins(scores: Array, labels: Array) -> Array:
    """Return each answer's margin, (answers,): above zero it is right.

    `scores` (answers, classes) or (answers, 1) with a yes above zero; `labels` has as many.
    """
    own = labels.reshape(-1).astype(np.int64)
    if scores.shape[1] == 1:
        return np.asarray(np.where(own > 0, scores[:, 0], -scores[:, 0]))
    rows = np.arange(len(scores))
    others = scores.copy()
    others[rows, own] = -np.inf
    return np.asarray(scores[rows, own] - others.max(axis=1))


def right_shares(margin: Array, noise: float) -> Array:
    """Return how often each answer is right if margins are off by normal noise, (samples,)."""
    return np.asarray(np.interp(np.nan_to_num(margin, nan=-np.inf) / noise, _DEVIATIONS, _BELOW))


def worth(metric: Metric, labels: Array, outputs: int) -> Array:
    """Return what each of the answers adds to the score when it is right, (answers,)."""
    own = labels.reshape(-1).astype(np.int64)
    if outputs == 1:
        perfect = np.where(own > 0, 1.0, -1.0)[:, None]
    else:
        perfect = np.zeros((len(own), outputs))
        perfect[np.arange(len(own)), own] = 1.0
    return metric.per_sample((perfect,), own)
