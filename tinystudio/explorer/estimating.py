"""What building a layer database will take, told before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from tinystudio.explorer.space import Space
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.solvers.levels import Levels
from tinystudio.solvers.moments import MOST_COLUMNS

MACS_A_SECOND = 2.5e10  # of one core that others use as well, small layers included
FLOPS_A_SECOND = 1.5e10  # of solving in double precision
LEVEL_SHARE = 0.2  # of a run that trying a level takes: what follows it alone, in large batches
USUAL_RUNS = 30_000  # of one sample, for all levels, as seen on the gallery
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
    """Seconds and bytes, rough: within a factor of two. `trying_s`: of trying every level."""

    trying_s: float
    memory_bytes: int

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


def estimate(levels: Levels, space: Space, samples: int) -> Estimate:
    """Return what a space on so many samples takes: running, solving, keeping covariances."""
    network = levels.study.network
    runs = LEVEL_SHARE * samples * sum(space.sizes)
    running = runs * (facts(network).macs or 0) / MACS_A_SECOND
    counted = _columns(levels)
    per_level = max((len(group.levels) for group in space.groups), default=1)
    solving = per_level * _cubes(levels) / FLOPS_A_SECOND
    memory = sum(8 * blocks * width**2 for blocks, width in counted)
    largest = max((8 * blocks * width**2 for blocks, width in counted), default=0)
    weights = len(network.data) * (1 + per_level)
    return Estimate(running + solving, 150_000_000 + memory + 3 * largest + weights)


def usual_trying_s(network: Network) -> float:
    """Return what trying every level of a network like this takes, its levels not known yet."""
    return LEVEL_SHARE * USUAL_RUNS * (facts(network).macs or 0) / MACS_A_SECOND


def _columns(levels: Levels) -> list[tuple[int, int]]:
    """Return blocks and columns of every input that layers read, each once."""
    known = levels.study.known_layers.values()
    columns = {layer.input: (layer.blocks, layer.width) for layer in known}
    return [(blocks, min(width, MOST_COLUMNS)) for blocks, width in columns.values()]


def _cubes(levels: Levels) -> float:
    """Return the operations that solving every layer once takes."""
    return float(sum(blocks * width**3 for blocks, width in _columns(levels)))
