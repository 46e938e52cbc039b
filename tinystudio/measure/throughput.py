"""Samples per second when several go in at once, timed as carefully as one; and their preparing."""

from __future__ import annotations

import time

import numpy as np

from tinystudio.core.data import Array, Preprocessing, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement, Throughput
from tinystudio.core.reporter import Part, Reporter
from tinystudio.measure.feeding import one_call
from tinystudio.measure.latency import time_alone
from tinystudio.measure.running import feed, inlets, open_session
from tinystudio.measure.timer_process import TimingFailed

SEED = 0  # of made-up inputs and of the order of blocks
PREPARED_S = 0.05  # of repeats; preparing takes microseconds
FEWEST_REPEATS, REPEATS_AT_MOST = 9, 2000


def with_throughput(
    figures: Measurement,
    data: bytes,
    samples: Samples | None,
    batches: tuple[int, ...],
    done: Preprocessing | None,
    reporter: Reporter,
) -> Measurement:
    """Return figures with the throughput at these batches, and how long preparing takes."""
    threads = figures.conditions.threads
    found, missing = throughputs(data, samples, batches, threads, reporter)
    known: dict[str, object] = {
        "throughput": found,
        "throughput_status": "measured" if found else "unavailable",
        "warnings": (*figures.warnings, *missing),
    }
    if done is not None and samples is not None:
        known |= {"preparing_ms": preparing_ms(done, samples), "preparing_ms_status": "measured"}
    return figures.model_copy(update=known)


def throughputs(
    data: bytes,
    samples: Samples | None,
    batches: tuple[int, ...],
    threads: int,
    reporter: Reporter,
) -> tuple[tuple[Throughput, ...], tuple[str, ...]]:
    """Time calls with these numbers of samples, each in a fresh process beside an A/A control.

    Returns what was found, and a sentence for each batch that could not be timed.
    """
    found: list[Throughput] = []
    missing: list[str] = []
    for at, batch in enumerate(batches):
        part = Part(reporter, at / len(batches), (at + 1) / len(batches))
        try:
            fed = fed_at_once(data, samples, batch, SEED)
            if fed is None:
                missing.append(f"At {batch} samples a call: the file fixes how many go in at once.")
                continue
            timing = time_alone(data, fed, threads, SEED + at, part)
        except (TimingFailed, UserError) as error:
            missing.append(f"At {batch} samples a call nothing was timed: {error}.")
            continue
        low, high = timing.interval_ms
        found.append(
            Throughput(
                batch=batch,
                call_ms=timing.latency_ms,
                samples_per_s=1e3 * batch / timing.latency_ms,
                interval_per_s=(1e3 * batch / high, 1e3 * batch / low),
                busy=timing.circumstances.busy,
            )
        )
    return tuple(found), tuple(missing)


def fed_at_once(
    data: bytes, samples: Samples | None, batch: int, seed: int
) -> dict[str, Array] | None:
    """Return the inputs of a call with `batch` samples; None where the graph takes another number.

    Where there are fewer samples they are fed again.
    """
    wanted = inlets(open_session(data))
    sizes = {inlet.shape[0] if inlet.shape else 0 for inlet in wanted}
    fixed = {size for size in sizes if isinstance(size, int)}
    if fixed:
        return one_call(data, samples, seed) if fixed == {batch} else None
    if samples is not None:
        return feed(wanted, samples.take(np.arange(batch) % len(samples)), 0, batch)
    once = one_call(data, None, seed)
    return {name: np.concatenate([array] * batch) for name, array in once.items()}


def preparing_ms(done: Preprocessing, samples: Samples) -> float:
    """Return how long it takes to turn one sample's raw numbers into the network's input.

    Decoding a file or resampling a recording is not in it: the median of repeats in this process.
    """
    raw = samples.inputs[0][:1]
    took: list[float] = []
    end = time.perf_counter() + PREPARED_S
    while len(took) < FEWEST_REPEATS or (time.perf_counter() < end and len(took) < REPEATS_AT_MOST):
        began = time.perf_counter()
        done.applied(raw)
        took.append(time.perf_counter() - began)
    return float(np.median(took)) * 1e3
