"""One layer as two in a row with few channels between them: in the graph, and what it costs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute
from tinystudio.solvers.layers import Layer

# Sizes that the graph leaves open count as if they were this; a layer's own saving hardly changes.
OPEN_SIZE = 32


@dataclass(frozen=True)
class Split:
    """A layer, and which axes of its kernel the first of the two takes; () for all but Conv."""

    layer: Layer
    first: tuple[bool, ...] = ()

    @property
    def title(self) -> str:
        """Return e.g. "3×3 then 1×1"."""
        if self.layer.op == "ConvTranspose":
            return f"1 then {_sizes(self.layer.shape[2:])} transposed"
        if not self.first:
            return "two products"
        return f"{_sizes(self.first_kernel)} then {_sizes(self.second_kernel)}"

    @property
    def first_kernel(self) -> tuple[int, ...]:
        """Return the first layer's kernel."""
        sizes = zip(self.layer.shape[2:], self.first, strict=True)
        return tuple(size if mine else 1 for size, mine in sizes)

    @property
    def second_kernel(self) -> tuple[int, ...]:
        """Return the second layer's kernel."""
        sizes = zip(self.layer.shape[2:], self.first, strict=True)
        return tuple(1 if mine else size for size, mine in sizes)

    def weights(self, matrix: Array) -> Array:
        """Return a layer's matrix (rows, columns) as (O, I, S, F), see `low_rank`."""
        if not self.first:
            return matrix[:, :, None, None]
        kernel = self.layer.shape[2:]
        wide = matrix.reshape(len(matrix), -1, *kernel)
        return wide.transpose(0, 1, *self._axes).reshape(*wide.shape[:2], self._second_places, -1)

    def metric(self, known: Array) -> Array:
        """Return a covariance, or variances, of the layer's columns in the order (I, S, F)."""
        if not self.first:
            return known
        kernel = self.layer.shape[2:]
        places = np.arange(len(known)).reshape(-1, *kernel)
        order = places.transpose(0, *(axis - 1 for axis in self._axes)).ravel()
        return known[order] if known.ndim == 1 else known[np.ix_(order, order)]

    @property
    def _axes(self) -> tuple[int, ...]:
        """Return the kernel's axes of (O, I, *kernel): the second layer's, then the first's."""
        axes = range(2, 2 + len(self.first))
        return tuple(sorted(axes, key=lambda axis: self.first[axis - 2]))

    @property
    def _second_places(self) -> int:
        return math.prod(self.second_kernel)


def splits(layer: Layer) -> tuple[Split, ...]:
    """Return the ways to make two layers of one that multiply less at some rank.

    A kernel of several places can stay with the first or with the second, or one of its axes can
    go to the first and the others to the second.
    """
    if layer.op != "Conv":
        return (Split(layer),)
    wide = [size > 1 for size in layer.shape[2:]]
    patterns = itertools.product(*((True, False) if axis else (True,) for axis in wide))
    return tuple(Split(layer, tuple(pattern)) for pattern in patterns)


def saving_ratio(network: Network, split: Split) -> tuple[float, float]:
    """Return weights and multiplications of the two for each rank, as shares of the one layer's."""
    layer = split.layer
    if layer.op == "ConvTranspose":
        inputs, each = layer.shape[0], layer.shape[1] * layer.kernel
        share = (inputs + each) / (inputs * each)
        return share, share
    inputs, outputs = layer.shape[layer.axis], layer.out_channels
    if not split.first or layer.window is None:
        share = (inputs + outputs) / (inputs * outputs)
        return share, share
    first = inputs * math.prod(split.first_kernel)
    second = outputs * math.prod(split.second_kernel)
    whole = inputs * outputs * layer.kernel
    known = network.size(layer.input) or ()
    given = [OPEN_SIZE if size is None else size for size in known[2:]]
    given = given or [OPEN_SIZE] * len(split.first)
    made = layer.window.output_sizes(given)
    between = [b if mine else a for a, b, mine in zip(given, made, split.first, strict=True)]
    spread = math.prod(between) / max(math.prod(made), 1)
    return (first + second) / whole, (first * spread + second) / whole


@dataclass(frozen=True)
class Pair:
    """What a layer becomes: `first` (r, I, F) and `second` (O, r, S), see `low_rank`."""

    split: Split
    first: Array
    second: Array


def with_pairs(network: Network, pairs: Mapping[str, Pair]) -> Network:
    """Return `network` with the named layers as two each.

    The second keeps the layer's name, bias and weight's name; what is new is named after it.
    """
    weights = dict(network.weights)
    nodes: list[NodeProto] = []
    for node in network.nodes:
        if node.name in pairs:
            nodes += _two(network, node, pairs[node.name], weights)
        else:
            nodes.append(node)
    return network.with_nodes(nodes, weights)


def _two(
    network: Network, node: NodeProto, pair: Pair, weights: dict[str, Array]
) -> tuple[NodeProto, NodeProto]:
    layer, kind = pair.split.layer, network.weights[pair.split.layer.weight].dtype
    name = _unused(network, weights, f"{layer.node}/first")
    weight = f"{name}/weight"
    second = NodeProto()
    second.CopyFrom(node)
    second.input[0] = name
    if layer.op in ("Gemm", "MatMul"):
        first = helper.make_node("MatMul", [layer.input, weight], [name], name)
        weights[weight] = np.ascontiguousarray(pair.first[:, :, 0].T, kind)
        right = pair.second[:, :, 0]
        weights[layer.weight] = np.ascontiguousarray(right if layer.axis == 1 else right.T, kind)
        return first, second
    rank, inputs, _ = pair.first.shape
    if layer.op == "ConvTranspose":
        first = helper.make_node("Conv", [layer.input, weight], [name], name)
        weights[weight] = pair.first.reshape(rank, inputs, *[1] * len(layer.shape[2:])).astype(kind)
        turned = pair.second[:, :, 0].reshape(-1, *layer.shape[2:], rank)
        weights[layer.weight] = np.ascontiguousarray(np.moveaxis(turned, -1, 0), kind)
        return first, second
    mine = pair.split.first
    first = helper.make_node("Conv", [layer.input, weight], [name], name)
    _set_window(first, node, mine, pair.split.first_kernel)
    _set_window(second, node, tuple(not item for item in mine), pair.split.second_kernel)
    weights[weight] = pair.first.reshape(rank, inputs, *pair.split.first_kernel).astype(kind)
    shape = (-1, rank, *pair.split.second_kernel)
    weights[layer.weight] = pair.second.reshape(shape).astype(kind)
    return first, second


def _set_window(
    node: NodeProto, whole: NodeProto, mine: Sequence[bool], kernel: Sequence[int]
) -> None:
    """Give a convolution the whole one's window along its axes; along others it looks at a point.

    What lies between the two has no bias, so that padding it with zeros is padding the input.
    """
    kept = ("auto_pad",)
    others = [item for item in whole.attribute if item.name in kept]
    del node.attribute[:]
    node.attribute.extend(others)
    count = len(mine)
    for name in ("strides", "dilations"):
        values = attribute(whole, name, [1] * count)
        along = [value if own else 1 for value, own in zip(values, mine, strict=True)]
        node.attribute.append(helper.make_attribute(name, along))
    node.attribute.append(helper.make_attribute("kernel_shape", list(kernel)))
    if attribute(whole, "auto_pad", "NOTSET") == "NOTSET":
        pads = attribute(whole, "pads", [0] * 2 * count)
        along = [pad if own else 0 for pad, own in zip(pads, (*mine, *mine), strict=True)]
        node.attribute.append(helper.make_attribute("pads", along))


def _unused(network: Network, weights: Mapping[str, Array], name: str) -> str:
    names = {node.name for node in network.nodes}
    while name in names or network.producer(name) is not None or f"{name}/weight" in weights:
        name += "_"
    return name


def _sizes(kernel: Sequence[int]) -> str:
    return "×".join(str(size) for size in kernel)
