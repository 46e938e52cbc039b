"""Intervals of scores that are means of values per sample."""

from __future__ import annotations

import math

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.intervals import Z90, bootstrap, wilson
from tinystudio.core.measurement import Interval
from tinystudio.metrics.metric import Bounds

SEED = 0  # intervals of one file are the same whenever they are asked for


def mean_interval(values: Array, bounds: Bounds) -> Interval:
    """Return the 90 % interval of the mean of values (n,): the wider of bootstrap and normal."""
    mean = float(values.mean())
    if not np.isfinite(values).all():
        return (mean, mean)
    # A bootstrap of the mean is too narrow for few samples by about sqrt(n / (n - 1)).
    low, high = bootstrap(values, SEED)
    if len(values) > 1:
        spread = Z90 * float(values.std(ddof=1)) / math.sqrt(len(values))
        low, high = min(low, mean - spread), max(high, mean + spread)
    return (max(bounds[0], float(low)), min(bounds[1], float(high)))


def share_interval(values: Array, score: float, count: int) -> Interval:
    """Return the interval of a score within 0..1 whose values (n,) are centred on it.

    On the scale of logits, so that it stays inside. Where no value deviates, as when everything
    is right, the values say nothing: then it is Wilson's of `count` answers that are all alike.
    """
    if not np.isfinite(values).all():
        return (score, score)
    deviation = float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    if deviation == 0.0 or not 0.0 < score < 1.0:
        low, high = wilson(round(score * count), count)
        return (min(low, score), max(high, score))
    middle = math.log(score / (1 - score))
    half = Z90 * deviation / (score * (1 - score))
    return (_logistic(middle - half), _logistic(middle + half))


def _logistic(value: float) -> float:
    if value < -700:
        return 0.0
    return 1 / (1 + math.exp(-value))
