"""What one walk over the calibration samples tells: which values flow where, and what comes out."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.activations import stream_activations
from tinystudio.measure.running import BATCH, outputs_of
from tinystudio.solvers.histograms import Histogram
from tinystudio.solvers.quantizing import activations
from tinystudio.solvers.ranges import Range, RangeMethod, covered_range

# On which outputs before and after are compared: a collapse shows on a few, and a slider waits.
COMPARED_SAMPLES = 64


@dataclass(frozen=True)
class Calibration:
    """Kept between calls, it serves every choice of range and bits for one network and its data.

    `samples` are those on which outputs are compared, `outputs` the float network's on them.
    """

    network: Network
    seen: dict[str, Histogram]
    samples: Samples
    outputs: tuple[Array, ...]
    _ranges: dict[tuple[RangeMethod, float], dict[str, Range]] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """Return about what this takes in memory."""
        counts = sum(histogram.size_bytes for histogram in self.seen.values())
        return counts + sum(x.nbytes for x in self.outputs) + 2 * len(self.network.data)

    def ranges(self, method: RangeMethod, percentile: float) -> dict[str, Range]:
        """Return the range of every tensor seen; one that held no numbers needs none."""
        key = (method, percentile if method == "percentile" else 0.0)
        if key not in self._ranges:
            self._ranges[key] = {
                name: covered_range(seen, method, percentile) if len(seen.counts) else (0.0, 0.0)
                for name, seen in self.seen.items()
            }
        return self._ranges[key]


def calibrate(
    network: Network, operators: Collection[str], samples: Samples, reporter: Reporter
) -> Calibration:
    """Walk over the samples once; progress goes to 0.9 of the reporter's whole."""
    tensors = activations(network, operators)
    seen = histograms(network, tensors, samples, Part(reporter, 0.0, 0.8))
    compared = samples.first(COMPARED_SAMPLES)
    outputs = outputs_of(network.data, compared, Part(reporter, 0.8, 0.9))
    return Calibration(network, seen, compared, outputs)


def histograms(
    network: Network, tensors: Sequence[str], samples: Samples, reporter: Reporter
) -> dict[str, Histogram]:
    """Return one histogram per tensor; of the activations one batch at a time is in memory."""
    found = {name: Histogram() for name in tensors}
    batches = math.ceil(len(samples) / BATCH)
    stream = stream_activations(network, tensors, samples, reporter, BATCH)
    for number, values in enumerate(stream, start=1):
        reporter.check()
        for name, histogram in found.items():
            histogram.add(values[name])
        reporter.progress(min(number, batches), batches, "Reading ranges")
    return found
