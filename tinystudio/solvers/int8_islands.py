"""Which nodes stay in float where only some layers compute in 8 bits."""

from __future__ import annotations

from collections.abc import Collection

from tinystudio.graph.network import Network
from tinystudio.graph.segments import segments


def left_out(network: Network, int8_layers: Collection[str]) -> set[str]:
    """Return the nodes that `quantizing.quantized` must leave alone.

    What follows a layer (activation, pooling, an addition that it completes) computes as that
    layer does: the fewest conversions, since a pooling makes what has to be converted smaller,
    and 8 bits of a value that only passes through lose nothing more. What an addition gets from
    a layer of the other kind is converted on its way.
    """
    return {
        name
        for segment in segments(network)
        if segment.heavy not in int8_layers
        for name in segment.nodes
    }
