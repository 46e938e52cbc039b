"""Times many small networks beside one another in one fresh process.

Method: rounds over all of them in shuffled order; in each round a network runs a few samples of
several calls, of which the median counts; a network's time is the least of its medians, since
disturbance only ever adds. Samples during which the system interrupted the process are dropped.
Good for comparing layers to 1 to 2 %; a claim "faster" comes from `latency.time_network`.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Part, Reporter
from tinystudio.measure.quiet import Quiet, lock_path
from tinystudio.measure.stopwatch import (
    Answer,
    Call,
    Surroundings,
    serve,
    tell_progress,
    timed_block,
    warm_up,
)
from tinystudio.measure.timer_process import TimingFailed, ask

METHOD = (
    "shuffled rounds in one fresh process, several calls a sample, interrupted samples dropped, "
    "least of the medians per round"
)
SAMPLE_S = 1e-4  # a sample; shorter ones meet the clock's grain, longer ones a context switch
SAMPLES = 3  # per network and round
WARM_S = 3e-4  # before the first round; the least of the rounds forgives the rest
ROUNDS_AT_LEAST, ROUNDS_AT_MOST = 3, 12
TOGETHER_BYTES = 250_000_000  # networks of one process; sessions keep their weights twice
LIMIT_S = 60.0  # a timer that is silent for so long hangs
TELL_EVERY_S = 0.1


@dataclass(frozen=True)
class Timed:
    """A network to time, and what it is fed."""

    data: bytes
    inputs: dict[str, Array]


@dataclass(frozen=True)
class Times:
    """Seconds per call of each network, and by what share its rounds typically exceed it."""

    seconds: Array
    spread: Array


@dataclass(frozen=True)
class ManyOrder:
    """What is to be timed; see `stopwatch.serve`."""

    sources: tuple[int, ...]
    inputs: tuple[tuple[str, ...], ...]
    threads: int
    seed: int
    lock: str
    budget_s: float


def time_together(
    networks: Sequence[Timed], threads: int, seed: int, budget_s: float, reporter: Reporter
) -> Times:
    """Return the time of every network. Raises `TimingFailed` where the timer dies or hangs.

    All are in one process as long as they fit; `budget_s` is for the rounds, of which there are
    at least three.
    """
    batches = _batches([len(item.data) for item in networks])
    found = []
    for number, batch in enumerate(batches):
        whole = Part(reporter, number / len(batches), (number + 1) / len(batches))
        chosen = [networks[at] for at in batch]
        share = budget_s * len(chosen) / max(1, len(networks))
        found.append(_timed(chosen, threads, seed + number, share, whole))
    return Times(
        seconds=np.concatenate([np.zeros(0), *(item.seconds for item in found)]),
        spread=np.concatenate([np.zeros(0), *(item.spread for item in found)]),
    )


def _batches(sizes: Sequence[int]) -> list[list[int]]:
    """Return the positions that are timed together."""
    batches: list[list[int]] = []
    room = 0
    for at, size in enumerate(sizes):
        if not batches or size > room:
            batches.append([])
            room = TOGETHER_BYTES
        batches[-1].append(at)
        room -= size
    return batches


def _timed(
    networks: Sequence[Timed], threads: int, seed: int, budget_s: float, reporter: Reporter
) -> Times:
    order = ManyOrder(
        sources=tuple(range(len(networks))),
        inputs=tuple(tuple(item.inputs) for item in networks),
        threads=threads,
        seed=seed,
        lock=str(lock_path()),
        budget_s=budget_s,
    )
    data, feeds = [item.data for item in networks], [item.inputs for item in networks]
    for _ in range(2):
        said = json.dumps(asdict(order)).encode()
        circumstances, (medians,) = ask(time_many, said, data, feeds, reporter, LIMIT_S)
        if not circumstances.slept:
            return summed_up(medians)
    raise TimingFailed("the machine slept in the middle")


def summed_up(medians: Array) -> Times:
    """Turn the medians (rounds, networks) into times."""
    least = medians.min(axis=0)
    return Times(least, np.median(medians, axis=0) / least - 1)


def time_many(connection: Connection) -> None:
    """Carry out a `ManyOrder`. The child process's target.

    The answer's array: seconds (rounds, networks), the median of each network's samples.
    """
    serve(connection, _time)


def _time(calls: list[Call], order: dict[str, Any], connection: Connection) -> Answer:
    pace = [warm_up(call, WARM_S) for call in calls]
    repeats = [max(1, min(50, round(SAMPLE_S / seconds))) for seconds in pace]
    blocks = [s * (1 + SAMPLES * count) for s, count in zip(pace, repeats, strict=True)]
    wanted = int(order["budget_s"] / max(sum(blocks), 1e-9))
    rounds = max(ROUNDS_AT_LEAST, min(ROUNDS_AT_MOST, wanted))
    surroundings = Surroundings()
    gc.collect()
    gc.disable()
    chance, medians = random.Random(order["seed"]), np.empty((rounds, len(calls)))
    told = time.monotonic()
    with Quiet(Path(order["lock"]), max(blocks, default=0.0)) as quiet:
        turns = [(number, at) for number in range(rounds) for at in _shuffled(len(calls), chance)]
        for done, (number, at) in enumerate(turns):
            quiet.step()
            medians[number, at] = _median(calls[at], repeats[at])
            if time.monotonic() - told > TELL_EVERY_S:
                tell_progress(connection, done, len(turns), "Timing layers")
                told = time.monotonic()
    return surroundings.since(quiet.busy), (medians,)


def _shuffled(count: int, chance: random.Random) -> list[int]:
    order = list(range(count))
    chance.shuffle(order)
    return order


def _median(call: Call, repeats: int) -> float:
    """Return the median of the undisturbed samples, in seconds; without such, the least of all."""
    samples = timed_block(call, repeats, SAMPLES)
    clean = [seconds for seconds, interruptions in samples if interruptions == 0]
    return statistics.median(clean) if clean else min(seconds for seconds, _ in samples)
