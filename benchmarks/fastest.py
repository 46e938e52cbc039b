"""Whether the numbers that the studio recommends for speed ever run slower than plain ones.

    python -m benchmarks.fastest [--networks watch satellite fashion] [--configurations 50]

Per network a database is built, as when a model is opened. A configuration is a level of every
group at random; the recommendation is what "fastest bits" chooses for it: each layer in float
or INT8. Its file, that in float and that in INT8 throughout are made, as exports are, and the
recommended one is timed against each of the others in shuffled blocks of one fresh process
(measure/latency.py). Slower: the whole 90 % interval of the ratio lies above 1; as in the window,
the interval of a small difference of a fast network is that of three more processes.

Aim: never slower than the faster of float and INT8.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from benchmarks.databases import Bench, bench
from benchmarks.networks import Subject, add_networks, find
from tinystudio.core.reporter import Silent
from tinystudio.explorer.fastest_precisions import fastest_precisions
from tinystudio.explorer.space import Choice, Space
from tinystudio.measure.latency import Timing, time_network
from tinystudio.measure.repeating import settle


@dataclass(frozen=True)
class Verdict:
    """A recommendation's time as a share of float's and of INT8's; 1 where it is that file."""

    kind: str  # "float", "INT8" or "mixed"
    ratios: tuple[float, float]
    slower: bool


def main() -> None:
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_networks(parser)
    parser.add_argument("--configurations", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(
        f"{'network':12}{'float':>6}{'INT8':>6}{'mixed':>6}{'slower':>8}{'most':>8}"
        f"{'of float':>10}{'of INT8':>10}  (medians of the time's share)"
    )
    for name in options.networks:
        print(_line(name, one(find(name, options.cache), options.configurations, options.seed)))


def one(subject: Subject, configurations: int, seed: int) -> list[Verdict]:
    """Judge the recommendations for one network."""
    with bench(subject, seed) as made:
        database = made.build().database
        draw, space = np.random.default_rng(1000 + seed), database.space
        found = []
        for _ in range(configurations):
            choice = space.original
            sizes = space.sizes[: len(space.groups)]
            choice[: len(sizes)] = [draw.integers(0, size) for size in sizes]
            found.append(_judged(made, space, choice, fastest_precisions(database, choice)))
        return found


def _judged(made: Bench, space: Space, choice: Choice, recommended: Choice) -> Verdict:
    kinds = [space.with_bits(choice, bits) for bits in ("float", "w8a8")]
    equal = [bool((recommended == other).all()) for other in kinds]
    mine = made.file(space, recommended).data
    ratios, slower = [], False
    for other, same in zip(kinds, equal, strict=True):
        if same:
            ratios.append(1.0)
            continue
        theirs = made.file(space, other).data
        timing = _timed(made, mine, theirs)
        assert timing.ratio is not None and timing.ratio_interval is not None
        ratios.append(timing.ratio)
        slower |= timing.ratio_interval[0] > 1.0
    kind = "float" if equal[0] else "INT8" if equal[1] else "mixed"
    return Verdict(kind, (ratios[0], ratios[1]), slower)


def _timed(made: Bench, mine: bytes, theirs: bytes) -> Timing:
    """Time one file against the other as the window does: doubtful differences are repeated."""
    samples = made.dataset.validation

    def time(number: int) -> Timing:
        return time_network(mine, theirs, samples, 1, made.seed + number, Silent())

    return settle(time(0), time, Silent())


def _line(name: str, found: list[Verdict]) -> str:
    kinds = [verdict.kind for verdict in found]
    middle = np.median([verdict.ratios for verdict in found], axis=0)
    worst = max(max(verdict.ratios) for verdict in found) - 1
    slower = sum(verdict.slower for verdict in found)
    counts = "".join(f"{kinds.count(kind):6}" for kind in ("float", "INT8", "mixed"))
    return (
        f"{name:12}{counts}{slower:8}{100 * worst:6.1f} %{middle[0]:10.2f}{middle[1]:10.2f}"
        f"{'  missed' if slower else ''}"
    )


if __name__ == "__main__":
    main()
