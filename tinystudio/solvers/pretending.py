"""Networks that pretend to compute in 8 bits while they learn, and what they learned written back.

A quantized network keeps integers; nothing could be learned from them. So weights become floats
again that are rounded at every run by steps that are learned (`learned_steps`), as those of
activations are. What such a network answers, the integers answer that are written in the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute
from tinystudio.solvers.learned_steps import Ends, Steps, StepsInGraph, codes_of

QUANTIZED_BIAS = np.int32
LARGEST_BIAS = 2**31 - 128  # the largest code that a 32-bit float holds
SEVEN_BITS = (-64, 64)  # as onnxruntime's quantizer has them: 255 x 64 x 2 fits into 16 bits


@dataclass(frozen=True)
class Stored:
    """A constant stored as integers: its codes, scale, and the floats behind them.

    Codes are whole numbers within `ends` plus `zero`; `shape` lays scales out over them.
    """

    codes: str
    scale: str
    floats: str
    shape: tuple[int, ...]
    ends: Ends
    zero: int


@dataclass(frozen=True)
class Pretended:
    """`network` learns in the place of `quantized`; `steps` are the scales that may change."""

    network: Network
    quantized: Network
    weights: tuple[Stored, ...]
    biases: tuple[tuple[Stored, str, str], ...]  # with the scales of what they are added to
    steps: Steps


def pretended(
    quantized: Network,
    floats: Network,
    *,
    seven_bits: bool = False,
    ends: Mapping[str, Ends] = MappingProxyType({}),
) -> Pretended:
    """Return what learns in the place of `quantized`, which was made of `floats` (same nodes).

    Every DequantizeLinear of a constant gets its floats from `floats` by the node that reads it.
    Codes may use all of their type, signed ones 7 bits of it with `seven_bits`; `ends` tells by
    the weight's name where they stay between others.
    """
    work = _Work(quantized, floats, seven_bits, ends)
    for node in quantized.nodes:
        work.take(node)
    nodes = [*work.steps.nodes(), *work.nodes]
    weights = {**quantized.weights, **work.weights, **work.steps.weights}
    return Pretended(
        quantized.with_nodes(nodes, weights), quantized, tuple(work.stored),
        tuple(work.biases), work.steps.steps(),
    )  # fmt: skip


def learned(made: Pretended, trained: Network) -> Network:
    """Return the quantized network with the weights, biases and scales of `trained`."""
    known, scales = made.quantized.weights, made.steps.learned(trained)
    changes = {name: values.astype(known[name].dtype) for name, values in scales.items()}
    for item in made.weights:
        laid_out = scales[item.scale].reshape(item.shape)
        codes = codes_of(trained.weights[item.floats], laid_out, item.ends) + item.zero
        changes[item.codes] = codes.astype(known[item.codes].dtype)
    for item, weight_scale, input_scale in made.biases:
        scale = scales[weight_scale] * scales[input_scale]
        changes[item.scale] = scale.astype(known[item.scale].dtype)
        codes = codes_of(trained.weights[item.floats], scale, item.ends)
        changes[item.codes] = codes.astype(QUANTIZED_BIAS)
    return made.quantized.with_weights(changes)


def float_of(quantized: Network, floats: Network, decoded: str) -> str:
    """Return the constant of the float network that stands behind a decoded constant."""
    (reader,) = quantized.consumers(decoded)
    at = list(reader.input).index(decoded)
    return str(floats.node(reader.name).input[at])


@dataclass
class _Work:
    """The graph as it is rewritten, node by node."""

    quantized: Network
    floats: Network
    seven_bits: bool
    ends: Mapping[str, Ends]
    steps: StepsInGraph = field(default_factory=StepsInGraph)
    nodes: list[NodeProto] = field(default_factory=list)
    weights: dict[str, Array] = field(default_factory=dict)
    stored: list[Stored] = field(default_factory=list)
    biases: list[tuple[Stored, str, str]] = field(default_factory=list)

    def take(self, node: NodeProto) -> None:
        """Take over a node, as it is or pretending."""
        if node.op_type == "DequantizeLinear" and node.input[0] in self.quantized.weights:
            self._take_constant(node)
            return
        new = NodeProto()
        new.CopyFrom(node)
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            new.input[1] = self._learned(node.input[1])
        self.nodes.append(new)

    def _take_constant(self, node: NodeProto) -> None:
        item, made = self._stored(node), node.output[0]
        if self.quantized.weights[item.codes].dtype != QUANTIZED_BIAS:
            self.stored.append(item)
            scale = self._learned(item.scale)
            self.nodes += self.steps.rounded(item.floats, scale, item.shape, item.ends, made)
            return
        weights, inputs = self._scales_beside(node)
        self.biases.append((item, weights, inputs))
        scales = self._learned(weights), self._learned(inputs)
        self.nodes += self.steps.rounded_bias(item.floats, scales, made)

    def _stored(self, node: NodeProto) -> Stored:
        codes, scale = (self.quantized.weights[name] for name in node.input[:2])
        shape, axis = [1] * codes.ndim, int(attribute(node, "axis", 1))
        if scale.size > 1:
            shape[axis] = scale.size
        name = float_of(self.quantized, self.floats, node.output[0])
        zeros = self.quantized.weights[node.input[2]] if len(node.input) > 2 else np.zeros(1)
        zero = int(zeros.flat[0])  # the same for all channels
        ends = self.ends.get(name) or self._ends(codes, zero)
        source = f"{name}/floats" if name == node.output[0] else name
        self.weights[source] = self.floats.weights[name]
        return Stored(node.input[0], node.input[1], source, tuple(shape), ends, zero)

    def _ends(self, codes: Array, zero: int) -> Ends:
        if self.seven_bits and codes.dtype == np.int8:
            return SEVEN_BITS
        if codes.dtype == QUANTIZED_BIAS:
            return -LARGEST_BIAS, LARGEST_BIAS
        limits = np.iinfo(codes.dtype)
        return int(limits.min) - zero, int(limits.max) - zero

    def _learned(self, scale: str) -> str:
        return self.steps.scale(scale, self.quantized.weights[scale])

    def _scales_beside(self, bias: NodeProto) -> tuple[str, str]:
        """Return the scales of the weights and of the input of the layer that a bias belongs to."""
        (reader,) = self.quantized.consumers(bias.output[0])
        makers = [self.quantized.producer(name) for name in reader.input[:2]]
        inputs, weights = (maker.input[1] if maker is not None else "" for maker in makers)
        return weights, inputs
