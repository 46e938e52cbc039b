"""How 8 bits are written into a network, and which ranges keep its outputs best."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.measure.calibrating import Calibration
from tinystudio.measure.running import outputs_of
from tinystudio.solvers.idle_pairs import without_idle_pairs
from tinystudio.solvers.quantizing import Int8Form, activations, quantized
from tinystudio.solvers.ranges import Range, RangeMethod

PERCENTILE = 99.99
# Entropy judges by the shape of a distribution, not by what comes out: it is left to be asked for.
METHODS: Mapping[RangeMethod, str] = {
    "minmax": "MinMax", "percentile": f"Percentile {PERCENTILE}", "mse": "Least error",
}  # fmt: skip


@dataclass(frozen=True)
class Int8Way:
    """What `quantized` is asked for, whatever the weights are."""

    operators: tuple[str, ...]
    per_channel: bool
    form: Int8Form
    left_out: Collection[str]
    ranges: Mapping[str, Range] = field(default_factory=dict)

    def with_ranges(self, every: Mapping[str, Range]) -> Int8Way:
        """Return this way with the ranges of every tensor."""
        return replace(self, ranges=every)

    def applied(self, network: Network) -> Network:
        """Return the network in 8 bits."""
        needed = {name: self.ranges[name] for name in activations(network, self.operators)}
        made = quantized(
            network,
            needed,
            self.operators,
            per_channel=self.per_channel,
            form=self.form,
            left_out=self.left_out,
        )
        return without_idle_pairs(made) if self.form.has_float_ends else made


def best_way(known: Calibration, way: Int8Way, reporter: Reporter) -> tuple[Int8Way, Network, str]:
    """Return `way` with the ranges whose outputs stay closest to the float network's.

    With it come the network so made, and what is said of the choice. Closest by the power of the
    error on the samples that outputs are compared on; of equally good methods the simplest.
    """
    tried: list[tuple[float, RangeMethod, Int8Way, Network]] = []
    for at, method in enumerate(METHODS):
        part = Part(reporter, at / len(METHODS), (at + 1) / len(METHODS))
        ranged = way.with_ranges(known.ranges(method, PERCENTILE))
        made = ranged.applied(known.network)
        kept_db = agreement(known.outputs, outputs_of(made.data, known.samples, part)).sqnr_db
        tried.append((kept_db, method, ranged, made))
    _, method, ranged, made = max(tried, key=lambda item: item[0])
    told = f"calibrated with {METHODS[method]}, which keeps the outputs best of {len(METHODS)}"
    return ranged, made, told
