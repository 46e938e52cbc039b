"""Which recipes a dial passes on its way from the original to the smallest or fastest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.explorer.space import Choice, Space
from tinystudio.solvers.precision import PRECISIONS, Precision

Goal = Literal["size", "latency", "both"]
GOALS: tuple[Goal, ...] = ("size", "latency", "both")
SLACK = 0.004  # of the original's score: less is no reason to leave a stop out
APART = 0.01  # logarithm of the cost between two stops: closer ones feel as one
_LEAST_GAIN = 1e-4  # of the cost: a step that gains less is none


def cost_of(point: FrontPoint, goal: Goal) -> float:
    """Return the logarithm of what a point costs; a time that is not known yet costs nothing."""
    size = math.log(max(point.size_bytes, 1))
    time = 0.0 if point.latency_ms is None else math.log(max(point.latency_ms, 1e-9))
    return {"size": size, "latency": time, "both": (size + time) / 2}[goal]


def stops(
    points: Iterable[FrontPoint],
    original: FrontPoint,
    goal: Goal,
    higher_is_better: bool = True,
    per_doubling: float = 0.0,
) -> tuple[FrontPoint, ...]:
    """Return the original, then the points that no cheaper one is clearly worth more than.

    A point is worth its score; running twice as fast is worth `per_doubling` of the score more.
    """

    slack = SLACK * abs(original.score)

    def worth(point: FrontPoint) -> float:
        score = point.score if higher_is_better else -point.score
        if point.latency_ms is None or not per_doubling:
            return score
        return score - per_doubling * math.log2(max(point.latency_ms, 1e-9))

    last = cost_of(original, goal) - APART
    kept: dict[int, FrontPoint] = {}  # the best of those that cost nearly the same
    best = -math.inf
    for point in sorted(points, key=lambda p: (cost_of(p, goal), -worth(p))):
        cost, value = cost_of(point, goal), worth(point)
        if cost > last or value < best - slack:
            continue
        known = kept.get(round(cost / APART))
        if known is None or worth(known) < value:
            kept[round(cost / APART)] = point
        best = max(best, value)
    return (original, *sorted(kept.values(), key=lambda p: -cost_of(p, goal)))


def nearest_stop(path: Sequence[FrontPoint], point: FrontPoint, goal: Goal) -> int:
    """Return which stop costs about as much as a point; the very choice where it is a stop."""
    for number, stop in enumerate(path):
        if (stop.choice, stop.epochs) == (point.choice, point.epochs):
            return number
    cost = cost_of(point, goal)
    return min(range(len(path)), key=lambda at: abs(cost_of(path[at], goal) - cost), default=0)


def allowed_levels(
    database: Database, allowed: frozenset[Precision] | None = None
) -> tuple[Array, ...]:
    """Return which levels of every axis may be chosen, (levels,) of bool each.

    What INT8 does is not known before the stage "timed".
    """
    space, known = database.space, set(PRECISIONS if allowed is None else allowed)
    if database.stage == "levels":
        known.discard("w8a8")
    groups = tuple(np.ones(len(group.levels), bool) for group in space.groups)
    layers = tuple(np.array([name in known for name in layer.precisions]) for layer in space.layers)
    return groups + layers


def is_allowed(choice: Iterable[int], levels: Sequence[Array]) -> bool:
    """Say whether a choice keeps to the allowed levels."""
    return all(bool(may[level]) for level, may in zip(choice, levels, strict=True))


def with_sparsity(space: Space, choice: Choice, sparsity: float) -> Choice:
    """Return a choice with every group at the level nearest to that share of its units removed."""
    found = choice.copy()
    for at, group in enumerate(space.groups):
        wanted = (1 - sparsity) * group.units
        found[at] = int(np.abs(np.array(group.levels) - wanted).argmin())
    return found


def sparsity_of(space: Space, choice: Choice) -> float:
    """Return the share of all groups' units that a choice removes."""
    units = sum(group.units for group in space.groups)
    kept = sum(space.kept(choice).values())
    return 1 - kept / units if units else 0.0


class PathSearch:
    """Finds choices within some levels, step by step, so that a window can do other things.

    At each step the level that gains most for what it costs is taken (marginal analysis). Costs
    are the mean square changes of the outputs, which add up; steps may jump over levels, for time
    is a staircase. Begins at the original and at one precision everywhere.
    """

    def __init__(self, database: Database, levels: Sequence[Array], goal: Goal) -> None:
        self._database, self._goal = database, goal
        self._space = database.space
        self._moves = [
            (axis, level)
            for axis, may in enumerate(levels)
            for level in np.flatnonzero(may).tolist()
        ]
        power = np.square(database.changes.embedding).sum(axis=1)
        self._costs = np.split(power, np.cumsum(self._space.sizes)[:-1])
        self._starts = _starts(self._space, levels)
        self._here: Choice | None = None
        self._found: dict[bytes, Choice] = {}

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Return what was found so far."""
        return tuple(self._found.values())

    def step(self) -> bool:
        """Go one step (about 2 ms); say whether there are more."""
        if self._here is None:
            if not self._starts:
                return False
            self._here = self._starts.pop()
            self._found.setdefault(self._here.tobytes(), self._here)
            return True
        self._here = self._next(self._here)
        if self._here is not None:
            self._found.setdefault(self._here.tobytes(), self._here)
        return True

    def _next(self, here: Choice) -> Choice | None:
        moves = [(axis, level) for axis, level in self._moves if here[axis] != level]
        if not moves:
            return None
        table = np.repeat(here[None], len(moves) + 1, axis=0)
        lost = np.zeros(len(moves))
        for row, (axis, level) in enumerate(moves):
            table[row, axis] = level
            lost[row] = self._costs[axis][level] - self._costs[axis][here[axis]]
        costs = self._log_costs(table)
        gains = costs[-1] - costs[:-1]
        rates = np.where(gains > _LEAST_GAIN, np.maximum(lost, 1e-12) / np.maximum(gains, 1e-12),
                         np.inf)  # fmt: skip
        best = int(rates.argmin())
        return table[best] if np.isfinite(rates[best]) else None

    def _log_costs(self, table: Array) -> Array:
        """Return the logarithm of what choices (n, axes) cost, (n,)."""
        database = self._database
        size = np.log(database.sizes.file_bytes(self._space, table))
        if self._goal == "size" or database.latency is None:
            return np.asarray(size)
        time = np.log(database.latency.predict_many(self._space, table))
        return np.asarray(time if self._goal == "latency" else (size + time) / 2)


def _starts(space: Space, levels: Sequence[Array]) -> list[Choice]:
    found = [space.original]
    names = dict.fromkeys(name for layer in space.layers for name in layer.precisions)
    for name in names:
        choice = space.with_bits(space.original, name)
        if choice.any() and is_allowed(choice, levels):
            found.append(choice)
    return found
