"""What a budget of bytes leaves over is spent on bits, where a layer minds few of them most."""

from __future__ import annotations

from typing import Final

import numpy as np

from tinystudio.explorer.budget import Budget, costs_of
from tinystudio.explorer.changes import first_rows
from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice
from tinystudio.solvers.bit_budget import Option, least_lost
from tinystudio.solvers.precision import Precision

FEWEST: Final[tuple[Precision, ...]] = ("w4", "w8")  # three bits take as much of the file as four
STORED: Final[tuple[Precision, ...]] = ("float", "w8", "w4")  # what computes in floats all the same
TRIES = 4  # with a little less, where what layers cost did not quite add up


def filled(database: Database, choice: Choice, budget: Budget, epochs: float) -> Choice | None:
    """Return a structure with the bits that lose least within the budget, weights alone rounded.

    What a layer's bits lose is the mean square change that they alone make to the original's
    outputs, and what they cost is asked of the sizes one by one. None where no limit of bytes is
    set or not even few bits throughout fit.
    """
    space = database.space
    if budget.size_bytes == np.inf or not space.layers:
        return None
    least = space.with_bits(choice, *FEWEST)
    options = [_singles(database, least, axis) for axis in _axes(database)]
    singles = [single for choices in options for single in choices]
    sizes, _ = costs_of(database, [least, *singles], epochs)
    costs = iter((sizes[1:] - sizes[0]).astype(int).tolist())
    layers = [
        [Option(next(costs), _lost(database, single, axis)) for single in choices]
        for axis, choices in zip(_axes(database), options, strict=True)
    ]
    left = int(budget.size_bytes - sizes[0])
    for _ in range(TRIES):
        if left < 0:
            return None
        found = _joined(least, options, least_lost(layers, left), len(space.groups))
        cost, time = costs_of(database, [found], epochs)
        if budget.holds(cost, time)[0]:
            return found
        left -= max(int(cost[0] - budget.size_bytes), 1)
    return None


def _axes(database: Database) -> range:
    groups = len(database.space.groups)
    return range(groups, groups + len(database.space.layers))


def _singles(database: Database, least: Choice, axis: int) -> list[Choice]:
    """Return a choice for every way to store one layer's weights, all others in the fewest bits."""
    layer, found = database.space.layers[axis - len(database.space.groups)], list[Choice]()
    for level, precision in enumerate(layer.precisions):
        if precision in STORED:
            single = least.copy()
            single[axis] = level
            found.append(single)
    return found


def _lost(database: Database, single: Choice, axis: int) -> float:
    row = database.changes.rows[first_rows(database.space)[axis] + int(single[axis])]
    return float(np.square(row, dtype=np.float64).mean())


def _joined(least: Choice, options: list[list[Choice]], picked: list[int], groups: int) -> Choice:
    found = least.copy()
    for axis, (choices, at) in enumerate(zip(options, picked, strict=True), groups):
        found[axis] = choices[at][axis]
    return found
