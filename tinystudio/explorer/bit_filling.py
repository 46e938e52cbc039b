"""What a budget of bytes leaves over is spent on bits, where a layer minds few of them most."""

from __future__ import annotations

import math

import numpy as np

from tinystudio.explorer.budget import Budget, costs_of
from tinystudio.explorer.changes import first_rows
from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice
from tinystudio.solvers.bit_budget import Option, least_lost
from tinystudio.solvers.precision import Precision

FEWEST: tuple[Precision, ...] = ("w4", "w8")  # three bits take as much of the file as four
STORED: tuple[Precision, ...] = ("float", "w8", "w4")  # what computes in floats all the same
TRIES = 8  # where what layers cost does not quite add up


def filled(database: Database, choice: Choice, budget: Budget, epochs: float) -> Choice | None:
    """Return a structure with the bits that lose least within the budget, weights alone rounded.

    What a layer's bits lose is the mean square change that they alone make to the original's
    outputs, and what they cost is asked of the sizes one by one. None where no limit of bytes is
    set or not even few bits throughout fit.
    """
    space, groups = database.space, len(database.space.groups)
    if math.isinf(budget.size_bytes) or not space.layers:
        return None
    floats, least = space.with_bits(choice, "float"), space.with_bits(choice, *FEWEST)
    if budget.holds(*costs_of(database, [floats], epochs))[0]:
        return floats  # its recipe has a step less than the costs of single layers tell
    levels = [
        [level for level, bits in enumerate(layer.precisions) if bits in STORED]
        for layer in space.layers
    ]
    singles = [
        _with_level(least, axis, level)
        for axis, some in enumerate(levels, groups)
        for level in some
    ]
    sizes, times = costs_of(database, [least, *singles], epochs)
    if not budget.holds(sizes[:1], times[:1])[0]:
        return None
    costs = iter((sizes[1:] - sizes[0]).astype(int).tolist())
    options = [
        [Option(next(costs), _lost(database, axis, level)) for level in some]
        for axis, some in enumerate(levels, groups)
    ]
    left = int(budget.size_bytes - sizes[0])
    for number in range(TRIES):
        picked, found = least_lost(options, max(left, 0)), least.copy()
        found[groups:] = [some[at] for some, at in zip(levels, picked, strict=True)]
        size, time = costs_of(database, [found], epochs)
        if budget.holds(size, time)[0]:
            return found
        # Not this one again; later with less by what it was too much.
        excess = int((size[0] - budget.size_bytes) * number / TRIES)
        left = sum(some[at].cost for some, at in zip(options, picked, strict=True)) - max(excess, 1)
    return least


def _with_level(choice: Choice, axis: int, level: int) -> Choice:
    made = choice.copy()
    made[axis] = level
    return made


def _lost(database: Database, axis: int, level: int) -> float:
    row = database.changes.rows[first_rows(database.space)[axis] + level]
    return float(np.square(row, dtype=np.float64).mean())
