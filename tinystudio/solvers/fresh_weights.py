"""Weights drawn anew, as they are before a first training: nothing of what was learned is left.

Every weight that a training may change gets what is usual for its role: layers a normal
distribution by the inputs of each output (He et al., "Delving Deep into Rectifiers", ICCV 2015),
recurrent layers a uniform one by the units, with orthogonal matrices from state to state (Saxe et
al., ICLR 2014) and forget gates that begin open (Jozefowicz et al., ICML 2015), normalization
scales 1 and shifts 0, biases 0. Tables (embeddings, positions) and matrices of unknown use are
drawn as wide as they were. Arithmetic before the first layer prepares the input and stays, as all
does that no training would change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.graph.gradients.trainable import running_statistics, trainable_weights
from tinystudio.graph.network import Network, attribute

LAYERS = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
FORGET_GATE = 2  # of i, o, f, c, the order in which ONNX holds an LSTM's gates
NORMALIZATIONS = frozenset(
    {
        "BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization",
        "RMSNormalization",
    }
)  # fmt: skip
SLOPE = 0.25  # of PRelu (He et al. 2015)
# What learns; other arithmetic before the first of these prepares the input.
LEARNING = LAYERS | GATES.keys() | NORMALIZATIONS | {"Gather", "Einsum", "Attention"}

Draw = np.random.Generator
Maker = Callable[[Draw, Array], Array]


@dataclass(frozen=True)
class Fresh:
    """A network with fresh weights; `kept` names what could be trained and has no known role."""

    network: Network
    kept: tuple[str, ...]


def fresh(network: Network, seed: int, reporter: Reporter) -> Fresh:
    """Draw all weights of `network` anew; the same seed, name and shape give the same numbers."""
    statistics, raw = running_statistics(network), _before_layers(network)
    changed: dict[str, Array] = {}
    kept = []
    for name in (*trainable_weights(network), *sorted(statistics)):
        reporter.check()
        readers = [node for node in network.consumers(name) if node.name not in raw]
        if not readers:
            continue
        old = network.weights[name]
        make = _maker(network, readers[0], name)
        if make is None:
            kept.append(name)
        else:
            draw = np.random.default_rng([seed, *name.encode()])
            changed[name] = np.asarray(make(draw, old)).astype(old.dtype)
    return Fresh(network.with_weights(changed), tuple(kept))


def _before_layers(network: Network) -> frozenset[str]:
    """Return the nodes that only prepare the input: no layer stands before them."""
    known = {port.name for port in network.inputs} | set(network.weights) | {""}
    found = set()
    for node in network.nodes:
        if node.op_type not in LEARNING and known.issuperset(node.input):
            found.add(node.name)
            known.update(node.output)
    return frozenset(found)


def _maker(network: Network, node: NodeProto, name: str) -> Maker | None:
    """Return how the weight `name` is drawn, by what `node` does with it."""
    index, shape = list(node.input).index(name), network.weights[name].shape
    if node.op_type in GATES:
        return _recurrent(node, index)
    if node.op_type in NORMALIZATIONS:
        return _constant(1.0 if index in (1, 4) else 0.0)
    if node.op_type == "PRelu":
        return _constant(SLOPE)
    if node.op_type in LAYERS and index < 2 and len(shape) >= 2:
        return _normal(np.sqrt(2.0 / _inputs(node, index, shape)))
    if sum(size > 1 for size in shape) >= 2:
        return _as_wide
    return _vector(node, index)


def _vector(node: NodeProto, index: int) -> Maker | None:
    """Return how one number per channel is made: a bias, a shift, or a factor."""
    if node.op_type in ("Add", "Sub") or (node.op_type in LAYERS and index == 2):
        return _constant(0.0)
    return _constant(1.0) if node.op_type == "Mul" else None


def _inputs(node: NodeProto, index: int, shape: tuple[int, ...]) -> int:
    """Return how many numbers each output of a layer sums over."""
    if node.op_type == "Conv":
        return int(np.prod(shape[1:]))
    if node.op_type == "ConvTranspose":
        return max(1, shape[0] // int(attribute(node, "group", 1)) * int(np.prod(shape[2:])))
    turned = node.op_type == "Gemm" and bool(attribute(node, "transB" if index else "transA", 0))
    return int(shape[-1] if turned == bool(index) else shape[-2])


def _constant(value: float) -> Maker:
    return lambda _, old: np.full(old.shape, value)


def _normal(deviation: float) -> Maker:
    return lambda draw, old: draw.normal(0.0, deviation, old.shape)


def _as_wide(draw: Draw, old: Array) -> Array:
    return draw.normal(0.0, float(old.astype(np.float64).std()), old.shape)


def _recurrent(node: NodeProto, index: int) -> Maker | None:
    """Return how W (input 1), R (2), B (3) and peepholes (7) are drawn; states (5, 6) stay."""
    gates = GATES[node.op_type]
    if index == 1:
        return lambda draw, old: _uniform(draw, old.shape, old.shape[1] // gates)
    if index == 2:
        return lambda draw, old: _orthogonal(draw, old.shape, gates)
    if index == 3:
        return lambda _, old: _biases(old.shape, node.op_type)
    return _constant(0.0) if index == 7 else None


def _uniform(draw: Draw, shape: tuple[int, ...], units: int) -> Array:
    bound = 1.0 / np.sqrt(max(units, 1))
    return draw.uniform(-bound, bound, shape)


def _orthogonal(draw: Draw, shape: tuple[int, ...], gates: int) -> Array:
    """Return (directions, gates x units, units), each gate's matrix orthogonal."""
    directions, _, units = shape
    squares = draw.normal(size=(directions, gates, units, units))
    turned, sizes = np.linalg.qr(squares)
    signs = np.sign(np.diagonal(sizes, axis1=-2, axis2=-1))  # without them not evenly drawn
    return np.asarray((turned * signs[..., None, :]).reshape(shape))


def _biases(shape: tuple[int, ...], op: str) -> Array:
    """Return (directions, 2 x gates x units): zeros, but ones for an LSTM's forget gates."""
    made = np.zeros(shape)
    if op == "LSTM":
        units = shape[1] // (2 * GATES[op])
        made[:, FORGET_GATE * units : (FORGET_GATE + 1) * units] = 1.0
    return made
