"""Which blocks a network can best do without, one after the other.

A block's influence is how much the network's outputs change when it is left out: the squared
change, as a share of the variance of the original's outputs over the samples. ShortGPT (Men et al.,
2024) reads the influence off the block's own input and output; here it is what really comes out,
with what was left out before already gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.graph.residuals import Block, blocks, without
from tinystudio.metrics import find_metric
from tinystudio.metrics.class_scores import class_axis
from tinystudio.solvers.calibration import Calibration, Probe
from tinystudio.solvers.repair import measured_statistics, repair
from tinystudio.solvers.statistics import Statistics

Answers = Callable[[tuple[Array, ...]], Array]


@dataclass(frozen=True)
class LeftOut:
    """A network without one more block, and by how much its outputs differ from the original's."""

    network: Network
    block: Block
    change: float


@dataclass(frozen=True)
class Judge:
    """Tells how far a network's outputs are from `reference` (n, ...), the original's.

    `answers` makes what is compared of a network's outputs.
    """

    probe: Probe
    answers: Answers
    reference: Array

    @classmethod
    def of(cls, network: Network, probe: Probe, answers: Answers) -> Judge:
        """Return a judge that holds others against `network`."""
        return cls(probe, answers, _answers(network, probe, answers))

    def change(self, network: Network) -> float:
        """Return the squared change as a share of the reference's variance; inf for no numbers."""
        found = _answers(network, self.probe, self.answers)
        if not np.isfinite(found).all():
            return float("inf")
        spread = np.square(self.reference - self.reference.mean(axis=0)).sum()
        tiny = np.finfo(np.float64).tiny
        return float(np.square(found - self.reference).sum() / max(float(spread), tiny))


def mended_without(
    network: Network,
    block: Block,
    targets: Mapping[str, Statistics],
    calibration: Calibration | None,
) -> Network:
    """Return `network` without a block; layers that stay get their mean and deviation back."""
    shorter = without(network, block)
    if calibration is None or not targets:
        return shorter
    return repair(shorter, targets, calibration.quick)


def least_missed(
    network: Network,
    judge: Judge,
    targets: Mapping[str, Statistics],
    calibration: Calibration,
    reporter: Reporter,
) -> LeftOut:
    """Return the network without the block that its outputs miss least.

    There must be one. Of equals the earlier goes. Time: a run over the samples for each block.
    """
    found: list[LeftOut] = []
    known = blocks(network)
    for number, block in enumerate(known):
        reporter.check()
        reporter.progress(number, len(known), f"trying without {block.layers[0]}")
        shorter = mended_without(network, block, targets, calibration)
        found.append(LeftOut(shorter, block, judge.change(shorter)))
    return min(found, key=lambda item: item.change)


def least_missed_in_turn(
    network: Network,
    calibration: Calibration,
    metric: str,
    cache: Cache,
    reporter: Reporter,
    expected: int,
    *,
    mend: bool = True,
) -> Iterator[LeftOut]:
    """Yield the network without one block, without two, and so on, until none can go.

    Each time all that remain are tried; every choice is kept for the next call. `mend`: layers
    that stay get their mean and deviation back. Progress is told as if `expected` blocks went.
    """
    key = ("left-out", calibration.key, metric, "output", mend)
    targets = measured_statistics(network, calibration.quick) if mend else {}
    judge = Judge.of(network, calibration.wide, answers_to(metric))
    now, number = network, 0
    while blocks(now):
        start, end = (min(at / expected, 1.0) for at in (number, number + 1))
        part = Part(reporter, start, end)
        left = cache.get(
            (*key, number),
            partial(least_missed, now, judge, targets, calibration, part),
            lambda made: len(made.network.data),
        )
        yield left
        now, number = left.network, number + 1


def evenly_without(network: Network, stay: int) -> Network:
    """Return `network` with so many of its blocks, evenly spread over the depth, and no others."""
    found = blocks(network)
    kept = set(np.linspace(0, len(found) - 1, stay).round().astype(int).tolist())
    for number, block in enumerate(found):
        if number not in kept and len(blocks(network)) > stay:
            network = _without_any_of(network, block)
    return network


def _without_any_of(network: Network, block: Block) -> Network:
    """Return `network` without what is left of a block found before others went."""
    for now in blocks(network):
        if now.addition == block.addition and not set(now.layers).isdisjoint(block.layers):
            return without(network, now)
    return network


def answers_to(metric: str) -> Answers:
    """Return what is compared: what the metric judges; of classes only their differences."""
    judged = find_metric(metric)

    def answers(outputs: tuple[Array, ...]) -> Array:
        values = judged.additive(outputs).astype(np.float64)
        if judged.classifies and values.ndim > 1:
            values = values - values.mean(axis=class_axis(values.shape), keepdims=True)
        return np.asarray(values)

    return answers


def _answers(network: Network, probe: Probe, answers: Answers) -> Array:
    names = [port.name for port in network.outputs]
    batches = list(probe.stream(network, names))
    made = answers(tuple(np.concatenate([batch[name] for batch in batches]) for name in names))
    return np.asarray(made, np.float64).reshape(len(made), -1)
