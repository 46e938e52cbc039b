"""Guided local search: many moves are predicted, the most promising one is measured; and again.

Each round takes points of the measured front and changes a few levels of each. What a move would
score is predicted from the nearest measured choices, what it costs is known exactly; the move that
would add most to the front's hypervolume is made and measured, and the next prediction knows of
it. Within a budget it is the move that is predicted best of those that fit, as long as any does.
Whatever moment it is stopped at, the front so far stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.budget import Budget, costs_of
from tinystudio.explorer.database import Database
from tinystudio.explorer.hypervolume import Plane, added_volume, staircase
from tinystudio.explorer.predicting import Predictor
from tinystudio.explorer.space import Choice

MOVES = 32  # predicted in every round
STEPS = (1, 1, 2, 3)  # levels changed in one move, drawn evenly
MISSES = 8  # rounds without a new choice: as good as all are known
TRIES = 4  # for a move that is no choice known already

Measure = Callable[[Choice], Array]


@dataclass
class _Found:
    """The measured choices of one search and what they cost."""

    choices: list[Choice]
    scores: list[float]
    costs: list[tuple[float, float]]  # bytes, milliseconds


def search(
    database: Database, measure: Measure, seed: int, budget: Budget | None = None
) -> Iterator[tuple[Database, Predictor]]:
    """Yield the database after every round, knowing one more measured choice.

    Ends only where round after round no choice is found that is new. `measure` returns a choice's
    true outputs, (samples, ...).
    """
    draw, budget = np.random.default_rng(seed), budget or Budget()
    predictor = database.predictor
    found = _found(database, predictor)
    planes = [Plane.of_sizes(database)]
    if database.latency is not None:
        planes.append(Plane.of_times(database))
    number, misses = 0, 0
    while misses < MISSES:
        plane = planes[number % len(planes)]
        number += 1
        choice = _best_move(database, predictor, found, plane, draw, budget)
        misses = misses + 1 if choice is None else 0
        if choice is None:
            continue
        outputs = measure(choice)
        predictor = predictor.with_known(choice, outputs)
        _add(found, database, choice, predictor.value_of(outputs.ravel()))
        yield replace(database, known=predictor.measured), predictor


def _best_move(
    database: Database,
    predictor: Predictor,
    found: _Found,
    plane: Plane,
    draw: np.random.Generator,
    budget: Budget,
) -> Choice | None:
    """Return the move of the largest predicted gain; None where none is new."""
    known = {choice.tobytes() for choice in found.choices}
    steps = staircase(plane, found.costs, found.scores)
    near = budget.nearest([found.costs[at] for at in steps.members])
    front = [found.choices[steps.members[at]] for at in near]
    moves = _moves(database, front, known, draw)
    if not moves:
        return None
    sizes, times = costs_of(database, moves)
    values = [predictor.value(choice) for choice in moves]
    if budget.is_set and (fits := budget.holds(sizes, times)).any():
        gains = np.where(fits, [plane.height(value) for value in values], -1.0).tolist()
    else:
        gains = [
            added_volume(steps, plane.place((float(size), float(time))), value)
            for value, size, time in zip(values, sizes, times, strict=True)
        ]
    return moves[int(np.argmax(gains))]


def _moves(
    database: Database, front: list[Choice], known: set[bytes], draw: np.random.Generator
) -> list[Choice]:
    """Return new choices a few levels away from points of the front."""
    sizes, groups = np.array(database.space.sizes), len(database.space.groups)
    moves: dict[bytes, Choice] = {}
    for _ in range(MOVES * TRIES):
        choice = front[int(draw.integers(len(front)))].copy()
        for axis in draw.integers(0, len(sizes), STEPS[int(draw.integers(len(STEPS)))]):
            if axis < groups:
                moved = choice[axis] + (1 if draw.random() < 0.5 else -1)
                choice[axis] = np.clip(moved, 0, sizes[axis] - 1)
            else:
                choice[axis] = draw.integers(sizes[axis])
        if choice.tobytes() not in known:
            moves.setdefault(choice.tobytes(), choice)
        if len(moves) == MOVES:
            break
    return list(moves.values())


def _found(database: Database, predictor: Predictor) -> _Found:
    found = _Found([], [], [])
    for choice in predictor.known.choices:
        _add(found, database, np.array(choice), predictor.value(np.array(choice)))
    return found


def _add(found: _Found, database: Database, choice: Choice, score: float) -> None:
    size = float(database.sizes.file_bytes(database.space, choice)[0])
    time = 0.0
    if database.latency is not None:
        time = database.latency.predict(database.space, choice)[0]
    found.choices.append(choice)
    found.scores.append(score)
    found.costs.append((size, time))
