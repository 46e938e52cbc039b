"""The small networks whose times make the latency table: some segments, cut, in float or INT8."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper

from tinystudio.core.data import Array, Samples
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network
from tinystudio.graph.segments import Segment, extracted, part
from tinystudio.graph.sorting import reads
from tinystudio.graph.surgery import keep_channels
from tinystudio.solvers.idle_pairs import without_idle_pairs
from tinystudio.solvers.int8_islands import partly_quantized, with_float_left_alone
from tinystudio.solvers.quantizing import INT8_OPERATORS, activations, quantized
from tinystudio.solvers.ranges import Range

# Time does not depend on the range; it covers both signs so that no node becomes superfluous.
ANY_RANGE: Range = (-1.0, 1.0)


def narrowed(network: Network, kept: Mapping[str, int]) -> Network:
    """Return `network` with so many units of each group: the first ones, as good as any here."""
    groups = {group.id: group for group in couple(network).groups}
    units = {name: groups[name].complete(np.arange(count)) for name, count in kept.items()}
    return keep_channels(network, units) if units else network


def assembled(network: Network, int8_layers: Collection[str]) -> Network:
    """Return the whole network with these layers in INT8."""
    ranges = dict.fromkeys(activations(network, INT8_OPERATORS), ANY_RANGE)
    return partly_quantized(network, ranges, int8_layers)


def run_together(network: Network, chosen: Sequence[Segment], int8: Collection[str]) -> Network:
    """Return segments as one network, those whose layer is in `int8` in INT8.

    Each reads what comes from outside through an input of its own. An INT8 segment takes and
    gives uint8, as from its like, but for the ends of the whole network, which are float.
    """
    names = [name for segment in chosen for name in segment.nodes]
    whole = extracted(network, part(network, names))
    split, ends = _with_own_inputs(whole, chosen, {port.name for port in network.inputs})
    stay = {name for s in chosen if s.heavy not in int8 for name in s.nodes}
    if len(stay) == len(names):
        return split
    ends |= {port.name for port in network.outputs}
    return without_idle_pairs(_with_integer_ends(_quantized(split, stay), ends))


def signature(network: Network) -> bytes:
    """Return what networks have in common that take equally long: all but names and weights."""
    digest, number = hashlib.sha256(), dict[str, int]()
    for node in network.nodes:
        touched = [*node.input, "/", *node.output]
        ids = [number.setdefault(name, len(number)) if name else -1 for name in touched]
        digest.update(f"{node.domain} {node.op_type} {ids}".encode())
        digest.update(b"".join(sorted(item.SerializeToString() for item in node.attribute)))
        for name in reads(node):
            digest.update(_described(network, name))
    return digest.digest()


def made_up(network: Network) -> dict[str, Array]:
    """Return inputs for one call: noise, or zeros for integers, which may be indices."""
    rng, fed = np.random.default_rng(0), {}
    for port in network.inputs:
        shape = tuple(size or 1 for size in network.size(port.name) or ())
        if port.dtype == np.uint8:
            fed[port.name] = rng.integers(0, 256, shape).astype(np.uint8)
        elif port.dtype.kind == "f":
            fed[port.name] = rng.standard_normal(shape).astype(port.dtype)
        else:
            fed[port.name] = np.zeros(shape, port.dtype)
    return fed


def with_sizes_of(network: Network, samples: Samples | None) -> Network:
    """Return `network` with the open sizes of its inputs, the batch apart, as in the samples."""
    if samples is None or len(samples.inputs) != len(network.inputs):
        return network
    model = ModelProto()
    model.CopyFrom(network.model)
    for port, array in zip(model.graph.input, samples.inputs, strict=True):
        dims = port.type.tensor_type.shape.dim
        for axis in range(1, min(len(dims), array.ndim)):
            if not dims[axis].HasField("dim_value"):
                dims[axis].dim_value = array.shape[axis]
    return Network(model)


def _described(network: Network, name: str) -> bytes:
    """Return the shape of a tensor; of small integer constants the values, which may be sizes."""
    if name not in network.weights:
        return str(network.size(name)).encode()
    array = network.weights[name]
    text = f"{array.dtype} {array.shape}".encode()
    return text + array.tobytes() if array.dtype.kind in "iu" and array.size <= 16 else text


def _quantized(network: Network, stay: Collection[str]) -> Network:
    ranges = dict.fromkeys(activations(network, INT8_OPERATORS), ANY_RANGE)
    made = quantized(network, ranges, INT8_OPERATORS, per_channel=True, left_out=stay)
    return with_float_left_alone(made, stay)


def _with_own_inputs(
    network: Network, chosen: Sequence[Segment], whole_inputs: set[str]
) -> tuple[Network, set[str]]:
    """Return the network with one input per reading segment, and which are the whole's inputs."""
    model = ModelProto()
    model.CopyFrom(network.model)
    nodes = {node.name: node for node in model.graph.node}
    outside = {port.name: port for port in model.graph.input}
    taken: set[str] = set()
    ends = set(whole_inputs)
    for number, segment in enumerate(chosen):
        for name in [name for name in segment.inputs if name in outside]:
            if name in taken:
                own = f"{name}@{number}"
                port = model.graph.input.add()
                port.CopyFrom(outside[name])
                port.name = own
                for item in segment.nodes:
                    _rename_input(nodes[item], name, own)
                ends |= {own} if name in whole_inputs else set()
            taken.add(name)
    return Network(model), ends


def _rename_input(node: NodeProto, old: str, new: str) -> None:
    for at, name in enumerate(node.input):
        if name == old:
            node.input[at] = new


def _with_integer_ends(network: Network, ends: Collection[str]) -> Network:
    """Take the conversions at the inputs and outputs away, so that these are uint8."""
    model = ModelProto()
    model.CopyFrom(network.model)
    graph = model.graph
    gone: set[str] = set()
    for port in graph.input:
        readers = network.consumers(port.name)
        if port.name not in ends and [node.op_type for node in readers] == ["QuantizeLinear"]:
            gone.add(readers[0].name)
            port.type.tensor_type.elem_type = TensorProto.UINT8
            for node in graph.node:
                _rename_input(node, readers[0].output[0], port.name)
    for port in graph.output:
        last = network.producer(port.name)
        first = network.producer(last.input[0]) if last is not None and last.input else None
        if last is None or first is None or port.name in ends:
            continue
        if (last.op_type, first.op_type) == ("DequantizeLinear", "QuantizeLinear"):
            if not network.consumers(port.name):
                gone.add(last.name)
            port.name = last.input[0]
            port.type.tensor_type.elem_type = TensorProto.UINT8
    kept = [node for node in graph.node if node.name not in gone]
    del graph.node[:]
    graph.node.extend(kept)
    return Network.of(model)


def empty_network() -> Network:
    """Return a network that does next to nothing: what any call costs."""
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1]) for name in "xy"]
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])], "empty", ports[:1], ports[1:]
    )
    opset = [helper.make_opsetid("", 17)]
    return Network.of(helper.make_model(graph, opset_imports=opset, ir_version=8))
