"""Which nodes of a network have no rule, and why: what cannot be trained here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onnx import NodeProto

from tinystudio.graph.gradients.element_types import carrier_of
from tinystudio.graph.gradients.node import Mode, Node, UnclaimedError
from tinystudio.graph.gradients.rules import RULES
from tinystudio.graph.gradients.written_out import written_out
from tinystudio.graph.network import Network
from tinystudio.graph.sorting import reads, subgraphs


def unclaimed(network: Network, outputs: Sequence[str] | None = None) -> Mapping[str, str]:
    """Return the nodes that `outputs` (default: the network's) need and no rule runs, with why."""
    plain = written_out(network)
    found: dict[str, str] = {}
    for node in needed_nodes(plain.network, outputs):
        reason = _reason(node, plain.network)
        if reason is not None:
            found.setdefault(plain.origins.get(node.name, node.name), reason)
    return found


def needed_nodes(network: Network, outputs: Sequence[str] | None = None) -> tuple[NodeProto, ...]:
    """Return the nodes that make `outputs` (default: the network's), in order."""
    wanted = set(outputs) if outputs is not None else {port.name for port in network.outputs}
    kept = []
    for node in reversed(network.nodes):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= set(reads(node))
    return tuple(reversed(kept))


def _reason(node: NodeProto, network: Network) -> str | None:
    if node.domain not in ("", "ai.onnx"):
        return f"{node.op_type} of {node.domain} has no gradient rule"
    if node.op_type not in RULES or any(True for _ in subgraphs(node)):
        return f"{node.op_type} has no gradient rule"
    if _other_than_tensors(network) & {*node.input, *node.output}:
        return f"{node.op_type} of other things than tensors has no gradient rule"
    for name in (*node.input, *node.output):
        dtype = network.dtype(name) if name else None
        if dtype is not None and carrier_of(dtype) is None:
            return f"{node.op_type} of numbers in {dtype.name} has no gradient rule"
    try:
        RULES[node.op_type](Node(node, network, network.weights, Mode()))
    except UnclaimedError as error:
        return f"{node.op_type}: {error}"
    return None


def _other_than_tensors(network: Network) -> frozenset[str]:
    """Return the inputs and outputs that are sequences, maps or optional."""
    graph = network.model.graph
    ports = (*graph.input, *graph.output)
    kinds = ((port.name, port.type.WhichOneof("value")) for port in ports)
    return frozenset(name for name, kind in kinds if kind not in (None, "tensor_type"))
