"""What a layer's weights become when inputs go or bits are few; each made once.

Weights for the inputs that stay are solved again by least squares, few-bit weights are rounded by
GPTQ, and what both change in the layer's mean output is told as a shift for its bias. All of it is
done row by row, so dropping rows (output channels) later is an exact slice: one entry per layer,
kept inputs and bits serves every network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import Layer
from tinystudio.solvers.least_squares import solve_again
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.rounding import rounded, sweep_factors


@dataclass(frozen=True)
class Entry:
    """One layer's weights: `matrices` (blocks, rows, columns), zero where inputs are gone.

    `codes` (int8, same shape) where they are few-bit; `shift` (blocks, rows) keeps the mean
    output.
    """

    matrices: Array
    codes: Array | None
    shift: Array

    @property
    def size(self) -> int:
        """Return the bytes held."""
        codes = 0 if self.codes is None else self.codes.nbytes
        return self.matrices.nbytes + self.shift.nbytes + codes


class LayerWeights:
    """All entries of one network; `cache` keeps them, `key` names network and calibration.

    `moments` is asked when the first entry has to be made.
    """

    def __init__(
        self,
        network: Network,
        layers: Mapping[str, Layer],
        moments: Callable[[], Mapping[str, Moments]],
        cache: Cache,
        key: object,
    ) -> None:
        self._network = network
        self._layers = layers
        self._moments = moments
        self._cache = cache
        self._key = key
        self._factors: tuple[object, Array] = (None, np.zeros(0))

    def entry(self, node: str, mask: Array | None, bits: int | None = None) -> Entry:
        """Return the weights of layer `node` whose inputs `mask` (positions along its axis) stay.

        `mask` None: all inputs stay. `bits` None: floats.
        """
        name = None if mask is None else np.packbits(mask).tobytes()
        key = ("layer-weights", self._key, node, name, bits)
        return self._cache.get(key, lambda: self._make(node, mask, bits), lambda made: made.size)

    def _make(self, node: str, mask: Array | None, bits: int | None) -> Entry:
        layer, moments = self._layers[node], self._moments().get(node)
        weight = self._network.weights[layer.weight]
        old, kind = layer.matrices(weight), np.promote_types(weight.dtype, np.float32)
        if bits is None:
            new = old if mask is None else _solved(old, layer, moments, mask)
            return Entry(new.astype(kind), None, _shift(old, new, moments))
        floats = self.entry(node, mask).matrices
        codes, new = self._coded(node, floats, _columns(layer, mask), moments, bits)
        return Entry(new.astype(kind), codes, _shift(old, new, moments))

    def _coded(
        self,
        node: str,
        matrices: Array,
        columns: Sequence[Array],
        moments: Moments | None,
        bits: int,
    ) -> tuple[Array, Array]:
        """Return codes and the weights they stand for, both (blocks, rows, columns)."""
        codes, new = np.zeros(matrices.shape, np.int8), np.zeros(matrices.shape)
        even = len({len(kept) for kept in columns}) == 1
        every = np.arange(len(matrices))
        for blocks in [every] if even else [np.array([block]) for block in every]:
            at = np.stack([columns[int(block)] for block in blocks])
            if not at.size:
                continue  # a block that lost all its inputs
            picked = np.take_along_axis(matrices[blocks], at[:, None, :], axis=2)
            covariance = _covariance(moments, blocks, at)
            factors = None if covariance is None else self._factors_of(node, blocks, at, covariance)
            done = rounded(picked, covariance, bits, factors)
            codes[blocks] = _spread(done.values, at, codes[blocks])
            new[blocks] = _spread(done.weights, at, new[blocks])
        return codes, new

    def _factors_of(self, node: str, blocks: Array, at: Array, covariance: Array) -> Array:
        """Return the factors of a sweep; the last are remembered: other bits want them again."""
        key = (node, blocks.tobytes(), at.tobytes())
        if self._factors[0] != key:
            self._factors = (key, sweep_factors(covariance))
        return self._factors[1]


def _columns(layer: Layer, mask: Array | None) -> tuple[Array, ...]:
    positions = np.arange(layer.shape[layer.axis]) if mask is None else np.flatnonzero(mask)
    return layer.columns(positions)


def _solved(old: Array, layer: Layer, moments: Moments | None, mask: Array) -> Array:
    new = np.zeros_like(old)
    for block, kept in enumerate(_columns(layer, mask)):
        if moments is None or moments.covariance is None:
            new[block][:, kept] = old[block][:, kept]
        else:
            new[block] = solve_again(old[block], moments.covariance[block], kept)
    return new


def _spread(values: Array, at: Array, target: Array) -> Array:
    np.put_along_axis(target, np.broadcast_to(at[:, None, :], values.shape), values, axis=2)
    return target


def _covariance(moments: Moments | None, blocks: Array, at: Array) -> Array | None:
    if moments is None or moments.covariance is None:
        return None
    return np.stack(
        [
            moments.covariance[block][np.ix_(kept, kept)]
            for block, kept in zip(blocks, at, strict=True)
        ]
    )


def _shift(old: Array, new: Array, moments: Moments | None) -> Array:
    if moments is None:
        return np.zeros(old.shape[:2])
    return np.asarray(np.einsum("brc,bc->br", old - new, moments.mean))
