"""Which variants are worth looking at: the Pareto front, and the best one inside the limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from tinystudio.core.measurement import Interval, Measurement
from tinystudio.session.controls import is_control
from tinystudio.session.marks import ProjectVariant

Axis = Literal["size_bytes", "download_bytes", "latency_ms", "peak_memory_bytes", "energy_mj"]
AXES: tuple[Axis, ...] = (
    "size_bytes",
    "download_bytes",
    "latency_ms",
    "peak_memory_bytes",
    "energy_mj",
)
P = TypeVar("P")


class Limits(BaseModel):
    """What a variant may cost at most, and what it must reach at least. None: no limit.

    Units are those of `Measurement`.
    """

    model_config = ConfigDict(frozen=True)

    size_bytes: float | None = None
    download_bytes: float | None = None
    latency_ms: float | None = None
    peak_memory_bytes: float | None = None
    energy_mj: float | None = None
    score: float | None = None


def pareto_front(points: Iterable[tuple[P, float, float]]) -> tuple[P, ...]:
    """Return those of `points` (item, cost, score) that none is better than, cheapest first.

    A point is left out where another costs no more and scores no less, and is better in one of
    the two. Of points equal in both, the first stays.
    """
    front: list[P] = []
    best = float("-inf")
    for item, _, score in sorted(points, key=lambda point: (point[1], -point[2])):
        if score > best:
            front.append(item)
            best = score
    return tuple(front)


def front_of(variants: Iterable[ProjectVariant], axis: Axis) -> tuple[ProjectVariant, ...]:
    """Return the Pareto front of score against `axis`; what was not measured is left out.

    So are controls: one that lies on the front by chance is no recipe to go on with.
    """
    return pareto_front(
        (item, cost, height_of(item.measurement))
        for item in variants
        if (cost := cost_of(item.measurement, axis)) is not None
        and is_known(item.measurement, "score")
        and not is_control(item.variant.series)
    )


def best_within(variants: Iterable[ProjectVariant], limits: Limits) -> ProjectVariant | None:
    """Return the variant of the highest score that violates no limit; never a random control.

    Of equal scores the smaller file wins, then the faster one.
    """
    inside = [
        item
        for item in variants
        if is_eligible(item.measurement, limits) and not is_control(item.variant.series)
    ]
    return max(inside, key=_merit, default=None)


def is_eligible(measurement: Measurement, limits: Limits) -> bool:
    """Say whether every limited figure is known and violates nothing."""
    known = all(
        is_known(measurement, name)
        for name in ("score", *AXES)
        if name == "score" or getattr(limits, name) is not None
    )
    return known and not violated(measurement, limits)


def violated(measurement: Measurement, limits: Limits) -> tuple[str, ...]:
    """Return the names of the limits that the figures break.

    A limit is broken only when the whole interval lies beyond it.
    """
    broken = [axis for axis in AXES if _is_beyond(measurement, axis, getattr(limits, axis))]
    if limits.score is not None and measurement.score is not None:
        low, high = measurement.score_interval or (measurement.score, measurement.score)
        missed = high < limits.score if measurement.higher_is_better else low > limits.score
        return (*broken, "score") if missed else tuple(broken)
    return tuple(broken)


def cost_of(measurement: Measurement, axis: Axis) -> float | None:
    """Return what `axis` says of these figures, or None where it was not measured or is stale."""
    value: float | None = getattr(measurement, axis)
    return value if is_known(measurement, axis) else None


def is_known(measurement: Measurement, figure: str) -> bool:
    """Say whether a figure is there and not stale: what is stale is never compared."""
    is_there = getattr(measurement, figure) is not None
    return is_there and getattr(measurement, f"{figure}_status") != "stale"


def height_of(measurement: Measurement) -> float:
    """Return the score turned so that more is better, whatever the metric; 0 without one."""
    score = measurement.score or 0.0
    return score if measurement.higher_is_better else -score


def _is_beyond(measurement: Measurement, axis: Axis, limit: float | None) -> bool:
    value = cost_of(measurement, axis)
    if limit is None or value is None:
        return False
    intervals: dict[Axis, Interval | None] = {
        "latency_ms": measurement.latency_interval_ms,
        "energy_mj": measurement.energy_interval_mj,
    }
    low, _ = intervals.get(axis) or (value, value)
    return low > limit


def _merit(item: ProjectVariant) -> tuple[float, float, float]:
    figures = item.measurement
    infinite = float("inf")
    size = figures.size_bytes if figures.size_bytes is not None else infinite
    latency = figures.latency_ms if figures.latency_ms is not None else infinite
    return (height_of(figures), -size, -latency)
