"""Weights stored as few-bit integers with a scale per block, computed with as floats.

A weight becomes  Reshape((Cast(codes) - zeros) x scales),  all constants of the graph: runtimes
fold the nodes when they load the file, so it is small on disk and as fast as before (as with one
scale per row, see `stored_weights`). The subtraction is left out where all zeros are 0, and the
Reshape where the blocks are whole rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.stored_halves import free_name, names_in

INT4_IR = 10
SMALL_BITS = 4
_PARTS = "qszfgdwr"  # codes, scales, zeros; both as floats, their difference, weight, its shape


@dataclass(frozen=True)
class StoredBlocks:
    """One weight: codes, scales and zeros of every number, all in the weight's shape.

    Codes are signed where the grid `is_symmetric`, else codes and zeros are unsigned. Blocks lie
    along `axes` axes from `axis` on (input channels and kernel places of a convolution are one
    row), `length` numbers each, by which the row can be divided.
    """

    values: Array
    scales: Array
    zeros: Array
    axis: int
    axes: int
    length: int
    bits: int
    is_symmetric: bool

    @property
    def view(self) -> tuple[int, ...]:
        """Return the shape that sets the blocks apart: (before, blocks, length, behind)."""
        shape = self.values.shape
        row = math.prod(shape[self.axis : self.axis + self.axes])
        before = math.prod(shape[: self.axis])
        behind = math.prod(shape[self.axis + self.axes :])
        return (before, row // self.length, self.length, behind)

    @property
    def weight(self) -> Array:
        """Return the weight that is stored."""
        return (self.values - self.zeros) * self.scales


def block_length(row: int, wanted: int) -> int:
    """Return the largest number up to `wanted` by which a row of this length can be divided."""
    return next(n for n in range(min(row, wanted), 0, -1) if row % n == 0)


def with_stored_blocks(network: Network, weights: Mapping[str, StoredBlocks]) -> Network:
    """Return `network` with these weights stored as integers; their names stay.

    Up to 4 bits stand two to a byte, which needs operator set 21.
    """
    if not weights:
        return network
    taken, nodes = names_in(network), list[NodeProto]()
    constants = {name: known for name, known in network.weights.items() if name not in weights}
    for number, (name, weight) in enumerate(weights.items()):
        names = {part: free_name(f"~{part}{number}", taken) for part in _PARTS}
        added, stored = _decoding(name, weight, names, network.weights[name].dtype)
        nodes += added
        constants |= stored
    made = network.with_nodes([*nodes, *network.nodes], constants)
    if all(weight.bits > SMALL_BITS for weight in weights.values()):
        return made
    model = ModelProto()
    model.CopyFrom(made.model)
    model.ir_version = max(model.ir_version, INT4_IR)
    return Network.of(model)


def _decoding(
    name: str, weight: StoredBlocks, names: Mapping[str, str], kind: np.dtype[Any]
) -> tuple[list[NodeProto], dict[str, Array]]:
    """Return the nodes that make the weight, and the constants that they read."""
    element, view = helper.np_dtype_to_tensor_dtype(kind), weight.view
    is_whole = view[1] == 1
    shape = weight.values.shape
    spread = _of_rows(weight, shape) if is_whole else (*view[:2], 1, view[3])
    held = _integers(weight.bits, signed=weight.is_symmetric)
    scales, zeros = (
        array.reshape(view)[:, :, :1].reshape(spread) for array in (weight.scales, weight.zeros)
    )
    constants = {
        names["q"]: weight.values.reshape(shape if is_whole else view).astype(held),
        names["s"]: scales.astype(kind),
    }
    nodes = [helper.make_node("Cast", [names["q"]], [names["f"]], names["f"], to=element)]
    wide = names["f"]
    if weight.zeros.any():
        constants[names["z"]] = zeros.astype(held)
        nodes += [
            helper.make_node("Cast", [names["z"]], [names["g"]], names["g"], to=element),
            helper.make_node("Sub", [wide, names["g"]], [names["d"]], names["d"]),
        ]
        wide = names["d"]
    product = name if is_whole else names["w"]
    nodes.append(helper.make_node("Mul", [wide, names["s"]], [product], names["w"]))
    if not is_whole:
        constants[names["r"]] = np.array(shape, np.int64)
        nodes.append(helper.make_node("Reshape", [product, names["r"]], [name], names["r"]))
    return nodes, constants


def _of_rows(weight: StoredBlocks, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one number per row, which spreads over the weight."""
    inside = range(weight.axis, weight.axis + weight.axes)
    return tuple(1 if at in inside else size for at, size in enumerate(shape))


def _integers(bits: int, *, signed: bool) -> np.dtype[Any]:
    small = TensorProto.INT4 if signed else TensorProto.UINT4
    large = TensorProto.INT8 if signed else TensorProto.UINT8
    found: np.dtype[Any] = helper.tensor_dtype_to_np_dtype(small if bits <= SMALL_BITS else large)
    return found
