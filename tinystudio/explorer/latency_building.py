"""Builds the latency table of a network: times its layers, then some whole networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Part, Reporter
from tinystudio.explorer.latency_cells import JointCells, SegmentCells, joint_cells, segment_cells
from tinystudio.explorer.latency_plan import Plan
from tinystudio.explorer.latency_refit import refitted
from tinystudio.explorer.latency_table import LatencyConditions, LatencyTable
from tinystudio.explorer.small_networks import assembled, narrowed, with_sizes_of
from tinystudio.explorer.space import Choice, Space
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.measure.cpu import cpu_name, instruction_sets
from tinystudio.measure.layer_timing import Timed, Times, time_together
from tinystudio.solvers.int8_islands import int8_able

Timer = Callable[[Sequence[Timed], int, int, float, Reporter], Times]

WHOLE = 24  # whole networks that overhead and slope are fitted to
BUDGET_S = 1.2  # for the rounds of a small network
SLOWEST_CORE = 10e9  # multiplications a second
# Levels timed of each axis, for networks of up to so many seconds a call and bytes; others lie
# between.
LEVELS_TIMED = ((2e-3, 5e6, 16), (2e-2, 2e7, 6), (float("inf"), float("inf"), 4))
PLANNED = 0.3  # share of the time that goes into making what is timed
QUANTILE = 1.717  # Student's t, two-sided 90 %, for 22 degrees of freedom
LEAST_ERROR = 0.03  # processes differ by so much, which a fit inside one does not show


def conditions_here(threads: int = 1) -> LatencyConditions:
    """Return what a table measured now would be true for."""
    import onnxruntime

    return LatencyConditions(
        cpu=cpu_name(),
        instruction_sets=instruction_sets(),
        onnxruntime=onnxruntime.__version__,
        threads=threads,
    )


def build_latency_table(
    network: Network,
    space: Space,
    samples: Samples | None,
    reporter: Reporter,
    seed: int,
    threads: int = 1,
    timer: Timer = time_together,
) -> LatencyTable:
    """Time `network`'s layers at the levels of `space`; batch normalization is folded in it.

    Open sizes other than the batch are taken from `samples`. Raises `TimingFailed` where the
    timer gives no answer.
    """
    began = time.perf_counter()
    plan = Plan(with_sizes_of(network, samples), space)
    cells, joints = _planned(plan, Part(reporter, 0.0, PLANNED))
    choices = random_choices(space, WHOLE, seed)
    whole = []
    for choice in choices:
        reporter.check()
        whole.append(plan.add_whole(chosen_network(plan.network, space, choice)))
    times = timer(plan.networks, threads, seed, BUDGET_S, Part(reporter, PLANNED, 1.0))
    us = times.seconds * 1e6
    beyond = us - us[plan.empty]
    table = LatencyTable(
        conditions=conditions_here(threads),
        segments=tuple(item.times(beyond) for item in cells),
        joints=tuple(item.times(beyond) for item in joints),
        overhead_us=0.0,
        slope=1.0,
        error=0.0,
    )
    overhead, slope, error = fitted(table.predict_many(space, choices) * 1e3, us[whole])
    found = {"overhead_us": overhead, "slope": slope, "error": error}
    table = table.model_copy(update=found | {"build_s": time.perf_counter() - began})
    return refitted(table, space, choices, us[whole] / 1e3)


def chosen_network(network: Network, space: Space, choice: Choice) -> Network:
    """Return the whole network of a choice, as far as its time is concerned."""
    int8 = {node for node, kind in space.precisions(choice).items() if kind == "w8a8"}
    return assembled(narrowed(network, space.kept(choice)), int8)


def random_choices(space: Space, count: int, seed: int) -> Array:
    """Return choices (count, axes): levels at random, every other one with INT8 layers.

    Of these some at random, and all in every other one.
    """
    rng = np.random.default_rng(seed)
    choices = np.stack([rng.integers(0, size, count) for size in space.sizes], axis=1)
    first = len(space.groups)
    for number, choice in enumerate(choices):
        share = {1: rng.uniform(), 3: 1.0}.get(number % 4, 0.0)
        for index, layer in enumerate(space.layers):
            int8 = "w8a8" in layer.precisions and rng.uniform() < share
            choice[first + index] = layer.precisions.index("w8a8") if int8 else 0
    return choices.astype(np.int16)


def fitted(sums_us: Array, timed_us: Array) -> tuple[float, float, float]:
    """Return overhead, slope, and half the relative 90 % interval of an unseen network.

    Least squares of the relative error; the interval is that of one more network (Student's t),
    never below what processes differ by.
    """
    weights = 1 / timed_us
    matrix = np.stack([weights, sums_us * weights], axis=1)
    solution, *_ = np.linalg.lstsq(matrix, np.ones(len(timed_us)), rcond=None)
    overhead, slope = float(solution[0]), float(solution[1])
    rest = (overhead + slope * sums_us) / timed_us - 1
    deviation = float(np.sqrt((rest**2).sum() / max(1, len(rest) - 2)))
    error = QUANTILE * deviation * float(np.sqrt(1 + 2 / len(rest)))
    return overhead, slope, max(error, LEAST_ERROR)


def _planned(plan: Plan, reporter: Reporter) -> tuple[list[SegmentCells], list[JointCells]]:
    """Add every segment and joint to the plan."""
    able = {layer.node for layer in plan.space.layers if "w8a8" in layer.precisions}
    able &= int8_able(plan.network)
    cap = _levels_timed(plan.network)
    cells, joints = [], []
    for number, segment in enumerate(plan.segments):
        reporter.check()
        cells.append(segment_cells(plan, segment, segment.heavy in able, cap))
        joint = joint_cells(plan, segment, able)
        joints += [joint] if joint is not None else []
        reporter.progress(number + 1, len(plan.segments), "Preparing the timing of layers")
    return cells, joints


def _levels_timed(network: Network) -> int:
    known = facts(network)
    seconds, size = (known.macs or 0) / SLOWEST_CORE, known.weight_bytes
    return next(most for s, b, most in LEVELS_TIMED if seconds <= s and size <= b)
