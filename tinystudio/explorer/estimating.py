"""What building a layer database will take, told before it begins."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tinystudio.explorer.space import Space
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import layers
from tinystudio.solvers.levels import Levels
from tinystudio.solvers.moments import MOST_COLUMNS

MACS_A_SECOND = 2.5e10  # of one core that others use as well, small layers included
FLOPS_A_SECOND = 1.5e10  # of solving in double precision
LEVEL_SHARE = 0.2  # of a run that trying a level takes: what follows it alone, in large batches
LEVELS_A_LAYER = 11  # with weights, as seen on the gallery
BUDGET_S = 40.0  # for trying every level; larger networks are tried on fewer samples
FEWEST_SAMPLES = 64
# Changes of outputs that are kept, as float32: they are read for every prediction.
MOST_KEPT_BYTES, FEWEST_KEPT = 256_000_000, 8
CHECKED_AT_MOST = 100  # choices that are measured beside the levels, and kept as well
CHECKS_S, FEWEST_CHECKS = 60.0, 12  # for measuring choices that check the predictions
# What an exact check of one choice may take, so that a slider can wait for it (about 0.1 s).
MACS_A_CHECK = 6.5e9


@dataclass(frozen=True)
class Estimate:
    """Seconds and bytes, rough: within a factor of two.

    `trying_s`: of trying every one of `levels`; `numbers`: what all samples put out together, which
    every prediction goes through.
    """

    trying_s: float
    memory_bytes: int
    levels: int
    numbers: int

    @property
    def seconds(self) -> float:
        """Return what all of it takes, with the timing that is done whatever the network is."""
        return 14.0 + 2.6 * self.trying_s

    @property
    def text(self) -> str:
        """Return both in words."""
        seconds = f"{self.seconds:.0f} s" if self.seconds < 90 else f"{self.seconds / 60:.0f} min"
        return f"about {seconds} and {self.memory_bytes / 1e6:.0f} MB"


def affordable_samples(network: Network, space: Space, outputs: int = 1) -> int:
    """Return on how many samples every level can be tried within the budget.

    No more than one choice can be checked on at once; but for that, the more the better. What
    every level changes in the `outputs` numbers of every sample is kept, which is what images
    and long sequences put a bound to: 0 where not even `FEWEST_KEPT` samples can be.
    """
    one = max(facts(network).macs or 1, 1)
    within = BUDGET_S * MACS_A_SECOND / (one * max(sum(space.sizes), 1))
    affordable = max(FEWEST_SAMPLES, int(min(within, MACS_A_CHECK / one)))
    kept = MOST_KEPT_BYTES // (4 * outputs * (sum(space.sizes) + CHECKED_AT_MOST))
    return min(affordable, kept) if kept >= FEWEST_KEPT else 0


def affordable_checks(levels: Levels, most: int) -> int:
    """Return how many choices can be made and measured within a minute, at most `most`.

    Each has weights of its own to solve and to round, which is what large layers take.
    """
    one = 3 * _cubes(levels) / FLOPS_A_SECOND
    return int(min(most, max(FEWEST_CHECKS, CHECKS_S / max(one, 1e-6))))


def estimate(
    levels: Levels, space: Space, samples: int, outputs: int = 1, run_s: float | None = None
) -> Estimate:
    """Return what a space on so many samples takes: running, solving, keeping covariances.

    `outputs`: numbers per sample; `run_s`: seconds of a sample, where it was timed.
    """
    network, tried = levels.study.network, sum(space.sizes)
    running = samples * tried * _level_s(network, run_s)
    counted = _columns(levels)
    per_level = max((len(group.levels) for group in space.groups), default=1)
    solving = per_level * _cubes(levels) / FLOPS_A_SECOND
    memory = sum(8 * blocks * width**2 for blocks, width in counted)
    largest = max((8 * blocks * width**2 for blocks, width in counted), default=0)
    weights = len(network.data) * (1 + per_level)
    needed = 150_000_000 + memory + 3 * largest + weights
    return Estimate(running + solving, needed, tried, samples * outputs)


def usual_estimate(network: Network, samples: int, run_s: float | None = None) -> Estimate:
    """Return what a network like this takes on so many samples, its levels not known yet."""
    sizes = [size for port in network.outputs[:1] for size in port.shape[1:]]
    outputs = math.prod(size for size in sizes if isinstance(size, int))
    usual = LEVELS_A_LAYER * max(1, len(layers(network)))
    most = MOST_KEPT_BYTES // (4 * (usual + CHECKED_AT_MOST))
    level_s = samples * _level_s(network, run_s)
    trying_s = min(usual * level_s, LEVEL_SHARE * BUDGET_S)
    return Estimate(trying_s, 0, usual, min(samples * outputs, most))


def _level_s(network: Network, run_s: float | None) -> float:
    """Return the seconds that a level takes on a sample.

    Of recurrent networks multiply-adds are not counted, and little lies behind a level alone.
    """
    macs = facts(network).macs
    return run_s or 0.0 if not macs else LEVEL_SHARE * macs / MACS_A_SECOND


def _columns(levels: Levels) -> list[tuple[int, int]]:
    """Return blocks and columns of every input that layers read, each once."""
    known = levels.study.known_layers.values()
    columns = {layer.input: (layer.blocks, layer.width) for layer in known}
    return [(blocks, min(width, MOST_COLUMNS)) for blocks, width in columns.values()]


def _cubes(levels: Levels) -> float:
    """Return the operations that solving every layer once takes."""
    return float(sum(blocks * width**3 for blocks, width in _columns(levels)))
