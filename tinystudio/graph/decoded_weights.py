"""Weights that a graph stores as integers and turns into floats before it uses them.

The form  weight = Cast(codes) x scale  with constant codes and scale (see
`solvers.stored_weights`); runtimes compute it once, when they load the file.
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
        readers = network.consumers(node.output[0])
        scale = _other(readers[0], node.output[0]) if len(readers) == 1 else None
        if scale is None or scale not in network.weights:
            continue
        if np.issubdtype(network.weights[scale].dtype, np.floating):
            yield DecodedWeight(codes, scale, readers[0].output[0])


def _other(node: NodeProto, tensor: str) -> str | None:
    others = [name for name in node.input if name != tensor]
    return others[0] if node.op_type == "Mul" and len(others) == 1 else None
