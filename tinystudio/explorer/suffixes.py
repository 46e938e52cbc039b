"""Runs only what comes after a change: what flows in before it is the same for every level.

A level of one group or layer changes nothing before the first node that it touches. The tensors
that cross there are taken from the original once, and serve every level that begins there.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Reporter
from tinystudio.graph.network import Network
from tinystudio.graph.segments import extracted, part, segments
from tinystudio.graph.sorting import reads
from tinystudio.measure.activations import stream_activations
from tinystudio.measure.running import outputs_of

MOST_BYTES = 400_000_000  # of tensors kept at once; larger ones are worked out again every time


class Suffixes:
    """One network's changes, run on the same samples."""

    def __init__(self, base: Network, samples: Samples, reporter: Reporter) -> None:
        self._base, self._samples, self._reporter = base, samples, reporter
        self._home = {
            node: number for number, item in enumerate(segments(base)) for node in item.nodes
        }
        self._crossing: tuple[tuple[str, ...], tuple[Array, ...]] = ((), ())
        self._is_open = all(
            port.shape and not isinstance(port.shape[0], int) for port in base.inputs
        )

    def start_of(self, nodes: Collection[str]) -> int:
        """Return the first segment that a change of these nodes touches."""
        return min((self._home[node] for node in nodes if node in self._home), default=0)

    def outputs(self, network: Network, start: int) -> tuple[Array, ...]:
        """Return the outputs of a changed network, whose changes begin at segment `start`."""
        if start == 0 or not self._is_open:
            return outputs_of(network.data, self._samples, self._reporter)
        homes = self._homes_in(network)
        tail = part(network, {name for name, home in homes.items() if home >= start})
        made = [name for name in tail.inputs if self._base.producer(name) is not None]
        names = [port.name for port in network.outputs]
        names.sort(key=lambda name: name != self._samples.judged)
        if not set(names) <= set(tail.outputs) or not self._fits(made):
            return outputs_of(network.data, self._samples, self._reporter)
        known = dict(zip(*self._flowing(tuple(made)), strict=True))
        given = {port.name: at for at, port in enumerate(network.inputs)}
        inputs = tuple(
            known[name] if name in known else self._samples.inputs[given[name]]
            for name in tail.inputs
        )
        fed = Samples(inputs, self._samples.labels, self._samples.ids)
        return outputs_of(extracted(network, tail).data, fed, self._reporter, names=names)

    def _homes_in(self, network: Network) -> dict[str, int]:
        """Return the segment of every node; what a repair has added goes with what it repairs."""
        homes: dict[str, int] = {}
        for node in network.nodes:
            makers = (network.producer(name) for name in reads(node))
            behind = (homes[maker.name] for maker in makers if maker is not None)
            homes[node.name] = self._home.get(node.name, max(behind, default=0))
        return homes

    def _fits(self, tensors: Collection[str]) -> bool:
        """Say whether these tensors' values over all samples may be kept, and fed as samples are.

        Samples lie along the first axis: what has them elsewhere (steps of a recurrent layer
        come before them) would be taken for one sample each.
        """
        total = 0
        for name in tensors:
            shape, two = self._base.size(name), self._base.size(name, batch=2)
            if shape is None or None in shape or self._base.dtype(name) != np.float32:
                return False
            if two != (2, *shape[1:]):
                return False
            total += 4 * math.prod(size or 1 for size in shape) * len(self._samples)
        return 0 < total <= MOST_BYTES

    def _flowing(self, tensors: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Array, ...]]:
        """Return these tensors of the original; the last ones asked for are remembered."""
        if self._crossing[0] != tensors:
            self._crossing = ((), ())  # let go of the old before there is the new
            batches = stream_activations(self._base, tensors, self._samples, self._reporter)
            pieces = list(batches)
            values = tuple(np.concatenate([piece[name] for piece in pieces]) for name in tensors)
            self._crossing = (tensors, values)
        return self._crossing
