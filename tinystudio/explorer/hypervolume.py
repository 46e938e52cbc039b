"""How much of the plane of cost and score a front covers (Zitzler and Thiele 1998)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.database import Database
from tinystudio.metrics import find_metric
from tinystudio.metrics.class_scores import class_rows

SMALLEST = 0.005  # of the original: a cost below it is worth no more
Costs = tuple[float, float]  # bytes, milliseconds


@dataclass(frozen=True)
class Plane:
    """One cost on a logarithmic axis, 0 for the original to 1 for `SMALLEST` of it.

    `index` of the costs; scores from `worst` up, `sign` -1 where a lower one is better.
    """

    index: int
    whole: float
    least: float
    worst: float
    sign: int

    @classmethod
    def of_sizes(cls, database: Database) -> Plane:
        """Return the plane of bytes and score."""
        return cls(0, float(database.sizes.original), SMALLEST, *_scores(database))

    @classmethod
    def of_times(cls, database: Database) -> Plane:
        """Return the plane of latency and score; the least is what calling takes by itself."""
        table = database.latency
        if table is None:
            raise ValueError("no latency is known")
        whole = table.predict(database.space, database.space.original)[0]
        least = max(SMALLEST, table.overhead_us / 1e3 / whole)
        return cls(1, whole, least, *_scores(database))

    def place(self, costs: Costs) -> float:
        """Return where a cost lies, 0 to 1: the cheaper the farther."""
        share = max(costs[self.index] / self.whole, 1e-12)
        return min(1.0, max(0.0, math.log(share) / math.log(min(self.least, 0.999))))

    def height(self, score: float) -> float:
        """Return how far a score is above the worst."""
        return max(0.0, self.sign * (score - self.worst))


@dataclass(frozen=True)
class Staircase:
    """A front in a plane: `places` falling, `heights` rising; `members` are positions."""

    plane: Plane
    places: Array
    heights: Array
    members: tuple[int, ...]


def staircase(plane: Plane, costs: Sequence[Costs], scores: Sequence[float]) -> Staircase:
    """Return the points that no other beats in this plane, the cheapest first."""
    places = [plane.place(item) for item in costs]
    heights = [plane.height(score) for score in scores]
    members, best = [], -1.0
    for at in sorted(range(len(places)), key=lambda at: (-places[at], -heights[at])):
        if heights[at] > best:
            members.append(at)
            best = heights[at]
    return Staircase(
        plane,
        np.array([places[at] for at in members]),
        np.array([heights[at] for at in members]),
        tuple(members),
    )


def volume(steps: Staircase) -> float:
    """Return the area under the staircase: a share of the plane if scores end at 1."""
    ends = np.append(steps.places[1:], 0.0)
    return float(((steps.places - ends) * steps.heights).sum())


def added_volume(steps: Staircase, place: float, score: float) -> float:
    """Return what a new point would add to the area."""
    height = steps.plane.height(score)
    # Up to `place`, the front reaches as high as its highest point that is at least as cheap.
    ends = np.append(steps.places[1:], 0.0)
    widths = np.clip(np.minimum(steps.places, place) - ends, 0.0, None)
    gained = float((widths * np.maximum(height - steps.heights, 0.0)).sum())
    beyond = max(0.0, place - float(steps.places[0])) if len(steps.places) else place
    return gained + beyond * height


def _scores(database: Database) -> tuple[float, int]:
    """Return the worst score that counts, and its sign: guessing; or twice the error.

    Of scores that count no right answers guessing is to answer the mean output, whatever the input.

    Judged by its own answers the original has no error; the worst is then to answer their mean.
    """
    if not database.higher_is_better:
        original = database.changes.original
        guessing = float(np.abs(original - original.mean(axis=0)).mean())
        return 2 * database.original_score or guessing, -1
    whole = database.changes.original.reshape(database.changes.shape)
    metric = find_metric(database.metric)
    if metric.classifies and metric.counts_right:
        return 1.0 / max(class_rows(whole).shape[1], 2), 1
    always = np.broadcast_to(whole.mean(axis=0), whole.shape)
    score = database.predictor.score_of(np.ascontiguousarray(always).ravel())
    return min(score, database.original_score - 1e-6), 1
