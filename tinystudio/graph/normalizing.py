"""One normal form for every ONNX graph, so that all that follows meets one kind of graph."""

from __future__ import annotations

from onnx import GraphProto, ModelProto, TensorProto, inliner, numpy_helper

from tinystudio.graph.branches import lift_weights
from tinystudio.graph.constants import dense, fold_constants
from tinystudio.graph.sorting import reads, topological

# Since IR version 4 initializers need not be listed as inputs.
FIRST_IR_WITH_FREE_INITIALIZERS = 4


def normalize(model: ModelProto) -> ModelProto:
    """Return a copy of `model` in the normal form that `Network` promises."""
    if model.functions:
        copy = inliner.inline_local_functions(model)
    else:
        copy = ModelProto()
        copy.CopyFrom(model)
    copy.ir_version = max(copy.ir_version, FIRST_IR_WITH_FREE_INITIALIZERS)
    graph = copy.graph
    del graph.value_info[:]
    _free_initializers(graph)
    _densify(graph)
    lift_weights(graph)
    nodes = fold_constants(graph, topological(graph.node))
    del graph.node[:]
    graph.node.extend(nodes)
    _drop_unused_weights(graph)
    _name_nodes(graph)
    _part_vectors(graph)
    graph.name = graph.name or "network"
    return copy


def _free_initializers(graph: GraphProto) -> None:
    """Take initializers off the list of inputs: TinyStudio never feeds them."""
    known = {item.name for item in graph.initializer}
    known |= {item.values.name for item in graph.sparse_initializer}
    inputs = [item for item in graph.input if item.name not in known]
    del graph.input[:]
    graph.input.extend(inputs)


def _densify(graph: GraphProto) -> None:
    """Write sparse initializers out: every technique then meets plain arrays."""
    for item in graph.sparse_initializer:
        graph.initializer.append(
            numpy_helper.from_array(dense(item), item.values.name)
        )  # fmt: skip
    del graph.sparse_initializer[:]


def _drop_unused_weights(graph: GraphProto) -> None:
    used = {name for node in graph.node for name in reads(node)}
    used |= {item.name for item in graph.output}
    kept = [item for item in graph.initializer if item.name in used]
    if len(kept) < len(graph.initializer):
        copies = [TensorProto.FromString(item.SerializeToString()) for item in kept]
        del graph.initializer[:]
        graph.initializer.extend(copies)


def _name_nodes(graph: GraphProto) -> None:
    """Give every node a name of its own; names that are there and unique stay."""
    taken: set[str] = set()
    for node in graph.node:
        if not node.name or node.name in taken:
            node.name = ""
        else:
            taken.add(node.name)
    counts: dict[str, int] = {}
    for node in graph.node:
        while not node.name:
            counts[node.op_type] = counts.get(node.op_type, 0) + 1
            name = f"{node.op_type}_{counts[node.op_type]}"
            node.name = name if name not in taken else ""
        taken.add(node.name)


# Inputs that hold one number per channel, by operator.
_PER_CHANNEL: dict[str, tuple[int, ...]] = {
    "BatchNormalization": (1, 2, 3, 4),
    "InstanceNormalization": (1, 2),
    "Conv": (2,),
    "ConvTranspose": (2,),
    "Gemm": (2,),
}


def _part_vectors(graph: GraphProto) -> None:
    """Give every layer vectors of its own.

    Exporters store equal vectors (all zeros, all ones) once. Left so, layers that have nothing
    to do with one another could only be cut together.
    """
    vectors = {item.name: item for item in graph.initializer if len(item.dims) == 1}
    taken = {name for node in graph.node for name in (*node.input, *node.output)}
    seen: set[str] = set()
    for node in graph.node:
        for index in _PER_CHANNEL.get(node.op_type, ()):
            name = node.input[index] if index < len(node.input) else ""
            if name in seen:
                own = f"{node.name}/{name}"
                while own in taken:
                    own += "_"
                taken.add(own)
                graph.initializer.add().CopyFrom(vectors[name])
                graph.initializer[-1].name = own
                node.input[index] = own
            elif name in vectors:
                seen.add(name)
