"""Which range of values the 256 steps of 8 bits should cover."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.histograms import Histogram

RangeMethod = Literal["minmax", "entropy", "percentile", "mse"]
Range = tuple[float, float]

LEVELS = 256
CANDIDATES = 48  # ranges tried by the entropy method, evenly from 1/48 of the full one
COARSE_BINS = 2048  # enough for 256 levels; finer only costs time
SHRINKS = np.linspace(1.0, 0.3, 36)  # of an end of the full range: those tried for least error
SMOOTHING = 1e-4  # so that no bin has probability zero


def covered_range(histogram: Histogram, method: RangeMethod, percentile: float) -> Range:
    """Return (low, high) of the values to represent; zero is always inside.

    minmax: every value seen. percentile: all but the share 1 - percentile / 100, half of it cut
    at each end. entropy: the range whose quantized distribution loses least information about
    the original (Kullback-Leibler divergence; Migacz, "8-bit inference with TensorRT", 2017).
    mse: the range that changes the values least, in squares (Choukroun, Kravchik, Yang and Kisilev,
    "Low-bit Quantization of Neural Networks for Efficient Inference", 2019). What is outside is
    clipped to the nearest end. Raises ValueError for an empty histogram.
    """
    if not len(histogram.counts):
        raise ValueError("no values were seen")
    low, high = histogram.low, histogram.high
    if method == "percentile":
        low, high = _percentile(histogram, percentile)
    elif method == "entropy":
        low, high = _least_divergence(histogram)
    elif method == "mse":
        low, high = _least_error(histogram)
    return min(low, 0.0), max(high, 0.0)


def relative_error(histogram: Histogram, covered: Range) -> float:
    """Return the mean of |quantized - value| / |value|, at most 1 each, over non-zero values.

    Near 0: the range fits the values. Near 1: most values become zero or are cut off. Unlike a
    ratio of powers it is not blind to the many small values beside one huge one.
    """
    centres, counts = histogram.centres, histogram.nonzero_counts
    total = counts.sum()
    if total == 0:
        return 0.0
    step = max((covered[1] - covered[0]) / (LEVELS - 1), np.finfo(np.float32).tiny)
    quantized = np.clip(np.round(centres / step) * step, covered[0], covered[1])
    error = np.abs(quantized - centres) / np.abs(centres)
    return float((np.minimum(error, 1.0) * counts).sum() / total)


def _percentile(histogram: Histogram, percentile: float) -> Range:
    cut = (1.0 - percentile / 100.0) / 2.0
    shares = np.cumsum(histogram.counts) / histogram.counts.sum()
    left = int(np.searchsorted(shares, cut, side="right"))
    right = int(np.searchsorted(shares, 1.0 - cut, side="left"))
    low = (histogram.first + left) * histogram.width
    high = (histogram.first + right + 1) * histogram.width
    return max(low, histogram.low), min(high, histogram.high)


def _least_divergence(histogram: Histogram) -> Range:
    """Try ranges [-t, t], cut to what occurs, for t up to the largest magnitude.

    Zeros are left out: they are represented exactly, and a rectifier makes so many of them that
    they would hide all else.
    """
    centres, counts = _coarse(histogram)
    reach = max(abs(histogram.low), abs(histogram.high))
    best, chosen = np.inf, (histogram.low, histogram.high)
    for t in reach * np.arange(1, CANDIDATES + 1) / CANDIDATES:
        inside = np.flatnonzero((centres >= -t) & (centres <= t))
        if len(inside) < LEVELS:
            continue  # every bin would have its own level: nothing to compare
        divergence = _divergence(counts, inside)
        if divergence < best:
            best, chosen = divergence, (max(-t, histogram.low), min(t, histogram.high))
    return float(chosen[0]), float(chosen[1])


def _least_error(histogram: Histogram) -> Range:
    """Try shrinking the upper end, then the lower, then the upper again."""
    centres, counts = _coarse(histogram)
    low, high = min(histogram.low, 0.0), max(histogram.high, 0.0)
    ends = (low, high)
    for at in (1, 0, 1):
        tried = []
        for shrink in SHRINKS:
            end = (low, high)[at] * float(shrink)
            tried.append((ends[0], end) if at else (end, ends[1]))
        ends = min(tried, key=lambda given: _squared_error(centres, counts, given))
    return ends


def _squared_error(centres: Array, counts: Array, covered: Range) -> float:
    low, high = covered
    step = max((high - low) / (LEVELS - 1), np.finfo(np.float32).tiny)
    quantized = np.clip(np.round(centres / step) * step, low, high)
    return float((np.square(quantized - centres) * counts).sum())


def _coarse(histogram: Histogram) -> tuple[Array, Array]:
    """Return centres and counts in at most about COARSE_BINS bins."""
    merge = max(1, len(histogram.counts) // COARSE_BINS)
    group = (histogram.first + np.arange(len(histogram.counts))) // merge
    counts = np.bincount(group - group[0], weights=histogram.nonzero_counts)
    centres = (group[0] + np.arange(len(counts)) + 0.5) * histogram.width * merge
    return centres, counts


def _divergence(counts: Array, inside: Array) -> float:
    """Return KL(clipped distribution || the same at LEVELS levels), both smoothed."""
    first, last = inside[0], inside[-1] + 1
    original = counts[first:last]
    clipped = original.copy()
    clipped[0] += counts[:first].sum()
    clipped[-1] += counts[last:].sum()
    level = np.arange(len(original)) * LEVELS // len(original)
    occupied = original > 0
    sums = np.bincount(level, weights=original, minlength=LEVELS)
    shared = np.maximum(np.bincount(level, weights=occupied, minlength=LEVELS), 1)
    quantized = np.where(occupied, (sums / shared)[level], 0.0)
    p, q = _smoothed(clipped), _smoothed(quantized)
    return float((p * np.log(p / q)).sum())


def _smoothed(counts: Array) -> Array:
    shares = counts / max(counts.sum(), 1.0) + SMOOTHING / len(counts)
    return np.asarray(shares / shares.sum())
