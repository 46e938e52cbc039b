"""What a variant has to reach to be chosen: limits in words, and one figure to make small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Interval, Measurement
from tinystudio.metrics import find_metric
from tinystudio.session.front import Axis, height_of, is_known
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.numbers import finite

Figure = Literal[
    "accuracy_drop",
    "size_bytes",
    "download_bytes",
    "latency_ms",
    "latency_ratio",
    "peak_memory_bytes",
    "energy_mj",
]
FIGURES: tuple[Figure, ...] = get_args(Figure)
TIMED: tuple[Figure, ...] = ("latency_ms", "latency_ratio")
RELATIVE: tuple[Figure, ...] = ("accuracy_drop", "latency_ratio")  # to the baseline
CONTROL_SERIES = "random-control"  # is there to be beaten, never to be shipped
_SIGN = "<="
_OF_BASELINE: dict[Figure, float] = {"accuracy_drop": 0.0, "latency_ratio": 1.0}


@dataclass(frozen=True)
class Goal:
    """One limit: `figure` is at most `limit`, in the unit that `Measurement` has it in.

    `accuracy_drop` is how much worse the metric is than the baseline's on the same samples
    (accuracy: 0.01 is one percentage point; PSNR: 0.5 is half a decibel), whatever direction is
    better; `latency_ratio` is the time against the baseline's. The baseline is the original, or
    what variants were turned to (`Board.compared`).
    """

    figure: Figure
    limit: float

    def __str__(self) -> str:
        return f"{self.figure}{_SIGN}{self.limit:g}"


def default_goals(baseline: Measurement | None) -> tuple[Goal, ...]:
    """Return what the best keeps to where nothing else is asked for: a loss nobody would miss."""
    if baseline is None or baseline.score is None:
        return (Goal("accuracy_drop", 0.01),)
    drop = find_metric(baseline.metric).small_loss(baseline.score)
    return (Goal("accuracy_drop", float(f"{drop:.3g}")),)


def parse_goal(text: str) -> Goal:
    """Read `figure<=limit`; raises `UserError` saying which figures there are."""
    name, sign, number = (part.strip() for part in text.partition(_SIGN))
    if not sign:
        raise _misread(text, f"It has no {_SIGN!r} between a figure and its limit.")
    figure = next((figure for figure in FIGURES if figure == name), None)
    if figure is None:
        raise _misread(text, f"There is no figure {name!r}.")
    try:
        return Goal(figure, finite(number))
    except ValueError as error:
        raise _misread(text, str(error)) from None


def meets(item: ProjectVariant, goals: Iterable[Goal]) -> bool:
    """Say whether every figure of a goal is known and breaks no limit.

    A limit is broken only when the whole interval lies beyond it.
    """
    for goal in goals:
        span = interval_of(item, goal.figure)
        if span is None or span[0] > goal.limit:
            return False
    return True


def keeps(item: ProjectVariant, goals: Iterable[Goal]) -> bool:
    """Say whether every figure of a goal, as it was measured, is within its limit."""
    return all(
        (value := _value_of(item, goal.figure)) is not None and value <= goal.limit
        for goal in goals
    )


def interval_of(item: ProjectVariant, figure: Figure) -> Interval | None:
    """Return where a figure lies, or None where it is not known for this computer."""
    figures = item.measurement
    if item.is_reference and figure in _OF_BASELINE:
        return (_OF_BASELINE[figure], _OF_BASELINE[figure])
    if figure == "accuracy_drop":
        return _drop(figures)
    value: float | None = getattr(figures, figure)
    if value is None or not is_known(figures, figure):
        return None
    intervals: dict[Figure, Interval | None] = {
        "latency_ms": figures.latency_interval_ms,
        "latency_ratio": figures.latency_ratio_interval,
        "energy_mj": figures.energy_interval_mj,
    }
    return intervals.get(figure) or (value, value)


def best_for(
    variants: Iterable[ProjectVariant], goals: Sequence[Goal], minimize: Axis
) -> ProjectVariant | None:
    """Return the variant with the least `minimize` of those that meet the goals.

    Those whose figures themselves keep to them come first; only where there are none, those whose
    intervals would still allow it: the cheapest that might just do rarely does. Of equals the one
    that scores better wins. Random controls are never chosen.
    """
    ranked = [
        (not keeps(item, goals), cost, -height_of(item.measurement), item)
        for item in variants
        if item.variant.series != CONTROL_SERIES
        and meets(item, goals)
        and (cost := _cost(item, minimize)) is not None
    ]
    return min(ranked, key=lambda entry: entry[:3], default=(True, 0.0, 0.0, None))[3]


def _value_of(item: ProjectVariant, figure: Figure) -> float | None:
    """Return a figure as it was measured, or None where it is not known for this computer."""
    if interval_of(item, figure) is None:
        return None
    if item.is_reference and figure in _OF_BASELINE:
        return _OF_BASELINE[figure]
    figures = item.measurement
    if figure != "accuracy_drop":
        value: float | None = getattr(figures, figure)
        return value
    change = figures.score_change or 0.0
    return -change if figures.higher_is_better else change


def _drop(figures: Measurement) -> Interval | None:
    if figures.score_change is None or figures.score_status == "stale":
        return None
    low, high = figures.score_change_interval or (figures.score_change, figures.score_change)
    return (-high, -low) if figures.higher_is_better else (low, high)


def _cost(item: ProjectVariant, minimize: Axis) -> float | None:
    known = interval_of(item, minimize) is not None
    value: float | None = getattr(item.measurement, minimize)
    return value if known else None


def _misread(text: str, why: str) -> UserError:
    return UserError(
        f"The goal {text!r} was not understood",
        why,
        f"Write for example accuracy_drop<=0.01; figures are {', '.join(FIGURES)}.",
    )
