"""A quantized network in fewer bytes: the same computation, without what quantizers repeat.

Quantizers give every tensor a scale and a zero of its own, under names longer than the numbers. In
a small network that is a tenth of the file.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from onnx import NodeProto

from tinystudio.graph.defaults import without_defaults
from tinystudio.graph.network import Network
from tinystudio.graph.sorting import reads
from tinystudio.solvers.stored_halves import free_name, names_in


def compacted(network: Network, before: Network) -> Network:
    """Return `network`, which was made from `before`, in fewer bytes and computing the same.

    Zeros of biases, which are 0, and attributes that are the default are left out; equal constants
    that are new stand in the file once; tensors and nodes that are new get short names. What
    `before` has keeps its name.
    """
    nodes = [_without_zero(network, node) for node in network.nodes]
    shared = _shared(network, set(before.weights))
    short = dict(_short_names(network, before))
    kept = {
        short.get(name, name): weight
        for name, weight in network.weights.items()
        if shared.get(name, name) == name
    }
    made = []
    for node in nodes:
        node.input[:] = [shared.get(name, name) for name in node.input]
        node.input[:] = [short.get(name, name) for name in node.input]
        node.output[:] = [short.get(name, name) for name in node.output]
        node.name = short.get(f"node {node.name}", node.name)
        made.append(node)
    return without_defaults(network.with_nodes(made, kept))


def _without_zero(network: Network, node: NodeProto) -> NodeProto:
    """Return a copy, of a 32-bit bias without its zero: onnxruntime and the standard take 0.

    Those of 8-bit weights stay: onnxruntime finds no integer kernel for layers without them.
    """
    made = NodeProto()
    made.CopyFrom(node)
    if node.op_type == "DequantizeLinear" and len(node.input) == 3:
        zero = network.weights.get(node.input[2])
        if zero is not None and zero.dtype == np.int32 and not zero.any():
            del made.input[2:]
    return made


def _shared(network: Network, original: set[str]) -> dict[str, str]:
    """Return, for every new constant that equals an earlier new one, the earlier one's name."""
    first: dict[tuple[str, tuple[int, ...], bytes], str] = {}
    found = {}
    ends = {port.name for port in network.outputs}
    for name in network.weights:
        if name in original or name in ends:
            continue
        weight = network.weights[name]
        key = (weight.dtype.name, weight.shape, weight.tobytes())
        if key in first:
            found[name] = first[key]
        first.setdefault(key, name)
    return found


def _short_names(network: Network, before: Network) -> Iterator[tuple[str, str]]:
    """Yield old and new name of every tensor and node that is new; a node's as "node NAME".

    What inner graphs read keeps its name: they are not rewritten.
    """
    known, taken, number = names_in(before), names_in(network), 0
    known |= {name for node in network.nodes for name in set(reads(node)) - set(node.input)}
    known |= {port.name for port in network.outputs}
    made = (name for node in network.nodes for name in node.output if name)
    for name in dict.fromkeys((*network.weights, *made)):
        if name not in known:
            yield name, free_name(f"~{number}", taken)
            number += 1
    for node in network.nodes:
        if node.name not in known:
            yield f"node {node.name}", free_name(f"~{number}", taken)
            number += 1
