"""A small difference of a fast network counts only where fresh processes repeat it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_timers import CALM

from tinystudio.core.errors import Cancelled
from tinystudio.core.measurement import Verdict
from tinystudio.core.reporter import Silent
from tinystudio.measure.latency import Timing
from tinystudio.measure.repeating import REPEATS, describe, is_repeated, settle
from tinystudio.measure.timer_process import TimingFailed
from tinystudio.measure.verdict import judge

FAST_MS = 0.02


def read(ratio: float, spread: float = 0.012, original_ms: float = FAST_MS) -> Timing:
    """Return what one process reads; `spread` is half the interval's width, as a share."""
    interval = (ratio * math.exp(-spread), ratio * math.exp(spread))
    return Timing(
        latency_ms=ratio * original_ms,
        interval_ms=(interval[0] * original_ms, interval[1] * original_ms),
        p95_ms=None,
        p99_ms=None,
        p999_ms=None,
        circumstances=CALM,
        original_ms=original_ms,
        ratio=ratio,
        ratio_interval=interval,
        control_ratio=1.0,
    )


def settled(first: Timing, *again: float) -> Timing:
    return settle(first, lambda number: read(again[number - 1]), Silent())


def verdict_of(timing: Timing) -> Verdict:
    assert timing.ratio is not None
    assert timing.ratio_interval is not None
    assert timing.original_ms is not None
    return judge(timing.ratio, timing.ratio_interval, timing.original_ms, is_repeated(timing))


@pytest.mark.parametrize(
    ("ratio", "again", "verdict"),
    [(0.97, (0.968, 0.971, 0.972), "faster"), (1.03, (1.028, 1.031, 1.03), "slower")],
)
def test_a_difference_that_fresh_processes_repeat_is_a_difference(
    ratio: float, again: Sequence[float], verdict: Verdict
) -> None:
    timing = settled(read(ratio), *again)
    assert verdict_of(timing) == verdict
    assert timing.ratio == pytest.approx(sum(again) / len(again), abs=1e-4)
    assert "3 fresh processes repeat it" in describe(timing)


def test_a_difference_that_one_process_alone_shows_is_none() -> None:
    timing = settled(read(0.96), 1.001, 0.998, 1.002)
    assert timing.ratio == pytest.approx(1.0, abs=0.002)
    assert verdict_of(timing) == "same"
    assert describe(timing) == "One process read 4 % less, which 3 fresh ones do not repeat."


@given(st.floats(0.952, 0.985), st.lists(st.floats(0.9, 0.999), min_size=2, max_size=2))
def test_one_fresh_process_that_reads_the_other_way_is_enough_to_doubt(
    ratio: float, others: list[float]
) -> None:
    assert verdict_of(settled(read(ratio), *others, 1.0001)) == "same"


def test_fresh_processes_that_contradict_the_first_one_make_no_difference() -> None:
    assert verdict_of(settled(read(0.97), 1.03, 1.031, 1.029)) == "same"


def test_fresh_processes_that_differ_among_themselves_widen_the_interval() -> None:
    near, far = settled(read(0.97), 0.97, 0.97, 0.97), settled(read(0.97), 0.94, 0.97, 1.0)
    assert near.ratio_interval == pytest.approx(read(0.97).ratio_interval)
    assert near.ratio_interval is not None
    assert far.ratio_interval is not None
    assert far.ratio_interval[0] < near.ratio_interval[0]
    assert far.ratio_interval[1] > 1


@pytest.mark.parametrize(
    "first",
    [
        read(0.94),  # large
        read(0.97, original_ms=0.06),  # slow
        read(0.99),  # its interval includes 1: no difference to repeat
        replace(read(0.97), ratio=None, ratio_interval=None, original_ms=None),  # timed alone
    ],
)
def test_what_leaves_no_doubt_is_not_timed_again(first: Timing) -> None:
    def never(_: int) -> Timing:
        raise AssertionError

    assert settle(first, never, Silent()) is first
    assert describe(first) == ""


def test_a_difference_that_could_not_be_timed_again_is_none() -> None:
    assert verdict_of(read(0.97)) == "same"
    assert "none could be timed" in describe(read(0.97))


def test_every_fresh_process_is_told_as_progress() -> None:
    class Written(Silent):
        def __init__(self) -> None:
            self.said: list[tuple[float, str]] = []

        def progress(self, done: float, total: float, text: str) -> None:
            self.said.append((done / total, text))

    reporter = Written()
    settle(read(0.97), lambda _: read(0.97), reporter)
    assert [share for share, _ in reporter.said] == [at / REPEATS for at in range(REPEATS)]
    assert reporter.said[0][1] == "Timing again in a fresh process, 1 of 3"


@pytest.mark.parametrize("error", [Cancelled(), TimingFailed("it hangs")])
def test_what_stops_a_repeat_stops_all(error: Exception) -> None:
    asked: list[int] = []

    def stopped(number: int) -> Timing:
        asked.append(number)
        raise error

    with pytest.raises(type(error)):
        settle(read(0.97), stopped, Silent())
    assert asked == [1]


def test_a_busy_moment_in_any_of_the_processes_is_told() -> None:
    busy = replace(read(0.97), circumstances=replace(CALM, busy=True, load=0.7))
    found = settle(read(0.97), lambda number: busy if number == 2 else read(0.97), Silent())
    assert (found.circumstances.busy, found.circumstances.load) == (True, 0.7)
