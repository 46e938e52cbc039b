"""Cuts a network into segments: one heavy layer each, with what follows it up to the next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from onnx import ModelProto, NodeProto, ValueInfoProto, helper

from tinystudio.graph.network import Network
from tinystudio.graph.sorting import reads

ALWAYS_HEAVY = frozenset({
    "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "QLinearConv", "ConvInteger",
    "DynamicQuantizeLSTM",
})  # fmt: skip
# Products of two computed tensors (attention) belong to the layer before them.
HEAVY_WITH_WEIGHTS = frozenset({
    "Gemm", "MatMul", "MatMulNBits", "MatMulInteger", "QLinearMatMul", "QGemm",
    "DynamicQuantizeMatMul", "MatMulIntegerToFloat",
})  # fmt: skip


@dataclass(frozen=True)
class Segment:
    """Some nodes of a network, in the order in which they run.

    `heavy` names the layer it is cut at; None where the network has none. `inputs` are the
    tensors read from outside, weights left out; `outputs` those that others read or that the
    network gives out.
    """

    heavy: str | None
    nodes: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def segments(network: Network) -> tuple[Segment, ...]:
    """Cut `network` so that every node is in exactly one segment and they can run in order.

    A node that joins several segments belongs to the latest of them; what comes before every
    heavy node goes with the first that reads it.
    """
    heavy = heavy_nodes(network)
    home = _homes(network, heavy)
    count = max(1, len(heavy)) if network.nodes else 0
    members: list[list[NodeProto]] = [[] for _ in range(count)]
    for node in network.nodes:
        members[home[node.name]].append(node)
    names = [node.name for node in heavy] or [None]
    return tuple(
        _segment(network, name, nodes) for name, nodes in zip(names, members, strict=False)
    )


def part(network: Network, nodes: Collection[str]) -> Segment:
    """Return the segment made of these nodes, wherever they are in the network."""
    chosen = [node for node in network.nodes if node.name in nodes]
    return _segment(network, None, chosen)


def extracted(network: Network, segment: Segment) -> Network:
    """Return a segment as a network of its own; its inputs and outputs are the boundary tensors.

    An open batch stays open.
    """
    nodes = [network.node(name) for name in segment.nodes]
    used = dict.fromkeys(name for node in nodes for name in reads(node))
    protos = {item.name: item for item in network.model.graph.initializer}
    ports = {item.name: item for item in network.model.graph.input}
    ports |= {item.name: item for item in network.model.graph.output}
    graph = helper.make_graph(
        nodes,
        "segment",
        [_boundary(network, name, ports) for name in segment.inputs],
        [_boundary(network, name, ports) for name in segment.outputs],
        [protos[name] for name in used if name in protos],
    )
    model: ModelProto = helper.make_model(
        graph, opset_imports=network.model.opset_import, ir_version=network.model.ir_version
    )
    return Network(model)


def heavy_nodes(network: Network) -> list[NodeProto]:
    """Return the layers with weights, which segments are cut at, in the order in which they run."""
    constant = set(network.weights)
    for node in network.nodes:  # integers behind a cast and a factor are weights as well
        if constant.issuperset(reads(node)):
            constant.update(node.output)
    return [
        node
        for node in network.nodes
        if node.op_type in ALWAYS_HEAVY
        or (node.op_type in HEAVY_WITH_WEIGHTS and not constant.isdisjoint(node.input[:2]))
    ]


def _homes(network: Network, heavy: list[NodeProto]) -> dict[str, int]:
    """Return the number of the segment that each node belongs to."""
    home = {node.name: index for index, node in enumerate(heavy)}
    for node in network.nodes:
        if node.name not in home:
            makers = (network.producer(name) for name in reads(node))
            behind = [home[maker.name] for maker in makers if maker and maker.name in home]
            if behind:
                home[node.name] = max(behind)
    for node in reversed(network.nodes):
        if node.name not in home:
            readers = [reader.name for name in node.output for reader in network.consumers(name)]
            home[node.name] = min((home[name] for name in readers), default=0)
    return home


def _segment(network: Network, heavy: str | None, nodes: list[NodeProto]) -> Segment:
    names = {node.name for node in nodes}
    made = [name for node in nodes for name in node.output if name]
    read = dict.fromkeys(name for node in nodes for name in reads(node))
    ports = {port.name for port in network.outputs}
    outputs = [
        name
        for name in made
        if name in ports or any(reader.name not in names for reader in network.consumers(name))
    ]
    return Segment(
        heavy=heavy,
        nodes=tuple(node.name for node in nodes),
        inputs=tuple(name for name in read if name not in made and name not in network.weights),
        outputs=tuple(outputs or made[-1:]),  # what nobody reads still has to be run
    )


def _boundary(network: Network, name: str, ports: dict[str, ValueInfoProto]) -> ValueInfoProto:
    if name in ports:
        return ports[name]
    dtype, shape = network.dtype(name), network.shape(name)
    if dtype is None:
        raise ValueError(f"the type of tensor '{name}' is not known")
    element = helper.np_dtype_to_tensor_dtype(dtype)
    if shape is None:
        return helper.make_tensor_value_info(name, element, None)
    open_sizes = [size for port in network.inputs for size in port.shape if isinstance(size, str)]
    batch = open_sizes[0] if open_sizes else None
    sizes = [batch if size is None and axis == 0 else size for axis, size in enumerate(shape)]
    return helper.make_tensor_value_info(name, element, sizes)
