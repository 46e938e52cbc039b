"""The cases of `level_examples` in INT8, with the float networks that they were made from."""

from __future__ import annotations

from level_examples import case

from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.calibrating import calibrate
from tinystudio.solvers.quantizable import prepared
from tinystudio.solvers.quantizing import INT8_OPERATORS, activations, quantized


def in_int8(name: str, per_channel: bool = True) -> tuple[Network, Network]:
    """Return a case with its normalization folded, and the same in INT8."""
    ready = prepared(case(name).network)
    known = calibrate(ready, INT8_OPERATORS, case(name).samples, Silent())
    every = known.ranges("minmax", 100.0)
    ranges = {tensor: every[tensor] for tensor in activations(ready, INT8_OPERATORS)}
    return ready, quantized(ready, ranges, INT8_OPERATORS, per_channel=per_channel)
