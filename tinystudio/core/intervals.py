"""90 % intervals for proportions and differences."""

from __future__ import annotations

import math

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval

Z90 = 1.6448536269514722  # normal quantile at 0.95: two-sided 90 %
# Student's t at 0.95 for 1, 2, ... 30 degrees of freedom (two-sided 90 %), as every table has it.
_STUDENT_T = (
    6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771,
    1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706,
    1.703, 1.701, 1.699, 1.697,
)  # fmt: skip


def student_t(freedom: int) -> float:
    """Return Student's t for two-sided 90 % at `freedom` (at least 1) degrees of freedom."""
    return _STUDENT_T[min(freedom, len(_STUDENT_T)) - 1]


def wilson(successes: int, count: int) -> Interval:
    """Return the Wilson score interval of a proportion (Wilson 1927; Brown, Cai, DasGupta 2001).

    Raises ValueError when `count` is not positive.
    """
    if count <= 0:
        raise ValueError("a proportion of no samples has no interval")
    share = successes / count
    centre = share + Z90**2 / (2 * count)
    spread = Z90 * math.sqrt(share * (1 - share) / count + Z90**2 / (4 * count**2))
    scale = 1 + Z90**2 / count
    low, high = (centre - spread) / scale, (centre + spread) / scale
    # Rounding must not leave out the share itself, as 1e-17 would with no success.
    return (max(0.0, min(share, low)), min(1.0, max(share, high)))


def bootstrap(values: Array, seed: int, statistic: str = "mean", rounds: int = 1000) -> Interval:
    """Return the percentile bootstrap interval of the mean or median of `values` (n,)."""
    draws = np.random.default_rng(seed).integers(0, len(values), (rounds, len(values)))
    pick = np.median if statistic == "median" else np.mean
    low, high = np.quantile(pick(values[draws], axis=1), [0.05, 0.95])
    return (float(low), float(high))


def paired_difference(original: Array, variant: Array) -> tuple[float, Interval]:
    """Return the mean of variant - original per sample, and its interval.

    For 0/1 outcomes this is the difference of two paired proportions with Agresti and Min's
    (2005) adjustment, which keeps its coverage where few samples changed: half a pseudo-sample
    is added to each of the four cells, so the interval is never of width zero.
    """
    difference = variant.astype(np.float64) - original.astype(np.float64)
    count = len(difference)
    mean = float(difference.mean())
    if set(np.unique(difference)) <= {-1.0, 0.0, 1.0}:
        gained = float((difference > 0).sum()) + 0.5
        lost = float((difference < 0).sum()) + 0.5
        total = count + 2.0
        centre = (gained - lost) / total
        variance = (gained + lost - (gained - lost) ** 2 / total) / total**2
        spread = Z90 * math.sqrt(variance)
        return mean, (min(mean, centre - spread), max(mean, centre + spread))
    spread = Z90 * float(difference.std(ddof=1)) / math.sqrt(count) if count > 1 else math.inf
    return mean, (mean - spread, mean + spread)
