"""A network in half or double precision as one in 32-bit floats, which quantizers take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from onnx import AttributeProto, NodeProto, TensorProto, helper, numpy_helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network

OTHER_FLOATS = (np.float16, np.float64)
_OTHER_ELEMENTS = (TensorProto.FLOAT16, TensorProto.DOUBLE)
_TYPE_ATTRIBUTES = ("to", "dtype")


def needs_widening(network: Network) -> bool:
    """Say whether any weight or input is in half or double precision."""
    weights = any(weight.dtype in OTHER_FLOATS for weight in network.weights.values())
    return weights or any(port.dtype in OTHER_FLOATS for port in network.inputs)


def can_widen(network: Network) -> bool:
    """Say whether the graph is flat: what If and Loop hold is not rewritten."""
    inner = (AttributeProto.GRAPH, AttributeProto.GRAPHS)
    return not any(item.type in inner for node in network.nodes for item in node.attribute)


def widened(network: Network) -> Network:
    """Return `network` computing in 32-bit floats; its inputs and outputs keep their types.

    Values differ by the rounding of the precision: about 1e-3 relative for half, 1e-7 for double.
    """
    if not needs_widening(network):
        return network
    renamed = {name: f"{name}/float32" for name in _typed_ports(network)}
    nodes = [_rewritten(node, renamed) for node in network.nodes]
    weights = {name: _as_float32(weight) for name, weight in network.weights.items()}
    return network.with_nodes([*_casts(network, renamed), *nodes], weights)


def _typed_ports(network: Network) -> Iterator[str]:
    """Return inputs, and outputs that a node makes, in half or double precision."""
    for port in network.inputs:
        if port.dtype in OTHER_FLOATS:
            yield port.name
    for port in network.outputs:
        if port.dtype in OTHER_FLOATS and network.producer(port.name) is not None:
            yield port.name


def _casts(network: Network, renamed: dict[str, str]) -> Iterator[NodeProto]:
    """Return what stands between the ports, which keep their types, and the nodes."""
    for port in (*network.inputs, *network.outputs):
        if port.name not in renamed:
            continue
        inside = renamed[port.name]
        if network.producer(port.name) is None:
            yield helper.make_node("Cast", [port.name], [inside], inside, to=TensorProto.FLOAT)
        else:
            kind = helper.np_dtype_to_tensor_dtype(port.dtype)
            yield helper.make_node("Cast", [inside], [port.name], inside, to=kind)


def _rewritten(node: NodeProto, renamed: dict[str, str]) -> NodeProto:
    made = NodeProto()
    made.CopyFrom(node)
    made.input[:] = [renamed.get(name, name) for name in node.input]
    made.output[:] = [renamed.get(name, name) for name in node.output]
    for item in made.attribute:
        if item.name in _TYPE_ATTRIBUTES and item.i in _OTHER_ELEMENTS:
            item.i = TensorProto.FLOAT
        if item.type == AttributeProto.TENSOR and item.t.data_type in _OTHER_ELEMENTS:
            item.t.CopyFrom(numpy_helper.from_array(_as_float32(numpy_helper.to_array(item.t))))
    return made


def _as_float32(values: Array) -> Array:
    return values.astype(np.float32) if values.dtype in OTHER_FLOATS else values
