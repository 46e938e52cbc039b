"""Calibration samples as solvers see them: networks can be run over them, and moments learnt."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.moments import Moments, gather_moments
from tinystudio.solvers.recurrences import recurrences


class Probe(Protocol):
    """Runs networks over calibration samples: solvers ask, the layer above knows how."""

    def stream(self, network: Network, tensors: Sequence[str]) -> Iterator[dict[str, Array]]:
        """Yield the values of these tensors, batch by batch."""

    def once(self, data: bytes) -> Sequence[Array] | None:
        """Return the outputs of a graph over all samples at once; None if it takes fewer."""


@dataclass(frozen=True)
class Calibration:
    """The samples as two probes: `wide` teaches moments, `quick` (fewer) the repair.

    `key` names network and samples for the cache; `samples` is how many `wide` runs over.
    """

    wide: Probe
    quick: Probe
    samples: int
    key: Hashable


def learn_moments(
    network: Network,
    wanted: Mapping[str, Layer],
    calibration: Calibration,
    seed: int,
    reporter: Reporter,
) -> dict[str, Moments]:
    """Return the moments of the inputs of these layers, by node name."""
    if not wanted:
        return {}
    tensors = list(dict.fromkeys(layer.input for layer in wanted.values()))
    batches = _told(calibration.wide.stream(network, tensors), calibration.samples, reporter)
    return gather_moments(wanted, batches, calibration.samples, seed)


def layer_moments(
    network: Network, calibration: Calibration, cache: Cache, seed: int, reporter: Reporter
) -> Mapping[str, Moments]:
    """Return the moments of what all of a network's matrices multiply; learnt once and kept.

    Those of layers, and those of recurrent ones.
    """
    wanted = {**layers(network), **recurrences(network)}
    return cache.get(
        ("layer-moments", calibration.key),
        lambda: learn_moments(network, wanted, calibration, seed, reporter),
        lambda made: sum(item.size for item in made.values()),
    )


def _told(
    batches: Iterator[dict[str, Array]], samples: int, reporter: Reporter
) -> Iterator[dict[str, Array]]:
    """Tell the progress of batches as they pass."""
    done = 0
    for batch in batches:
        yield batch
        done = min(samples, done + len(next(iter(batch.values()))))
        reporter.progress(done, samples, "reading calibration samples")
