"""What one call costs in energy: read from the processor's counter, or else estimated."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tinystudio.core.intervals import student_t
from tinystudio.core.measurement import Interval, Status

RAPL = Path("/sys/class/powercap")  # AMD's processors are found under Intel's name too

# Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, 45 nm, 0.9 V.
FP32_MAC_PJ = 4.6  # multiplication 3.7, addition 0.9
INT8_MAC_PJ = 0.3  # multiplication 0.2, 32-bit addition 0.1
SRAM_WORD_PJ = 5.0  # per 32 bit, from a cache of 8 KB
WORD_BYTES = 4
RANGE = 3.0  # the estimate may be off by this factor either way

_WINDOWS = 5  # pairs of rest and work
_T_90 = student_t(_WINDOWS - 1)
_PJ_PER_MJ = 1e9


@dataclass(frozen=True)
class Energy:
    """The energy of one call in millijoules, how surely, and by which method."""

    mj: float | None
    interval_mj: Interval | None
    status: Status
    method: str


def estimate_energy(
    macs: int | None, is_int8_share: float, moved_bytes: int, latency_ms: float | None
) -> Energy:
    """Return what the arithmetic and the movement of data cost by Horowitz 2014, within x3.

    `is_int8_share` (0..1) of the multiply-accumulates are of 8-bit integers, the others fp32;
    `moved_bytes` are weights and activations read and written. A known `latency_ms` adds to the
    method which mean power this would be, as a check by eye.
    """
    if macs is None:
        method = "Not estimated: the multiplications of this network cannot be counted."
        return Energy(None, None, "unavailable", method)
    per_mac = is_int8_share * INT8_MAC_PJ + (1 - is_int8_share) * FP32_MAC_PJ
    mj = (macs * per_mac + moved_bytes / WORD_BYTES * SRAM_WORD_PJ) / _PJ_PER_MJ
    method = (
        "Estimated, right within a factor of 3 at best, by Horowitz 2014 (45 nm): "
        f"{FP32_MAC_PJ} pJ per fp32 and {INT8_MAC_PJ} pJ per INT8 multiplication with addition, "
        f"{SRAM_WORD_PJ:g} pJ per 32 bit moved. What a processor spends on instructions, main "
        "memory and idling is not in it: compare variants by it, plan no batteries."
    )
    if latency_ms:
        method += f" Over the time of a call this is {mj / latency_ms:.2g} W."
    return Energy(mj, (mj / RANGE, mj * RANGE), "estimated", method)


def rapl_energy(
    run: Callable[[], None],
    seconds: float = 2.0,
    root: Path = RAPL,
    rest: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.perf_counter,
) -> Energy | None:
    """Return the processor's energy per call above idling; None where no counter is readable.

    `seconds` are spent on pairs of rest and work in turn, so that a drift of the idle power
    falls out. The interval is Student's t over the pairs. Everything the machine did meanwhile
    is in the figure.
    """
    counters = _counters(root)
    if not counters:
        return None
    window = seconds / (2 * _WINDOWS)
    run()
    found = [_above_idle_mj(run, window, counters, rest, clock) for _ in range(_WINDOWS)]
    mj = statistics.fmean(found)
    half = _T_90 * statistics.stdev(found) / _WINDOWS**0.5
    if mj <= 0:
        method = "Read from RAPL, but the calls do not stand out from what the machine idles at."
        return Energy(None, None, "unavailable", method)
    method = (
        f"Measured with RAPL: energy of the processor package, idle power subtracted, "
        f"mean of {_WINDOWS} windows of {window:.2g} s."
    )
    return Energy(mj, (max(0.0, mj - half), mj + half), "measured", method)


@dataclass(frozen=True)
class _Counter:
    """One processor package's energy counter, which starts again at `limit_uj`."""

    path: Path
    limit_uj: int

    def read(self) -> int:
        return int(self.path.read_text(encoding="ascii"))

    def since(self, before: int) -> int:
        """Return the microjoules since it read `before`."""
        passed = self.read() - before
        return passed if passed >= 0 else passed + self.limit_uj


def _counters(root: Path) -> tuple[_Counter, ...]:
    """Return every package's counter; none where one of them may not be read."""
    found = []
    try:
        for folder in sorted(root.glob("intel-rapl:*")):
            if folder.name.count(":") == 1:  # deeper ones are parts of a package
                limit = int((folder / "max_energy_range_uj").read_text(encoding="ascii"))
                counter = _Counter(folder / "energy_uj", limit)
                counter.read()
                found.append(counter)
    except (OSError, ValueError):
        return ()
    return tuple(found)


def _above_idle_mj(
    run: Callable[[], None],
    window: float,
    counters: tuple[_Counter, ...],
    rest: Callable[[float], None],
    clock: Callable[[], float],
) -> float:
    """Rest for `window` seconds, then work as long; return the millijoules per call."""
    start, before = clock(), [counter.read() for counter in counters]
    rest(window)
    idle_uj, idle_s = _passed(counters, before), clock() - start
    start, before, calls = clock(), [counter.read() for counter in counters], 0
    while calls == 0 or clock() - start < window:
        run()
        calls += 1
    used_uj, used_s = _passed(counters, before), clock() - start
    return (used_uj - idle_uj / idle_s * used_s) / calls / 1000


def _passed(counters: tuple[_Counter, ...], before: list[int]) -> int:
    return sum(counter.since(start) for counter, start in zip(counters, before, strict=True))
