"""Times a network in a process of its own, against the original in the same run.

Method: the networks stand in the same fresh process and take turns in shuffled blocks; a second
session of the original runs beside them as an A/A control. Samples during which the system
interrupted the process are dropped. The ratio is that of the 10th percentiles, which repeats
within about 1 % on a busy machine where means do not; its interval is a bootstrap over rounds,
widened by what the control shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.measurement import Interval
from tinystudio.core.reporter import Reporter
from tinystudio.measure.feeding import one_call
from tinystudio.measure.quiet import lock_path
from tinystudio.measure.stopwatch import Circumstances, Order, time_networks
from tinystudio.measure.timer_process import TimingFailed, ask

LOW = 10  # percentile that the ratio is taken of
DRAWS = 300  # bootstrap draws
FEWEST_CLEAN = 20  # undisturbed samples below which the disturbed ones count as well
LIMIT_S = 60.0  # a timer that has not answered by then hangs
# Fresh processes lay memory out anew: their ratios differ by this much where a bootstrap inside one
# of them shows nothing.
BETWEEN_PROCESSES = 0.01
BUSY_WIDENING = 2.0  # of the interval's logarithm, where the machine was not quiet
METHOD = (
    "in a fresh process the variant and the original take turns in shuffled order, and calls that "
    "the system interrupted are left out; the ratio is that of their 10th percentiles; its "
    "interval is what the ratio comes out as in rounds drawn at random, widened by how far the "
    "original differs from itself, timed twice in the same run; a variant's time is the ratio "
    "times the original's time; percentiles of single calls are told by how they stand to the "
    "median of the same calls"
)


@dataclass(frozen=True)
class Timing:
    """What the timer found. Times in milliseconds per call; the ratio is variant / original.

    `repeated_from` is the ratio of the first process, where fresh ones have replaced it by theirs.
    """

    latency_ms: float
    interval_ms: Interval
    p95_ms: float | None
    p99_ms: float | None
    p999_ms: float | None
    circumstances: Circumstances
    original_ms: float | None = None
    ratio: float | None = None
    ratio_interval: Interval | None = None
    control_ratio: float | None = None
    repeated_from: float | None = None


def time_network(
    data: bytes,
    original: bytes | None,
    samples: Samples | None,
    threads: int,
    seed: int,
    reporter: Reporter,
) -> Timing:
    """Time one call with the first sample, alone or against `original`.

    Without samples the inputs are made up (`feeding.one_call`). Raises `TimingFailed` where the
    timer dies, hangs or is disturbed twice.
    """
    networks = [data] if original is None else [original, data]
    feeds = [one_call(network, samples, seed) for network in networks]
    return _timed(networks, feeds, threads, seed, reporter)


def time_alone(
    data: bytes, fed: dict[str, Array], threads: int, seed: int, reporter: Reporter
) -> Timing:
    """Time one call with these very inputs; raises `TimingFailed` as `time_network` does."""
    return _timed([data], [fed], threads, seed, reporter)


def _timed(
    networks: list[bytes],
    feeds: list[dict[str, Array]],
    threads: int,
    seed: int,
    reporter: Reporter,
) -> Timing:
    is_paired = len(networks) > 1
    # The control comes second: contestants are original, control, and the variant if any.
    sources = (0, 0, 1) if is_paired else (0, 0)
    order = Order(
        sources=sources,
        inputs=tuple(tuple(fed) for fed in feeds),
        subject=len(sources) - 1,
        threads=threads,
        seed=seed,
        lock=str(lock_path()),
    )
    for _ in range(2):
        circumstances, (rows, tail) = ask(
            time_networks, order.to_json(), networks, feeds, reporter, LIMIT_S
        )
        if not (circumstances.slept or circumstances.plugged_or_unplugged):
            return _judge(rows, tail, circumstances, seed, paired=is_paired)
    raise TimingFailed("the machine slept, or its power supply changed, in the middle")


def _judge(
    rows: Array, tail: Array, circumstances: Circumstances, seed: int, paired: bool
) -> Timing:
    """Turn raw samples (round, contestant, seconds, interruptions) into figures."""
    control, subject = 1, 2 if paired else 0
    rounds = {at: _by_round(rows, at) for at in range(subject + 1 if paired else 2)}
    draws = np.random.default_rng(seed)
    latency = _quantile(rounds[subject], 50)
    spread = _bootstrap([rounds[subject]], lambda drawn: _quantile(drawn[0], 50), draws)
    aa_ratio = _ratio([rounds[0], rounds[control]])
    widening = max(abs(math.log(aa_ratio)), BETWEEN_PROCESSES)
    if circumstances.busy:
        widening += (BUSY_WIDENING - 1) * math.log(spread[1] / spread[0]) / 2
    p95, p99, p999 = (_tail_ms(tail, share, latency * 1e3) for share in (95, 99, 99.9))
    timing = Timing(
        latency_ms=latency * 1e3,
        interval_ms=_widened((spread[0] * 1e3, spread[1] * 1e3), widening),
        p95_ms=p95,
        p99_ms=p99,
        p999_ms=p999,
        circumstances=circumstances,
        control_ratio=aa_ratio,
    )
    if not paired:
        return timing
    pair = [rounds[0], rounds[subject]]
    interval = _bootstrap(pair, _ratio, draws)
    return replace(
        timing,
        original_ms=_quantile(rounds[0], 50) * 1e3,
        ratio=_ratio(pair),
        ratio_interval=_widened(interval, widening),
    )


def _by_round(rows: Array, contestant: int) -> list[Array]:
    """Return one contestant's undisturbed samples in seconds, round by round."""
    mine = rows[rows[:, 1] == contestant]
    clean = mine[mine[:, 3] == 0]
    used = clean if len(clean) >= FEWEST_CLEAN else mine
    return [used[used[:, 0] == number, 2] for number in np.unique(used[:, 0])]


def _ratio(pair: list[list[Array]]) -> float:
    """Return second / first, by the percentile that repeats best."""
    return _quantile(pair[1], LOW) / _quantile(pair[0], LOW)


def _quantile(rounds: list[Array], percentile: float) -> float:
    return float(np.percentile(np.concatenate(rounds), percentile))


def _bootstrap(
    contestants: list[list[Array]],
    statistic: Callable[[list[list[Array]]], float],
    draws: np.random.Generator,
) -> Interval:
    """Return the 90 % percentile interval of `statistic` over resampled rounds."""
    values = [
        statistic([_resampled(rounds, draws) for rounds in contestants]) for _ in range(DRAWS)
    ]
    low, high = np.quantile(values, [0.05, 0.95])
    return (float(low), float(high))


def _resampled(rounds: list[Array], draws: np.random.Generator) -> list[Array]:
    return [rounds[at] for at in draws.integers(0, len(rounds), len(rounds))]


def _widened(interval: Interval, logarithm: float) -> Interval:
    return (interval[0] * math.exp(-logarithm), interval[1] * math.exp(logarithm))


def _tail_ms(tail: Array, percentile: float, latency_ms: float) -> float | None:
    """Return a percentile of single calls, or None where too few stand behind it.

    They are timed after the rounds, and the processor may run faster or slower by then: what
    counts is how the percentile stands to the median of these very calls.
    """
    if len(tail) * (100 - percentile) / 100 < 1:
        return None
    return float(np.percentile(tail, percentile) / np.median(tail)) * latency_ms
