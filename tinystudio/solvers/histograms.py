"""How often which values occur in a tensor, counted batch by batch within bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from tinystudio.core.data import Array

MAX_BINS = 4096
SAMPLED_VALUES = 2**15  # per batch and tensor; all values count for the minimum and maximum
SEED = 0  # which values are sampled is part of the result


@dataclass
class Histogram:
    """Counts of values in bins whose width is a power of two.

    Bin i covers [(first + i) * width, (first + i + 1) * width): zero is always an edge, and when
    a batch reaches further than MAX_BINS bins, neighbours merge in pairs, so no count is ever
    guessed again. `low` and `high` are the exact minimum and maximum of all values seen; `zeros`
    says how many of the counted values were exactly zero (a rectifier makes many).
    """

    low: float = math.inf
    high: float = -math.inf
    zeros: int = 0
    exponent: int = -126
    first: int = 0
    counts: Array = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def width(self) -> float:
        """Return the width of a bin, in the tensor's unit."""
        return math.ldexp(1.0, self.exponent)

    @property
    def centres(self) -> Array:
        """Return the middle of every bin, (bins,)."""
        return (self.first + np.arange(len(self.counts)) + 0.5) * self.width

    @property
    def nonzero_counts(self) -> Array:
        """Return the counts without the values that are exactly zero, (bins,)."""
        counts = self.counts.copy()
        if self.zeros:
            counts[-self.first] -= self.zeros
        return counts

    @property
    def size_bytes(self) -> int:
        """Return what this takes in memory."""
        return int(self.counts.nbytes)

    def add(self, values: Array) -> None:
        """Count the values of one batch, of any shape; values that are not finite are left out."""
        flat = values.ravel()
        if flat.dtype not in (np.float32, np.float64):
            flat = flat.astype(np.float32)
        flat = flat if np.isfinite(flat).all() else flat[np.isfinite(flat)]
        if flat.size == 0:
            return
        self.low = min(self.low, float(flat.min()))
        self.high = max(self.high, float(flat.max()))
        self._widen()
        sampled = _sampled(flat).astype(np.float64)  # else the smallest underflow into zero's bin
        bins = np.floor(sampled * (1.0 / self.width)).astype(np.int64) - self.first
        self.zeros += int((sampled == 0).sum())
        self.counts += np.bincount(bins, minlength=len(self.counts))

    def _widen(self) -> None:
        """Make room for `low`..`high`, merging neighbouring bins where there would be too many."""
        exponent = max(self.exponent, _exponent(self.low, self.high))
        merged = _merged(self.counts, self.first, exponent - self.exponent)
        before = self.first >> (exponent - self.exponent)
        self.exponent = exponent
        first, last = (math.floor(edge / self.width) for edge in (self.low, self.high))
        counts = np.zeros(last - first + 1, np.int64)
        counts[before - first : before - first + len(merged)] = merged
        self.first, self.counts = first, counts


def _exponent(low: float, high: float) -> int:
    """Return the smallest exponent whose bins cover low..high in at most MAX_BINS + 1 bins."""
    reach = max(high - low, abs(high) * 2.0**-20, abs(low) * 2.0**-20, 2.0**-100)
    exponent = math.ceil(math.log2(reach / MAX_BINS))
    # The difference is rounded: -1e-30..4096 reaches 4096, but takes 4098 bins of width 1.
    first, last = (math.floor(math.ldexp(edge, -exponent)) for edge in (low, high))
    return exponent + (last - first > MAX_BINS)


def _merged(counts: Array, first: int, halvings: int) -> Array:
    """Merge 2**halvings neighbours; bins stay aligned to multiples of their new width."""
    if not len(counts) or halvings == 0:
        return counts
    group = (first + np.arange(len(counts))) >> min(halvings, 62)  # int64 has no more bits
    return np.bincount(group - group[0], weights=counts).astype(np.int64)


def _sampled(flat: Array) -> Array:
    """Return at most SAMPLED_VALUES values, drawn: a stride would favour some channels."""
    if len(flat) <= SAMPLED_VALUES:
        return flat
    return flat[np.random.default_rng(SEED).integers(0, len(flat), SAMPLED_VALUES)]
