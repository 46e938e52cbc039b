"""Lays a network out as a diagram: what goes together in one box, and where the boxes stand."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from onnx import NodeProto

from tinystudio.graph.network import Network
from tinystudio.graph.sorting import reads
from tinystudio.jobs.inspection import MOST_BOXES, Box, Diagram, Line

# What computes every value from the one at its place, and what only passes values on.
ELEMENTWISE = frozenset(
    [
        "Abs",
        "Acos",
        "Asin",
        "Atan",
        "BatchNormalization",
        "Cast",
        "Ceil",
        "Celu",
        "Clip",
        "Cos",
        "DequantizeLinear",
        "Dropout",
        "Elu",
        "Erf",
        "Exp",
        "Flatten",
        "Floor",
        "Gelu",
        "HardSigmoid",
        "HardSwish",
        "Identity",
        "LeakyRelu",
        "Log",
        "Mish",
        "Neg",
        "Not",
        "PRelu",
        "QuantizeLinear",
        "Reciprocal",
        "Relu",
        "Reshape",
        "Round",
        "Selu",
        "Sigmoid",
        "Sign",
        "Sin",
        "Softplus",
        "Softsign",
        "Sqrt",
        "Squeeze",
        "Swish",
        "Tanh",
        "ThresholdedRelu",
        "Unsqueeze",
    ]
)
ARITHMETIC = frozenset(("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Where"))  # by a constant

Link = tuple[int, int]
Place = tuple[float, float]


def diagram(network: Network) -> Diagram | None:
    """Return the network's diagram, or None where it would be too large to be read."""
    names, links = _boxes(network)
    if len(names) > MOST_BOXES:
        return None
    places, routes = _laid_out(len(names), links)
    ports = [*network.inputs, *network.outputs]
    boxes = tuple(
        Box(layers=layers, port="" if layers else ports[at].name, x=places[at][0], y=places[at][1])
        for at, layers in enumerate(names)
    )
    lines = tuple(
        Line(start=route[0], end=route[-1], bends=tuple(places[at] for at in route[1:-1]))
        for route in routes
    )
    return Diagram(boxes=boxes, lines=lines)


def _boxes(network: Network) -> tuple[list[tuple[str, ...]], list[Link]]:
    """Return the layers of every box and which box reads which.

    The network's inputs and its outputs come first, as boxes without layers.
    """
    ends = len(network.inputs) + len(network.outputs)
    names: list[list[str]] = [[] for _ in range(ends)]
    box_of = {port.name: at for at, port in enumerate(network.inputs)}  # by tensor
    readers, links = _readers(network), dict[Link, None]()
    waiting: dict[str, list[str]] = {}  # what is made of constants alone, by tensor
    for node in network.nodes:
        sources = [name for name in reads(node) if name in box_of]
        own = [name for tensor in reads(node) for name in waiting.pop(tensor, [])] + [node.name]
        if not sources and node.output and any(name in readers for name in node.output):
            waiting[node.output[0]] = own  # it stands with what reads it
            continue
        at = box_of[sources[0]] if _goes_along(node, sources, readers, ends, box_of) else len(names)
        if at == len(names):
            names.append([])
            links |= {(box_of[name], at): None for name in sources}
        names[at] += own
        box_of |= {name: at for name in node.output if name}
    names += waiting.values()  # a result that depends on no input
    for at, port in enumerate(network.outputs, len(network.inputs)):
        if port.name in box_of:
            links[box_of[port.name], at] = None
    return [tuple(layers) for layers in names], list(links)


def _readers(network: Network) -> dict[str, int]:
    """Return how many nodes or outputs of the network read each tensor."""
    counts: dict[str, int] = {port.name: 1 for port in network.outputs}
    for node in network.nodes:
        for name in reads(node):
            counts[name] = counts.get(name, 0) + 1
    return counts


def _goes_along(
    node: NodeProto, sources: Sequence[str], readers: Mapping[str, int], ends: int,
    box_of: Mapping[str, int],
) -> bool:  # fmt: skip
    """Say whether a node stands in the box of what it reads: nothing branches off in between."""
    if len(sources) != 1 or readers[sources[0]] != 1 or box_of[sources[0]] < ends:
        return False
    return node.op_type in ELEMENTWISE or node.op_type in ARITHMETIC


def _laid_out(count: int, links: Sequence[Link]) -> tuple[dict[int, Place], list[tuple[int, ...]]]:
    """Return where boxes and bends stand, in columns and rows, and which way each link takes.

    Numbers from `count` on are bends. Parts that nothing joins stand side by side.
    """
    from fast_sugiyama import from_edges  # only where something is laid out

    places: dict[int, Place] = {}
    routes: list[tuple[int, ...]] = []
    right, bends = 0.0, itertools.count(count)
    ends = {at for link in links for at in link}
    parts = from_edges(links, vertex_spacing=1.0) if links else ()
    for positions, _, height, edges in parts:
        # A part numbers its own bends, as the next part does.
        named = {int(at): int(at) if at in ends else next(bends) for at, _ in positions}
        left = min(x for _, (x, _) in positions)
        for at, (x, y) in positions:
            places[named[int(at)]] = (x - left + right, height - y)
        routes += _routes([(named[int(a)], named[int(b)]) for a, b in edges or ()], count)
        right += max(x for _, (x, _) in positions) - left + 1.0
    for at in range(count):
        if at not in places:
            places[at] = (right, 0.0)
            right += 1.0
    return places, routes


def _routes(steps: Sequence[Link], count: int) -> list[tuple[int, ...]]:
    """Return the links from box to box, bends in between."""
    after = dict(step for step in steps if step[0] >= count)  # one way leads on from a bend
    routes = []
    for start, at in steps:
        if start < count:
            route = [start, at]
            while route[-1] >= count:
                route.append(after[route[-1]])
            routes.append(tuple(route))
    return sorted(routes)
