"""Weights that a graph stores as integers and turns into floats before it uses them.

Two forms, both of constants alone, which runtimes compute once, when they load the file:

    weight = Cast(codes) x scale                (see `solvers.stored_weights`)
    weight = table[Cast(codes)]                 (see `solvers.stored_palettes`)

the second with Gather, or with GatherElements where rows have tables of their own, and maybe
rearranged after that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from tinystudio.graph.network import Network

_LOOK_UPS = frozenset({"Gather", "GatherElements"})
_REARRANGING = frozenset({"Reshape", "Transpose"})


@dataclass(frozen=True)
class DecodedWeight:
    """One such weight: the constants it is made of, and the tensor that layers read.

    `scale` names the floats: a factor, or (`is_table`) the values that the codes choose from.
    `nodes` are the names of the nodes that decode it.
    """

    codes: str
    scale: str
    weight: str
    nodes: tuple[str, ...]
    is_table: bool = False


def decoded_weights(network: Network) -> tuple[DecodedWeight, ...]:
    """Return the network's decoded weights, in the order of computation."""
    return tuple(_found(network))


def constant_tensors(network: Network) -> frozenset[str]:
    """Return what nodes compute from constants alone: no activation, whatever the input is."""
    known = set(network.weights)
    made: set[str] = set()
    for node in network.nodes:
        if node.input and all(name in known for name in node.input if name):
            made.update(node.output)
            known.update(node.output)
    return frozenset(made)


def _found(network: Network) -> Iterator[DecodedWeight]:
    for node in network.nodes:
        codes = node.input[0] if node.op_type == "Cast" else ""
        if codes not in network.weights or network.weights[codes].dtype.kind == "f":
            continue
        reader = _sole_reader(network, node.output[0])
        scale = None if reader is None else _other(reader, node.output[0])
        if reader is None or scale is None or scale not in network.weights:
            continue
        if not np.issubdtype(network.weights[scale].dtype, np.floating):
            continue
        if reader.op_type == "Mul":
            yield DecodedWeight(codes, scale, reader.output[0], (node.name, reader.name))
        else:
            path = [node, reader, *_rearranged(network, reader.output[0])]
            names = tuple(item.name for item in path)
            yield DecodedWeight(codes, scale, path[-1].output[0], names, is_table=True)


def _other(node: NodeProto, tensor: str) -> str | None:
    """Return what `tensor` is multiplied by, or is the index into."""
    others = [name for name in node.input if name != tensor]
    if len(others) != 1:
        return None
    is_index = node.op_type in _LOOK_UPS and node.input[1] == tensor
    return others[0] if node.op_type == "Mul" or is_index else None


def _rearranged(network: Network, tensor: str) -> Iterator[NodeProto]:
    """Yield what only brings the looked up values into the weight's shape."""
    reader = _sole_reader(network, tensor)
    while reader is not None and reader.op_type in _REARRANGING and reader.input[0] == tensor:
        yield reader
        tensor = reader.output[0]
        reader = _sole_reader(network, tensor)


def _sole_reader(network: Network, tensor: str) -> NodeProto | None:
    readers = network.consumers(tensor)
    return readers[0] if len(readers) == 1 else None
