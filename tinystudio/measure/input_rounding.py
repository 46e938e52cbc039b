"""What it costs to round a network's inputs to 8 bits, and what it would gain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Reporter
from tinystudio.graph.macs import macs
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.measure.calibrating import Calibration
from tinystudio.measure.running import outputs_of
from tinystudio.solvers.quantizing import HEAVY_OPERATORS, INT8_OPERATORS
from tinystudio.solvers.ranges import LEVELS

# The error has a hundredth of the outputs' power: what 8 bits cost at all is about a thousandth.
COSTLY_SQNR_DB = 20.0
# Layers that do no more multiplications than this, or this share of all, gain nothing from 8 bits:
# converting the input costs what their few channels save. With them in float the thirteen of
# fourteen networks that lie below took 0.77 to 1.06 of the time, the one above 1.45
# (`benchmarks.float_input`).
LIGHT_MACS, LIGHT_SHARE = 20_000, 0.125


def inputs_in_float(
    known: Calibration, used: Samples, reporter: Reporter, others: Collection[str] = ()
) -> tuple[frozenset[str], str]:
    """Return the nodes from the inputs on that had better compute in float, and why.

    `used`: the samples that ranges are read from, of which the first are `known.samples`;
    `others`: nodes that compute in float anyway. None, and "", where 8 bits are better, or where
    no layer would be left for them.
    """
    reading = frozenset(reading_inputs(known.network))
    heavy = {node.name for node in known.network.nodes if node.op_type in HEAVY_OPERATORS}
    why = "" if reading.union(others) >= heavy else _why_in_float(known, used, reporter)
    return (reading, why) if why else (frozenset(), "")


def _why_in_float(known: Calibration, used: Samples, reporter: Reporter) -> str:
    light = _light_work(known.network)
    if light:
        return (
            f"the layers that read the input compute in float: they do only {light}, and the input "
            "is not rounded"
        )
    compared = len(known.samples)
    others = used if len(used) <= compared else used.take(np.arange(compared, len(used)))
    kept_db = input_sqnr_db(known, others, reporter)
    if kept_db >= COSTLY_SQNR_DB:
        return ""
    return (
        "the layers that read the input compute in float: rounding it to 8 bits, alone, would "
        f"leave the outputs only {kept_db:.0f} dB above their error"
    )


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


def _light_work(network: Network) -> str:
    """Return how much the layers that read the inputs multiply, if little.

    "" where 8 bits may make them faster, or where it is not known how much that is.
    """
    counts = {node.name: macs(network, node) for node in network.nodes}
    mine = [counts[name] for name in reading_inputs(network)]
    known = [count for count in counts.values() if count is not None]
    whole, own = sum(known), sum(count for count in mine if count is not None)
    if not mine or None in mine or not own:
        return ""
    if own <= LIGHT_SHARE * whole:
        return f"{100 * own / whole:.0f} % of the multiplications"
    return f"{own:,} multiplications a sample" if own <= LIGHT_MACS else ""


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
