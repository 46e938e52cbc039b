"""Smoothing: what 8-bit activations find hard is moved into the weights that read them.

A few channels of an activation may be far larger than the rest and take all of its 256 steps. At a
seam (see `seams`) channel c is divided by  s_c = a_c^strength / w_c^(1 - strength), with a_c the
largest activation seen and w_c the largest weight that reads it (Xiao et al., "SmoothQuant", ICML
2023).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.calibration import Probe
from tinystudio.solvers.seams import Reader, Seam, largest, rescaled

LARGEST_FACTOR = 1e4


def peaks(network: Network, places: Sequence[Seam], probe: Probe) -> dict[str, Array]:
    """Return, by tensor, the largest magnitude of every position along the channel axis."""
    readers = {reader.tensor: reader for seam in places for reader in seam.readers}
    found: dict[str, Array] = {}
    for batch in probe.stream(network, list(readers)):
        for tensor, reader in readers.items():
            seen = _along(batch[tensor], reader.axis)
            found[tensor] = np.maximum(found[tensor], seen) if tensor in found else seen
    return found


def smoothed(
    network: Network,
    places: Sequence[Seam],
    seen: Mapping[str, Array],
    strength: float,
    check: Callable[[], None],
) -> Network:
    """Return `network` with activations evened out across these seams; `seen` from `peaks`.

    Seams are independent of one another: what one divides, its own readers multiply, so that
    what later tensors hold stays. `check` is called between seams.
    """
    for seam in places:
        check()
        network = network.with_weights(
            rescaled(network, seam, _factors(network, seam, seen, strength))
        )
    return network


def unevenness(places: Sequence[Seam], seen: Mapping[str, Array]) -> float:
    """Return how many times larger an activation's largest channel is than its typical one."""
    found = []
    for seam in places:
        values = _of_seam(seam, seen)
        alive = values[values > 0]
        if len(alive):
            found.append(np.log(alive.max() / np.median(alive)))
    return float(np.exp(np.mean(found))) if found else 1.0


def _factors(network: Network, seam: Seam, seen: Mapping[str, Array], strength: float) -> Array:
    activation = _of_seam(seam, seen)
    weight = largest(network.weights, [reader.side for reader in seam.readers], seam.channels)
    alive = (activation > 0) & (weight > 0)
    a, w = (np.where(alive, values, 1.0) for values in (activation, weight))
    factors = np.clip(a**strength / w ** (1 - strength), 1 / LARGEST_FACTOR, LARGEST_FACTOR)
    # Only what differs between channels matters: the common factor would move ranges for nothing.
    common = np.exp(np.log(factors[alive]).mean()) if alive.any() else 1.0
    return np.where(alive, factors / common, 1.0)


def _of_seam(seam: Seam, seen: Mapping[str, Array]) -> Array:
    return np.asarray(np.max([_by_channel(reader, seen) for reader in seam.readers], axis=0))


def _by_channel(reader: Reader, seen: Mapping[str, Array]) -> Array:
    return np.asarray(seen[reader.tensor].reshape(-1, reader.repeats).max(axis=1), np.float64)


def _along(values: Array, axis: int) -> Array:
    rows = np.moveaxis(values, axis, -1)
    return np.asarray(np.abs(rows).reshape(-1, rows.shape[-1]).max(axis=0))
