"""What it costs to round a network's inputs to 8 bits, everything behind them in float."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.measure.calibrating import Calibration
from tinystudio.measure.running import outputs_of
from tinystudio.solvers.quantizing import HEAVY_OPERATORS, INT8_OPERATORS
from tinystudio.solvers.ranges import LEVELS

# The error has a hundredth of the outputs' power: what 8 bits cost at all is about a thousandth.
COSTLY_SQNR_DB = 20.0


def input_sqnr_db(known: Calibration, others: Samples, reporter: Reporter) -> float:
    """Return the outputs' power over the error that rounding the inputs alone makes, in decibels.

    Compared on the calibration's own `samples`. The range of each input is what `others` hold,
    samples apart from those, so that what is cut off on samples never seen counts as well: sensors
    have rare extremes.
    """
    pairs = zip(known.samples.inputs, others.inputs, strict=True)
    rounded = replace(known.samples, inputs=tuple(_rounded(*pair) for pair in pairs))
    found = outputs_of(known.network.data, rounded, reporter)
    return agreement(known.outputs, found).sqnr_db


def _rounded(values: Array, seen: Array) -> Array:
    """Return `values` on the 256 levels that cover what was `seen`, and zero; floats only."""
    if values.dtype.kind != "f" or seen.size == 0:
        return values
    low, high = min(float(seen.min()), 0.0), max(float(seen.max()), 0.0)
    step = (high - low) / (LEVELS - 1)
    if not np.isfinite(step) or step == 0.0:
        return values
    zero = round(-low / step)
    levels = np.clip(np.round(values / step) + zero, 0, LEVELS - 1)
    return ((levels - zero) * step).astype(values.dtype)


def reading_inputs(network: Network) -> set[str]:
    """Return the names of the nodes from the inputs to the first layers with weights, those in.

    What has no 8-bit version ends the walk: what it puts out is not the input's numbers any more.
    """
    reached, found = {port.name for port in network.inputs}, set[str]()
    for node in network.nodes:
        if node.op_type in INT8_OPERATORS and reached & set(node.input):
            found.add(node.name)
            if node.op_type not in HEAVY_OPERATORS:
                reached |= set(node.output)
    return found
