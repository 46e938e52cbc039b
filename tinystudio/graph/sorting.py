"""The order in which nodes can run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from onnx import AttributeProto, GraphProto, NodeProto

from tinystudio.core.errors import UserError


def reads(node: NodeProto) -> tuple[str, ...]:
    """Return every tensor `node` reads, those its subgraphs (If, Loop, Scan) capture included."""
    captured = [name for graph in subgraphs(node) for name in _captured(graph)]
    return tuple(dict.fromkeys([name for name in node.input if name] + captured))


def subgraphs(node: NodeProto) -> Iterator[GraphProto]:
    """Yield the graphs that `node` holds in its attributes."""
    for item in node.attribute:
        if item.type == AttributeProto.GRAPH:
            yield item.g
        elif item.type == AttributeProto.GRAPHS:
            yield from item.graphs


def topological(nodes: Sequence[NodeProto]) -> tuple[NodeProto, ...]:
    """Return `nodes` so that each comes after those it reads from; else in the order given.

    Raises `UserError` where the nodes form a cycle.
    """
    maker = {name: index for index, node in enumerate(nodes) for name in node.output if name}
    order: list[int] = []
    state = [0] * len(nodes)  # 0 untouched, 1 its inputs are being placed, 2 placed
    for start in range(len(nodes)):
        stack = [start] if state[start] == 0 else []
        while stack:
            index = stack[-1]
            waiting = _waiting(nodes[index], maker, state) if state[index] != 2 else []
            if any(state[item] == 1 for item in waiting):
                raise UserError(
                    "The model was not opened",
                    f"Its node '{nodes[index].name or nodes[index].op_type}' needs its own result.",
                    "Export the model again; the graph must not have cycles.",
                )
            if waiting:
                state[index] = 1
                stack.append(waiting[0])
                continue
            stack.pop()
            if state[index] != 2:
                state[index] = 2
                order.append(index)
    return tuple(nodes[index] for index in order)


def _waiting(node: NodeProto, maker: dict[str, int], state: list[int]) -> list[int]:
    """Return the nodes that must be placed before `node` and are not."""
    return [maker[name] for name in reads(node) if name in maker and state[maker[name]] != 2]


def _captured(graph: GraphProto) -> Iterable[str]:
    """Return what `graph` reads from outside itself."""
    own = {item.name for item in graph.input} | {item.name for item in graph.initializer}
    own |= {item.values.name for item in graph.sparse_initializer}
    own |= {name for node in graph.node for name in node.output}
    used = [name for node in graph.node for name in reads(node)]
    used += [item.name for item in graph.output]
    return [name for name in used if name not in own]
