"""Which channels can only go together, and where channels must stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from tinystudio.graph.channels.families import AxisMap, Units, families_of
from tinystudio.graph.channels.rules import walk
from tinystudio.graph.channels.trace import OUTPUTS_STAY, Count, Role, Source, Tie, Trace
from tinystudio.graph.network import Network
from tinystudio.graph.remembering import remembered
from tinystudio.graph.sorting import reads

SHARED = "A weight is used in several ways at once, so its channels stay."
ALONE = "There is only one channel, or its channels can only go all together."
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
class ChannelGroup:
    """Units of channels; a unit goes everywhere at once or stays everywhere.

    `producers` are the weights whose rows make the channels, `passers` what goes along on the
    way (biases, normalization, slopes, depthwise weights), `consumers` the weights that read
    them. Zeroing a unit's positions in every consumer has exactly the effect of removing it.
    """

    id: str
    title: str
    channels: int
    removable: bool
    reason: str
    producers: tuple[Slot, ...]
    passers: tuple[Slot, ...]
    consumers: tuple[Slot, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Return every slot."""
        return (*self.producers, *self.passers, *self.consumers)

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the names of the nodes that make these channels."""
        return tuple(dict.fromkeys(slot.node for slot in self.producers))

    @property
    def parts(self) -> tuple[NDArray[np.int64], ...]:
        """Return sets of units of each of which one must stay, or a layer would be left empty.

        One per producer: a layer whose channels are joined to others (a concatenation that meets
        an addition) makes only some of the group's units.
        """
        return tuple(np.unique(slot.unit_of[slot.unit_of >= 0]) for slot in self.producers)

    def complete(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return `units`, sorted, with the first unit of every part that none of them is in."""
        kept = set(units.tolist())
        for part in self.parts:
            if kept.isdisjoint(part.tolist()):
                kept.add(int(part[0]))
        return np.array(sorted(kept), dtype=np.int64)


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
    maps: tuple[AxisMap, ...]


@dataclass(frozen=True, eq=False)
class Coupling:
    """What one pass over the graph found."""

    groups: tuple[ChannelGroup, ...]
    walls: tuple[Wall, ...]
    counts: tuple[ChannelCount, ...]

    def group(self, id: str) -> ChannelGroup:
        """Return the group of that id; raises KeyError."""
        for item in self.groups:
            if item.id == id:
                return item
        raise KeyError(id)


@remembered
def couple(network: Network) -> Coupling:
    """Find the groups of channels of `network`; found once and remembered."""
    trace = Trace(network)
    walk(trace)
    _freeze_outputs(trace)
    _couple_shared_weights(trace)
    families = families_of(trace)
    units = Units(trace, families)
    slots = _slots(trace, units)
    groups = [
        _group(name, family, slots[name], len(roots), _why_frozen(trace, roots))
        for name, family, roots in zip(units.ids, families, units.roots, strict=True)
    ]
    walls = [Wall(name, network.node(name).op_type, reason) for name, reason in trace.walls.items()]
    counts = [_count(units, item) for item in trace.counts]
    return Coupling(tuple(groups), tuple(walls), tuple(item for item in counts if item.maps))


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
        for tie in ties[1:]:
            trace.atoms.join(ties[0].labels, tie.labels, SHARED)
        if len(ties) < uses[weight]:
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


def _group(
    name: str, family: list[Source], slots: dict[Role, list[Slot]], units: int, frozen: str
) -> ChannelGroup:
    reason = frozen
    if not reason and not slots["consumer"]:
        reason = UNREAD
    if not reason and units < 2:
        reason = ALONE
    return ChannelGroup(
        id=name,
        title=_title([source.node for source in family]),
        channels=units,
        removable=not reason,
        reason=reason,
        producers=tuple(slots["producer"]),
        passers=tuple(slots["passer"]),
        consumers=tuple(slots["consumer"]),
    )


def _why_frozen(trace: Trace, roots: list[int]) -> str:
    return next((text for root in roots if (text := trace.atoms.reason(root))), "")


def _title(nodes: list[NodeProto]) -> str:
    names = list(dict.fromkeys(node.name for node in nodes))
    if len(names) <= 2:
        return " and ".join(names)
    return f"{names[0]} and {len(names) - 1} layers coupled to it"


def _count(units: Units, item: Count) -> ChannelCount:
    return ChannelCount(item.node.name, item.input, item.entry, item.shape, units.maps(item.labels))
