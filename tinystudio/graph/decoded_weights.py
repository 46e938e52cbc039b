"""Weights that a graph stores as integers and turns into floats before it uses them.

The forms  weight = Cast(codes) x scale  (see `solvers.stored_weights`) and, with scales for blocks
of a row,  Reshape((Cast(codes) - Cast(zeros)) x scale)  (`solvers.stored_blocks`), all constant;
runtimes compute it once, when they load the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from tinystudio.graph.network import Network


@dataclass(frozen=True)
class DecodedWeight:
    """One such weight: the constants it is made of, and the tensor that layers read."""

    codes: str
    scale: str
    weight: str


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
        product = _product(network, node.output[0])
        if product is None:
            continue
        scale = next((name for name in product.input if name in network.weights), None)
        if scale is not None and np.issubdtype(network.weights[scale].dtype, np.floating):
            last = _sole_reader(network, product.output[0], "Reshape") or product
            yield DecodedWeight(codes, scale, last.output[0])


def _product(network: Network, wide: str) -> NodeProto | None:
    """Return the node that multiplies codes by their scale, after zeros have been taken off."""
    shifted = _sole_reader(network, wide, "Sub")
    if shifted is not None and shifted.input[0] == wide:
        return _sole_reader(network, shifted.output[0], "Mul")
    return _sole_reader(network, wide, "Mul")


def _sole_reader(network: Network, tensor: str, op: str) -> NodeProto | None:
    readers = network.consumers(tensor)
    return readers[0] if len(readers) == 1 and readers[0].op_type == op else None
