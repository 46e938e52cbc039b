"""The timer process: times networks alone in a fresh process, and sends back raw samples.

Nothing but numpy, onnxruntime and light modules is loaded here. The order and the answer are
JSON and `.npy` bytes through the pipe, never pickles.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import random
import signal
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tinystudio.core.data import Array
from tinystudio.measure.quiet import Quiet

SAMPLE_S = 3e-4  # longer samples meet a context switch too often, shorter ones the clock's grain
BLOCK_CALLS = 20  # calls of one network in a row: enough to have its own data in the caches again
BLOCK_S = 0.03
SAMPLED_S = 0.35  # per network; then the ratio repeats within about 1 %
FEWEST_ROUNDS, ROUNDS_AT_LEAST = 20, 3
BUDGET_S = 5.0  # for all rounds together
TAIL_S, TAIL_CALLS = 0.8, 3000  # unfiltered single calls for p95 to p99.9
WARM_S = 0.03


@dataclass(frozen=True)
class Order:
    """What is to be timed: `sources[i]` is the network (by position) that contestant i runs."""

    sources: tuple[int, ...]
    inputs: tuple[tuple[str, ...], ...]  # per network: the names of what it is fed
    subject: int  # the contestant whose single calls give the tail
    threads: int
    seed: int
    lock: str

    def to_json(self) -> bytes:
        """Return the order for the pipe."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True)
class Circumstances:
    """What else was going on while the samples were taken."""

    busy: bool  # the quiet lock was not granted
    slept: bool  # the machine was suspended in between
    load: float  # share of all processors that others used, 0..1
    on_battery: bool | None
    plugged_or_unplugged: bool
    lowered_priority: bool
    counts_switches: bool  # the system tells when we were interrupted


Call = Callable[[], Any]
Answer = tuple[Circumstances, tuple[Array, ...]]
Work = Callable[[list[Call], dict[str, Any], Connection], Answer]


def array_bytes(array: Array) -> bytes:
    """Return an array as `.npy` bytes."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def array_from(data: bytes) -> Array:
    """Read `array_bytes`."""
    return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))


def time_networks(connection: Connection) -> None:
    """Carry out an `Order`. The child process's target.

    Arrays of the answer: the samples (n, 4) as columns round, contestant, seconds per call,
    interruptions; then the tail (m,) in seconds.
    """
    serve(connection, _time)


def serve(connection: Connection, work: Work) -> None:
    """Take one order from the pipe, have `work` time the networks, answer, end.

    Order: JSON with `sources`, `inputs` and `threads` as in `Order`, then each network's bytes,
    then each network's inputs. Answer: JSON `{"error": text}`, or JSON of `Circumstances` with
    the number of `arrays` that follow; before it any number of `tell_progress`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    _raise_priority()
    order = json.loads(connection.recv_bytes())
    networks = [connection.recv_bytes() for _ in order["inputs"]]
    feeds = [
        {name: array_from(connection.recv_bytes()) for name in names} for names in order["inputs"]
    ]
    try:
        calls = [_call(networks[at], feeds[at], order["threads"]) for at in order["sources"]]
        circumstances, arrays = work(calls, order, connection)
    except _gone():
        return
    except Exception as error:  # noqa: BLE001 - onnxruntime's errors have no class in common
        connection.send_bytes(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        return
    with contextlib.suppress(*_gone()):  # whoever asked was stopped meanwhile
        said = asdict(circumstances) | {"arrays": len(arrays)}
        connection.send_bytes(json.dumps(said).encode())
        for array in arrays:
            connection.send_bytes(array_bytes(array))


def tell_progress(connection: Connection, done: float, total: float, text: str) -> None:
    """Say how far it is; raises EOFError where the one who asked is gone."""
    check_asked(connection)
    said = {"done": done, "total": total, "text": text}
    connection.send_bytes(json.dumps(said).encode())


def check_asked(connection: Connection) -> None:
    """Raise EOFError where the one who asked is gone: nobody writes to us after the order."""
    if connection.poll():
        raise EOFError


def _gone() -> tuple[type[Exception], ...]:
    return (BrokenPipeError, EOFError, ConnectionResetError)


def _call(data: bytes, fed: dict[str, Array], threads: int) -> Call:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # With one thread there is nobody to spin for; with more, spinning is how they run in practice.
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(threads > 1)))
    run = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"]).run
    return lambda: run(None, fed)


def _time(calls: list[Call], order: dict[str, Any], connection: Connection) -> Answer:
    pace = [warm_up(call) for call in calls]
    surroundings = Surroundings()
    gc.collect()
    gc.disable()
    with Quiet(Path(order["lock"]), max(_block_s(seconds) for seconds in pace)) as quiet:
        samples = _rounds(calls, pace, quiet, random.Random(order["seed"]), connection)
        tail = _tail(calls[order["subject"]], pace[order["subject"]], quiet)
    return surroundings.since(quiet.busy), (samples, tail)


def warm_up(call: Call, long_enough_s: float = WARM_S) -> float:
    """Run until caches and clocks have settled; return the median seconds per call."""
    call()
    taken: list[float] = []
    while len(taken) < 3 or (sum(taken) < long_enough_s and len(taken) < 500):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
        if taken[-1] > 1:
            break
    return statistics.median(taken)


def repeats_of(seconds: float) -> int:
    """Return how many calls make one sample."""
    return max(1, min(100, round(SAMPLE_S / seconds)))


def _samples_per_block(seconds: float) -> int:
    by_count = BLOCK_CALLS // repeats_of(seconds)
    return max(2, min(by_count, int(BLOCK_S / (seconds * repeats_of(seconds)))))


def _block_s(seconds: float) -> float:
    return seconds * (1 + repeats_of(seconds) * _samples_per_block(seconds))


def _rounds(
    calls: list[Call],
    pace: list[float],
    quiet: Quiet,
    chance: random.Random,
    connection: Connection,
) -> Array:
    """Let every contestant run one block per round, in a new order each round."""
    rows: list[tuple[float, float, float, float]] = []
    contestants = list(range(len(calls)))
    wanted = max(FEWEST_ROUNDS, int(SAMPLED_S / statistics.mean(_block_s(p) for p in pace)))
    end = time.monotonic() + BUDGET_S
    for number in range(wanted):
        check_asked(connection)
        if number >= ROUNDS_AT_LEAST and time.monotonic() > end:
            break
        chance.shuffle(contestants)
        for at in contestants:
            quiet.step()
            rows += [(number, at, *sample) for sample in _block(calls[at], pace[at])]
    return np.array(rows, dtype=np.float64)


def _block(call: Call, seconds: float) -> list[tuple[float, float]]:
    return timed_block(call, repeats_of(seconds), _samples_per_block(seconds))


def timed_block(call: Call, repeats: int, samples: int) -> list[tuple[float, float]]:
    """Return (seconds per call, interruptions) of so many samples of `repeats` calls in a row."""
    again, taken = range(repeats), []
    call()  # brings the network back into the caches
    for _ in range(samples):
        before, start = _interruptions(), time.perf_counter()
        for _ in again:
            call()
        end = time.perf_counter()
        taken.append(((end - start) / repeats, float(_interruptions() - before)))
    return taken


def _tail(call: Call, seconds: float, quiet: Quiet) -> Array:
    """Time single calls, with all that disturbs them."""
    count = max(20, min(TAIL_CALLS, int(TAIL_S / seconds))) if seconds < 0.05 else 0
    taken = np.empty(count)
    for at in range(count):
        if at % BLOCK_CALLS == 0:
            quiet.step()
        start = time.perf_counter()
        call()
        taken[at] = time.perf_counter() - start
    return taken


class Surroundings:
    """Watches what the machine does besides us."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._wall, self._clock = time.time(), time.perf_counter()
        self._busy, self._total = _processor_time()
        self._own = sum(self._process.cpu_times()[:2])
        self._battery = _on_battery()

    def since(self, busy: bool) -> Circumstances:
        used, total = _processor_time()
        own = sum(self._process.cpu_times()[:2]) - self._own
        others = max(0.0, used - self._busy - own) / max(1e-9, total - self._total)
        lapse = time.time() - self._wall
        battery = _on_battery()
        return Circumstances(
            busy=busy,
            slept=abs(lapse - (time.perf_counter() - self._clock)) > 1,
            load=min(1.0, others),
            on_battery=battery,
            plugged_or_unplugged=battery != self._battery,
            lowered_priority=_is_lowered(),
            counts_switches=_RUSAGE is not None,
        )


def _processor_time() -> tuple[float, float]:
    """Return the seconds all processors together were busy, and existed."""
    times = psutil.cpu_times()
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - times.idle - getattr(times, "iowait", 0.0), total


def _on_battery() -> bool | None:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return None if battery is None else battery.power_plugged is False


def _raise_priority() -> None:
    """Take normal priority, which a child of a lowered process does not have by itself."""
    with contextlib.suppress(OSError, psutil.AccessDenied):
        if hasattr(os, "setpriority"):
            if _is_lowered():
                os.setpriority(os.PRIO_PROCESS, 0, 0)
        else:
            psutil.Process().nice(psutil.NORMAL_PRIORITY_CLASS)


def _is_lowered() -> bool:
    if hasattr(os, "getpriority"):
        return os.getpriority(os.PRIO_PROCESS, 0) > 0
    return bool(psutil.Process().nice() != psutil.NORMAL_PRIORITY_CLASS)


def _usage_counter() -> Callable[[], int] | None:
    """Return what counts this thread's involuntary context switches, where the system does."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    which = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
    return lambda: resource.getrusage(which).ru_nivcsw


_RUSAGE = _usage_counter()


def _interruptions() -> int:
    return _RUSAGE() if _RUSAGE is not None else 0
