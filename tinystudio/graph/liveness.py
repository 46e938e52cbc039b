"""The memory that activations need at most: what is alive at the same time."""

from __future__ import annotations

import math

from tinystudio.graph.decoded_weights import constant_tensors
from tinystudio.graph.network import Network
from tinystudio.graph.sorting import reads


def peak_activation_bytes(network: Network) -> int | None:
    """Return the most bytes of activations alive at once for one sample; None: not known.

    Nodes run in their stored order. A tensor lives from the node that makes it to its last
    reader, an input from the start, an output to the end; a node's inputs and outputs are alive
    together. Working in place is not assumed (a runtime that does so needs less), nor scratch
    memory inside a node (which a runtime adds).
    """
    last: dict[str, int] = {}
    constant = constant_tensors(network)
    for index, node in enumerate(network.nodes):
        last.update(dict.fromkeys(reads(node), index))
    for port in network.outputs:
        last[port.name] = len(network.nodes)
    alive: dict[str, int] = {}
    for port in network.inputs:
        size = activation_bytes(network, port.name)
        if size is None:
            return None
        alive[port.name] = size
    peak = sum(alive.values())
    for index, node in enumerate(network.nodes):
        for name in node.output:
            if name not in last or name in constant:
                continue  # optional and not asked for; or a weight that is computed on loading
            size = activation_bytes(network, name)
            if size is None:
                return None
            alive[name] = size
        peak = max(peak, sum(alive.values()))
        for name in {*reads(node), *node.output}:
            if last.get(name, index) <= index:
                alive.pop(name, None)
    return peak


def activation_bytes(network: Network, tensor: str) -> int | None:
    """Return the bytes of a tensor for one sample; None: not known."""
    size, dtype = network.size(tensor), network.dtype(tensor)
    if size is None or dtype is None or dtype.kind == "O":
        return None
    known = [item for item in size if item is not None]
    return math.prod(known) * dtype.itemsize if len(known) == len(size) else None
