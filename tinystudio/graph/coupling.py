"""Which channels can only go together, and where channels must stay."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.channels.families import AxisMap, Units, families_of
from tinystudio.graph.channels.heads import head_roots, walk_of_heads
from tinystudio.graph.channels.rules import walk
from tinystudio.graph.channels.trace import OUTPUTS_STAY, Count, Role, Tie, Trace
from tinystudio.graph.network import Network
from tinystudio.graph.remembering import remembered
from tinystudio.graph.sorting import reads

SHARED = "A weight is used in several ways at once, so its channels stay."
ALONE = "There is only one channel, or its channels can only go all together."
HEADS = " (heads)"
MOST_NAMED = 4
UNREAD = "No layer with weights reads these channels."


@dataclass(frozen=True, eq=False)
class Slot:
    """One axis of one weight that follows a group's units.

    A unit may cover several positions (a channel flattened into a span, a column of a grouped
    convolution); positions of other groups (a concatenation) belong to none.
    """

    node: str
    op: str
    weight: str
    axis: int
    unit_of: NDArray[np.int64]

    def positions(self, unit: int) -> NDArray[np.int64]:
        """Return the positions along `axis` that `unit` covers."""
        return np.flatnonzero(self.unit_of == unit)


@dataclass(frozen=True, eq=False)
class Product:
    """A product of two computed tensors that sums over a group's units (queries times keys)."""

    node: str
    unit_of: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ChannelGroup:
    """Units of channels; a unit goes everywhere at once or stays everywhere.

    `producers` are the weights whose rows make the channels, `passers` what goes along on the
    way (biases, normalization, slopes, depthwise weights), `consumers` the weights that read
    them. Zeroing a unit's positions in every consumer has exactly the effect of removing it; where
    a product of two computed tensors reads them (`products`: queries with keys), removing a unit
    leaves out its share of that sum. Groups of heads and groups of places within a head share
    positions: a position stays where its units of both stay.

    `normalizations` are layer normalizations whose mean and deviation are over the group's
    channels: there removing a unit is not what zeroing it is, and the outputs are only near.
    """

    id: str
    title: str
    channels: int
    removable: bool
    reason: str
    producers: tuple[Slot, ...]
    passers: tuple[Slot, ...]
    consumers: tuple[Slot, ...]
    products: tuple[Product, ...] = ()
    normalizations: tuple[str, ...] = ()
    spans: tuple[NDArray[np.int64], ...] = ()

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Return every slot."""
        return (*self.producers, *self.passers, *self.consumers)

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the names of the nodes that make these channels."""
        return tuple(dict.fromkeys(slot.node for slot in self.producers))

    @property
    def width(self) -> int:
        """Return how many channels a unit is: 16 for a head of 16 places, most often 1.

        The fewest positions that a unit covers in a weight that makes or reads it.
        """
        spans = (slot.unit_of for slot in (*self.producers, *self.consumers))
        return min((int(np.bincount(s[s >= 0]).max()) for s in spans if (s >= 0).any()), default=1)

    @property
    def block(self) -> int:
        """Return how many neighbouring positions a unit covers, at least, where it is made."""
        made = (slot.unit_of for slot in self.producers)
        return min((_shortest_run(units) for units in made if (units >= 0).any()), default=1)

    @property
    def parts(self) -> tuple[NDArray[np.int64], ...]:
        """Return sets of units of each of which one must stay, or a layer would be left empty.

        One per producer: a layer whose channels are joined to others (a concatenation that meets
        an addition) makes only some of the group's units. One per span: a part of a Split.
        """
        made = (slot.unit_of for slot in self.producers)
        return tuple(np.unique(units[units >= 0]) for units in (*made, *self.spans))

    def complete(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return `units`, sorted, with the first unit of every part that none of them is in."""
        kept = set(units.tolist())
        for part in self.parts:
            if kept.isdisjoint(part.tolist()):
                kept.add(int(part[0]))
        return np.array(sorted(kept), dtype=np.int64)


def _shortest_run(unit_of: NDArray[np.int64]) -> int:
    """Return the length of the shortest run of one and the same unit."""
    ends = np.flatnonzero(np.diff(unit_of, append=-2))
    lengths = np.diff(ends, prepend=-1)
    return int(lengths[unit_of[ends] >= 0].min())


@dataclass(frozen=True)
class Wall:
    """A node at which channels stay, and why."""

    node: str
    op: str
    reason: str


@dataclass(frozen=True, eq=False)
class ChannelCount:
    """A number in the graph that says how many channels there are (see `channels.trace.Count`)."""

    node: str
    input: int
    entry: int | None
    shape: tuple[int, ...] | None
    attribute: str
    maps: tuple[AxisMap, ...]


@dataclass(frozen=True, eq=False)
class Coupling:
    """What following the channels found.

    `settled`: tensors that the graph computes from numbers of channels and that keep their values
    when channels go. `blanks`: inputs (node, index) that hold zeros, as leaving them out does.
    `picks`: which piece of a Concat a Gather reads, and its place in it, by the Gather's name.
    """

    groups: tuple[ChannelGroup, ...]
    walls: tuple[Wall, ...]
    counts: tuple[ChannelCount, ...]
    settled: Mapping[str, Array]
    blanks: tuple[tuple[str, int], ...]
    picks: Mapping[str, tuple[str, int]]

    def group(self, id: str) -> ChannelGroup:
        """Return the group of that id; raises KeyError."""
        for item in self.groups:
            if item.id == id:
                return item
        raise KeyError(id)

    @property
    def held(self) -> str:
        """Say what holds channels, naming layers; the first reasons, and how many more."""
        found = {wall.node: wall.reason for wall in self.walls}
        found |= {group.title: group.reason for group in self.groups if not group.removable}
        told = [f"{name}: {reason.rstrip('.')}" for name, reason in found.items()]
        more = f"; and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
        return f"{'; '.join(told[:MOST_NAMED])}{more}." if told else ""


@remembered
def couple(network: Network) -> Coupling:
    """Find the groups of channels of `network`; found once and remembered."""
    trace = Trace(network)
    _follow(trace)
    units = Units(trace, families_of(trace))
    groups = _groups(trace, units)
    counts = [_count(units, item) for item in trace.counts]
    walls = [Wall(name, network.node(name).op_type, reason) for name, reason in trace.walls.items()]
    settled = dict(trace.settled)
    heads = walk_of_heads(trace, _follow)
    if heads is not None:
        wanted = head_roots(heads)
        units = Units(heads, families_of(heads), suffix=HEADS)
        found = [
            group
            for group, roots in zip(_groups(heads, units), units.roots, strict=True)
            if not wanted.isdisjoint(roots)
        ]
        groups += found
        counts += [_count(units, item, {group.id for group in found}) for item in heads.counts]
        settled |= heads.settled
    return Coupling(
        tuple(groups),
        tuple(walls),
        _merged(counts),
        settled,
        tuple(dict.fromkeys(trace.blanks)),
        trace.picks,
    )


def _follow(trace: Trace) -> None:
    """Walk the graph, and settle what stays."""
    walk(trace)
    _freeze_outputs(trace)
    _couple_shared_weights(trace)


def _groups(trace: Trace, units: Units) -> list[ChannelGroup]:
    slots, spans, products = _slots(trace, units), _spans(trace, units), _products(trace, units)
    averaged = _normalizations(trace, units)
    return [
        _group(
            name,
            _title([source.node for source in family], units.suffix),
            slots[name],
            spans[name],
            products[name],
            averaged[name],
            len(roots),
            _why_frozen(trace, roots),
        )
        for name, family, roots in zip(units.ids, units.families, units.roots, strict=True)
    ]


def _freeze_outputs(trace: Trace) -> None:
    for port in trace.network.outputs:
        for labels in trace.axes(port.name):
            if labels is not None:
                trace.atoms.freeze(labels, OUTPUTS_STAY)


def _couple_shared_weights(trace: Trace) -> None:
    """Let all uses of one weight agree on its axes; a use that follows no channels freezes it."""
    by_axis: dict[tuple[str, int], list[Tie]] = {}
    for tie in trace.ties:
        by_axis.setdefault((tie.weight, tie.axis), []).append(tie)
    uses = _uses(trace.network)
    for (weight, _), ties in by_axis.items():
        # Only a file whose shapes contradict one another has uses of different lengths.
        is_alike = len({tie.labels.shape for tie in ties}) == 1
        for tie in ties[1:] if is_alike else ():
            trace.atoms.join(ties[0].labels, tie.labels, SHARED)
        if len(ties) < uses[weight] or not is_alike:
            for tie in ties:
                trace.atoms.freeze(tie.labels, SHARED)


def _uses(network: Network) -> Mapping[str, int]:
    count: dict[str, int] = {}
    for node in network.nodes:
        captured = [name for name in reads(node) if name not in node.input]
        for name in (*node.input, *captured):
            count[name] = count.get(name, 0) + 1
    for port in network.outputs:
        count[port.name] = count.get(port.name, 0) + 1
    return count


def _slots(trace: Trace, units: Units) -> dict[str, dict[Role, list[Slot]]]:
    """Return every group's slots by their role."""
    slots: dict[str, dict[Role, list[Slot]]] = {
        name: {"producer": [], "passer": [], "consumer": []} for name in units.ids
    }
    for tie in trace.ties:
        for found in units.maps(tie.labels):
            slot = Slot(tie.node.name, tie.node.op_type, tie.weight, tie.axis, found.unit_of)
            slots[found.group][tie.role].append(slot)
    return slots


def _spans(trace: Trace, units: Units) -> dict[str, list[NDArray[np.int64]]]:
    spans: dict[str, list[NDArray[np.int64]]] = {name: [] for name in units.ids}
    for labels in trace.spans:
        for found in units.maps(labels):
            spans[found.group].append(found.unit_of)
    return spans


def _products(trace: Trace, units: Units) -> dict[str, list[Product]]:
    products: dict[str, list[Product]] = {name: [] for name in units.ids}
    for item in trace.contracted:
        for found in units.maps(item.labels):
            products[found.group].append(Product(item.node.name, found.unit_of))
    return products


def _normalizations(trace: Trace, units: Units) -> dict[str, list[str]]:
    nodes: dict[str, list[str]] = {name: [] for name in units.ids}
    for item in trace.averaged:
        for found in units.maps(item.labels):
            nodes[found.group].append(item.node.name)
    return nodes


def _group(
    name: str,
    title: str,
    slots: dict[Role, list[Slot]],
    spans: list[NDArray[np.int64]],
    products: list[Product],
    normalizations: list[str],
    units: int,
    frozen: str,
) -> ChannelGroup:
    reason = frozen
    if not reason and not slots["consumer"] and not products:
        reason = UNREAD
    if not reason and units < 2:
        reason = ALONE
    return ChannelGroup(
        id=name,
        title=title,
        channels=units,
        removable=not reason,
        reason=reason,
        producers=tuple(slots["producer"]),
        passers=tuple(slots["passer"]),
        consumers=tuple(slots["consumer"]),
        products=tuple(products),
        normalizations=tuple(normalizations),
        spans=tuple(spans),
    )


def _why_frozen(trace: Trace, roots: list[int]) -> str:
    return next((text for root in roots if (text := trace.atoms.reason(root))), "")


def _title(nodes: list[NodeProto], suffix: str) -> str:
    names = list(dict.fromkeys(node.name for node in nodes))
    if len(names) <= 2:
        return " and ".join(names) + suffix
    return f"{names[0]} and {len(names) - 1} layers coupled to it{suffix}"


def _count(units: Units, item: Count, groups: Container[str] | None = None) -> ChannelCount:
    """Return a count as the groups see it: of these groups alone, if any are named."""
    maps = tuple(m for m in units.maps(item.labels) if groups is None or m.group in groups)
    return ChannelCount(item.node.name, item.input, item.entry, item.shape, item.attribute, maps)


def _merged(counts: list[ChannelCount]) -> tuple[ChannelCount, ...]:
    """Return one count per number in the graph, which heads and places within them share."""
    found: dict[tuple[str, int, int | None, str], ChannelCount] = {}
    for item in counts:
        key = (item.node, item.input, item.entry, item.attribute)
        known = found.get(key)
        if item.maps:
            maps = (*(() if known is None else known.maps), *item.maps)
            found[key] = replace(item, maps=maps)
    return tuple(found.values())
