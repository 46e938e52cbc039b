"""Builds the latency table of a network: times its layers, then some whole networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Part, Reporter
from tinystudio.explorer.latency_cells import joint_cells, segment_cells
from tinystudio.explorer.latency_plan import Plan
from tinystudio.explorer.latency_table import LatencyConditions, LatencyTable
from tinystudio.explorer.small_networks import assembled, narrowed, with_sizes_of
from tinystudio.explorer.space import Choice, Space
from tinystudio.graph.network import Network
from tinystudio.measure.cpu import cpu_name, instruction_sets
from tinystudio.measure.layer_timing import Timed, Times, time_together

Timer = Callable[[Sequence[Timed], int, int, float, Reporter], Times]

WHOLE = 16  # whole networks that the overhead and the slope are fitted to
BUDGET_S = 1.5


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
    """Time `network`'s layers at the levels of `space`; batch normalization is folded in it."""
    began = time.perf_counter()
    plan = Plan(with_sizes_of(network, samples), space)
    able = {layer.node for layer in space.layers if "w8a8" in layer.precisions}
    cap = 99
    cells = [segment_cells(plan, segment, segment.heavy in able, cap) for segment in plan.segments]
    joints = [joint_cells(plan, segment, able, 2) for segment in plan.segments]
    choices = random_choices(space, WHOLE, seed)
    whole = [plan.add_whole(chosen_network(plan.network, space, choice)) for choice in choices]
    times = timer(plan.networks, threads, seed, BUDGET_S, Part(reporter, 0.2, 1.0))
    us = times.seconds * 1e6
    beyond = us - us[plan.empty]
    table = LatencyTable(
        conditions=conditions_here(threads),
        segments=tuple(item.times(beyond) for item in cells),
        joints=tuple(item.times(beyond) for item in joints if item is not None),
        overhead_us=0.0,
        slope=1.0,
        error=0.0,
    )
    sums = table.predict_many(space, choices) * 1e3
    overhead, slope, error = fitted(sums, us[whole])
    return table.model_copy(
        update={
            "overhead_us": overhead,
            "slope": slope,
            "error": error,
            "build_s": time.perf_counter() - began,
        }
    )


def chosen_network(network: Network, space: Space, choice: Choice) -> Network:
    """Return the whole network of a choice, as far as its time is concerned."""
    precisions = space.precisions(choice)
    return assembled(
        narrowed(network, space.kept(choice)), {n for n, p in precisions.items() if p == "w8a8"}
    )


def random_choices(space: Space, count: int, seed: int) -> Array:
    """Return choices (count, axes): levels at random, half of them with some layers in INT8."""
    rng = np.random.default_rng(seed)
    choices = np.stack([rng.integers(0, size, count) for size in space.sizes], axis=1)
    first = len(space.groups)
    for number, choice in enumerate(choices):
        share = rng.uniform() if number % 2 else 0.0
        for index, layer in enumerate(space.layers):
            int8 = "w8a8" in layer.precisions and rng.uniform() < share
            choice[first + index] = layer.precisions.index("w8a8") if int8 else 0
    return choices.astype(np.int16)


def fitted(sums_us: Array, timed_us: Array) -> tuple[float, float, float]:
    """Return overhead, slope, and half the relative 90 % interval of an unseen network."""
    weights = 1 / timed_us
    matrix = np.stack([weights, sums_us * weights], axis=1)
    solution, *_ = np.linalg.lstsq(matrix, np.ones(len(timed_us)), rcond=None)
    overhead, slope = float(solution[0]), float(solution[1])
    rest = (overhead + slope * sums_us) / timed_us - 1
    error = float(np.sqrt((rest**2).sum() / max(1, len(rest) - 2))) * 1.8
    return overhead, slope, max(error, 0.02)
