"""Networks that pretend to be quantized while they learn, and what they learned written back.

A quantized network keeps integers; nothing could be learned from them. So weights become floats
again that a QuantizeLinear rounds at every run, and every scale becomes  base x (1 + change)  with
a change that starts at zero: a learning rate then moves scales by shares of themselves, whatever
their size. Biases stay floats: 32 bits round them by next to nothing.

Source: Esser et al., "Learned Step Size Quantization", ICLR 2020.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from onnx import NodeProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network

LEAST = 0.01  # of its beginning that a scale keeps at least
QUANTIZED_BIAS = np.int32
ONE = "~one"


@dataclass(frozen=True)
class Stored:
    """A constant stored as integers: its codes, scale, zero point and the floats behind them."""

    codes: str
    scale: str
    zero: str
    floats: str
    axis: int


@dataclass(frozen=True)
class Pretended:
    """`network` learns in the place of `quantized`; `scales` are those that may change."""

    network: Network
    quantized: Network
    weights: tuple[Stored, ...]
    biases: tuple[tuple[Stored, str, str], ...]  # with the scales of what they are added to
    scales: tuple[str, ...]

    @property
    def changes(self) -> tuple[str, ...]:
        """Return the constants that tell how far each scale is from its beginning."""
        return tuple(_change_name(scale) for scale in self.scales)


def pretended(quantized: Network, floats: Network) -> Pretended:
    """Return what learns in the place of `quantized`, which was made of `floats` (same nodes).

    Every DequantizeLinear of a constant gets its floats from `floats` by the node that reads it.
    """
    work = _Work(quantized, floats)
    for node in quantized.nodes:
        work.take(node)
    nodes = [*work.scaling(), *work.nodes]
    weights = {**quantized.weights, **work.weights}
    return Pretended(
        quantized.with_nodes(nodes, weights), quantized, tuple(work.stored),
        tuple(work.biases), tuple(work.scales),
    )  # fmt: skip


def learned(made: Pretended, trained: Network) -> Network:
    """Return the quantized network with the weights, biases and scales of `trained`."""
    known, scales = made.quantized.weights, _scales(made, trained)
    changes = {name: values.astype(known[name].dtype) for name, values in scales.items()}
    for item in made.weights:
        codes = _rounded(trained.weights[item.floats], scales[item.scale], item.axis)
        codes = codes + _spread(known[item.zero], codes.ndim, item.axis) if item.zero else codes
        info = np.iinfo(known[item.codes].dtype)
        changes[item.codes] = np.clip(codes, info.min, info.max).astype(known[item.codes].dtype)
    for item, weight_scale, input_scale in made.biases:
        scale = scales[weight_scale].astype(np.float64) * scales[input_scale]
        changes[item.scale] = scale.astype(known[item.scale].dtype)
        codes = np.rint(trained.weights[item.floats] / scale)
        limits = np.iinfo(QUANTIZED_BIAS)
        changes[item.codes] = np.clip(codes, limits.min, limits.max).astype(QUANTIZED_BIAS)
    return made.quantized.with_weights(changes)


def _scales(made: Pretended, trained: Network) -> dict[str, Array]:
    """Return every scale as it was learned."""
    known = made.quantized.weights
    factors = {
        name: np.maximum(1 + trained.weights[_change_name(name)], LEAST) for name in made.scales
    }
    return {name: known[name] * factor for name, factor in factors.items()}


def _rounded(values: Array, scale: Array, axis: int) -> Array:
    return np.asarray(np.rint(values / _spread(scale, values.ndim, axis)))


def _spread(numbers: Array, rank: int, axis: int) -> Array:
    """Lay scales or zero points out along their axis."""
    shape = [1] * rank
    if numbers.ndim:
        shape[axis] = -1
    return np.asarray(numbers.astype(np.float64)).reshape(shape)


def _change_name(scale: str) -> str:
    return f"~change/{scale}"


@dataclass
class _Work:
    """The graph as it is rewritten, node by node."""

    quantized: Network
    floats: Network
    nodes: list[NodeProto] = field(default_factory=list)
    weights: dict[str, Array] = field(default_factory=dict)
    stored: list[Stored] = field(default_factory=list)
    biases: list[tuple[Stored, str, str]] = field(default_factory=list)
    scales: dict[str, None] = field(default_factory=dict)

    def take(self, node: NodeProto) -> None:
        """Take over a node, as it is or pretending."""
        if node.op_type == "DequantizeLinear" and node.input[0] in self.quantized.weights:
            self._take_constant(node)
            return
        new = NodeProto()
        new.CopyFrom(node)
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            self.scales.setdefault(node.input[1])
            new.input[1] = _learned_name(node.input[1])
        self.nodes.append(new)

    def _take_constant(self, node: NodeProto) -> None:
        codes = self.quantized.weights[node.input[0]]
        name = self._floats_of(node)
        axis = next((item.i for item in node.attribute if item.name == "axis"), 1)
        zero = node.input[2] if len(node.input) > 2 else ""
        item = Stored(node.input[0], node.input[1], zero, name, axis)
        self.weights[name] = self.floats.weights[name]
        if codes.dtype == QUANTIZED_BIAS:
            self.biases.append((item, *self._scales_beside(node)))
            if node.output[0] != name:
                self.nodes.append(helper.make_node("Identity", [name], [node.output[0]], node.name))
            return
        self.stored.append(item)
        self.scales.setdefault(item.scale)
        rounding, back = NodeProto(), NodeProto()
        for new in (rounding, back):
            new.CopyFrom(node)
            new.input[1] = _learned_name(item.scale)
        rounding.op_type, rounding.name = "QuantizeLinear", f"{node.name}/rounding"
        rounding.input[0], rounding.output[0] = name, f"{node.name}/codes"
        back.input[0] = rounding.output[0]
        self.nodes += [rounding, back]

    def _floats_of(self, node: NodeProto) -> str:
        """Return the constant of the float network that the node's output stands for."""
        (reader,) = self.quantized.consumers(node.output[0])
        at = list(reader.input).index(node.output[0])
        return str(self.floats.node(reader.name).input[at])

    def _scales_beside(self, bias: NodeProto) -> tuple[str, str]:
        """Return the scales of the weights and of the input of the layer that a bias belongs to."""
        (reader,) = self.quantized.consumers(bias.output[0])
        makers = [self.quantized.producer(name) for name in reader.input[:2]]
        inputs, weights = (maker.input[1] if maker is not None else "" for maker in makers)
        return weights, inputs

    def scaling(self) -> list[NodeProto]:
        """Return the nodes that make  scale x (1 + change)  of every scale."""
        self.weights[ONE] = np.ones((), np.float32)
        nodes = []
        for scale in self.scales:
            change = _change_name(scale)
            self.weights[change] = np.zeros_like(self.quantized.weights[scale])
            factor = f"{change}/factor"
            nodes += [
                helper.make_node("Add", [change, ONE], [factor], factor),
                helper.make_node("Mul", [scale, factor], [_learned_name(scale)], f"{change}/times"),
            ]
        return nodes


def _learned_name(scale: str) -> str:
    return f"{scale}/learned"
