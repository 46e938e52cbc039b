"""Weights stored as few-bit indices and a table of values, computed with as floats.

A weight becomes  w = Gather(table, Cast(codes)),  both constants of the graph, which onnxruntime
folds when it loads the file: a chain of four convolutions of 64 channels took 96 us so and with
float weights, and loaded as fast. Where groups of output channels have tables of their own it is
GatherElements over (groups, values), brought into the weight's shape by Reshape (and Transpose
where the output channels are the weight's last axis).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.stored_weights import (
    SMALL_BITS,
    StoredNames,
    decoded_by,
    free_mark,
    integers,
)


@dataclass(frozen=True)
class StoredPalette:
    """`codes` uint8 in the weight's shape; `tables` (groups, entries) of the channels of `axis`.

    `bits` that a code needs at most; up to 4 stand two to a byte, which needs operator set 21.
    """

    codes: Array
    tables: Array
    axis: int
    bits: int


def with_palettes(network: Network, palettes: Mapping[str, StoredPalette]) -> Network:
    """Return `network` with these weights stored as codes and tables; names of tensors stay."""
    mark = free_mark(network, range(len(palettes)))
    tensors: list[TensorProto] = []
    nodes: list[NodeProto] = []
    for number, (name, palette) in enumerate(palettes.items()):
        made = _look_up(name, palette, StoredNames(number, mark), network.weights[name])
        tensors += made[0]
        nodes += made[1]
    small = any(palette.bits <= SMALL_BITS for palette in palettes.values())
    return decoded_by(network, palettes.keys(), tensors, nodes, small=small)


def stored_bytes(palette: StoredPalette, weight: Array) -> int:
    """Return about how many bytes a weight takes in a file when stored so."""
    tensors, nodes = _look_up("w" * 16, palette, StoredNames(0), weight)
    return sum(item.ByteSize() + 2 for item in (*tensors, *nodes))


def _look_up(
    name: str, palette: StoredPalette, names: StoredNames, weight: Array
) -> tuple[list[TensorProto], list[NodeProto]]:
    """Return the constants, and the nodes that make the weight of them."""
    cast = helper.make_node("Cast", [names.codes], [names.wide], names.wide, to=TensorProto.INT32)
    if len(palette.tables) == 1:
        table = numpy_helper.from_array(palette.tables[0].astype(weight.dtype), names.scale)
        inputs = [names.scale, names.wide]
        gather = helper.make_node("Gather", inputs, [name], names.product)
        return [integers(names.codes, palette.codes, palette.bits, signed=False), table], [
            cast,
            gather,
        ]
    turned = np.moveaxis(palette.codes, palette.axis, 0)
    codes = turned.reshape(len(palette.tables), -1)
    table = numpy_helper.from_array(palette.tables.astype(weight.dtype), names.scale)
    shape = numpy_helper.from_array(np.array(turned.shape, np.int64), names.shape)
    picked, last = f"{names.product}g", f"{names.product}r" if palette.axis else name
    inputs = [names.scale, names.wide]
    nodes = [
        cast,
        helper.make_node("GatherElements", inputs, [picked], names.product, axis=1),
        helper.make_node("Reshape", [picked, names.shape], [last], picked),
    ]
    if palette.axis:
        back = np.argsort([palette.axis, *(i for i in range(weight.ndim) if i != palette.axis)])
        nodes.append(helper.make_node("Transpose", [last], [name], last, perm=back.tolist()))
    return [integers(names.codes, codes, palette.bits, signed=False), table, shape], nodes
