"""What calibration samples tell about a network's channels; found once, remembered in the cache.

Three things: the moments of every layer's inputs (for choosing and solving), the order in which
each group's channels go, and the statistics of every layer's outputs (for the repair). With
these at hand a cut is slicing, small solves and one repairing run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.coupling import ChannelGroup, Coupling, couple
from tinystudio.graph.network import Network
from tinystudio.graph.surgery import keep_channels
from tinystudio.solvers.absorbing import absorb
from tinystudio.solvers.calibration import Calibration, layer_moments
from tinystudio.solvers.channel_units import (
    Masks,
    Scales,
    order_by_magnitude,
    order_by_obs,
    out_channels,
    rebuilt,
    scaled,
    surviving,
)
from tinystudio.solvers.importance import at_random
from tinystudio.solvers.layer_weights import LayerWeights
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.obs import Order
from tinystudio.solvers.recurrences import recurrences
from tinystudio.solvers.repair import measured_statistics, repair
from tinystudio.solvers.scores import Scores, gather_scores, multiplied, score_factors
from tinystudio.solvers.statistics import Statistics

Importance = Literal["obs", "magnitude", "random"]


@dataclass(frozen=True)
class AtLevels:
    """A network with fewer channels and bits; `codes` are its few-bit weights' integers by name."""

    network: Network
    codes: Mapping[str, Array]


@dataclass(frozen=True)
class ChannelStudy:
    """One network under study. `calibration` None: only orders that need no data, no mending."""

    network: Network
    calibration: Calibration | None
    cache: Cache
    reporter: Reporter
    seed: int

    @cached_property
    def coupling(self) -> Coupling:
        """Return the network's groups."""
        return couple(self.network)

    @cached_property
    def groups(self) -> tuple[ChannelGroup, ...]:
        """Return the groups whose channels can go."""
        return tuple(group for group in self.coupling.groups if group.removable)

    def orders(self, importance: Importance) -> Mapping[str, Order]:
        """Return in which order each group's channels go, by group id."""
        if importance == "random":
            return {g.id: at_random(g.channels, self.seed, g.id, g.width) for g in self.groups}
        if importance == "magnitude":
            return {g.id: order_by_magnitude(self.network, g) for g in self.groups}
        key = ("channel-orders", self._calibrated.key)
        return self.cache.get(key, self._find_orders, _orders_size)

    def prepare(self) -> None:
        """Find now what every cut will need: moments, orders, statistics."""
        if self.calibration is not None:
            self.orders("obs")
            _ = self._targets

    def best(self, orders: Mapping[str, Order], counts: Mapping[str, int]) -> dict[str, Array]:
        """Return the `counts[id]` units of each group that go last, sorted; whole groups left out.

        A part of which nothing would stay (it would leave a layer empty) keeps its best unit, at
        the cost of another; where there are more such parts than units, more units stay.
        """
        kept: dict[str, Array] = {}
        for group in self.groups:
            units = orders[group.id].units
            stays: set[int] = set()
            for part in group.parts:
                if stays.isdisjoint(part.tolist()):
                    stays.add(int(units[np.isin(units, part)][-1]))
            for unit in units[::-1]:
                if len(stays) < counts[group.id]:
                    stays.add(int(unit))
            if len(stays) < group.channels:
                kept[group.id] = np.array(sorted(stays), np.int64)
        return kept

    def cut(self, kept: Mapping[str, Array], *, resolve: bool, mend: bool) -> Network:
        """Return the network with only these units of each group (sorted, by group id).

        `resolve`: the remaining weights make up for the lost inputs. `mend`: every channel gets
        its mean and deviation back. Both need calibration and are left out without it.
        """
        if self.calibration is None or not resolve:
            cut = keep_channels(self.network, kept)
            return self._mended(cut, kept) if mend else cut
        return self.at_levels(kept, {}, mend=mend).network

    def at_levels(
        self, kept: Mapping[str, Array], bits: Mapping[str, int], *, mend: bool = True
    ) -> AtLevels:
        """Return the network with these units of each group, and few-bit weights in these nodes.

        What is left is solved again, then (`mend`) every channel gets its mean and deviation
        back; the few-bit weights are those their codes stand for, up to one factor per channel.
        """
        if mend and not kept and not bits:
            return self._whole
        return self._at_levels(kept, bits, mend)

    @cached_property
    def _whole(self) -> AtLevels:
        """All INT8 files of the whole network begin with it."""
        return self._at_levels({}, {}, True)

    def _at_levels(
        self, kept: Mapping[str, Array], bits: Mapping[str, int], mend: bool
    ) -> AtLevels:
        masks = surviving(self.coupling, kept)
        made = rebuilt(self.network, self.weights, self.solved, masks, bits)
        cut = keep_channels(self.network, kept) if kept else self.network
        cut = cut.with_weights(made.weights)
        scales = self._score_scales(kept, masks)
        cut = cut.with_weights(scaled(cut.weights, scales))
        done = self._mended(cut, kept, scales) if mend else absorb(cut, made.shifts, layers(cut))
        return AtLevels(done, made.codes)

    def _score_scales(self, kept: Mapping[str, Array], masks: Masks) -> Scales:
        """Return what queries and keys that stay are scaled by, to make up for what is gone."""
        scales: dict[tuple[str, int], Array] = {}
        cut = [group for group in self.groups if group.products and group.id in kept]
        for group in cut if self.calibration is not None else ():
            factors = score_factors(self.network, group, self._scores, kept[group.id])
            for slot in (*group.producers, *group.passers) if len(factors) else ():
                key = (slot.weight, slot.axis)
                own = np.append(factors, 1.0)[slot.unit_of][masks[key]]  # -1: none of the group
                scales[key] = scales.get(key, np.ones(len(own))) * own
        return scales

    @cached_property
    def weights(self) -> LayerWeights:
        """Return every layer's weights at any level, each made once."""
        key = self.network.fingerprint if self.calibration is None else self.calibration.key
        return LayerWeights(self.network, self.solved, self._known_moments, self.cache, key)

    def _known_moments(self) -> Mapping[str, Moments]:
        return {} if self.calibration is None else self._moments

    def _mended(
        self, cut: Network, kept: Mapping[str, Array], scales: Scales = MappingProxyType({})
    ) -> Network:
        if self.calibration is None:
            return cut
        masks = surviving(self.coupling, kept)
        targets = {}
        for name, statistics in self._targets.items():
            layer = self.known_layers[name]
            target = statistics.take(np.flatnonzero(out_channels(layer, masks)))
            targets[name] = target.times(scales.get((layer.weight, layer.out_axis), 1.0))
        return repair(cut, targets, self.calibration.quick)

    @cached_property
    def known_layers(self) -> Mapping[str, Layer]:
        """Return the network's layers by node name."""
        return layers(self.network)

    @cached_property
    def solved(self) -> Mapping[str, Layer]:
        """Return every matrix that can be solved again: those of layers, and of recurrent ones."""
        return {**self.known_layers, **recurrences(self.network)}

    @property
    def _calibrated(self) -> Calibration:
        if self.calibration is None:
            raise ValueError("an order by losses needs calibration samples")
        return self.calibration

    @property
    def _moments(self) -> Mapping[str, Moments]:
        part = Part(self.reporter, 0.0, 0.5)
        return layer_moments(self.network, self._calibrated, self.cache, self.seed, part)

    @property
    def _targets(self) -> Mapping[str, Statistics]:
        key = ("channel-statistics", self._calibrated.key)
        return self.cache.get(
            key, lambda: measured_statistics(self.network, self._calibrated.quick), _targets_size
        )

    def _find_orders(self) -> Mapping[str, Order]:
        moments, scores = self._moments, self._scores
        total = sum(group.channels for group in self.groups)
        done, orders = 0, {}
        for group in self.groups:
            start, done = done, done + group.channels
            part = Part(self.reporter, 0.5 + 0.4 * start / total, 0.5 + 0.4 * done / total)
            orders[group.id] = order_by_obs(self.network, group, self.solved, moments, scores, part)
        return orders

    @property
    def _scores(self) -> Scores:
        key = ("channel-scores", self._calibrated.key)
        return self.cache.get(
            key, self._gather_scores, lambda made: sum(item.nbytes for item in made.values())
        )

    def _gather_scores(self) -> Scores:
        products = [item for group in self.groups for item in group.products]
        if not products:
            return {}
        tensors = multiplied(self.network, products)
        batches = self._calibrated.quick.stream(self.network, tensors)
        return gather_scores(self.network, products, batches)


def _orders_size(orders: Mapping[str, Order]) -> int:
    return sum(order.units.nbytes + order.costs.nbytes for order in orders.values())


def _targets_size(targets: Mapping[str, Statistics]) -> int:
    return sum(item.mean.nbytes + item.deviation.nbytes for item in targets.values())
