"""The matrices of recurrent layers: gates = W x + R h + bias, each seen as a layer of its own.

W (directions, gates x units, features) reads the input, R (directions, gates x units, units) the
state of its own direction, which is what the layer gives out, one step later. Both can be solved
again when what they read goes: the gates' inputs are kept, as the outputs of other layers are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute
from tinystudio.solvers.layers import Layer, is_shared
from tinystudio.solvers.quantizable import RECURRENT

WEIGHT, STATE_WEIGHT, BIAS = 1, 2, 3


@dataclass(frozen=True)
class Recurrence(Layer):
    """One of the two matrices. `bias`: the weight that holds both biases, or none.

    `directions_axis` is the axis of the input, from the end, that tells directions apart; None:
    W, for which all directions read the same. A block is a direction of R; W has one.
    """

    bias: str
    directions_axis: int | None

    @property
    def out_axis(self) -> int:
        """Return the axis of the weight that makes the gates."""
        return 1

    @property
    def channel_axis(self) -> int:
        """Return the axis of the input that holds what is read."""
        return -1

    @property
    def width(self) -> int:
        """Return how many columns each block's matrix has."""
        return self.shape[2]

    def matrices(self, weight: Array) -> Array:
        """Return the weight as (blocks, rows, columns) in float64."""
        return weight.astype(np.float64).reshape(self.blocks, -1, self.shape[2])

    def weight_of(self, matrices: Array) -> Array:
        """Return matrices (blocks, rows, columns) in the shape the node wants."""
        return np.ascontiguousarray(matrices.reshape(self.shape))

    def columns(self, positions: Array) -> tuple[Array, ...]:
        """Return, per block, the columns that belong to these positions of `axis`."""
        return (positions,) * self.blocks

    def unfold(self, values: Array, places: Array | None = None) -> Array:
        """Return the input as columns (blocks, rows, columns) in float32."""
        return super().unfold(self._side_by_side(values), places)

    def places(self, values: Array) -> int:
        """Return how many columns one step (or sample) of this input gives."""
        return super().places(self._side_by_side(values))

    def _side_by_side(self, values: Array) -> Array:
        """Return states (.., directions, .., units) as (.., .., directions x units)."""
        if self.directions_axis is None:
            return values
        last = np.moveaxis(values, self.directions_axis, -2)
        return last.reshape(*last.shape[:-2], -1)


def recurrences(network: Network) -> dict[str, Recurrence]:
    """Return both matrices of every recurrent layer, as "node/W" and "node/R".

    Left out: weights that are computed or shared, and R where the layer gives out no states.
    """
    found: dict[str, Recurrence] = {}
    for node in network.nodes:
        if node.op_type in RECURRENT:
            found[f"{node.name}/W"] = _matrix(network, node, WEIGHT)
            if node.output[0]:
                found[f"{node.name}/R"] = _matrix(network, node, STATE_WEIGHT)
    return {
        name: item
        for name, item in found.items()
        if item.weight in network.weights and not is_shared(network, item.weight)
    }


def shifted_biases(
    network: Network,
    known: Mapping[str, Layer],
    shifts: Mapping[str, Array],
) -> dict[str, Array]:
    """Return the biases that keep the gates' mean inputs, by weight name, uncut.

    `shifts` (directions x rows) by name. What has no bias, or shares it, goes without.
    """
    changed: dict[str, Array] = {}
    for name, shift in shifts.items():
        item = known[name]
        if not isinstance(item, Recurrence):
            raise TypeError(f"'{name}' is no recurrent layer")
        if item.bias not in network.weights or is_shared(network, item.bias):
            continue
        bias = np.array(changed.get(item.bias, network.weights[item.bias]))
        rows = bias.shape[1] // 2
        first = 0 if item.directions_axis is None else rows
        bias[:, first : first + rows] += shift.reshape(len(bias), rows).astype(bias.dtype)
        changed[item.bias] = bias
    return changed


def _matrix(network: Network, node: NodeProto, index: int) -> Recurrence:
    weight = node.input[index]
    shape = network.size(weight) or (0, 0, 0)
    of_state = index == STATE_WEIGHT
    along = -2 if attribute(node, "layout", 0) else -3
    return Recurrence(
        node=node.name,
        op=node.op_type,
        weight=weight,
        shape=tuple(int(size or 0) for size in shape),
        axis=2,
        blocks=int(shape[0] or 1) if of_state else 1,
        input=node.output[0] if of_state else node.input[0],
        output=node.output[0],
        window=None,
        bias=node.input[BIAS] if len(node.input) > BIAS else "",
        directions_axis=along if of_state else None,
    )
