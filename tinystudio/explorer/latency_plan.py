"""Collects the small networks that have to be timed for a latency table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from tinystudio.explorer.small_networks import (
    empty_network,
    made_up,
    narrowed,
    run_together,
    signature,
)
from tinystudio.explorer.space import Space
from tinystudio.graph.network import Network
from tinystudio.graph.segments import Segment, segments
from tinystudio.measure.layer_timing import Timed

Levels = Mapping[str, int]  # group -> index of its level; groups not named are whole
LIGHT = 16  # channels: the widest registers hold so many floats
REMEMBERED_BYTES = 500_000_000  # of cut networks
Cut = tuple[tuple[str, int], ...]
Sizes = Callable[[Network, Segment], list[object]]


class Plan:
    """Collects the networks to time, each kind and shape once."""

    def __init__(self, network: Network, space: Space) -> None:
        self.network, self.space = network, space
        self.segments = segments(network)
        self.networks: list[Timed] = []
        self._places: dict[tuple[object, ...], int] = {}
        self._by_signature: dict[bytes, int] = {}
        self._cut: dict[Cut, Network] = {(): network}
        self._counts = {group.id: group.levels for group in space.groups}
        self._ends = {port.name for port in (*network.inputs, *network.outputs)}
        self._follows = self._changed_by_groups(self._sizes)
        self._gives = self._changed_by_groups(self._given)
        self.empty = self._place(empty_network())

    def follows(self, segment: Segment) -> tuple[str, ...]:
        """Return the groups whose levels change a segment's work."""
        return self._follows[segment.nodes[0]]

    def gives(self, segment: Segment) -> tuple[str, ...]:
        """Return the groups whose levels change the size of what a segment gives out."""
        return self._gives[segment.nodes[0]]

    def light(self) -> dict[str, int]:
        """Return the lowest levels at which a group still fills the processor's registers.

        What segments cost one another depends on the tensor between them alone; beside little
        other work it is told most exactly.
        """
        return {
            group.id: max(at for at, count in enumerate(group.levels) if at == 0 or count >= LIGHT)
            for group in self.space.groups
        }

    def add(self, chosen: tuple[Segment, ...], int8: Collection[str], levels: Levels) -> int:
        """Return the position in `networks` of these segments run together at these levels."""
        known = {group for segment in chosen for group in self.follows(segment)}
        names = tuple(sorted((g, self._at(g, level)) for g, level in levels.items() if g in known))
        names = tuple((group, level) for group, level in names if level)
        key = (tuple(s.nodes[0] for s in chosen), frozenset(int8), names)
        if key not in self._places:
            # Before it is quantized, which takes longest, since most networks repeat themselves.
            plain = run_together(self._narrow(names), chosen, ())
            kinds = [segment.heavy in int8 for segment in chosen]
            ends = self._ends.intersection(n for s in chosen for n in (*s.inputs, *s.outputs))
            own = (
                signature(plain) + bytes(kinds) + repr(sorted(ends) if any(kinds) else "").encode()
            )
            if own not in self._by_signature:
                made = run_together(self._narrow(names), chosen, int8) if any(kinds) else plain
                self._by_signature[own] = self._place(made)
            self._places[key] = self._by_signature[own]
        return self._places[key]

    def add_whole(self, network: Network) -> int:
        """Return the position of a whole network."""
        return self._place(network)

    def _place(self, network: Network) -> int:
        self.networks.append(Timed(network.data, made_up(network)))
        return len(self.networks) - 1

    def _at(self, group: str, level: int) -> int:
        return min(level, len(self._counts[group]) - 1)

    def _narrow(self, levels: Cut) -> Network:
        if levels not in self._cut:
            if len(self._cut) * len(self.network.data) > REMEMBERED_BYTES:
                self._cut = {(): self.network}
            kept = {group: self._counts[group][level] for group, level in levels}
            self._cut[levels] = narrowed(self.network, kept)
        return self._cut[levels]

    def _changed_by_groups(self, sizes: Sizes) -> dict[str, tuple[str, ...]]:
        """Cut every group alone, and look for which segments that changes the sizes."""
        found: dict[str, list[str]] = {segment.nodes[0]: [] for segment in self.segments}
        before = [sizes(self.network, segment) for segment in self.segments]
        for group in self.space.groups:
            cut = self._narrow(((group.id, len(group.levels) - 1),))
            for segment, whole in zip(self.segments, before, strict=True):
                if sizes(cut, segment) != whole:
                    found[segment.nodes[0]].append(group.id)
        return {name: tuple(groups) for name, groups in found.items()}

    @staticmethod
    def _given(network: Network, segment: Segment) -> list[object]:
        return [network.size(name) for name in segment.outputs]

    @staticmethod
    def _sizes(network: Network, segment: Segment) -> list[object]:
        weights = [
            network.weights[name].shape
            for node in segment.nodes
            for name in network.node(node).input
            if name in network.weights
        ]
        tensors = (*segment.inputs, *segment.outputs)
        return [*weights, *(network.size(name) for name in tensors)]
