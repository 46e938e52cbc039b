"""Weights inside branches and loops: brought up to the graph, where every other weight is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from onnx import GraphProto, NodeProto, TensorProto

from tinystudio.graph.sorting import subgraphs

# Weights, and codes of weights. Smaller whole numbers are shapes, axes and indices: they stay, so
# that sizes inside the branch are worked out as before.
_WEIGHTS = frozenset(
    {
        TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16,
        TensorProto.INT8, TensorProto.UINT8,
    }
)  # fmt: skip
LEAST_NUMBERS = 2


def lift_weights(graph: GraphProto) -> None:
    """Make weights of inner graphs weights of `graph`, each under a name that is its own.

    Inner graphs may read what surrounds them, so that nothing else changes. What an inner graph
    gives back as it is stays there.
    """
    taken = set(_names(graph))
    for node in graph.node:
        for inner in subgraphs(node):
            _lift_from(inner, graph, taken)


def inner_layers(nodes: tuple[NodeProto, ...]) -> Counter[str]:
    """Return how many nodes of each kind with weights stand inside branches and loops."""
    kinds = ("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN")
    found = (item.op_type for node in nodes for inner in subgraphs(node) for item in _all(inner))
    return Counter(op for op in found if op in kinds)


def _lift_from(inner: GraphProto, outer: GraphProto, taken: set[str]) -> None:
    given_back = {item.name for item in inner.output} | {item.name for item in inner.input}
    renamed: dict[str, str] = {}
    kept = []
    for tensor in inner.initializer:
        if tensor.name not in given_back and _is_weight(tensor):
            renamed[tensor.name] = _add(outer, tensor, tensor.name, taken)
        else:
            kept.append(_copy(tensor))
    nodes = []
    for node in inner.node:
        tensor = _constant(node)
        if tensor is not None and node.output[0] not in given_back and _is_weight(tensor):
            renamed[node.output[0]] = _add(outer, tensor, node.output[0], taken)
        else:
            nodes.append(NodeProto.FromString(node.SerializeToString()))
    if renamed:
        del inner.initializer[:]
        del inner.node[:]
        inner.initializer.extend(kept)
        inner.node.extend(nodes)
        _rename(inner, renamed)
    for node in inner.node:
        for nested in subgraphs(node):
            _lift_from(nested, outer, taken)


def _constant(node: NodeProto) -> TensorProto | None:
    if node.op_type != "Constant" or node.domain not in ("", "ai.onnx"):
        return None
    return next((item.t for item in node.attribute if item.name == "value"), None)


def _is_weight(tensor: TensorProto) -> bool:
    count = 1
    for size in tensor.dims:
        count *= size
    return tensor.data_type in _WEIGHTS and count >= LEAST_NUMBERS


def _add(outer: GraphProto, tensor: TensorProto, name: str, taken: set[str]) -> str:
    """Put a copy among the weights of `outer`.

    Always under another name: the old one may stand for something else in another branch.
    """
    own, number = f"{name}/lifted", 2
    while own in taken:
        own, number = f"{name}/lifted/{number}", number + 1
    taken.add(own)
    outer.initializer.add().CopyFrom(tensor)
    outer.initializer[-1].name = own
    return own


def _rename(graph: GraphProto, names: dict[str, str]) -> None:
    for node in graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = names.get(name, name)
        for inner in subgraphs(node):
            own = {item.name for item in (*inner.input, *inner.initializer)}
            own |= {name for item in inner.node for name in item.output}
            _rename(inner, {old: new for old, new in names.items() if old not in own})


def _copy(tensor: TensorProto) -> TensorProto:
    return TensorProto.FromString(tensor.SerializeToString())


def _all(graph: GraphProto) -> Iterator[NodeProto]:
    for node in graph.node:
        yield node
        for inner in subgraphs(node):
            yield from _all(inner)


def _names(graph: GraphProto) -> Iterator[str]:
    yield from (item.name for item in (*graph.input, *graph.initializer))
    for node in graph.node:
        yield from node.output
        for inner in subgraphs(node):
            yield from _names(inner)
