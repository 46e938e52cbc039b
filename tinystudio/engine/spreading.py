"""Carries out a `SpreadJob`: one layer's weights and outputs in several variants."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Part, Reporter
from tinystudio.engine.comparing_layers import counterpart
from tinystudio.engine.contending import Origin, networks_of
from tinystudio.engine.work import Work
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network, attribute
from tinystudio.jobs.comparison import LayerSpread, Spread
from tinystudio.jobs.events import SpreadRead
from tinystudio.jobs.job import SpreadJob
from tinystudio.measure.activations import stream_activations
from tinystudio.measure.spreads import ValueSpread, spreads_of

MOST_VALUES = 20_000_000  # of outputs held at once: fewer samples are taken of large ones
FOLDED = "Batch normalization is folded into the weights."
OUTPUTS = "Outputs are what the next layer reads."
_FOLLOWERS = frozenset(
    {
        "Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Elu",
        "QuantizeLinear", "DequantizeLinear", "Gelu", "PRelu", "BatchNormalization",
    }
)  # fmt: skip
_CHANNELS_LAST = frozenset({"Gemm", "MatMul", "LSTM", "GRU", "RNN", "LayerNormalization", "Gather"})


def read_spread(job: SpreadJob, work: Work) -> None:
    """Carry out a `SpreadJob`."""
    network = work.network(job.network)
    dataset = work.dataset(job.data, job.seed, network) if job.data is not None else None
    origin = Origin(job.network, network, dataset, job.seed)
    networks = networks_of(job.contenders, origin, work, Part(work.reporter, 0, 0.3))
    folded = [fold_batch_normalization(item) for item in networks]
    nodes = [_node(item, job.layer) for item in folded]
    if not any(nodes):
        raise UserError(
            "The layer was not read", f"No variant has a layer named {job.layer}.",
            "Choose another layer.",
        )  # fmt: skip
    some = None if dataset is None else dataset.validation.first(job.samples)
    weights, outputs = [], []
    for at, (item, node) in enumerate(zip(folded, nodes, strict=True)):
        part = Part(work.reporter, 0.3 + 0.7 * at / len(nodes), 0.3 + 0.7 * (at + 1) / len(nodes))
        part.progress(0, 1, f"Reading {job.layer} of {job.contenders[at].title}")
        weights.append(None if node is None else _weights(item, node, some, part))
        outputs.append(None if node is None or some is None else _outputs(item, node, some, part))
    weight_edges, weight_spreads = spreads_of(weights)
    output_edges, output_spreads = spreads_of(outputs)
    is_folded = any(a.fingerprint != b.fingerprint for a, b in zip(networks, folded, strict=True))
    spread = LayerSpread(
        layer=job.layer,
        titles=tuple(item.title for item in job.contenders),
        samples=0 if some is None else len(some),
        weight_edges=tuple(weight_edges.tolist()),
        weights=tuple(_told(item) for item in weight_spreads),
        activation_edges=tuple(output_edges.tolist()),
        activations=tuple(_told(item) for item in output_spreads),
        notes=(*((FOLDED,) if is_folded else ()), OUTPUTS),
    )
    work.emit(SpreadRead(job=job.id, spread=spread))


def _node(network: Network, layer: str) -> NodeProto | None:
    """Return a variant's node for a layer of the original, where it still has it."""
    names = [node.name for node in network.nodes]
    if layer in names:
        return network.node(layer)
    behind = [name for name in names if counterpart(name, {layer: layer}) == layer]
    return network.node(behind[-1]) if behind else None


def _weights(
    network: Network, node: NodeProto, some: Samples | None, reporter: Reporter
) -> Array | None:
    """Return a layer's weights as it computes with them, (channels, values)."""
    at = 0 if node.op_type == "Gather" else 1  # a table of embeddings, looked up in
    name = node.input[at] if len(node.input) > at else ""
    if name in network.weights:
        weight = np.asarray(network.weights[name])
    elif some is None or network.producer(name) is None:
        return None
    else:  # stored in another form: what the runtime makes of it is what counts
        one = some.first(1)
        found = next(stream_activations(network, [name], one, reporter, batch=1))[name]
        shape = network.size(name)
        weight = found if shape is None or found.ndim == len(shape) else found[0]
    if weight.ndim < 2 or weight.dtype.kind not in "fiu":
        return None
    return _by_channel(weight, _weight_axis(node, weight))


def _weight_axis(node: NodeProto, weight: Array) -> int:
    match node.op_type:
        case "ConvTranspose":
            return 1
        case "Gemm":
            return 0 if attribute(node, "transB", 0) else 1
        case "MatMul" | "Gather":
            return weight.ndim - 1
        case _:
            return 0


def _outputs(network: Network, node: NodeProto, some: Samples, reporter: Reporter) -> Array | None:
    """Return what a layer hands on, (channels, values)."""
    last = _last(network, node)
    name = next(name for name in last.output if name)
    if (dtype := network.dtype(name)) is not None and dtype.kind != "f":
        return None
    pieces, held = [], 0
    for piece in stream_activations(network, [name], some, reporter):
        pieces.append(piece[name])
        held += piece[name].size
        if held > MOST_VALUES:
            break
    values = np.concatenate(pieces)
    if values.ndim < 2:
        return None
    is_last = node.op_type in _CHANNELS_LAST
    return _by_channel(values, values.ndim - 1 if is_last else 1)


def _last(network: Network, node: NodeProto) -> NodeProto:
    """Return the last of what follows a node alone and changes its values one by one."""
    last = node
    while last.output[0] and len(readers := network.consumers(last.output[0])) == 1:
        if readers[0].op_type not in _FOLLOWERS or readers[0].input[0] != last.output[0]:
            break
        last = readers[0]
    if last.op_type == "QuantizeLinear":  # several read it: each through a dequantizing of its own
        readers = network.consumers(last.output[0])
        return next((item for item in readers if item.op_type == "DequantizeLinear"), last)
    return last


def _by_channel(values: Array, axis: int) -> Array:
    moved = np.moveaxis(values, axis, 0)
    return np.asarray(moved.reshape(len(moved), -1))


def _told(found: ValueSpread | None) -> Spread | None:
    if found is None:
        return None
    return Spread(
        shares=_floats(found.shares), low=found.low, high=found.high,
        channel_lows=_floats(found.lows), channel_highs=_floats(found.highs),
        channels=found.channels,
    )  # fmt: skip


def _floats(values: Sequence[float] | Array) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)
