"""Layers that multiply by weights, seen as matrices: output = matrix x columns of the input.

Convolution, Gemm and MatMul are all one product of a weight matrix with columns taken from the
layer's input, in as many independent blocks as a convolution has groups:

    matrices  (blocks, rows, columns)    rows: outputs, columns: inputs x kernel positions
    columns   (blocks, n, columns)       n: samples x positions

A transposed convolution spreads every input pixel over rows = outputs x kernel positions; what
overlaps is added later, so that keeping those contributions keeps the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute
from tinystudio.solvers.unfolding import Window, unfold


@dataclass(frozen=True)
class Layer:
    """One such node. `axis` is the axis of the weight that takes the input's channels in."""

    node: str
    op: str
    weight: str
    shape: tuple[int, ...]
    axis: int
    blocks: int
    input: str
    output: str
    window: Window | None  # None: every vector along the channel axis is one column

    @property
    def out_axis(self) -> int:
        """Return the axis of the weight that makes the output's channels."""
        return 1 - self.axis

    @property
    def out_channels(self) -> int:
        """Return how many channels come out."""
        blocks = self.blocks if self.op == "ConvTranspose" else 1
        return int(self.shape[self.out_axis]) * blocks

    @property
    def channel_axis(self) -> int:
        """Return the axis of input and output that holds the channels."""
        return -1 if self.op in ("Gemm", "MatMul") else 1

    @property
    def kernel(self) -> int:
        """Return the number of weights per pair of channels."""
        return int(np.prod(self.shape[2:], dtype=np.int64))

    @property
    def width(self) -> int:
        """Return how many columns each block's matrix has."""
        if self.op == "Conv":
            return int(self.shape[1]) * self.kernel
        return int(self.shape[self.axis]) // self.blocks

    def matrices(self, weight: Array) -> Array:
        """Return the weight as (blocks, rows, columns) in float64."""
        wide = weight.astype(np.float64)
        if self.op == "Conv":
            return wide.reshape(self.blocks, self.shape[0] // self.blocks, -1)
        if self.op == "ConvTranspose":
            inputs = self.shape[0] // self.blocks
            return wide.reshape(self.blocks, inputs, -1).transpose(0, 2, 1)
        return (wide if self.axis == 1 else wide.T)[None]

    def weight_of(self, matrices: Array) -> Array:
        """Return matrices (blocks, rows, columns) in the shape the node wants."""
        if self.op == "Conv":
            wide = matrices.reshape(self.shape)
        elif self.op == "ConvTranspose":
            wide = matrices.transpose(0, 2, 1).reshape(self.shape)
        else:
            wide = matrices[0] if self.axis == 1 else matrices[0].T
        return np.ascontiguousarray(wide)

    def columns(self, positions: Array) -> tuple[Array, ...]:
        """Return, per block, the columns that belong to these positions of `axis`."""
        if self.op == "Conv":
            spread = (positions[:, None] * self.kernel + np.arange(self.kernel)).ravel()
            return (spread,) * self.blocks
        if self.op == "ConvTranspose":
            block, column = np.divmod(positions, self.shape[0] // self.blocks)
            return tuple(column[block == index] for index in range(self.blocks))
        return (positions,)

    def unfold(self, values: Array, places: Array | None = None) -> Array:
        """Return the input (n, channels, ...) as columns (blocks, rows, columns) in float32."""
        if self.window is not None:
            return unfold(values, self.window, self.blocks, places)
        last = np.moveaxis(values, self.channel_axis, -1)
        flat = last.reshape(last.shape[0], -1, last.shape[-1])
        chosen = flat if places is None else flat[:, places]
        rows = chosen.reshape(-1, self.blocks, last.shape[-1] // self.blocks)
        return np.ascontiguousarray(rows.transpose(1, 0, 2), np.float32)

    def places(self, values: Array) -> int:
        """Return how many columns one sample of this input gives."""
        if self.window is not None:
            return int(np.prod(self.window.output_sizes(values.shape[2:]), dtype=np.int64))
        return int(np.prod(values.shape[1:], dtype=np.int64)) // int(
            values.shape[self.channel_axis]
        )


def layers(network: Network) -> dict[str, Layer]:
    """Return the network's layers by node name, in the order of computation.

    Left out: layers whose weights are computed, shared with another node, or the left factor of
    a product. What is left out is neither solved again nor repaired.
    """
    found = (_layer(network, node) for node in network.nodes)
    return {layer.node: layer for layer in found if layer is not None}


def prunable_layers(network: Network) -> dict[str, Layer]:
    """Return the layers of which single weights can go: not depthwise ones, whose few matter."""
    return {
        name: layer
        for name, layer in layers(network).items()
        if not (layer.op == "Conv" and layer.blocks > 1 and layer.shape[1] == 1)
    }


def is_shared(network: Network, weight: str) -> bool:
    """Say whether more than one node reads this weight."""
    return len(network.consumers(weight)) > 1


def _layer(network: Network, node: NodeProto) -> Layer | None:
    if node.op_type not in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
        return None
    weight = node.input[1]
    if weight not in network.weights or is_shared(network, weight):
        return None
    shape = network.weights[weight].shape
    flat = node.op_type in ("Gemm", "MatMul")
    turned = int(attribute(node, "transA", 0)) if flat else 0
    if turned or len(shape) < 2 or (flat and len(shape) != 2) or node.input[0] in network.weights:
        return None
    axis = {"Conv": 1, "ConvTranspose": 0, "MatMul": 0}.get(node.op_type)
    return Layer(
        node=node.name,
        op=node.op_type,
        weight=weight,
        shape=tuple(shape),
        axis=int(attribute(node, "transB", 0)) if axis is None else axis,
        blocks=1 if flat else int(attribute(node, "group", 1)),
        input=node.input[0],
        output=node.output[0],
        window=_window(node, shape[2:]) if node.op_type == "Conv" else None,
    )


def _window(node: NodeProto, kernel: Sequence[int]) -> Window:
    ones = [1] * len(kernel)
    return Window(
        kernel=tuple(kernel),
        strides=tuple(attribute(node, "strides", ones)),
        dilations=tuple(attribute(node, "dilations", ones)),
        pads=tuple(attribute(node, "pads", [0] * 2 * len(kernel))),
        auto_pad=attribute(node, "auto_pad", "NOTSET"),
    )
