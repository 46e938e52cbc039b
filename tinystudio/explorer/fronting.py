"""The predicted Pareto front: candidates of many budgets, judged by the predictors, weeded out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from tinystudio.core.reporter import Reporter
from tinystudio.explorer.costs import level_costs
from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.explorer.factors import Factors, factors_of
from tinystudio.explorer.front_search import best_choices, method_for
from tinystudio.explorer.latency_table import JointTimes, LatencyTable
from tinystudio.explorer.space import Choice, Space

SIZE_SHARES = (1.0, 0.5, 0.0)  # of the budget: bytes alone, both, time alone
CHECKED = 100  # predictions between two looks at whether to stop
FORBIDDEN = 1e6  # added to the cost of what a pattern leaves out


def candidates(database: Database, reporter: Reporter) -> tuple[list[Choice], str]:
    """Return choices that are best for some budget, and how they were found."""
    predictor, space = database.predictor, database.space
    costs = level_costs(database.changes, predictor.classifies)
    factors = factors_of(space, costs, database.sizes, database.latency)
    found: dict[bytes, Choice] = {space.original.tobytes(): space.original}
    shares = SIZE_SHARES if database.latency is not None else (1.0,)
    patterns = _patterns(space) if database.latency is not None else [frozenset[int]()]
    for done, pattern in enumerate(patterns):
        reporter.progress(done, len(patterns), "Searching the front")
        narrowed = _narrowed(factors, space, pattern, database.latency)
        for share in shares:
            reporter.check()
            for choice in best_choices(narrowed, share, len(space.sizes)):
                found.setdefault(choice.tobytes(), choice)
    return list(found.values()), method_for(factors)


def front_of(database: Database, choices: Iterable[Choice], reporter: Reporter) -> Database:
    """Return the database with the front of these choices and the trained ones, largest first.

    Trained ones may have been timed by another table, or before there was any.
    """
    trained = tuple(database.timed_anew(point) for point in database.trained)
    points = [*points_of(database, list(choices), reporter), *trained]
    sign = 1 if database.higher_is_better else -1
    return replace(database, trained=trained, front=nondominated(points, sign))


def points_of(
    database: Database, choices: Sequence[Choice], reporter: Reporter
) -> list[FrontPoint]:
    """Return the figures of many choices, sizes and times in one go."""
    table, points = np.stack(choices), []
    sizes = database.sizes.file_bytes(database.space, table)
    times = None
    if database.latency is not None:
        times = database.latency.predict_many(database.space, table)
    for number, choice in enumerate(choices):
        if number % CHECKED == 0:
            reporter.check()
        time = None if times is None else float(times[number])
        points.append(database.described(choice, int(sizes[number]), time))
    return points


def nondominated(points: Sequence[FrontPoint], sign: int = 1) -> tuple[FrontPoint, ...]:
    """Return the points that no other beats in size, latency and value, largest first.

    `sign` is 1 where a higher score is better, else -1.
    """
    ordered = sorted(points, key=lambda p: (p.size_bytes, p.latency_ms or 0.0, -sign * p.value))
    kept: list[FrontPoint] = []
    times = np.zeros(len(ordered))
    scores = np.zeros(len(ordered))
    for point in ordered:
        time, count = point.latency_ms or 0.0, len(kept)
        beaten = (times[:count] <= time) & (scores[:count] >= sign * point.value)
        if not beaten.any():
            times[count], scores[count] = time, sign * point.value
            kept.append(point)
    return tuple(reversed(kept))


def _patterns(space: Space) -> list[frozenset[int]]:
    """Return which layers (by index) compute in INT8, in the ways worth a search of their own.

    Conversions stand where INT8 begins and ends, so it comes in runs: none, all, and all but the
    ends, which are often the most sensitive.
    """
    able = [at for at, layer in enumerate(space.layers) if "w8a8" in layer.precisions]
    found = [frozenset[int](), frozenset(able), frozenset(able[1:]), frozenset(able[:-1])]
    return list(dict.fromkeys([*found, frozenset(able[1:-1])]))


def _narrowed(
    factors: Factors, space: Space, pattern: frozenset[int], latency: LatencyTable | None
) -> Factors:
    """Return the factors with INT8 in the pattern's layers and nowhere else."""
    layers = []
    for at, (item, axis) in enumerate(zip(factors.layers, space.layers, strict=True)):
        is_int8 = np.array([precision == "w8a8" for precision in axis.precisions])
        wrong = ~is_int8 if at in pattern else is_int8
        layers.append(replace(item, costs=item.costs + FORBIDDEN * wrong))
    time = tuple(values.copy() for values in factors.time)
    for node in (space.layers[at].node for at in pattern):
        joint = None if latency is None else latency.joint(node)
        group = None if joint is None else space.group_index.get(joint.group or "")
        if latency is not None and group is not None:
            us, readers = latency.joint_us(node), _int8_readers(joint, space, pattern)
            time[group][:] += us[:, 1, readers] - us[:, 0, 0]  # in INT8 instead of float
    return replace(factors, layers=tuple(layers), time=time)


def _int8_readers(joint: JointTimes | None, space: Space, pattern: frozenset[int]) -> int:
    """Return which readers of a joint are in the pattern, as the table counts them: a bit each."""
    int8 = {space.layers[at].node for at in pattern}
    readers = () if joint is None else joint.consumers
    return sum(1 << bit for bit, node in enumerate(readers) if node in int8)
