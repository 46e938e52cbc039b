"""Lays a network out as a diagram: what goes together in one box, and where the boxes stand."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from onnx import NodeProto

from tinystudio.engine.folding import Item, folded
from tinystudio.graph.network import Network
from tinystudio.graph.sorting import reads
from tinystudio.jobs.inspection import MOST_BOXES, OUTSIDE, Box, Diagram, Line

# What computes every value from the one at its place, and what only passes values on.
ELEMENTWISE = frozenset((
    "Abs", "Acos", "Asin", "Atan", "BatchNormalization", "Cast", "Ceil", "Celu", "Clip", "Cos",
    "DequantizeLinear", "Dropout", "Elu", "Erf", "Exp", "Flatten", "Floor", "Gelu", "HardSigmoid",
    "HardSwish", "Identity", "LeakyRelu", "Log", "Mish", "Neg", "Not", "PRelu", "QuantizeLinear",
    "Reciprocal", "Relu", "Reshape", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Softplus",
    "Softsign", "Sqrt", "Squeeze", "Swish", "Tanh", "ThresholdedRelu", "Unsqueeze",
))  # fmt: skip
ARITHMETIC = frozenset(("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Where"))  # by a constant

Link = tuple[int, int]
Place = tuple[float, float]


def diagram(network: Network) -> Diagram | None:
    """Return the network's diagram, or None where it would be too large to be read."""
    boxes, links = _boxes(network)
    if len(boxes) > MOST_BOXES:
        return None
    ports = [*network.inputs, *network.outputs]
    names = [*(port.name for port in ports), *(node.name for node in network.nodes)]
    operators = [*("" for _ in ports), *(node.op_type for node in network.nodes)]
    items = folded([Item(tuple(box)) for box in boxes], links, operators, len(ports))
    return _drawn(items, links, names, len(ports))


def _boxes(network: Network) -> tuple[list[list[int]], list[Link]]:
    """Return the leaves of every box and which leaf reads which.

    Leaves are the network's inputs and outputs, which come first and have a box each, and after
    them the nodes. What is made of constants alone is read in its own box and nowhere else.
    """
    ends = len(network.inputs) + len(network.outputs)
    boxes: list[list[int]] = [[at] for at in range(ends)]
    made_by = {port.name: at for at, port in enumerate(network.inputs)}  # by tensor
    box_of = {port.name: at for at, port in enumerate(network.inputs)}  # likewise
    readers, links = _readers(network), dict[Link, None]()
    waiting: dict[str, list[int]] = {}  # what is made of constants alone, by tensor
    for leaf, node in enumerate(network.nodes, ends):
        sources = [name for name in reads(node) if name in box_of]
        own: list[int] = []
        for name in reads(node):
            constant = waiting.pop(name, [])
            links |= {(made, leaf): None for made in constant[-1:]}
            own += constant
        own.append(leaf)
        if not sources and node.output and any(name in readers for name in node.output):
            waiting[node.output[0]] = own  # it stands with what reads it
            continue
        along = _goes_along(node, sources, readers, ends, box_of)
        at = box_of[sources[0]] if along else len(boxes)
        if not along:
            boxes.append([])
        links |= {(made_by[name], leaf): None for name in sources}
        boxes[at] += own
        box_of |= {name: at for name in node.output if name}
        made_by |= {name: leaf for name in node.output if name}
    boxes += waiting.values()  # a result that depends on no input
    for at, port in enumerate(network.outputs, len(network.inputs)):
        if port.name in made_by:
            links[made_by[port.name], at] = None
    return boxes, list(links)


def _drawn(
    items: Sequence[Item],
    links: Sequence[Link],
    names: Sequence[str],
    ends: int,
    entries: Sequence[int] = (),
) -> Diagram:
    """Lay these out, and what is folded in each of them as a diagram of its own.

    `entries` are the leaves that read from outside of what is laid out.
    """
    owner = {leaf: at for at, item in enumerate(items) for leaf in item.leaves}
    inner: dict[int, list[Link]] = {}
    between: dict[Link, list[Link]] = {}
    into: dict[int, list[int]] = {}  # leaves that read from outside of their item
    for a, b in links:
        if owner[a] == owner[b]:
            inner.setdefault(owner[a], []).append((a, b))
        else:
            between.setdefault((owner[a], owner[b]), []).append((a, b))
            into.setdefault(owner[b], []).append(b)
    for leaf in entries:
        into.setdefault(owner[leaf], []).append(leaf)
    entered = dict.fromkeys(owner[leaf] for leaf in entries)
    places, routes = _placed(len(items), list(between), list(entered))
    boxes = tuple(
        Box(
            layers=tuple(names[leaf] for leaf in item.leaves if leaf >= ends),
            port=names[item.leaves[0]] if item.leaves[0] < ends else "",
            x=places[at][0], y=places[at][1], fold=item.fold, times=item.times,
            inside=_drawn(item.inside, inner.get(at, ()), names, ends, into.get(at, ()))
            if item.inside else None,
        )
        for at, item in enumerate(items)
    )  # fmt: skip
    lines = tuple(
        Line(
            start=route[0], end=route[-1], bends=tuple(places[at] for at in route[1:-1]),
            joins=_joins(between.get((route[0], route[-1]), ()), names, ends)
            if route[0] != OUTSIDE and (items[route[0]].inside or items[route[-1]].inside)
            else (),
        )
        for route in routes
    )  # fmt: skip
    return Diagram(boxes=boxes, lines=lines)


def _placed(
    count: int, links: Sequence[Link], entered: Sequence[int]
) -> tuple[dict[int, Place], list[tuple[int, ...]]]:
    """Lay items out with the ways to those that read from outside, as if from one box above all."""
    is_chain = list(links) == [(at, at + 1) for at in range(count - 1)]
    if not entered or (is_chain and list(entered) == [0]):
        return _laid_out(count, links)
    places, routes = _laid_out(count + 1, [*links, *((count, at) for at in entered)])
    top = min(places[at][1] for at in range(count))
    places = {at: (x, y - top) for at, (x, y) in places.items()}
    return places, [(OUTSIDE, *way[1:]) if way[0] == count else way for way in routes]


def _joins(links: Sequence[Link], names: Sequence[str], ends: int) -> tuple[tuple[str, str], ...]:
    """Return which layer hands what to which; an input or output has no layer."""
    layers = ["" if at < ends else name for at, name in enumerate(names)]
    return tuple((layers[a], layers[b]) for a, b in links)


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
    if list(links) == [(at, at + 1) for at in range(count - 1)]:  # a chain, as most folds are
        return {at: (0.0, float(at)) for at in range(count)}, [tuple(link) for link in links]
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
