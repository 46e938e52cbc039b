"""Weights stored as few-bit indices and a table of values, computed with as floats.

A weight becomes  w = Gather(table, Cast(codes)) x scale,  all constants of the graph, which
onnxruntime folds when it loads the file: a chain of four convolutions of 64 channels took 96 us so
and with float weights, and loaded as fast. Where groups of output channels have tables of their own
it is GatherElements over (groups, values), brought into the weight's shape by Reshape (and
Transpose where the output channels are the weight's last axis).
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

    `scales` (channels of `axis`,) or None. `bits` that a code needs at most; up to 4 stand two to a
    byte, which needs operator set 21.
    """

    codes: Array
    tables: Array
    scales: Array | None
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
    picked = name if palette.scales is None else names.picked
    shared = len(palette.tables) == 1
    tensors, nodes = (_one_table if shared else _several)(picked, palette, names, weight)
    if palette.scales is not None:
        sizes = [1] * weight.ndim
        sizes[palette.axis] = -1
        scale = palette.scales.reshape(sizes).astype(weight.dtype)
        tensors.append(numpy_helper.from_array(scale, names.scale))
        nodes.append(helper.make_node("Mul", [picked, names.scale], [name], names.product))
    cast = helper.make_node("Cast", [names.codes], [names.wide], names.wide, to=TensorProto.INT32)
    return tensors, [cast, *nodes]


def _one_table(
    name: str, palette: StoredPalette, names: StoredNames, weight: Array
) -> tuple[list[TensorProto], list[NodeProto]]:
    table = numpy_helper.from_array(palette.tables[0].astype(weight.dtype), names.table)
    gather = helper.make_node("Gather", [names.table, names.wide], [name], names.picked)
    return [integers(names.codes, palette.codes, palette.bits, signed=False), table], [gather]


def _several(
    name: str, palette: StoredPalette, names: StoredNames, weight: Array
) -> tuple[list[TensorProto], list[NodeProto]]:
    turned = np.moveaxis(palette.codes, palette.axis, 0)
    codes = turned.reshape(len(palette.tables), -1)
    rows, last = f"{names.table}r", f"{names.table}t" if palette.axis else name
    inputs = [names.table, names.wide]
    nodes = [
        helper.make_node("GatherElements", inputs, [rows], rows, axis=1),
        helper.make_node("Reshape", [rows, names.shape], [last], f"{names.table}s"),
    ]
    if palette.axis:
        order = [palette.axis, *(axis for axis in range(weight.ndim) if axis != palette.axis)]
        back = np.argsort(order).tolist()
        nodes.append(helper.make_node("Transpose", [last], [name], last, perm=back))
    tensors = [
        integers(names.codes, codes, palette.bits, signed=False),
        numpy_helper.from_array(palette.tables.astype(weight.dtype), names.table),
        numpy_helper.from_array(np.array(turned.shape, np.int64), names.shape),
    ]
    return tensors, nodes
