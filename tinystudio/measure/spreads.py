"""How the values of tensors are spread: histograms over common bins, and the range per channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array

BINS = 48
MOST_CHANNELS = 256  # told one by one
DRAWN_VALUES = 1_000_000  # for the histogram; ranges are of all values
SEED = 0  # which values are drawn is part of the result


@dataclass(frozen=True)
class ValueSpread:
    """Shares in the bins, and the least and largest value of every channel told."""

    shares: Array
    low: float
    high: float
    lows: Array
    highs: Array
    channels: int


def spreads_of(arrays: Sequence[Array | None]) -> tuple[Array, list[ValueSpread | None]]:
    """Return the edges of common bins, and how each array (channels, values) is spread over them.

    Values that are not finite are left out; an array without any others has no spread.
    """
    known = [None if array is None else array.astype(np.float64) for array in arrays]
    finite = [array[np.isfinite(array)] for array in known if array is not None]
    finite = [values for values in finite if values.size]
    if not finite:
        return np.zeros(0), [None] * len(arrays)
    low, high = min(float(v.min()) for v in finite), max(float(v.max()) for v in finite)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BINS + 1)
    return edges, [None if array is None else _spread(array, edges) for array in known]


def _spread(array: Array, edges: Array) -> ValueSpread | None:
    flat = array[np.isfinite(array)]
    if not flat.size:
        return None
    drawn = flat
    if flat.size > DRAWN_VALUES:
        drawn = flat[np.random.default_rng(SEED).integers(0, flat.size, DRAWN_VALUES)]
    counts, _ = np.histogram(drawn, edges)
    shown = np.where(np.isfinite(array[:MOST_CHANNELS]), array[:MOST_CHANNELS], np.nan)
    known = shown[~np.isnan(shown).all(axis=1)]
    return ValueSpread(
        shares=counts / len(drawn),
        low=float(flat.min()),
        high=float(flat.max()),
        lows=np.nanmin(known, axis=1),
        highs=np.nanmax(known, axis=1),
        channels=len(array),
    )
