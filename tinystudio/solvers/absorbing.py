"""Puts a factor and a shift of a layer's output channels into its weights, bias or normalization.

The layer's output t becomes factor * t + shift, without a node more wherever there is a place
for it: a BatchNormalization right behind takes both into its statistics, else the weights take
the factor and the bias the shift. A bias that is not there is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from onnx import NodeProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute
from tinystudio.solvers.layers import Layer, is_shared

BIAS_INPUT = 2


@dataclass(frozen=True)
class Affine:
    """What happens to each output channel: factor * t + shift, both (channels,)."""

    factor: Array
    shift: Array


def absorb(network: Network, changes: Mapping[str, Affine], known: Mapping[str, Layer]) -> Network:
    """Return the network with each named layer's output changed so. `known` has the layers."""
    work = _Work(network)
    for name, affine in changes.items():
        _absorb_one(work, known[name], affine)
    if not work.is_rewired:
        return network.with_weights(work.changed)
    return network.with_nodes(list(work.nodes.values()), {**network.weights, **work.changed})


def takes_shift(network: Network, layer: Layer) -> bool:
    """Say whether there is a place for a shift of the layer's output, so that it needs no node."""
    if _sole_reader(network, layer.output, "BatchNormalization") is not None:
        return True
    if layer.op == "MatMul":
        return _addend(network, layer) is not None
    node = network.node(layer.node)
    bias = node.input[BIAS_INPUT] if len(node.input) > BIAS_INPUT else ""
    beta = float(attribute(node, "beta", 1.0))
    return beta != 0 and (not bias or _is_per_channel(network, bias, layer.out_channels))


@dataclass
class _Work:
    """The changes so far: new weights, and nodes where the wiring had to change."""

    network: Network
    changed: dict[str, Array] = field(default_factory=dict)
    nodes: dict[str, NodeProto] = field(default_factory=dict)
    is_rewired: bool = False

    def __post_init__(self) -> None:
        self.nodes = {node.name: node for node in self.network.nodes}

    def weight(self, name: str) -> Array:
        """Return a weight as it is by now, in float64."""
        return np.asarray(self.changed.get(name, self.network.weights[name]), np.float64)

    def set(self, name: str, values: Array, like: str) -> None:
        """Give a weight new values, in the number type of the weight `like`."""
        self.changed[name] = values.astype(self.network.weights[like].dtype)

    def edit(self, name: str) -> NodeProto:
        """Return a copy of a node that may be changed, in the place of the old one."""
        copy = NodeProto()
        copy.CopyFrom(self.nodes[name])
        self.nodes[name] = copy
        self.is_rewired = True
        return copy

    def append(self, op: str, inputs: Sequence[str], output: str) -> None:
        """Add a node."""
        name = f"{output}/{op.lower()}"
        self.nodes[name] = helper.make_node(op, list(inputs), [output], name=name)
        self.is_rewired = True


def _absorb_one(work: _Work, layer: Layer, affine: Affine) -> None:
    normalization = _sole_reader(work.network, layer.output, "BatchNormalization")
    if normalization is not None and _into_statistics(work, normalization, affine):
        return
    if _into_bias(work, layer, affine):
        _into_weights(work, layer, affine.factor)
    elif layer.op == "MatMul":  # no addend of its own: only the shift needs a node
        _into_weights(work, layer, affine.factor)
        _sum_behind(work, layer, affine.shift)
    else:
        _behind(work, layer, affine)


def _sole_reader(network: Network, tensor: str, op: str) -> NodeProto | None:
    readers = network.consumers(tensor)
    is_output = any(port.name == tensor for port in network.outputs)
    fits = len(readers) == 1 and readers[0].op_type == op and not is_output
    return readers[0] if fits else None


def _into_statistics(work: _Work, node: NodeProto, affine: Affine) -> bool:
    """Change mean m and variance v so that normalizing t gives what factor * t + shift gave.

    (factor t + shift - m) / sqrt(v + e)  =  (t - (m - shift)/factor) / (sqrt(v + e)/factor)
    """
    statistics = node.input[3:5]
    ours = all(i in work.network.weights and not is_shared(work.network, i) for i in statistics)
    if not ours or attribute(node, "training_mode", 0) or not (affine.factor > 0).all():
        return False
    epsilon = float(attribute(node, "epsilon", 1e-5))
    mean, variance = (work.weight(name) for name in statistics)
    scaled = (variance + epsilon) / affine.factor**2 - epsilon
    if (scaled < 0).any():
        return False
    work.set(statistics[0], (mean - affine.shift) / affine.factor, statistics[0])
    work.set(statistics[1], scaled, statistics[1])
    return True


def _into_weights(work: _Work, layer: Layer, factor: Array) -> None:
    """Multiply what the layer makes by its weights, channel by channel."""
    weight = work.weight(layer.weight)
    if layer.op == "ConvTranspose":
        rows = np.repeat(factor.reshape(layer.blocks, -1), layer.shape[0] // layer.blocks, axis=0)
        scaled = weight * rows.reshape(*rows.shape, *[1] * (weight.ndim - 2))
    else:
        sizes = [1] * weight.ndim
        sizes[layer.out_axis] = -1
        scaled = weight * factor.reshape(sizes)
    work.set(layer.weight, scaled, layer.weight)


def _into_bias(work: _Work, layer: Layer, affine: Affine) -> bool:
    """Bring the shift into the node's own addend; say whether there was a place for it."""
    if layer.op == "MatMul":
        return _into_sum_behind(work, layer, affine.shift)
    node = work.nodes[layer.node]
    beta = float(attribute(node, "beta", 1.0))
    bias = node.input[BIAS_INPUT] if len(node.input) > BIAS_INPUT else ""
    if beta == 0 or (bias and not _is_per_channel(work.network, bias, layer.out_channels)):
        return False
    old = work.weight(bias).ravel() if bias else np.zeros(1)
    new = affine.factor * old + affine.shift / beta
    if bias and not is_shared(work.network, bias):
        work.set(bias, new, layer.weight)
        return True
    node, name = work.edit(layer.node), f"{layer.node}/bias"
    del node.input[BIAS_INPUT:]
    node.input.append(name)
    work.set(name, new, layer.weight)
    return True


def _into_sum_behind(work: _Work, layer: Layer, shift: Array) -> bool:
    """Bring the shift into the constant that is added right behind a product."""
    addend = _addend(work.network, layer)
    if addend is None:
        return False
    work.set(addend, work.weight(addend).ravel() + shift, layer.weight)
    return True


def _addend(network: Network, layer: Layer) -> str | None:
    """Return the constant, one number per channel, that is added right behind a product."""
    follower = _sole_reader(network, layer.output, "Add")
    others = [] if follower is None else [i for i in follower.input if i != layer.output]
    if len(others) != 1 or not _is_per_channel(network, others[0], layer.out_channels):
        return None
    return None if is_shared(network, others[0]) else others[0]


def _is_per_channel(network: Network, name: str, channels: int) -> bool:
    """Say whether a tensor is a weight with one number per channel, or one for all."""
    if name not in network.weights:
        return False
    shape = network.weights[name].shape
    size = int(np.prod(shape, dtype=np.int64))
    return size == 1 or (size == channels and shape[-1] == channels)


def _sum_behind(work: _Work, layer: Layer, shift: Array) -> None:
    before = f"{layer.output}/before"
    work.set(f"{layer.output}/shift", shift, layer.weight)
    work.edit(layer.node).output[0] = before
    work.append("Add", [before, f"{layer.output}/shift"], layer.output)


def _behind(work: _Work, layer: Layer, affine: Affine) -> None:
    """Where nothing can take it up: a product and a sum behind the layer."""
    sizes = (-1, *[1] * len(layer.shape[2:]))
    before, scaled = f"{layer.output}/before", f"{layer.output}/scaled"
    work.set(f"{scaled}/factor", affine.factor.reshape(sizes), layer.weight)
    work.set(f"{scaled}/shift", affine.shift.reshape(sizes), layer.weight)
    work.edit(layer.node).output[0] = before
    work.append("Mul", [before, f"{scaled}/factor"], scaled)
    work.append("Add", [scaled, f"{scaled}/shift"], layer.output)
