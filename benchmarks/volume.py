"""The plane that peers are compared in: bytes on a logarithmic axis, accuracy above guessing.

The file's bytes run from 0.5 % (1) to 100 % (0) of the original's, accuracy from chance (0) to
1 (1); the hypervolume is the share of that square that a front covers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SMALLEST = 0.005


@dataclass(frozen=True)
class Scored:
    """One file: when it was there, its bytes, its accuracy on both splits."""

    cpu_s: float
    bytes: int
    validation: float
    test: float


def volume(points: Iterable[tuple[int, float]], original: int, chance: float) -> float:
    """Return the hypervolume of (bytes, accuracy) points."""
    placed = sorted(
        (
            min(1.0, max(0.0, math.log(size / original) / math.log(SMALLEST))),
            max(0.0, (score - chance) / (1 - chance)),
        )
        for size, score in points
    )
    covered, best, before = 0.0, 0.0, None
    for place, height in reversed(placed):  # the smallest file first
        if before is not None:
            covered += (before - place) * best
        before, best = place, max(best, height)
    return covered + (before or 0.0) * best


def chosen(points: Sequence[Scored]) -> list[Scored]:
    """Return the front on validation, the smallest file first."""
    front: list[Scored] = []
    best = -1.0
    for point in sorted(points, key=lambda p: (p.bytes, -p.validation)):
        if point.validation > best:
            front.append(point)
            best = point.validation
    return front


def on_test(points: Sequence[Scored], original: int, chance: float) -> float:
    """Return the test hypervolume of the front that validation chooses."""
    return volume(((p.bytes, p.test) for p in chosen(points)), original, chance)


def curve(points: Sequence[Scored], original: int, chance: float) -> list[tuple[float, float]]:
    """Return the test hypervolume over time, as an archive grows, (CPU seconds, volume)."""
    ordered = sorted(points, key=lambda point: point.cpu_s)
    return [
        (point.cpu_s, on_test(ordered[: at + 1], original, chance))
        for at, point in enumerate(ordered)
    ]


def reached(over_time: Sequence[tuple[float, float]], level: float) -> float | None:
    """Return when a curve first is at `level`; None where it never is."""
    return next((seconds for seconds, value in over_time if value >= level), None)
