"""Whether fresh processes repeat a small difference in time of a fast network."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tinystudio.core.intervals import student_t
from tinystudio.core.measurement import Interval
from tinystudio.core.reporter import Reporter
from tinystudio.measure.latency import Timing
from tinystudio.measure.verdict import change_text, is_doubtful

REPEATS = 3  # with fewer, Student's t is too wide to tell anything
_STUDENT_T = student_t(REPEATS - 1)
REPEATED_METHOD = f"a small difference timed again: ratio of {REPEATS} more fresh processes"


def settle(first: Timing, time_again: Callable[[int], Timing], reporter: Reporter) -> Timing:
    """Return `first`, its ratio taken from fresh processes where its difference is doubtful.

    `time_again(number)` times the same pair in a fresh process, `number` counting from 1. What it
    raises is passed on.
    """
    if not _is_doubtful(first):
        return first
    again = []
    for number in range(1, REPEATS + 1):
        text = f"Timing again in a fresh process, {number} of {REPEATS}"
        reporter.progress(number - 1, REPEATS, text)
        again.append(time_again(number))
    return _pooled(first, again)


def is_repeated(timing: Timing) -> bool:
    """Say whether the fresh processes' whole interval lies where the first process's ratio does."""
    if timing.repeated_from is None or timing.ratio_interval is None:
        return False
    low, high = timing.ratio_interval
    return high < 1 if timing.repeated_from < 1 else low > 1


def describe(timing: Timing) -> str:
    """Say in a sentence what was timed again and what came of it; nothing where nothing was due."""
    if is_repeated(timing):
        return f"So small a difference was timed again: {REPEATS} fresh processes repeat it."
    if timing.repeated_from is not None:
        read = change_text(timing.repeated_from)
        return f"One process read {read}, which {REPEATS} fresh ones do not repeat."
    if _is_doubtful(timing):
        return (
            "So small a difference counts only if fresh processes repeat it: none could be timed."
        )
    return ""


def _is_doubtful(timing: Timing) -> bool:
    ratio, interval, original_ms = timing.ratio, timing.ratio_interval, timing.original_ms
    if ratio is None or interval is None or original_ms is None:
        return False
    return is_doubtful(ratio, interval, original_ms)


def _pooled(first: Timing, again: list[Timing]) -> Timing:
    """Return `first` with the ratio of the others alone.

    It was chosen for repetition by what it read, so it must not count as evidence for it.
    """
    ratios = [timing.ratio for timing in again if timing.ratio is not None]
    intervals = [timing.ratio_interval for timing in again if timing.ratio_interval is not None]
    seen = [first.circumstances, *(timing.circumstances for timing in again)]
    return replace(
        first,
        ratio=math.exp(float(np.mean(np.log(ratios)))),
        ratio_interval=_pooled_interval(ratios, intervals),
        repeated_from=first.ratio,
        circumstances=replace(
            first.circumstances,
            busy=any(item.busy for item in seen),
            load=max(item.load for item in seen),
        ),
    )


def _pooled_interval(ratios: list[float], intervals: list[Interval]) -> Interval:
    """Return the 90 % interval of the mean ratio: Student's t over the processes' logarithms.

    With three, it contains 1 wherever one of them reads the other way. It is no narrower than one
    process's own interval usually is: what biases all of them alike does not average out.
    """
    logs = np.log(ratios)
    between = _STUDENT_T * float(logs.std(ddof=1)) / math.sqrt(len(logs))
    within = float(np.mean([math.log(high / low) / 2 for low, high in intervals]))
    middle, half = float(logs.mean()), max(between, within)
    return (math.exp(middle - half), math.exp(middle + half))
