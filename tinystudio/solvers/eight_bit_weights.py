"""Weights in 8 bits for layers that compute in float, between layers that compute in INT8."""

from __future__ import annotations

from collections.abc import Collection

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.levels import TABLES, by_rows, scaled_axes, storable
from tinystudio.solvers.rounding import rounded
from tinystudio.solvers.stored_weights import StoredWeight, codes_of, stored

BITS = 8
# Numbers of a table that is unpacked when the file is loaded: 0.4 MB. One scale serves all rows of
# a larger one, which then stays in 8 bits in memory as well.
LARGEST_TABLE = 100_000


def with_8_bit_weights(network: Network, nodes: Collection[str]) -> Network:
    """Return `network` with the float weights of these nodes stored in 8 bits.

    Layers get a scale per output channel, tables one per row, both rounded to nearest; what is
    barely worth storing (see `levels.storable`) stays as it is.
    """
    known = layers(network)
    return stored(
        network,
        {
            name: _nearest(network.weights[name], known.get(node))
            for node, names in storable(network).items()
            if node in nodes
            for name in names
        },
    )


def small_tables(network: Network) -> set[str]:
    """Return the nodes that look rows up in a table of the network's own, if it is not large."""
    return {
        node
        for node, names in storable(network).items()
        if network.node(node).op_type in TABLES
        and all(network.weights[name].size <= LARGEST_TABLE for name in names)
    }


def _nearest(weight: Array, layer: Layer | None) -> StoredWeight:
    if layer is None:
        return by_rows(weight, BITS)
    made = rounded(layer.matrices(weight), None, BITS)
    codes = layer.weight_of(made.values)
    spans = scaled_axes(layer, weight.ndim)
    axes = tuple(axis for axis in range(weight.ndim) if axis not in spans)
    return StoredWeight(codes, codes_of(layer.weight_of(made.weights), codes, axes), BITS)
