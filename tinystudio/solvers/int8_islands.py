"""Networks of which some layers compute in 8 bits and the rest in float."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from onnx import NodeProto, helper

from tinystudio.graph.network import Network
from tinystudio.graph.segments import segments
from tinystudio.solvers.idle_pairs import without_idle_pairs
from tinystudio.solvers.quantizing import FASTEST, INT8_OPERATORS, Int8Form, quantized
from tinystudio.solvers.ranges import Range

_WITH_KERNEL = frozenset({"Conv", "Gemm", "MatMul"})
_STORED_IN_8_BITS = frozenset({"Conv", "ConvTranspose", "Gemm"})
_MOVED_PAST = frozenset({
    "MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Gather",
    "Expand",
})  # fmt: skip


def partly_quantized(
    network: Network,
    ranges: Mapping[str, Range],
    int8_layers: Collection[str],
    *,
    tables: Collection[str] = (),
    form: Int8Form = FASTEST,
) -> Network:
    """Return `network` with these layers, and what follows each, in INT8; the rest is float.

    `ranges`: of every tensor that `quantizing.activations` names; `tables`: nodes that keep their
    constants though they follow an INT8 layer. What the quantizer does to the float layers beside
    the INT8 ones is undone: they read what any layer gave them unrounded where it can give floats,
    and keep their weights.
    """
    stay = left_out(network, int8_layers) | set(tables)
    if len(stay) == len(network.nodes):
        return network
    rounded = quantized(network, ranges, INT8_OPERATORS, per_channel=True, form=form, left_out=stay)
    made = with_float_left_alone(rounded, stay)
    return without_idle_pairs(made) if form.has_float_ends else made


def left_out(network: Network, int8_layers: Collection[str]) -> set[str]:
    """Return the nodes that `quantizing.quantized` must leave alone.

    What follows a layer (activation, pooling, an addition that it completes) computes as that
    layer does: the fewest conversions, since a pooling makes what has to be converted smaller,
    and 8 bits of a value that only passes through lose nothing more. What an addition gets from
    a layer of the other kind is converted on its way. Layers without an integer kernel stay too.
    """
    able = int8_able(network).intersection(int8_layers)
    return {
        name for segment in segments(network) if segment.heavy not in able for name in segment.nodes
    }


def int8_able(network: Network) -> frozenset[str]:
    """Return the layers for which onnxruntime has an integer kernel on the CPU.

    It unpacks the weights of a transposed convolution, which are better stored in 8 bits alone.
    """
    return frozenset(node.name for node in network.nodes if node.op_type in _WITH_KERNEL)


def with_float_left_alone(network: Network, stay: Collection[str]) -> Network:
    """Return a quantized network whose float nodes, `stay`, are untouched by their neighbours."""
    unrounded = _reading_unrounded(network, stay)
    return _with_shields(unrounded, stay)


def _reading_unrounded(network: Network, stay: Collection[str]) -> Network:
    """Let float nodes read what other float nodes made, not what was rounded for INT8 readers."""
    nodes = []
    for node in network.nodes:
        new = node
        for at, name in enumerate(node.input if node.name in stay else ()):
            source = _before_rounding(network, name)
            if source is not None and _is_float(network, source, stay):
                new = _copy(new)
                new.input[at] = source
        nodes.append(new)
    return network.with_nodes(nodes, network.weights)


def _before_rounding(network: Network, tensor: str) -> str | None:
    """Return what `tensor` is the rounded form of; None where it is none."""
    last = network.producer(tensor)
    if last is None or last.op_type != "DequantizeLinear":
        return None
    first = network.producer(last.input[0])
    return first.input[0] if first is not None and first.op_type == "QuantizeLinear" else None


def _is_float(network: Network, tensor: str, stay: Collection[str]) -> bool:
    maker = network.producer(tensor)
    return tensor not in network.weights and (maker is None or maker.name in stay)


def _with_shields(network: Network, stay: Collection[str]) -> Network:
    """Keep onnxruntime from storing the weights of float layers between INT8 ones in 8 bits.

    It does so to every Conv and Gemm that reads a DequantizeLinear and whose result, past a Relu
    or Clip, is read by a QuantizeLinear; where it then finds no integer kernel, the weights are
    unpacked at every call, which takes up to twice as long. A LeakyRelu in the way stops it and
    is computed with the layer: of slope 0 it is a Relu, of slope 1 nothing.
    """
    changed: dict[str, list[NodeProto]] = {}
    for node in network.nodes:
        if node.name not in stay or not _would_be_stored(network, node):
            continue
        (reader,) = network.consumers(node.output[0])
        if reader.op_type == "Relu":
            leaky = helper.make_node(
                "LeakyRelu", list(reader.input), list(reader.output), reader.name, alpha=0.0
            )
            changed[reader.name] = [leaky]
        else:
            inner = _copy(node)
            inner.output[0] = f"{node.output[0]}/unshielded"
            leaky = helper.make_node(
                "LeakyRelu", [inner.output[0]], [node.output[0]], f"{node.name}/shield", alpha=1.0
            )
            changed[node.name] = [inner, leaky]
    nodes = [new for node in network.nodes for new in changed.get(node.name, [node])]
    return network.with_nodes(nodes, network.weights) if changed else network


def _would_be_stored(network: Network, node: NodeProto) -> bool:
    """Say whether onnxruntime would store a float layer's weights in 8 bits.

    It first moves the conversions past nodes that only move values about.
    """
    if node.op_type not in _STORED_IN_8_BITS or len(network.consumers(node.output[0])) != 1:
        return False
    before = network.producer(node.input[0])
    while before is not None and before.op_type in _MOVED_PAST:
        before = network.producer(before.input[0])
    if before is None or before.op_type != "DequantizeLinear":
        return False
    waiting = [*network.consumers(node.output[0])]
    while waiting:
        reader = waiting.pop()
        if reader.op_type == "QuantizeLinear":
            return True
        if reader.op_type in _MOVED_PAST or reader.op_type in ("Relu", "Clip"):
            waiting += network.consumers(reader.output[0])
    return False


def _copy(node: NodeProto) -> NodeProto:
    new = NodeProto()
    new.CopyFrom(node)
    return new
