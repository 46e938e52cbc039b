"""Seams: places where the channels of a tensor can be scaled without changing what comes out.

A layer (or a normalization) makes channels, only layers read them, and what lies between scales
along: f(s x) = s f(x) for s > 0, channel by channel (Relu, LeakyRelu, PRelu, pooling, flattening).
Dividing what makes channel c by s_c and multiplying what reads it by s_c then changes nothing but
the weights, up to the rounding of floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute
from tinystudio.solvers.layers import Layer, is_shared, layers

_PASSING = frozenset({
    "Relu", "LeakyRelu", "PRelu", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
    "Identity",
})  # fmt: skip


@dataclass(frozen=True)
class Side:
    """A weight, and which channel each of its numbers belongs to (spread over its shape)."""

    weight: str
    channel_of: Array


@dataclass(frozen=True)
class Reader:
    """A layer that reads the channels: its weight, and the tensor with its channel axis.

    `repeats` positions in a row along that axis belong to one channel, where a Flatten stands
    between.
    """

    side: Side
    tensor: str
    axis: int
    repeats: int


@dataclass(frozen=True)
class Seam:
    """`makers` can be divided, `readers` multiplied, channel by channel.

    `matrix` is the maker that holds the weights of a layer; None where a normalization makes the
    channels.
    """

    channels: int
    makers: tuple[Side, ...]
    matrix: Side | None
    readers: tuple[Reader, ...]


def seams(network: Network) -> tuple[Seam, ...]:
    """Return the network's seams in the order of computation."""
    known = layers(network)
    found = []
    for node in network.nodes:
        layer = known.get(node.name)
        made = _of_layer(network, layer) if layer is not None else _of_normalization(network, node)
        if made is None:
            continue
        channels, makers, tensor, axis = made
        readers = _readers(network, known, tensor, axis, channels, 1)
        if readers:
            matrix = makers[0] if layer is not None else None
            found.append(Seam(channels, makers, matrix, tuple(readers)))
    return tuple(found)


def rescaled(network: Network, seam: Seam, factors: Array) -> dict[str, Array]:
    """Return the weights of `network` that change when channel c is divided by factors[c]."""
    changed = {
        side.weight: network.weights[side.weight] / factors[side.channel_of] for side in seam.makers
    }
    for reader in seam.readers:
        side = reader.side
        changed[side.weight] = network.weights[side.weight] * factors[side.channel_of]
    return {name: values.astype(network.weights[name].dtype) for name, values in changed.items()}


def largest(weights: Mapping[str, Array], sides: Sequence[Side], channels: int) -> Array:
    """Return the largest magnitude of each channel's numbers in these weights."""
    found = np.zeros(channels)
    for side in sides:
        magnitudes = np.abs(weights[side.weight])
        np.maximum.at(found, np.broadcast_to(side.channel_of, magnitudes.shape), magnitudes)
    return found


_Made = tuple[int, tuple[Side, ...], str, int]  # channels, makers, the tensor, its channel axis


def _of_layer(network: Network, layer: Layer) -> _Made | None:
    """Return what a layer makes; None where its bias cannot be scaled with it."""
    matrix = Side(layer.weight, _spread(layer, np.arange(layer.out_channels), outgoing=True))
    node, tensor = network.node(layer.node), layer.output
    addend = node.input[2] if layer.op != "MatMul" and len(node.input) > 2 else ""
    if layer.op == "MatMul":
        behind = _sole_reader(network, tensor)
        if behind is not None and behind.op_type == "Add":
            addend = next((name for name in behind.input if name in network.weights), "")
            tensor = behind.output[0] if addend else tensor
    if not addend:
        return layer.out_channels, (matrix,), tensor, layer.channel_axis
    bias = _vector(network, addend, layer.out_channels)
    if bias is None:
        return None
    return layer.out_channels, (matrix, bias), tensor, layer.channel_axis


def _of_normalization(network: Network, node: NodeProto) -> _Made | None:
    """Return what a LayerNormalization, or a product and a sum of its own writing, makes."""
    scale = next((name for name in node.input[1:] if name in network.weights), "")
    if node.op_type == "LayerNormalization":
        if int(attribute(node, "axis", -1)) not in (-1, _rank(network, node.input[0]) - 1):
            return None
        names, tensor = [name for name in node.input[1:] if name], node.output[0]
    elif node.op_type == "Mul" and scale:
        behind = _sole_reader(network, node.output[0])
        if behind is None or behind.op_type != "Add":
            return None
        shift = next((name for name in behind.input if name in network.weights), "")
        names, tensor = [scale, shift], behind.output[0]
    else:
        return None
    if not all(name in network.weights for name in names):
        return None
    channels = network.weights[names[0]].size
    sides = [_vector(network, name, channels) for name in names]
    found = tuple(side for side in sides if side is not None)
    return (channels, found, tensor, -1) if channels > 1 and len(found) == len(sides) else None


def _readers(
    network: Network, known: Mapping[str, Layer], tensor: str, axis: int, channels: int,
    repeats: int,
) -> list[Reader] | None:  # fmt: skip
    """Return every layer that reads the channels; None where something else does."""
    if any(port.name == tensor for port in network.outputs):
        return None
    found: list[Reader] = []
    for node in network.consumers(tensor):
        layer = known.get(node.name)
        if layer is not None and layer.input == tensor:
            some = _of_reader(network, layer, tensor, axis, channels, repeats)
        elif node.input[0] == tensor and list(node.input).count(tensor) == 1:
            some = _behind(network, known, node, axis, channels, repeats)
        else:
            some = None
        if some is None:
            return None
        found += some
    return found


def _of_reader(
    network: Network, layer: Layer, tensor: str, axis: int, channels: int, repeats: int
) -> list[Reader] | None:
    inputs = layer.shape[layer.axis] * (layer.blocks if layer.op == "Conv" else 1)
    rank = _rank(network, tensor)
    same_axis = axis == layer.channel_axis or axis % rank == layer.channel_axis % rank
    if not rank or not same_axis or inputs != channels * repeats:
        return None
    channel_of = _spread(layer, np.arange(inputs) // repeats, outgoing=False)
    return [Reader(Side(layer.weight, channel_of), tensor, layer.channel_axis, repeats)]


def _behind(
    network: Network, known: Mapping[str, Layer], node: NodeProto, axis: int, channels: int,
    repeats: int,
) -> list[Reader] | None:  # fmt: skip
    output = node.output[0]
    if node.op_type in _PASSING and sum(bool(name) for name in node.output) == 1:
        return _readers(network, known, output, axis, channels, repeats)
    shape = network.shape(node.input[0])
    if node.op_type == "Flatten" and axis == 1 and int(attribute(node, "axis", 1)) == 1 and shape:
        sizes = shape[2:]
        if None not in sizes:
            places = prod(size for size in sizes if size is not None)
            return _readers(network, known, output, 1, channels, repeats * places)
    return None


def _spread(layer: Layer, channel_of: Array, *, outgoing: bool) -> Array:
    """Return channel numbers, given per output or input, in a shape that spreads over a weight."""
    own = layer.out_axis if outgoing else layer.axis
    if layer.blocks == 1 or own == 0:
        sizes = [1] * len(layer.shape)
        sizes[own] = -1
        return channel_of.reshape(sizes)
    # Axis 1 counts within a block of a grouped convolution, axis 0 all blocks in a row.
    rows = np.repeat(channel_of.reshape(layer.blocks, -1), layer.shape[0] // layer.blocks, axis=0)
    return rows.reshape(*rows.shape, *[1] * (len(layer.shape) - 2))


def _vector(network: Network, name: str, channels: int) -> Side | None:
    """Return a weight with one number per channel along its last axis, read by one node."""
    if name not in network.weights:
        return None  # it is computed
    weight = network.weights[name]
    is_end = any(port.name == name for port in network.outputs)
    fits = weight.size == channels and weight.ndim >= 1 and weight.shape[-1] == channels
    if not fits or is_shared(network, name) or is_end:
        return None
    return Side(name, np.arange(channels).reshape(weight.shape))


def _sole_reader(network: Network, tensor: str) -> NodeProto | None:
    readers = network.consumers(tensor)
    is_output = any(port.name == tensor for port in network.outputs)
    return readers[0] if len(readers) == 1 and not is_output else None


def _rank(network: Network, tensor: str) -> int:
    return len(network.shape(tensor) or ())
