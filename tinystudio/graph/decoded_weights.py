"""Weights that a graph stores as integers and turns into floats before it uses them.

Three forms, all of constants alone, which runtimes compute once, when they load the file:

    weight = Cast(codes) x scale                              (see `solvers.stored_weights`)
    weight = Reshape((Cast(codes) - Cast(zeros)) x scale)     (see `solvers.stored_blocks`)
    weight = table[Cast(codes)] x scale                       (see `solvers.stored_palettes`)

the last with Gather, or with GatherElements where rows have tables of their own, maybe rearranged
after that, and maybe without a scale.
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

    `scale` and `table` name the floats, "" where there is none.
    """

    codes: str
    scale: str
    table: str
    weight: str

    @property
    def floats(self) -> tuple[str, ...]:
        """Return the names of the constants besides the codes."""
        return tuple(name for name in (self.table, self.scale) if name)


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
        found = _looked_up(network, node) or _multiplied(network, node)
        if found is not None:
            yield found


def _looked_up(network: Network, cast: NodeProto) -> DecodedWeight | None:
    """Return a weight that is looked up by the codes that `cast` widens."""
    reader = _sole_reader(network, cast.output[0])
    table = "" if reader is None else _table(network, reader, cast.output[0])
    if reader is None or not table:
        return None
    last = [reader, *_rearranged(network, reader.output[0])][-1].output[0]
    product = _sole_reader(network, last)
    scale = _factor(network, product, last)
    weight = product.output[0] if product is not None and scale else last
    return DecodedWeight(cast.input[0], scale, table, weight)


def _multiplied(network: Network, cast: NodeProto) -> DecodedWeight | None:
    """Return a weight that is a scale times the codes that `cast` widens, maybe less zeros."""
    wide = cast.output[0]
    shifted = _sole_reader(network, wide)
    if shifted is not None and shifted.op_type == "Sub" and shifted.input[0] == wide:
        wide = shifted.output[0]
    product = _sole_reader(network, wide)
    scale = _factor(network, product, wide)
    if product is None or not scale:
        return None
    last = _sole_reader(network, product.output[0])
    is_laid_out = last is not None and last.op_type == "Reshape"
    weight = last.output[0] if last is not None and is_laid_out else product.output[0]
    return DecodedWeight(cast.input[0], scale, "", weight)


def _table(network: Network, node: NodeProto, tensor: str) -> str:
    """Return the constant that `tensor` is an index into; "" where it is none."""
    is_index = node.op_type in _LOOK_UPS and node.input[1] == tensor
    return node.input[0] if is_index and _is_floats(network, node.input[0]) else ""


def _factor(network: Network, node: NodeProto | None, tensor: str) -> str:
    """Return the constant that `tensor` is multiplied by; "" where it is none."""
    if node is None or node.op_type != "Mul":
        return ""
    others = [name for name in node.input if name != tensor]
    return others[0] if len(others) == 1 and _is_floats(network, others[0]) else ""


def _is_floats(network: Network, name: str) -> bool:
    return name in network.weights and np.issubdtype(network.weights[name].dtype, np.floating)


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
