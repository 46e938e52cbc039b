"""Mean and covariance of a layer's input columns, gathered batch by batch.

Centred moments, since every change of a layer comes with a correction of its output's mean:
what is left of the error is dW cov dW^T. Bytes: 8 x columns^2 per block, stated by `size`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.layers import Layer

# Rows beyond this many teach a covariance little more; places are then drawn at random.
MOST_ROWS = 65_536
# Above this many columns only variances are kept (6,144 columns are 300 MB of covariance).
MOST_COLUMNS = 6_144
# A product is done in pieces of about this many numbers, so that columns never fill the memory.
PIECE = 8_000_000


@dataclass(frozen=True)
class Moments:
    """Of one layer: `mean` (blocks, columns); `covariance` (blocks, columns, columns), or None
    where the layer is too large and only `variance` (blocks, columns) is known."""

    count: int
    mean: Array
    variance: Array
    covariance: Array | None

    @property
    def size(self) -> int:
        """Return the bytes held."""
        full = 0 if self.covariance is None else self.covariance.nbytes
        return self.mean.nbytes + self.variance.nbytes + full


class _Sum:
    """Sums of columns and of their products, shifted by the first batch's mean.

    The shift keeps the subtraction of mean products from cancelling digits (Chan, Golub,
    LeVeque 1983); products in float32 over one piece, summed in float64.
    """

    def __init__(self, layer: Layer, samples: int, seed: int) -> None:
        self._layer = layer
        self._per_sample = max(1, MOST_ROWS // max(samples, 1))
        self._draw = np.random.default_rng(seed)
        self._count = 0
        self._shift: Array | None = None

    def add(self, values: Array) -> None:
        """Take in one batch of the layer's input."""
        places = self._places(values)
        taken = self._layer.places(values) if places is None else len(places)
        columns = max(1, self._layer.width) * self._layer.blocks
        step = max(1, PIECE // (taken * columns))
        for start in range(0, len(values), step):
            self._add_columns(self._layer.unfold(values[start : start + step], places))

    def moments(self) -> Moments:
        """Return what was gathered."""
        if self._shift is None:
            raise ValueError("moments of no samples")
        offset = self._sum / self._count
        mean = self._shift[:, 0].astype(np.float64) + offset
        products = self._products / self._count
        if self._full:
            covariance = products - offset[:, :, None] * offset[:, None, :]
            variance = np.einsum("bii->bi", covariance).copy()
            return Moments(self._count, mean, variance, covariance)
        return Moments(self._count, mean, products - offset**2, None)

    def _places(self, values: Array) -> Array | None:
        there = self._layer.places(values)
        if there <= self._per_sample:
            return None
        return np.sort(self._draw.choice(there, self._per_sample, replace=False))

    def _add_columns(self, columns: Array) -> None:
        if self._shift is None:
            self._begin(columns)
        centred = columns - self._shift
        self._count += centred.shape[1]
        self._sum += centred.sum(axis=1, dtype=np.float64)
        if self._full:
            for block, rows in enumerate(centred):
                self._products[block] += rows.T @ rows
        else:
            self._products += np.square(centred).sum(axis=1, dtype=np.float64)

    def _begin(self, columns: Array) -> None:
        blocks, _, width = columns.shape
        self._shift = columns.mean(axis=1, keepdims=True)
        self._full = width <= MOST_COLUMNS
        self._sum = np.zeros((blocks, width))
        self._products = np.zeros((blocks, width, width) if self._full else (blocks, width))


def gather_moments(
    wanted: Mapping[str, Layer], batches: Iterable[Mapping[str, Array]], samples: int, seed: int
) -> dict[str, Moments]:
    """Return the moments of every layer's input over `batches` of {tensor: values}.

    Layers that read the same input through the same window share one covariance.
    """
    sums: dict[tuple[object, ...], _Sum] = {}
    keys = {name: _key(layer) for name, layer in wanted.items()}
    for name, layer in wanted.items():
        sums.setdefault(keys[name], _Sum(layer, samples, seed))
    inputs = {keys[name]: layer.input for name, layer in wanted.items()}
    for batch in batches:
        for key, total in sums.items():
            total.add(batch[inputs[key]])
    done = {key: total.moments() for key, total in sums.items()}
    return {name: done[keys[name]] for name in wanted}


def _key(layer: Layer) -> tuple[object, ...]:
    return (layer.input, layer.window, layer.blocks, layer.channel_axis)
