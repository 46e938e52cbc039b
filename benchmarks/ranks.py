"""Rank correlation and monotone regression, in numpy."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array


def ranks(values: Array) -> Array:
    """Return average ranks, equal values sharing one."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[where])


def spearman(first: Array, second: Array) -> float:
    """Return Spearman's rank correlation (ties by average rank)."""
    return float(np.corrcoef(ranks(first), ranks(second))[0, 1])


class Isotonic:
    """The falling function nearest to some points (pool adjacent violators), straight between."""

    def __init__(self, x: Array, y: Array) -> None:
        order = np.argsort(x, kind="stable")
        self._x = x[order].astype(np.float64)
        self._y = -_rising(-y[order].astype(np.float64))

    def __call__(self, x: Array) -> Array:
        """Return the fitted values at `x`."""
        return np.asarray(np.interp(x, self._x, self._y))


def _rising(y: Array) -> Array:
    means: list[float] = []
    counts: list[int] = []
    for value in y:
        means.append(float(value))
        counts.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            total = counts[-2] + counts[-1]
            means[-2:] = [(means[-2] * counts[-2] + means[-1] * counts[-1]) / total]
            counts[-2:] = [total]
    return np.repeat(means, counts)
